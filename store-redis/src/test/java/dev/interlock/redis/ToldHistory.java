package dev.interlock.redis;

import java.util.ArrayList;
import java.util.List;

/** A history that is being written; a millisecond lies between two lines. */
final class ToldHistory {
    private final List<String> lines = new ArrayList<>();
    private long millis = 1_000;

    ToldHistory() {}

    ToldHistory(ToldHistory before) {
        lines.addAll(before.lines);
        millis = before.millis;
    }

    ToldHistory begins(String life, int generation) {
        return line(life, "opens")
                .line(life, "generation " + generation)
                .line(life, "reads")
                .line(life, "all-read ok");
    }

    /** A line in which {@code now} is the time, in microseconds. */
    ToldHistory line(String life, String text) {
        millis++;
        lines.add(life + " " + millis * 1_000_000 + " " + text.replace(" now ", " " + millis * 1_000 + " "));
        return this;
    }

    ToldHistory redis(String what) {
        return line("-", what);
    }

    /** A write at a time of its own, since its record says when its epoch began. */
    ToldHistory writes(String life, String record, String answer) {
        return line(life, "writes planner " + record).line(life, "wrote planner " + answer);
    }

    /** A question about trials or figures, and its answer. */
    ToldHistory asks(String life, String question, String answer) {
        return line(life, question).line(life, answer);
    }

    ToldHistory pause(long time) {
        millis += time;
        return this;
    }

    List<String> lines() {
        return List.copyOf(lines);
    }

    static long epoch(int generation, int number) {
        return ((long) generation << 32) + number;
    }
}
