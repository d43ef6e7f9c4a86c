package dev.interlock.server.permits;

import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a batch into its entries while it arrives, in pieces of any size: the lines of NDJSON, or the elements of a JSON
 * array. Holds no more than one entry. For one batch and one thread at a time.
 */
final class BatchSplitter {
    /** The longest entry, in bytes. */
    static final int LONGEST_ENTRY = 65_536;

    /** Hears of each entry. */
    interface Sink {
        /** An entry, whole; the bytes are only good during the call. */
        void entry(byte[] bytes, int from, int length);

        /** An entry that cannot be cut out; others follow. */
        void badEntry(String detail);
    }

    private enum At {
        START,
        LINE,
        BEFORE_ELEMENT,
        ELEMENT,
        AFTER_ELEMENT,
        END,
        BROKEN
    }

    private final Sink sink;
    private final ByteArrayOutputStream entry = new ByteArrayOutputStream(512);
    private At at = At.START;
    private boolean tooLong;
    private boolean first = true;
    private int depth;
    private boolean inString;
    private boolean escaped;
    private @Nullable String problem;

    BatchSplitter(Sink sink) {
        this.sink = sink;
    }

    /** Takes the next piece. */
    void feed(byte[] bytes) {
        int i = 0;
        while (i < bytes.length && at != At.BROKEN) {
            i = switch (at) {
                case START -> start(bytes, i);
                case LINE -> line(bytes, i);
                case ELEMENT -> element(bytes, i);
                default -> between(bytes, i);
            };
        }
    }

    /** No more pieces come. */
    void end() {
        switch (at) {
            case LINE -> flushLine();
            case BEFORE_ELEMENT, ELEMENT, AFTER_ELEMENT -> breakUp("the array is not closed with ]");
            default -> {}
        }
    }

    /** Why nothing behind some entry could be read, or null if all was. */
    @Nullable
    String problem() {
        return problem;
    }

    private int start(byte[] bytes, int i) {
        if (isSpace(bytes[i])) {
            return i + 1;
        }
        if (bytes[i] == '[') {
            at = At.BEFORE_ELEMENT;
            return i + 1;
        }
        at = At.LINE;
        return i;
    }

    private int line(byte[] bytes, int from) {
        int end = from;
        while (end < bytes.length && bytes[end] != '\n') {
            end++;
        }
        if (end == bytes.length) {
            keep(bytes, from, end);
            return end;
        }
        if (entry.size() == 0 && !tooLong && end - from <= LONGEST_ENTRY) {
            if (!isBlank(bytes, from, end)) {
                sink.entry(bytes, from, end - from);
            }
        } else {
            keep(bytes, from, end);
            flushLine();
        }
        return end + 1;
    }

    private void flushLine() {
        byte[] whole = entry.toByteArray();
        if (tooLong || !isBlank(whole, 0, whole.length)) {
            flush();
        }
        reset();
    }

    private int between(byte[] bytes, int i) {
        byte each = bytes[i];
        if (isSpace(each)) {
            return i + 1;
        }
        if (at == At.END) {
            breakUp("there is more behind the array's ]");
        } else if (at == At.AFTER_ELEMENT) {
            if (each == ',') {
                at = At.BEFORE_ELEMENT;
                first = false;
            } else if (each == ']') {
                at = At.END;
            } else {
                breakUp("there must be a , or ] between the array's elements");
            }
        } else if (each == ']' && first) {
            at = At.END;
        } else if (each == ',' || each == ']') {
            breakUp("an element of the array is missing");
        } else {
            at = At.ELEMENT;
            return i;
        }
        return i + 1;
    }

    private int element(byte[] bytes, int from) {
        for (int i = from; i < bytes.length; i++) {
            byte each = bytes[i];
            if (inString) {
                inString = escaped || each != '"';
                escaped = !escaped && each == '\\';
            } else if (each == '"') {
                inString = true;
            } else if (each == '{' || each == '[') {
                depth++;
            } else if (depth > 0 && (each == '}' || each == ']')) {
                depth--;
            } else if (depth == 0 && (each == ',' || each == ']' || isSpace(each))) {
                return endElement(bytes, from, i);
            }
            if (depth == 0 && !inString && (each == '}' || each == ']')) {
                return endElement(bytes, from, i + 1);
            }
        }
        keep(bytes, from, bytes.length);
        return bytes.length;
    }

    private int endElement(byte[] bytes, int from, int end) {
        if (entry.size() == 0 && !tooLong && end - from <= LONGEST_ENTRY) {
            sink.entry(bytes, from, end - from);
        } else {
            keep(bytes, from, end);
            flush();
        }
        reset();
        at = At.AFTER_ELEMENT;
        return end;
    }

    private void flush() {
        if (tooLong) {
            sink.badEntry("the entry: must have at most " + LONGEST_ENTRY + " bytes, but has more");
        } else {
            sink.entry(entry.toByteArray(), 0, entry.size());
        }
    }

    private void keep(byte[] bytes, int from, int end) {
        if (entry.size() + (end - from) > LONGEST_ENTRY) {
            tooLong = true;
            entry.reset();
        } else if (!tooLong) {
            entry.write(bytes, from, end - from);
        }
    }

    private void reset() {
        entry.reset();
        tooLong = false;
    }

    private void breakUp(String why) {
        at = At.BROKEN;
        problem = "the batch: " + why + "; nothing behind this place was read";
        sink.badEntry(problem);
    }

    private static boolean isBlank(byte[] bytes, int from, int end) {
        for (int i = from; i < end; i++) {
            if (!isSpace(bytes[i])) {
                return false;
            }
        }
        return true;
    }

    private static boolean isSpace(byte each) {
        return each == ' ' || each == '\n' || each == '\r' || each == '\t';
    }
}
