package dev.interlock;

import java.time.Duration;
import java.util.concurrent.FutureTask;

/** Does something on a thread of its own, which keeps nobody waiting if it never ends. */
final class OtherThread {
    /** How long a test waits for what takes a moment on a machine that has time for it. */
    static final Duration LONG = Duration.ofSeconds(30);

    private OtherThread() {}

    static FutureTask<Boolean> running(Runnable task) {
        FutureTask<Boolean> running = new FutureTask<>(task, true);
        Thread thread = new Thread(running, "interlock-test-other");
        thread.setDaemon(true);
        thread.start();
        return running;
    }
}
