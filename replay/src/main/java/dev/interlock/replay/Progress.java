package dev.interlock.replay;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * How far a long run has come, on one line of a terminal that is rewritten five times a second and gone at the end,
 * also when the run is interrupted.
 */
final class Progress implements AutoCloseable {
    private static final String ERASE = "\r\u001b[K";
    private static final int BAR = 30;
    private static final long PERIOD = 200_000_000L;
    private static final double SECOND = 1e9;

    private final PrintWriter terminal;
    private final long size;
    private final LongSupplier position;
    private final LongSupplier clock;
    private final long started;
    private final Thread eraser = new Thread(this::erase, "interlock-replay-progress");
    private long due;
    private boolean shown;
    private boolean over;

    /**
     * A bar that has not been shown yet.
     *
     * @param size of the file in bytes, or negative where nobody knows: then only rows are reported
     * @param position how many bytes have been read
     * @param clock nanoseconds
     */
    Progress(PrintWriter terminal, long size, LongSupplier position, LongSupplier clock) {
        this.terminal = terminal;
        this.size = size;
        this.position = position;
        this.clock = clock;
        this.started = clock.getAsLong();
        this.due = started + PERIOD;
        Runtime.getRuntime().addShutdownHook(eraser);
    }

    /** To be called often; mostly does nothing. */
    void rows(long rows) {
        long now = clock.getAsLong();
        if (now < due) {
            return;
        }
        due = now + PERIOD;
        show(line(rows, (now - started) / SECOND));
    }

    @Override
    public void close() {
        erase();
        try {
            Runtime.getRuntime().removeShutdownHook(eraser);
        } catch (IllegalStateException interrupted) {
            // The virtual machine is going down, and the eraser runs or has run.
        }
    }

    private String line(long rows, double seconds) {
        String speed = String.format(Locale.ROOT, "%,d rows, %,.0f a second", rows, rows / seconds);
        if (size <= 0) {
            return speed;
        }
        double done = Math.min(1, (double) position.getAsLong() / size);
        int filled = (int) (done * BAR);
        String left = done == 0 ? "" : String.format(Locale.ROOT, ", %.0f s left", seconds / done * (1 - done));
        return "[" + "#".repeat(filled) + "-".repeat(BAR - filled) + "] "
                + String.format(Locale.ROOT, "%3.0f%%, ", done * 100) + speed + left;
    }

    private synchronized void show(String line) {
        if (!over) {
            shown = true;
            terminal.print(ERASE + line);
            terminal.flush();
        }
    }

    /** Runs in a shutdown hook while rows are still read: nothing may be shown behind it. */
    private synchronized void erase() {
        if (shown && !over) {
            terminal.print(ERASE);
            terminal.flush();
        }
        over = true;
    }
}
