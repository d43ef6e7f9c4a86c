package dev.interlock;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clocks that only move by hand: for tests, simulations and replays.
 *
 * <p>{@link #advance} also starts, on the calling thread and before it returns, everything that a manager on this
 * source has scheduled up to the new moment, in order of its time: no test needs to sleep. Safe for use by any thread.
 */
public final class ManualTimeSource implements TimeSource {
    private final AtomicLong ticks = new AtomicLong();
    private final AtomicLong steppedNanos = new AtomicLong();
    private final Instant start;
    private final List<Timers> watchers = new CopyOnWriteArrayList<>();

    /** Starts at tick 0, with the wall clock at 2026-01-01T00:00:00Z. */
    public ManualTimeSource() {
        this(Instant.parse("2026-01-01T00:00:00Z"));
    }

    /**
     * Starts at tick 0.
     *
     * @param wall where the wall clock starts
     */
    public ManualTimeSource(Instant wall) {
        this.start = wall;
    }

    @Override
    public long ticks() {
        return ticks.get();
    }

    @Override
    public Instant wallTime() {
        return start.plusNanos(ticks.get()).plusNanos(steppedNanos.get());
    }

    /**
     * Moves both clocks forward.
     *
     * @param time how far, not negative
     * @throws IllegalArgumentException if it is negative
     */
    public void advance(Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException("Time goes forward only, but was asked to advance by " + time);
        }
        long target = ticks.get() + time.toNanos();
        for (long due = nextDue(); due <= target; due = nextDue()) {
            moveTo(due);
            runDue();
        }
        moveTo(target);
    }

    /**
     * Moves the wall clock alone, as an administrator or a time service may; the ticks go on as before.
     *
     * @param step how far, in either direction
     */
    public void stepWallClock(Duration step) {
        steppedNanos.addAndGet(step.toNanos());
    }

    private void moveTo(long target) {
        ticks.accumulateAndGet(target, Math::max);
    }

    private long nextDue() {
        long next = Long.MAX_VALUE;
        for (Timers timers : watchers) {
            next = Math.min(next, timers.nextDue());
        }
        return next;
    }

    private void runDue() {
        for (Timers timers : watchers) {
            timers.runDue(ticks.get());
        }
    }

    void watch(Timers timers) {
        watchers.add(timers);
    }

    void unwatch(Timers timers) {
        watchers.remove(timers);
    }
}
