package dev.interlock.cli.demo;

/** A clock that can be stopped. Safe for use by any thread. */
final class SoakClock {
    private long stoppedAt;
    private long stoppedFor;
    private boolean stopped;

    synchronized void stop() {
        stoppedAt = System.nanoTime();
        stopped = true;
    }

    synchronized void goOn() {
        stoppedFor += System.nanoTime() - stoppedAt;
        stopped = false;
    }

    /** Nanoseconds that it ran, since a moment that is the same for all of its readings. */
    synchronized long nanos() {
        return (stopped ? stoppedAt : System.nanoTime()) - stoppedFor;
    }
}
