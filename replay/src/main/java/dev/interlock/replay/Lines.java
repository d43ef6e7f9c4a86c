package dev.interlock.replay;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * The lines of a stream, one after the other in one buffer: {@code bytes()} from {@code from()} to {@code to()}, without
 * the line's end. A line can be joined with those that follow it, for fields that span several.
 *
 * <p>Of a line longer than {@link #LONGEST} only the beginning is kept, and it says so.
 */
final class Lines {
    static final int LONGEST = 1 << 24;

    /** How long several lines may get that are one row. */
    private static final int LONGEST_JOINED = 1 << 20;

    /** How much of a line that is too long is kept, for messages. */
    private static final int KEPT = 100;

    private final InputStream in;
    private byte[] buffer = new byte[1 << 16];
    private int filled;
    private boolean ended;

    private int from;
    private int to;
    private int next;
    private int firstTo;
    private int firstNext;
    private boolean tooLong;

    private long number;
    private int joined;

    Lines(InputStream in) {
        this.in = in;
    }

    /** Goes to the next line; false if there is none. */
    boolean next() throws IOException {
        number += 1 + joined;
        joined = 0;
        tooLong = false;
        from = next;
        int end = findEnd(from);
        if (end < 0 && filled - from > LONGEST) {
            return cutLine();
        }
        if (end < 0 && filled == from) {
            number--;
            to = from;
            return false;
        }
        take(end);
        if (to - from > LONGEST) {
            tooLong = true;
            to = from + KEPT;
        }
        firstTo = to;
        firstNext = next;
        return true;
    }

    /** Adds the next line to this one, with the line's end between them; false if there is none or it gets too long. */
    boolean join() throws IOException {
        int end = findEnd(next);
        if (filled == next || next - from > LONGEST_JOINED || (end < 0 && !ended)) {
            return false;
        }
        take(end);
        joined++;
        return true;
    }

    /** Undoes all joining: the lines that were added come back. */
    void separate() {
        to = firstTo;
        next = firstNext;
        joined = 0;
    }

    byte[] bytes() {
        return buffer;
    }

    int from() {
        return from;
    }

    int to() {
        return to;
    }

    /** Counted from 1. */
    long number() {
        return number;
    }

    boolean isTooLong() {
        return tooLong;
    }

    boolean isBlank() {
        for (int i = from; i < to; i++) {
            if (buffer[i] != ' ' && buffer[i] != '\t' && buffer[i] != '\r') {
                return false;
            }
        }
        return true;
    }

    private void take(int end) {
        next = end < 0 ? filled : end + 1;
        to = end < 0 ? filled : end;
        if (to > from && buffer[to - 1] == '\r') {
            to--;
        }
    }

    /** Where the line that begins here ends, or -1 if the stream does first or the line is too long. */
    private int findEnd(int begin) throws IOException {
        int searched = begin;
        while (true) {
            for (int i = searched; i < filled; i++) {
                if (buffer[i] == '\n') {
                    return i;
                }
            }
            int offset = begin - from;
            searched = filled - from;
            if (ended || searched > offset + LONGEST) {
                return -1;
            }
            fill();
            begin = from + offset;
            searched += from;
        }
    }

    /** Reads more behind what is there; what was before this line makes room. */
    private void fill() throws IOException {
        if (from > 0) {
            System.arraycopy(buffer, from, buffer, 0, filled - from);
            to -= from;
            next -= from;
            firstTo -= from;
            firstNext -= from;
            filled -= from;
            from = 0;
        }
        if (filled == buffer.length) {
            buffer = Arrays.copyOf(buffer, buffer.length * 2);
        }
        int read = in.read(buffer, filled, buffer.length - filled);
        if (read < 0) {
            ended = true;
        } else {
            filled += read;
        }
    }

    /** Keeps a piece of the beginning for the message and skips the rest. */
    private boolean cutLine() throws IOException {
        tooLong = true;
        filled = from + KEPT;
        while (true) {
            int read = ended ? -1 : in.read(buffer, from + KEPT, buffer.length - from - KEPT);
            if (read < 0) {
                ended = true;
                next = filled;
                break;
            }
            int end = from + KEPT;
            while (end < from + KEPT + read && buffer[end] != '\n') {
                end++;
            }
            if (end < from + KEPT + read) {
                filled = from + KEPT + read;
                next = end + 1;
                break;
            }
        }
        to = from + KEPT;
        firstTo = to;
        firstNext = next;
        return true;
    }
}
