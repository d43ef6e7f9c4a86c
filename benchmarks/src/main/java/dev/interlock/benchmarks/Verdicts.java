package dev.interlock.benchmarks;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Figures that were to be reached, and whether they were. */
final class Verdicts {
    private final List<String> lines = new ArrayList<>();

    void atLeast(String what, double fraction, double target) {
        note(what, percent(fraction), "≥ " + percent(target), fraction >= target);
    }

    void atMost(String what, double fraction, double target) {
        note(what, percent(fraction), "≤ " + percent(target), fraction <= target);
    }

    void atMostTimes(String what, double times, double target) {
        note(what, times(times), "≤ " + times(target), times <= target);
    }

    /** A table of all of them. */
    void print(PrintStream out) {
        out.println("| target | measured | to reach | |");
        out.println("|---|---:|---:|---|");
        lines.forEach(out::println);
        out.println();
    }

    private void note(String what, String measured, String target, boolean isReached) {
        lines.add("| " + what + " | " + measured + " | " + target + " | " + (isReached ? "reached" : "**missed**")
                + " |");
    }

    private static String percent(double fraction) {
        return String.format(Locale.ROOT, "%.2f %%", 100 * fraction);
    }

    private static String times(double number) {
        return String.format(Locale.ROOT, "%.1f", number);
    }
}
