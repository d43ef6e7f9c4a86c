package dev.interlock.monitor.loops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.interlock.ManualTimeSource;
import dev.interlock.NamePattern;
import dev.interlock.checks.Rounds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * How often loops are found, and how often harmless runs are taken for one: on made-up runs, and on recorded ones, which
 * are no part of the project. With {@code -Dinterlock.write=true} the tables of docs/loops.md are what came of them.
 */
@Tag("heavy")
class LoopRatesTest {
    private static final Path PAGE = Path.of(System.getProperty("interlock.root", ".."), "docs", "loops.md");
    private static final int RUNS = Rounds.of(1_000, 20);
    private static final LoopSettings SETTINGS =
            new LoopSettings(3, 8, List.of(new NamePattern("tool:poll_*")), Set.of("requested_at"));

    /** What an agent does in a step: a turn of its model, and the calls of tools that it asks for. */
    private interface Step {
        void take(Run run, int number, Random random);
    }

    private record Habit(String name, boolean isLoop, boolean isKnownMiss, int steps, Step step) {}

    private static final List<Habit> HABITS = List.of(
            harmless(
                    "polls a job whose answer says how far it is",
                    30,
                    (run, n, random) -> run.turn().call("status", "{\"job\": 7}", "running, " + n + " %")),
            harmless(
                    "polls a job whose answer stays the same, with a tool that is excepted",
                    30,
                    (run, n, random) -> run.turn().call("poll_job", "{\"job\": 7}", "running")),
            harmless("asks for the same thing several times in one turn, and then goes on", 12, (run, n, random) -> {
                run.turn();
                for (int i = 0; i < 1 + random.nextInt(6); i++) {
                    run.call("fetch", "{\"page\": " + n + "}", "text " + n);
                }
            }),
            harmless("fans out over many things at once", 8, (run, n, random) -> {
                run.turn();
                for (int i = 0; i < 10; i++) {
                    run.call(
                            "read", "{\"file\": " + (n * 10 + i) + "}", random.nextInt(3) == 0 ? "empty" : "text " + i);
                }
            }),
            harmless(
                    "alternates between an edit and a test that fails in another way each time",
                    12,
                    (run, n, random) -> {
                        run.turn().call("edit", "{\"line\": " + random.nextInt(1_000) + "}", "done");
                        run.turn().fail("test", "{}", n + " tests fail after " + random.nextInt(9_000) + " ms");
                    }),
            harmless("alternates between reading and writing one file", 12, (run, n, random) -> {
                run.turn().call("read", "{\"file\": \"a\"}", "version " + n);
                run.turn().call("write", "{\"file\": \"a\", \"text\": \"version " + (n + 1) + "\"}", "done");
            }),
            harmless("has a client that tries each failed call four times by itself", 6, (run, n, random) -> {
                run.turn();
                for (int i = 0; i < 4; i++) {
                    run.fail("search", "{\"q\": " + n + "}", "time-out");
                }
            }),
            harmless("looks at the same list now and then", 6, (run, n, random) -> {
                run.turn().call("list", "{}", "a b c");
                for (int i = 0; i < 3; i++) {
                    run.turn().call("read", "{\"file\": " + (n * 3 + i) + "}", "text");
                }
            }),
            new Habit(
                    "polls a job whose answer stays the same, with no exception",
                    false,
                    true,
                    12,
                    (run, n, random) -> run.turn().call("status", "{\"job\": 7}", "running")),
            loop(
                    "repeats one call with the same result",
                    (run, n, random) -> run.turn().call("search", "{\"q\": \"x\"}", "nothing")),
            loop(
                    "repeats one call that fails",
                    (run, n, random) -> run.turn().fail("book", "{\"id\": 1}", "no seat, request " + n)),
            loop(
                    "repeats one call, its names in another order",
                    (run, n, random) -> run.turn()
                            .call("search", n % 2 == 0 ? "{\"q\": 1, \"n\": 2}" : "{\"n\":2,\"q\":1}", "nothing")),
            loop(
                    "repeats one call with an ignored field that changes",
                    (run, n, random) -> run.turn()
                            .call("search", "{\"q\": 1, \"requested_at\": " + random.nextInt() + "}", "nothing")),
            loop(
                    "takes turns between two calls",
                    (run, n, random) -> run.turn().call(n % 2 == 0 ? "open" : "close", "{}", "done")),
            loop(
                    "takes turns between three calls",
                    (run, n, random) -> run.turn().call("step" + n % 3, "{}", "done")),
            loop(
                    "repeats one call of which nobody says the result",
                    (run, n, random) -> run.turn().call("search", "{\"q\": 1}", null)),
            new Habit(
                    "takes turns between four calls",
                    true,
                    true,
                    40,
                    (run, n, random) -> run.turn().call("step" + n % 4, "{}", "done")),
            new Habit(
                    "asks the same thing in other words each time",
                    true,
                    true,
                    40,
                    (run, n, random) -> run.turn().call("search", "{\"q\": \"" + n + "\"}", "nothing")));

