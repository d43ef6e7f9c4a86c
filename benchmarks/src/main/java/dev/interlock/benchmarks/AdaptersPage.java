package dev.interlock.benchmarks;

import dev.interlock.benchmarks.Measurements.Figure;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The page of what adapters add: targets first, then each framework. */
final class AdaptersPage {
    private static final double MOST_NANOS = 1_000;
    private static final double MOST_BYTES = 200;
    private static final String BARE = "bare";

    /** What is measured of one framework: the rows by their methods, and which guarded one is compared with which. */
    private record Framework(String title, String benchmark, Map<String, String> rows, List<Comparison> comparisons) {}

    /** What a guard adds to something. */
    private record Comparison(String what, String guarded, String without) {}

    private static final List<Framework> FRAMEWORKS = List.of(
            new Framework(
                    "LangChain4j",
                    "LangChain4jAdapterBenchmark",
                    rows(
                            BARE,
                            "`ChatModel.chat`",
                            "guarded",
                            "`GuardedChatModel`",
                            "retried",
                            "`GuardedChatModel.withRetry`"),
                    List.of(
                            new Comparison("a guarded model of LangChain4j", "guarded", BARE),
                            new Comparison("the same with retries", "retried", BARE))),
            new Framework(
                    "Spring AI",
                    "SpringAiAdapterBenchmark",
                    rows(
                            BARE,
                            "`ChatClient`",
                            "empty",
                            "one advisor that does nothing",
                            "guarded",
                            "`GuardedModelAdvisor`",
                            "emptyTwice",
                            "two advisors that do nothing",
                            "guardedTwice",
                            "`GuardedAgentAdvisor` and `GuardedModelAdvisor`"),
                    List.of(
                            new Comparison("a guarded model of Spring AI, over an empty advisor", "guarded", "empty"),
                            new Comparison(
                                    "a guarded agent and its model, over two empty advisors",
                                    "guardedTwice",
                                    "emptyTwice"),
                            new Comparison("a guarded model of Spring AI, over no advisor", "guarded", BARE))),
            new Framework(
                    "Spring Boot",
                    "SpringAdapterBenchmark",
                    rows(
                            BARE,
                            "the object itself",
                            "empty",
                            "a proxy with advice that does nothing",
                            "alone",
                            "`@Guarded`, `interlock.health.enabled=false`",
                            "guarded",
                            "`@Guarded`"),
                    List.of(
                            new Comparison("a method that is `@Guarded`, over the object itself", "guarded", BARE),
                            new Comparison("a method that is `@Guarded`, over empty advice", "guarded", "empty"))),
            new Framework(
                    "MCP",
                    "McpAdapterBenchmark",
                    rows(
                            BARE,
                            "`McpSyncClient.callTool`",
                            "guarded",
                            "`GuardedMcp.callTool`",
                            "answering",
                            "`GuardedMcp.answeringRefusals`"),
                    List.of(
                            new Comparison("a guarded tool over MCP", "guarded", BARE),
                            new Comparison("the same, answering refusals", "answering", BARE))));

    private final Measurements measured;
    private final StringBuilder text = new StringBuilder();

    AdaptersPage(Measurements measured) {
        this.measured = measured;
    }

    String text() {
        line("# What adapters cost");
        line("");
        line(
                "What a guard adds to a call of its framework, measured with a model that answers at once: at most 1 µs and 200 B are"
                        + " the targets. A call of a real model takes a second or more. Written by `benchmarks/adapters`.");
        line("");
        line(Machine.describe() + ".");
        line("");
        line("| a call of | adds, ns of CPU | adds, B | targets |");
        line("|---|---:|---:|---|");
        FRAMEWORKS.forEach(
                framework -> framework.comparisons.forEach(comparison -> compare(framework.benchmark, comparison)));
        FRAMEWORKS.forEach(this::rows);
        howToRead();
        return text.toString();
    }

    private void compare(String benchmark, Comparison comparison) {
        Figure with = measured.cpu(benchmark + "." + comparison.guarded);
        Figure without = measured.cpu(benchmark + "." + comparison.without);
        double nanos = with.median() - without.median();
        long bytes = bytes(benchmark, comparison.guarded) - bytes(benchmark, comparison.without);
        boolean met = nanos <= MOST_NANOS && bytes <= MOST_BYTES;
        line("| " + comparison.what + " | " + format(nanos) + " ± " + format(with.error() + without.error()) + " | "
                + bytes + " | " + (met ? "met" : "**missed**") + " |");
    }

    private void rows(Framework framework) {
        line("");
        line("## " + framework.title);
        line("");
        line("| | CPU, ns | wall, ns | B |");
        line("|---|---:|---:|---:|");
        framework.rows.forEach((method, row) -> {
            String key = framework.benchmark + "." + method;
            line("| " + row + " | " + nanos(measured.cpu(key)) + " | " + nanos(measured.wall(key)) + " | "
                    + bytes(framework.benchmark, method) + " |");
        });
    }

    private void howToRead() {
        line("");
        line("## How it was measured");
        line("");
        line(
                "- One thread, JMH, a fresh JVM a benchmark and round. **CPU** is the processor time of the whole JVM a call,"
                        + " garbage collection included; **wall** is what the thread sees; **B** is what a call allocates. A round's"
                        + " figure is that of its best iteration, the table has the median of the rounds, and ± is half the distance"
                        + " between the least and the greatest.");
        line("- The model, the tool and the method answer at once with something made before, so what is left is the"
                + " framework's way and the guard's. Each guard is of an agent and of what it depends on, closed: two"
                + " circuits, three over MCP.");
        line(
                "- Spring AI makes a context for observations for each advisor of each call, and Spring's proxies an invocation"
                        + " for each call: that is what any advisor and any advice costs, so that a guard is also compared with one"
                        + " that does nothing.");
        line(
                "- The starter judges health, unless it is turned off: then a good call is neither timed nor counted for it.");
    }

    private long bytes(String benchmark, String method) {
        return Math.round(measured.bytes(benchmark + "." + method).median());
    }

    private static String nanos(Figure figure) {
        return format(figure.median()) + " ± " + format(figure.error());
    }

    private static String format(double nanos) {
        return String.format(Locale.ROOT, Math.abs(nanos) < 100 ? "%,.1f" : "%,.0f", nanos);
    }

    private static Map<String, String> rows(String... methodsAndTexts) {
        Map<String, String> rows = new LinkedHashMap<>();
        for (int i = 0; i < methodsAndTexts.length; i += 2) {
            rows.put(methodsAndTexts[i], methodsAndTexts[i + 1]);
        }
        return rows;
    }

    private void line(String line) {
        text.append(line).append('\n');
    }
}
