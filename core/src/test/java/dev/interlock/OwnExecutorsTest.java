package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** How many threads probes have, and what becomes of probes and events when a manager is closed. */
class OwnExecutorsTest {
    @Test
    void probes_have_a_thread_in_place_of_each_that_hangs_up_to_256() {
        try (OwnExecutors own = OwnExecutors.start()) {
            assertThreads(own, 16);
            own.replaceHung(1);
            assertThreads(own, 17);
            own.replaceHung(256);
            assertThreads(own, 272);
            own.replaceHung(300);
            assertThreads(own, 272);
            own.replaceHung(2);
            assertThreads(own, 18);
            own.replaceHung(0);
            assertThreads(own, 16);
        }
    }

    private static void assertThreads(OwnExecutors own, int threads) {
        assertThat(own.probes().getCorePoolSize()).isEqualTo(threads);
        assertThat(own.probes().getMaximumPoolSize()).isEqualTo(threads);
    }

    @Test
    void a_close_interrupts_probes_and_lets_events_end() throws InterruptedException {
        OwnExecutors own = OwnExecutors.start();
        CountDownLatch probing = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        AtomicBoolean heard = new AtomicBoolean();
        own.probes().execute(() -> {
            probing.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException expected) {
                interrupted.countDown();
            }
        });
        assertThat(probing.await(30, TimeUnit.SECONDS)).isTrue();
        own.events().execute(() -> {
            try {
                heard.set(interrupted.await(30, TimeUnit.SECONDS));
            } catch (InterruptedException unexpected) {
                Thread.currentThread().interrupt();
            }
        });
        own.close();

        assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(own.events().isShutdown()).isTrue();
        assertThat(own.events().awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        assertThat(heard).isTrue();
    }

    @Test
    void a_close_on_an_interrupted_thread_stays_interrupted() {
        OwnExecutors own = OwnExecutors.start();
        CountDownLatch end = new CountDownLatch(1);
        own.events().execute(() -> {
            try {
                end.await();
            } catch (InterruptedException unexpected) {
                Thread.currentThread().interrupt();
            }
        });
        Thread.currentThread().interrupt();
        try {
            own.close();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
            end.countDown();
        }
    }
}
