package dev.interlock.replay;

import java.util.ArrayList;
import java.util.List;

/** Counts the rows that were wrong and keeps what is wrong with the first five. */
final class BadRows {
    private static final int SHOWN = 5;

    private final String file;
    private final List<String> first = new ArrayList<>();
    private long count;

    BadRows(String file) {
        this.file = file;
    }

    void add(long line, BadRowException bad) {
        if (count++ < SHOWN) {
            first.add(file + ":" + line + ": " + bad.getMessage());
        }
    }

    long count() {
        return count;
    }

    /** A line for each of the first, and one for the others. */
    List<String> describe() {
        List<String> lines = new ArrayList<>(first);
        if (count > SHOWN) {
            long more = count - SHOWN;
            lines.add("… and " + more + (more == 1 ? " more bad row" : " more bad rows"));
        }
        return lines;
    }
}
