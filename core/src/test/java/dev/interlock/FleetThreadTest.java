package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The thread that deals with other processes. */
class FleetThreadTest {
    private final Counted work = new Counted();
    private final FleetThread thread = new FleetThread(work);

    @AfterEach
    void close() {
        thread.close();
    }

    @Test
    void throws_of_its_work_do_not_end_it() {
        work.throwing = new StackOverflowError("of a test");
        thread.start();
        thread.wake();
        await().dontCatchUncaughtExceptions().until(() -> work.turns.get() >= 3);
        work.throwing = new ThreadDeath();
        int before = work.turns.get();

        await().dontCatchUncaughtExceptions().until(() -> work.turns.get() >= before + 3);
        assertThat(thread.isOver()).isFalse();
    }

    @Test
    void an_interrupt_does_not_make_it_spin() {
        work.rest = TimeUnit.HOURS.toNanos(1);
        thread.start();
        await().until(() -> work.turns.get() == 1);
        Thread running = work.ran();
        running.interrupt();
        await().until(() -> !running.isInterrupted());
        int after = work.turns.get();

        await().during(Duration.ofMillis(300)).until(() -> work.turns.get() <= after + 1);
    }

    @Test
    void it_sleeps_while_there_is_nothing_and_a_note_wakes_it() {
        work.idle = true;
        thread.start();
        await().until(() -> work.ran() != null && work.ran().getState() == Thread.State.TIMED_WAITING);
        int before = work.turns.get();
        await().during(Duration.ofMillis(300)).until(() -> work.turns.get() == before);

        work.idle = false;
        thread.note();
        await().until(() -> work.turns.get() > before);
    }

    @Test
    void what_its_work_throws_is_in_the_figures() {
        work.rest = TimeUnit.HOURS.toNanos(1);
        thread.start();
        await().until(() -> work.turns.get() == 1);
        Thread first = work.ran();

        assertThat(thread.figures().name()).isEqualTo("interlock-shared");
        assertThat(thread.figures().running()).isTrue();
        work.throwing = new OutOfMemoryError("of a test");
        thread.wake();
        await().dontCatchUncaughtExceptions().until(() -> thread.figures().failures() > 0);
        assertThat(first.isAlive()).isTrue();
    }

    @Test
    void it_ends_when_closed_and_says_so_to_its_work() {
        thread.start();
        await().until(() -> work.turns.get() > 0);
        thread.close();

        assertThat(work.ran().isAlive()).isFalse();
        assertThat(work.ended).isTrue();
        assertThat(thread.isOver()).isTrue();
        thread.later(() -> {
            throw new AssertionError("Nobody runs this");
        });
    }

    private static final class Counted implements FleetThread.Work {
        final AtomicInteger turns = new AtomicInteger();
        volatile long rest = TimeUnit.MILLISECONDS.toNanos(5);
        volatile boolean idle;
        volatile boolean ended;
        volatile @Nullable Error throwing;
        private volatile @Nullable Thread ran;

        @Override
        public long work() {
            ran = Thread.currentThread();
            turns.incrementAndGet();
            Error error = throwing;
            if (error != null) {
                throw error;
            }
            return rest;
        }

        @Override
        public boolean isIdle() {
            return idle;
        }

        @Override
        public void end() {
            ended = true;
        }

        Thread ran() {
            return ran;
        }
    }
}
