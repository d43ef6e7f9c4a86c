package dev.interlock.replay;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Reads a log whose lines are JSON of somebody else's making: a line may hold many calls or none, and some are known at the
 * end only.
 *
 * @param <R> what is read of a call
 */
abstract class JsonLinesReader<R> implements CallReader {
    /** A call may come after others that began long after it: it is written when it has ended. */
    private static final long DISORDER = 3_600_000_000_000L;

    private final Lines lines;
    private final Deque<R> ready = new ArrayDeque<>();
    private @Nullable BadRowException broken;
    private boolean atFirst = true;
    private boolean atEnd;

    /** The first line must be the present one. */
    JsonLinesReader(Lines lines) {
        this.lines = lines;
    }

    /** Reads a line; gives what it has read of calls to {@link #ready(Object)}. */
    abstract void readLine(JsonNode line) throws BadRowException;

    /** There are no more lines: the last chance to give something to {@link #ready(Object)}. */
    void end() {}

    /** The call that was read. */
    abstract @Nullable Call call(R read) throws BadRowException;

    final void ready(R read) {
        ready.add(read);
    }

    @Override
    public final boolean next() throws IOException {
        if (broken == null && !ready.isEmpty()) {
            ready.remove();
        }
        broken = null;
        while (ready.isEmpty()) {
            if (atEnd) {
                return false;
            }
            if (!atFirst && !lines.next()) {
                atEnd = true;
                end();
                continue;
            }
            atFirst = false;
            if (lines.isBlank()) {
                continue;
            }
            try {
                readLine(JsonLine.read(lines));
            } catch (BadRowException wrong) {
                broken = wrong;
                return true;
            }
        }
        return true;
    }

    @Override
    public final @Nullable Call call() throws BadRowException {
        if (broken != null) {
            throw broken;
        }
        return call(ready.element());
    }

    @Override
    public final long line() {
        return lines.number();
    }

    @Override
    public final long disorder() {
        return DISORDER;
    }
}