    @Test
    void made_up_runs() throws IOException {
        long seed = ThreadLocalRandom.current().nextLong();
        Random random = new Random(seed);
        StringBuilder table = new StringBuilder("| an agent that | taken for a loop | after, calls |\n|---|---|---|\n");
        for (Habit habit : HABITS) {
            int found = 0;
            long calls = 0;
            for (int i = 0; i < RUNS; i++) {
                Run run = new Run();
                // It does something else before and in between.
                int before = random.nextInt(10);
                for (int n = 0; n < before; n++) {
                    run.turn().call("other", "{\"n\": " + n + "}", "text " + n);
                }
                for (int n = 0; n < habit.steps && run.loop == null; n++) {
                    habit.step.take(run, n, random);
                }
                found += run.loop == null ? 0 : 1;
                calls += run.loop == null ? 0 : run.calls - before;
            }
            int right = habit.isLoop != habit.isKnownMiss ? RUNS : 0;
            assertThat(found).as(habit.name + ", seed " + seed).isEqualTo(right);
            table.append(String.format(
                    Locale.ROOT,
                    "| %s%s | %.1f %% | %s |%n",
                    habit.isLoop ? "**loops**: " : "is harmless: ",
                    habit.name,
                    100.0 * found / RUNS,
                    found == 0 ? "–" : String.format(Locale.ROOT, "%.0f", (double) calls / found)));
        }
        write("made-up runs", table.toString());
    }

    /** {@code -Dinterlock.trajectories=/absolute/file}: a list of runs as τ-bench records them. */
    @Test
    @EnabledIfSystemProperty(
            named = "interlock.trajectories",
            matches = ".+",
            disabledReason = "SKIPPED: recorded runs are missing; give a file with -Dinterlock.trajectories")
    void recorded_runs() throws IOException {
        JsonNode runs = new ObjectMapper()
                .readTree(Path.of(System.getProperty("interlock.trajectories")).toFile());
        int calls = 0;
        int solved = 0;
        int stoppedSolved = 0;
        int stopped = 0;
        for (JsonNode recorded : runs) {
            Run run = new Run();
            calls += replay(recorded.path("traj"), run);
            boolean isSolved = recorded.path("reward").asDouble() >= 1;
            solved += isSolved ? 1 : 0;
            stopped += run.loop == null ? 0 : 1;
            stoppedSolved += run.loop != null && isSolved ? 1 : 0;
        }
        assertThat(calls).isGreaterThan(runs.size());
        assertThat(stoppedSolved)
                .as("a run that solves its task is not stopped")
                .isZero();
        write(
                "recorded runs",
                String.format(
                        Locale.ROOT,
                        "| runs | calls of tools | solved their task | taken for a loop | of these, solved their task |%n"
                                + "|---|---|---|---|---|%n| %,d | %,d | %,d | %,d | %,d |%n",
                        runs.size(),
                        calls,
                        solved,
                        stopped,
                        stoppedSolved));
    }

    private static int replay(JsonNode messages, Run run) {
        int calls = 0;
        JsonNode asked = null;
        for (JsonNode message : messages) {
            String role = message.path("role").asText();
            if (role.equals("assistant")) {
                run.turn();
                JsonNode some = message.path("tool_calls");
                asked = some.isArray() && !some.isEmpty() ? some.get(0).path("function") : null;
            } else if (role.equals("tool") && asked != null) {
                calls++;
                run.add(
                        asked.path("name").asText(),
                        asked.path("arguments").asText(),
                        message.path("content").asText(),
                        message.path("content").asText().startsWith("Error"));
                asked = null;
            }
        }
        return calls;
    }

    private static void write(String name, String table) throws IOException {
        if (Boolean.getBoolean("interlock.write")) {
            String begin = "<!-- " + name + " -->\n";
            String end = "<!-- end of " + name + " -->";
            String page = Files.readString(PAGE);
            int from = page.indexOf(begin) + begin.length();
            Files.writeString(PAGE, page.substring(0, from) + table + page.substring(page.indexOf(end)));
        }
    }

    private static Habit harmless(String name, int steps, Step step) {
        return new Habit(name, false, false, steps, step);
    }

    private static Habit loop(String name, Step step) {
        return new Habit(name, true, false, 40, step);
    }

    /** One execution before a detector of its own. */
    private static final class Run {
        private final ManualTimeSource time = new ManualTimeSource();
        private final LoopDetector detector = new LoopDetector(SETTINGS, time);
        private int calls;
        private @Nullable Loop loop;

        Run turn() {
            time.advance(Duration.ofSeconds(2));
            detector.modelCalled("default", "agent", "run");
            return this;
        }

        Run call(String tool, String arguments, @Nullable String result) {
            return add(tool, arguments, result, false);
        }

        Run fail(String tool, String arguments, String result) {
            return add(tool, arguments, result, true);
        }

        Run add(String tool, String arguments, @Nullable String result, boolean failed) {
            LoopCall call = new LoopCall(
                    "tool:" + tool,
                    arguments,
                    result,
                    failed,
                    time.wallTime(),
                    time.wallTime().plusMillis(300));
            time.advance(Duration.ofMillis(300));
            calls++;
            Loop found = detector.called("default", "agent", "run", call);
            loop = loop == null ? found : loop;
            return this;
        }
    }
}
