package dev.interlock.monitor;

import dev.interlock.CircuitId;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What an agent's calls came to in five minutes, one by one, or in an hour, as a store keeps it: of one process. A row of
 * the same agent, length and start replaces the one before. Immutable.
 */
public final class SeriesRow {
    /** The length of rows that have figures a minute, in minutes. */
    public static final int MINUTES = 5;

    /** The length of rows that have figures of the whole, in minutes. */
    public static final int HOUR = 60;

    private final CircuitId agent;
    private final int length;
    private final long start;
    private final byte[] figures;

    /**
     * A row that a store kept.
     *
     * @param agent whose calls
     * @param length {@link #MINUTES} or {@link #HOUR}
     * @param start its first minute, counted from 1970
     * @param figures what {@link #figures()} gave
     */
    public SeriesRow(CircuitId agent, int length, long start, byte[] figures) {
        this.agent = agent;
        this.length = length;
        this.start = start;
        this.figures = figures.clone();
    }

    static SeriesRow of(CircuitId agent, int length, long start, @Nullable CallFigures[] parts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < parts.length; i++) {
            CallFigures part = parts[i];
            if (part != null) {
                CallFigures.write(bytes, i);
                (length == HOUR ? part.coarse() : part).write(bytes);
            }
        }
        return new SeriesRow(agent, length, start, bytes.toByteArray());
    }

    /** {@return whose calls} */
    public CircuitId agent() {
        return agent;
    }

    /** {@return how many minutes it is about: {@link #MINUTES} or {@link #HOUR}} */
    public int length() {
        return length;
    }

    /** {@return its first minute, counted from 1970} */
    public long start() {
        return start;
    }

    /** {@return its figures as bytes} */
    public byte[] figures() {
        return figures.clone();
    }

    /** Takes in the figures of a row. */
    @FunctionalInterface
    public interface Reader {
        /**
         * The figures of a minute, or of the hour.
         *
         * @param start its first minute, counted from 1970
         * @param figures what the calls came to
         */
        void take(long start, CallFigures figures);
    }

    /**
     * Reads the figures, in the order of their minutes. What cannot be read, since a newer version or nobody wrote it, is
     * left out.
     *
     * @param reader takes them in
     */
    public void read(Reader reader) {
        ByteBuffer bytes = ByteBuffer.wrap(figures);
        try {
            while (bytes.hasRemaining()) {
                long offset = CallFigures.number(bytes);
                CallFigures part = CallFigures.read(bytes);
                if (offset < length) {
                    reader.take(start + offset, part);
                }
            }
        } catch (BufferUnderflowException | IllegalArgumentException unreadable) {
            // a gap is shown as one
        }
    }
}
