package dev.interlock.benchmarks;

import dev.interlock.benchmarks.Measurements.Figure;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowSynchronizationStrategy;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The page of ratios: targets first, then every question with all libraries. */
final class Page {
    private static final String OURS = "interlock";
    private static final String PEER = "resilience4jTime";

    /** By method name, in the order of the tables. */
    private static final Map<String, String> LIBRARIES = new LinkedHashMap<>();

    /** By class, and after a colon a parameter's value. */
    private static final Map<String, String> QUESTIONS = new LinkedHashMap<>();

    static {
        LIBRARIES.put("bare", "no guard");
        LIBRARIES.put(OURS, "**Interlock**, last 60 s");
        LIBRARIES.put("interlockCount", "Interlock, last 20 calls");
        LIBRARIES.put(PEER, "Resilience4j, last 60 s");
        LIBRARIES.put("resilience4jLockFree", "Resilience4j, last 60 s, lock-free");
        LIBRARIES.put("resilience4jNoTrace", "Resilience4j, last 60 s, no stack trace");
        LIBRARIES.put("resilience4jCount", "Resilience4j, last 100 calls");
        LIBRARIES.put("failsafe", "Failsafe, last 60 s");
        LIBRARIES.put("sentinel", "Sentinel, last 60 s");

        QUESTIONS.put("ClosedCallBenchmark", "Closed, a guarded function, 1 thread");
        QUESTIONS.put("ContendedCallBenchmark", "Closed, a guarded function, 2 threads on one circuit");
        QUESTIONS.put("FailingCallBenchmark", "Closed, a guarded function that throws once in 16 calls");
        QUESTIONS.put("ClosedPermitBenchmark", "Closed, a permit and a success, 1 thread");
        QUESTIONS.put("ContendedPermitBenchmark", "Closed, a permit and a success, 2 threads on one circuit");
        QUESTIONS.put("FailingPermitBenchmark", "Closed, a permit, and a failure once in 16 calls");
        QUESTIONS.put("RefusedPermitBenchmark", "Open, refused with a value");
        QUESTIONS.put("RefusedCallBenchmark", "Open, a guarded function, refused with an exception");
        QUESTIONS.put("LookupBenchmark:1000", "A circuit by its id, among 1,000");
        QUESTIONS.put("LookupBenchmark:100000", "A circuit by its id, among 100,000");
    }

    private final Measurements measured;
    private final StringBuilder text = new StringBuilder();
    private int missed;

    private Page(Measurements measured) {
        this.measured = measured;
    }

    static String of(Measurements measured, long minutes) {
        Page page = new Page(measured);
        page.line("# Benchmarks");
        page.line("");
        page.line("Interlock compared with other libraries, in one run. Written by `benchmarks/run`; do not edit. "
                + "Compare ratios and bytes, not nanoseconds: these are this machine's.");
        page.line("");
        page.line(Machine.describe() + ", " + minutes + " min.");
        page.targets();
        page.howToRead();
        QUESTIONS.forEach(page::question);
        page.clocks();
        page.memory();
        return page.text.toString();
    }

    private void targets() {
        line("");
        line("## Targets");
        line("");
        line("| figure | target | measured | |");
        line("|---|---|---|---|");
        atLeast(
                "guarded function, closed, 1 thread: less CPU than Resilience4j's time window",
                9,
                "ClosedCallBenchmark");
        atLeast("2 threads on one circuit", 4, "ContendedCallBenchmark");
        atLeast("2 threads on one circuit, as permit", 4, "ContendedPermitBenchmark");
        atLeast("rejection with exception", 25, "RefusedCallBenchmark");
        atMost("rejection with exception, allocated", 56, bytes("RefusedCallBenchmark"));
        atMost("guarded function, closed, allocated", 0, bytes("ClosedCallBenchmark"));
        atMost("permit, closed, allocated", 32, bytes("ClosedPermitBenchmark"));
        atMost("idle circuit", 56, Footprint.interlockIdle());
        atMost("circuit with a window", 208, Footprint.interlockWithWindow());
        line("");
        line(missed == 0 ? "All are met." : missed + " missed.");
    }

    private void howToRead() {
        line("");
        line("## How it was measured");
        line("");
        line(
                "- **CPU** is the processor time of the whole JVM a call, garbage collection included and waiting excluded; "
                        + "**wall** is what one thread sees. What disturbs can only add, so a round's figure is that of "
                        + "its best iteration; the table has the median of the rounds, and ± is half the distance between the "
                        + "least and the greatest. **B** is what a call allocates, the median of all iterations. **×** is the CPU of the row over Interlock's, with nothing subtracted.");
        line(
                "- Settings are as like as the libraries allow: open at half of at least 10 calls in 60 s, stay open for an "
                        + "hour. Each library is used as its own documentation does; what can be made once (a guard, a decorated "
                        + "supplier, an executor) is. Resilience4j's permit is what its decorators do: permission, clock, clock, "
                        + "success. The guarded function returns a constant.");
        line("- Resilience4j has one window that takes a lock, its default, and one that does not; the ratios in the "
                + "targets are against the default. Its refusals carry a stack trace unless configured otherwise; so do "
                + "Failsafe's.");
        line("- Sentinel's entry does more than a breaker: it finds the resource by name and keeps statistics for its "
                + "other rules.");
        line("- Two threads only meet when two processors are free: on a busy machine they take turns, and the figures "
                + "for two threads come near those for one.");
        line("- With a `HealthMonitor` a good call is timed and counted as well: `benchmarks/health`, "
                + "[measured](decisions-measured.md#health).");
    }

