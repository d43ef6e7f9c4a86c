package dev.interlock.benchmarks;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Figures that were to be reached, and whether they were. */
final class Verdicts {
    private final List<String> lines = new ArrayList<>();

    void atLeast(String what, double fraction, double target) {
        note(what, fraction, "≥", target, fraction >= target);
    }

    void atMost(String what, double fraction, double target) {
        note(what, fraction, "≤", target, fraction <= target);
    }

    /** A table of all of them. */
    void print(PrintStream out) {
        out.println("| target | measured | to reach | |");
        out.println("|---|---:|---:|---|");
        lines.forEach(out::println);
        out.println();
    }

    private void note(String what, double fraction, String compared, double target, boolean isReached) {
        lines.add(String.format(
                Locale.ROOT,
                "| %s | %.2f %% | %s %.2f %% | %s |",
                what,
                100 * fraction,
                compared,
                100 * target,
                isReached ? "reached" : "**missed**"));
    }
}
