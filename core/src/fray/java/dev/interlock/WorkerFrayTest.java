package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.threads.Worker;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.ExtendWith;
import org.pastalab.fray.junit.junit5.FrayTestExtension;
import org.pastalab.fray.junit.junit5.annotations.FrayTest;

/** A wake-up is never lost: after each of them a turn begins, also when the thread is about to wait. */
@ExtendWith(FrayTestExtension.class)
class WorkerFrayTest {
    @FrayTest(iterations = 200, resetClassLoaderPerIteration = false, abortThreadExecutionAfterMainExit = true)
    void what_is_set_before_a_wake_up_is_seen_by_a_turn_after_it() throws Exception {
        AtomicInteger set = new AtomicInteger();
        CountDownLatch seen = new CountDownLatch(2);
        Worker worker = new Worker("worker", () -> {
            for (int i = set.getAndSet(0); i > 0; i--) {
                seen.countDown();
            }
            return Worker.Turn.UNTIL_WOKEN;
        });
        Runnable part = () -> {
            set.incrementAndGet();
            worker.wake();
        };
        AtOnce.run(part, part);
        seen.await(); // forever, which Fray reports, should a wake-up be lost
        worker.close();

        assertThat(seen.getCount()).isZero();
    }
}
