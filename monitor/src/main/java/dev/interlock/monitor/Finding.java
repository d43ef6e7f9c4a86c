package dev.interlock.monitor;

/** A stretch of text that must not leave, and what is put in its place; filled again for each text. */
final class Finding {
    private final int floor;
    private int start;
    private int end;
    private String replacement = "";

    /** Nothing found yet; nothing before the floor may be found, since it has been written already. */
    Finding(int floor) {
        this.floor = floor;
    }

    int floor() {
        return floor;
    }

    int start() {
        return start;
    }

    int end() {
        return end;
    }

    String replacement() {
        return replacement;
    }

    /** Always true, so that a search can end with it. */
    boolean is(int from, int to, String label) {
        start = Math.max(from, floor);
        end = to;
        replacement = label;
        return true;
    }
}