    private void question(String question, String title) {
        String benchmark = question.replaceFirst(":.*", "");
        String parameter = question.substring(benchmark.length());
        line("");
        line("## " + title);
        line("");
        line("| | CPU, ns | × | wall, ns | B |");
        line("|---|---:|---:|---:|---:|");
        LIBRARIES.forEach((method, library) -> {
            String key = benchmark + "." + method + parameter;
            if (measured.has(key)) {
                line(String.format(
                        Locale.ROOT,
                        "| %s | %s | %s | %s | %s |",
                        library,
                        nanos(measured.cpu(key)),
                        method.equals("bare") ? "" : ratio(measured.ratio(key, benchmark + "." + OURS + parameter)),
                        nanos(measured.wall(key)),
                        Math.round(measured.bytes(key).median())));
            }
        });
    }

    private void clocks() {
        line("");
        line("## A look at the clock");
        line("");
        line("The exact clock takes " + nanos(measured.cpu("ClockBenchmark.exact")) + " ns of CPU, the coarse one "
                + nanos(measured.cpu("ClockBenchmark.coarse"))
                + " ns. A breaker that reads the exact one at each call cannot cost less than that.");
    }

    private void memory() {
        long idle = Footprint.interlockIdle();
        line("");
        line("## Bytes a circuit");
        line("");
        line("What one circuit reaches and another with the same name and settings does not, by JOL, with compressed "
                + "references; a map's entry for it comes on top with every library. Sentinel is left out: what it keeps "
                + "for a resource is spread over nodes that serve its other rules.");
        line("");
        line("| | B | × |");
        line("|---|---:|---:|");
        bytes("**Interlock**, idle", idle, Footprint.interlockWithWindow());
        bytes("**Interlock**, last 60 s", Footprint.interlockWithWindow(), Footprint.interlockWithWindow());
        bytes("Interlock, last 20 calls", Footprint.interlockWithCountWindow(), Footprint.interlockWithWindow());
        bytes(
                "Resilience4j, last 60 s",
                resilience4j(SlidingWindowType.TIME_BASED, 60, false),
                Footprint.interlockWithWindow());
        bytes(
                "Resilience4j, last 60 s, lock-free",
                resilience4j(SlidingWindowType.TIME_BASED, 60, true),
                Footprint.interlockWithWindow());
        bytes(
                "Resilience4j, last 100 calls",
                resilience4j(SlidingWindowType.COUNT_BASED, 100, false),
                Footprint.interlockWithWindow());
        bytes("Failsafe, last 60 s", Footprint.failsafe(), Footprint.interlockWithWindow());
        line("");
        line(
                "The peers make their window with the circuit, so idle ones are as big. A circuit of Interlock that several "
                        + "threads fight for grows stripes of 368 B, one for each of them, about four for each "
                        + "processor at most and never more than 32.");
    }

    private static long resilience4j(SlidingWindowType type, int size, boolean lockFree) {
        return Footprint.resilience4j(Subjects.Resilience4jTime.config(
                type,
                size,
                lockFree
                        ? SlidingWindowSynchronizationStrategy.LOCK_FREE
                        : SlidingWindowSynchronizationStrategy.SYNCHRONIZED,
                true));
    }

    private void bytes(String what, long bytes, long ours) {
        line("| " + what + " | " + String.format(Locale.ROOT, "%,d", bytes) + " | " + ratio((double) bytes / ours)
                + " |");
    }

    private void atLeast(String figure, int target, String benchmark) {
        double ratio = measured.ratio(benchmark + "." + PEER, benchmark + "." + OURS);
        row(figure, "≥ " + target + " ×", ratio(ratio) + " ×", ratio >= target);
    }

    private void atMost(String figure, long target, long bytes) {
        row(figure, target == 0 ? "0 B" : "≤ " + target + " B", bytes + " B", bytes <= target);
    }

    private long bytes(String benchmark) {
        return Math.round(measured.bytes(benchmark + "." + OURS).median());
    }

    private void row(String figure, String target, String found, boolean met) {
        if (!met) {
            missed++;
        }
        line("| " + figure + " | " + target + " | " + found + " | " + (met ? "met" : "**missed**") + " |");
    }

    private static String nanos(Figure figure) {
        String format = figure.median() < 100 ? "%,.1f ± %,.1f" : "%,.0f ± %,.0f";
        return String.format(Locale.ROOT, format, figure.median(), figure.error());
    }

    private static String ratio(double ratio) {
        return String.format(Locale.ROOT, ratio < 10 ? "%.1f" : "%,.0f", ratio);
    }

    private void line(String line) {
        text.append(line).append('\n');
    }
}
