package dev.interlock;

import java.time.Duration;

/**
 * Runs a short task again and again by the ticks of a {@link TimeSource}, on one daemon thread of its own; on a
 * {@link ManualTimeSource} on the thread that {@linkplain ManualTimeSource#advance advances} it, before that returns.
 *
 * <p>Two runs never overlap. A run that comes late delays the next ones and is not made up for. What a run throws goes
 * to the thread's uncaught exception handler, and the next run still comes.
 */
@Beta
public final class Ticker implements AutoCloseable {
    private final Timers timers;
    private final TimeSource time;
    private final long period;
    private final Runnable task;

    private Ticker(String name, TimeSource time, Duration period, Runnable task) {
        this.timers = new Timers(time, name);
        this.time = time;
        this.period = Nanos.of(period);
        this.task = task;
    }

    /**
     * Starts to run a task; for the first time after one period.
     *
     * @param name what its thread is called
     * @param time whose ticks count
     * @param period how long from the start of a run to the start of the next, longer than zero
     * @param task must not block
     * @return to be closed when no longer needed
     * @throws IllegalArgumentException if the period is zero or negative
     */
    public static Ticker every(String name, TimeSource time, Duration period, Runnable task) {
        if (period.isZero() || period.isNegative()) {
            throw new IllegalArgumentException("A period must be longer than zero, but was " + Nanos.text(period));
        }
        Ticker ticker = new Ticker(name, time, period, task);
        ticker.schedule(time.ticks() + ticker.period);
        return ticker;
    }

    /** Lets no further run begin; one that is under way goes on. */
    @Override
    public void close() {
        timers.close();
    }

    private void schedule(long due) {
        timers.at(due, () -> {
            try {
                task.run();
            } finally {
                schedule(Math.max(due + period, time.ticks()));
            }
        });
    }
}
