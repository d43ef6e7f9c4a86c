package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.threads.Worker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
        assertThat(work.ends).hasValue(1);
        assertThat(thread.isOver()).isTrue();
        thread.later(() -> {
            throw new AssertionError("Nobody runs this");
        });
    }

    // Turns, without the thread that takes them.

    @Test
    void what_is_to_be_done_later_is_done_by_the_next_turn_before_its_work() {
        List<String> done = new ArrayList<>();
        work.doing = () -> done.add("work");
        thread.later(() -> done.add("first"));
        thread.later(() -> done.add("second"));
        assertThat(done).isEmpty();
        thread.turn();
        thread.turn();
        assertThat(done).containsExactly("first", "second", "work", "work");
    }

    @Test
    void what_throws_is_reported_and_keeps_neither_others_nor_the_work_from_being_done() {
        List<String> done = new ArrayList<>();
        List<String> reported = new ArrayList<>();
        Thread own = Thread.currentThread();
        own.setUncaughtExceptionHandler((on, thrown) -> reported.add(thrown.getMessage()));
        try {
            thread.later(() -> {
                throw new IllegalStateException("of a test");
            });
            thread.later(() -> done.add("second"));
            thread.turn();
        } finally {
            own.setUncaughtExceptionHandler(null);
        }
        assertThat(reported).containsExactly("of a test");
        assertThat(done).containsExactly("second");
        assertThat(work.turns).hasValue(1);
    }

    @Test
    void the_next_turn_comes_when_its_work_says_so_or_once_something_is_noted() {
        work.rest = 7;
        assertThat(thread.turn()).isEqualTo(7);
        work.idle = true;
        assertThat(thread.turn()).isEqualTo(Worker.Turn.UNTIL_WOKEN);
    }

    @Test
    void what_is_noted_while_it_looks_whether_it_is_idle_is_not_left_until_it_is_woken() {
        work.rest = 7;
        work.idle = true;
        work.looking = () -> work.idle = false;
        assertThat(thread.turn()).isEqualTo(7);
    }

    @Test
    void nothing_wakes_it_before_it_is_started() {
        thread.note();
        thread.wake();
        thread.later(() -> {});
        assertThat(thread.figures().running()).isFalse();
        assertThat(work.turns).hasValue(0);
    }

    @Test
    void once_it_is_over_its_work_hears_so_once_and_a_turn_does_nothing() {
        thread.close();
        assertThat(work.ends).hasValue(1);
        thread.later(() -> {
            throw new AssertionError("It is over");
        });
        assertThat(thread.turn()).isEqualTo(Worker.Turn.UNTIL_WOKEN);
        assertThat(work.turns).hasValue(0);
        assertThat(work.ends).hasValue(1);
    }

    private static final class Counted implements FleetThread.Work {
        final AtomicInteger turns = new AtomicInteger();
        volatile long rest = TimeUnit.MILLISECONDS.toNanos(5);
        volatile boolean idle;
        final AtomicInteger ends = new AtomicInteger();
        volatile @Nullable Error throwing;
        private volatile @Nullable Thread ran;
        private @Nullable Runnable doing;
        private @Nullable Runnable looking;

        @Override
        public long work() {
            ran = Thread.currentThread();
            turns.incrementAndGet();
            if (doing != null) {
                doing.run();
            }
            Error error = throwing;
            if (error != null) {
                throw error;
            }
            return rest;
        }

        @Override
        public boolean isIdle() {
            boolean was = idle;
            if (looking != null) {
                looking.run();
            }
            return was;
        }

        @Override
        public void end() {
            ends.incrementAndGet();
        }

        Thread ran() {
            return ran;
        }
    }
}
