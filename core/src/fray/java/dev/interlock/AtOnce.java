package dev.interlock;

import java.util.ArrayList;
import java.util.List;

/** Runs several things at once, in an order that Fray decides. */
final class AtOnce {
    private AtOnce() {}

    /** Returns once all have ended; what one of them throws is reported by Fray. */
    static void run(Runnable... parts) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (Runnable part : parts) {
            threads.add(new Thread(part));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
