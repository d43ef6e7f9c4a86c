package dev.interlock.cli.demo;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A stage whose story goes as fast as the clock, or some times as fast. Safe for use by any thread. */
final class LiveStage implements Stage, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LiveStage.class);

    private final long start = System.nanoTime();
    private final int speed;
    private final ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(
            1,
            task -> new Thread(task, "interlock-demo"),
            (late, closed) -> {}); // what comes after the end is not done

    /**
     * Begins the story, now.
     *
     * @param speed how many times as fast as the clock it goes, at least 1
     */
    LiveStage(int speed) {
        this.speed = speed;
    }

    @Override
    public long now() {
        return (System.nanoTime() - start) * speed / 1_000_000;
    }

    @Override
    public void after(long millis, Runnable step) {
        thread.schedule(() -> run(step), millis * 1_000_000 / speed, TimeUnit.NANOSECONDS);
    }

    /** Does something as soon as possible, on the stage's thread. */
    void execute(Runnable step) {
        thread.execute(() -> run(step));
    }

    private static void run(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException mistake) {
            LOG.error("A step of the demo ended by a mistake", mistake);
        }
    }

    /** Ends the story; waits a moment for a step that is being done. */
    @Override
    public void close() {
        thread.shutdownNow();
        try {
            thread.awaitTermination(2, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
