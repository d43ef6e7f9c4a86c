package dev.interlock.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** When a worker takes its turns, and what a close says of the one that is under way. */
class WorkerTurnsTest {
    private final AtomicInteger turns = new AtomicInteger();
    private final AtomicReference<Thread> thread = new AtomicReference<>();

    private long turn() {
        thread.set(Thread.currentThread());
        turns.incrementAndGet();
        return Worker.Turn.UNTIL_WOKEN;
    }

    @Test
    void one_that_never_began_is_closed_at_once() {
        Worker worker = new Worker("never", this::turn);
        assertThat(worker.close(Duration.ofMinutes(5))).isTrue();
        assertThat(turns).hasValue(0);
    }

    @Test
    void close_says_that_a_turn_goes_on_when_its_time_is_up_or_its_caller_is_interrupted() {
        CountDownLatch end = new CountDownLatch(1);
        Worker worker = new Worker("long", () -> {
            turn();
            waitFor(end);
            return Worker.Turn.UNTIL_WOKEN;
        });
        worker.wake();
        await().until(() -> turns.get() == 1);

        assertThat(worker.close(Duration.ofMillis(1))).isFalse();
        Thread.currentThread().interrupt();
        try {
            assertThat(worker.close(Duration.ofMinutes(5))).isFalse();
        } finally {
            assertThat(Thread.interrupted()).as("it stays interrupted").isTrue();
            end.countDown();
        }
        assertThat(worker.close(Duration.ofSeconds(30))).isTrue();
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException unexpected) {
            throw new AssertionError(unexpected);
        }
    }

    @Test
    void the_next_turn_comes_at_once_after_one_that_says_so_and_not_before_its_time_after_another() {
        long[] waits = {0, -1, TimeUnit.HOURS.toNanos(1)};
        try (Worker worker = new Worker("pacing", () -> {
            turn();
            return waits[Math.min(turns.get(), waits.length) - 1];
        })) {
            worker.wake();
            await().until(() -> turns.get() == 3);
            await().until(() -> thread.get().getState() == Thread.State.TIMED_WAITING);
            assertThat(turns).hasValue(3);
            assertThat(worker.figures().failures()).isZero();
        }
    }

    @Test
    void one_that_is_woken_during_a_turn_takes_another_however_far_its_time_is() {
        AtomicReference<Worker> self = new AtomicReference<>();
        try (Worker worker = new Worker("woken", () -> {
            turn();
            if (turns.get() <= 2) {
                self.get().wake();
            }
            return turns.get() == 1 ? TimeUnit.HOURS.toNanos(1) : Worker.Turn.UNTIL_WOKEN;
        })) {
            self.set(worker);
            worker.wake();
            await().until(() -> turns.get() == 3);
        }
    }

    @Test
    void one_that_says_nothing_of_debts_has_none() {
        Worker.Turn turn = () -> Worker.Turn.UNTIL_WOKEN;
        assertThat(turn.isOwed()).isFalse();
    }
}
