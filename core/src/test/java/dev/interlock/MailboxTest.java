package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** In which order and on whose thread the tasks of a mailbox run. */
class MailboxTest {
    private static final int BATCH = 100;

    private final Deque<Runnable> executor = new ArrayDeque<>();
    private final Deque<Runnable> relief = new ArrayDeque<>();
    private final List<Integer> done = new CopyOnWriteArrayList<>();

    private void runAll(Deque<Runnable> tasks) {
        while (!tasks.isEmpty()) {
            tasks.remove().run();
        }
    }

    /** Another thread brings so many tasks. */
    private void brought(Mailbox mailbox, int tasks) throws InterruptedException {
        Thread other = new Thread(() -> {
            for (int i = 0; i < tasks; i++) {
                int number = i;
                mailbox.submit(() -> done.add(number));
            }
        });
        other.start();
        other.join();
    }

    @Test
    void tasks_run_in_the_order_in_which_they_came_with_one_visit_of_the_executor() {
        Mailbox mailbox = new Mailbox(executor::add);
        mailbox.submit(() -> done.add(1));
        mailbox.submit(() -> done.add(2));
        assertThat(done).isEmpty();
        assertThat(executor).hasSize(1);
        runAll(executor);
        assertThat(done).containsExactly(1, 2);
        mailbox.submit(() -> done.add(3));
        runAll(executor);
        assertThat(done).containsExactly(1, 2, 3);
    }

    @Test
    void what_a_task_brings_runs_after_it_and_not_within_it() {
        Mailbox mailbox = new Mailbox(Runnable::run);
        mailbox.submit(() -> {
            mailbox.submit(() -> done.add(2));
            done.add(1);
        });
        assertThat(done).containsExactly(1, 2);
    }

    @Test
    void a_task_that_throws_stops_no_other() {
        List<Throwable> reported = new ArrayList<>();
        Mailbox mailbox = new Mailbox(executor::add);
        mailbox.submit(() -> {
            throw new StackOverflowError("of a test");
        });
        mailbox.submit(() -> done.add(2));
        Thread.currentThread().setUncaughtExceptionHandler((on, thrown) -> reported.add(thrown));
        try {
            runAll(executor);
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(null);
        }
        assertThat(done).containsExactly(2);
        assertThat(reported).hasSize(1);
    }

    @Test
    void what_is_cleared_never_runs() {
        Mailbox mailbox = new Mailbox(executor::add);
        assertThat(mailbox.clear()).isZero();
        mailbox.submit(() -> done.add(1));
        mailbox.submit(() -> done.add(2));
        assertThat(mailbox.clear()).isEqualTo(2);
        runAll(executor);
        assertThat(done).isEmpty();
    }

    @Test
    void the_next_task_brings_those_along_that_an_executor_refused() {
        boolean[] full = {true};
        Mailbox mailbox = new Mailbox(task -> {
            if (full[0]) {
                throw new RejectedExecutionException("of a test");
            }
            task.run();
        });
        assertThatThrownBy(() -> mailbox.submit(() -> done.add(1))).isInstanceOf(RejectedExecutionException.class);
        full[0] = false;
        mailbox.submit(() -> done.add(2));
        assertThat(done).containsExactly(1, 2);
    }

    @Test
    void a_thread_runs_all_of_its_own_tasks_and_a_hundred_of_others() throws InterruptedException {
        Mailbox mailbox = new Mailbox(executor::add, relief::add);
        for (int i = 0; i < 2 * BATCH; i++) {
            mailbox.submit(() -> done.add(-1));
        }
        brought(mailbox, BATCH);
        runAll(executor);
        assertThat(done).hasSize(3 * BATCH);
        assertThat(relief).isEmpty();
        done.clear();

        brought(mailbox, BATCH + 2);
        runAll(executor);

        assertThat(done).hasSize(BATCH).endsWith(BATCH - 1);
        assertThat(relief).hasSize(1);
        runAll(relief);
        assertThat(done).hasSize(BATCH + 2).endsWith(BATCH, BATCH + 1);
        assertThat(executor).isEmpty();
    }

    @Test
    void a_relief_that_refuses_leaves_the_rest_to_the_next_task() throws InterruptedException {
        Mailbox mailbox = new Mailbox(executor::add, task -> {
            throw new RejectedExecutionException("of a test");
        });
        brought(mailbox, BATCH + 1);
        List<Throwable> reported = new ArrayList<>();
        Thread.currentThread().setUncaughtExceptionHandler((on, thrown) -> reported.add(thrown));
        try {
            runAll(executor);
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(null);
        }
        assertThat(reported).hasSize(1);
        assertThat(done).hasSize(BATCH);
        mailbox.submit(() -> done.add(-1));
        runAll(executor);
        assertThat(done).hasSize(BATCH + 2).endsWith(BATCH, -1);
    }

    @Test
    void where_the_relief_would_run_on_the_same_thread_another_one_takes_over() throws InterruptedException {
        List<Thread> threads = new CopyOnWriteArrayList<>();
        Executor same = Runnable::run;
        Mailbox mailbox = new Mailbox(executor::add, same);
        Thread other = new Thread(() -> {
            for (int i = 0; i < BATCH + 5; i++) {
                mailbox.submit(() -> threads.add(Thread.currentThread()));
            }
        });
        other.start();
        other.join();
        runAll(executor);
        await().until(() -> threads.size() == BATCH + 5);
        assertThat(threads.subList(0, BATCH)).containsOnly(Thread.currentThread());
        assertThat(threads.subList(BATCH, BATCH + 5)).doesNotContain(Thread.currentThread());
    }
}
