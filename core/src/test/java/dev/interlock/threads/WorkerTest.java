package dev.interlock.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** What a thread of ours survives, and what it keeps and lets go. */
class WorkerTest {
    private static final Duration SHORT = Duration.ofMillis(20);

    private final AtomicInteger turns = new AtomicInteger();
    private final AtomicReference<Thread> thread = new AtomicReference<>();

    private long turn() {
        thread.set(Thread.currentThread());
        turns.incrementAndGet();
        return Worker.Turn.UNTIL_WOKEN;
    }

    @Test
    void there_is_no_thread_before_the_first_wake() {
        try (Worker worker = new Worker("lazy", this::turn)) {
            assertThat(worker.isRunning()).isFalse();
            assertThat(worker.figures()).isEqualTo(new WorkerFigures("lazy", false, 0, 0));

            worker.wake();

            await().until(() -> turns.get() == 1);
            assertThat(worker.figures()).isEqualTo(new WorkerFigures("lazy", true, 0, 0));
            assertThat(thread.get()).matches(Thread::isDaemon, "a daemon");
            assertThat(thread.get().getName()).isEqualTo("lazy");
        }
    }

    @Test
    void a_thread_without_anything_to_do_ends_and_comes_back_with_the_next_wake() {
        try (Worker worker = new Worker("idle", this::turn, SHORT)) {
            for (int round = 1; round <= 5; round++) {
                worker.wake();
                int expected = round;
                await().until(() -> turns.get() == expected);
                await().until(() -> !thread.get().isAlive());
                assertThat(worker.isRunning()).isFalse();
            }
            assertThat(worker.figures().losses()).as("it left by itself").isZero();
        }
    }

    @Test
    void whatever_a_turn_throws_is_counted_and_the_next_turn_comes() {
        AtomicReference<Throwable> thrown = new AtomicReference<>(new OutOfMemoryError("as if"));
        List<Throwable> reported = new CopyOnWriteArrayList<>();
        try (Worker worker = new Worker("survivor", () -> {
            turn();
            Thread.currentThread().setUncaughtExceptionHandler((where, what) -> {
                reported.add(what);
                throw new IllegalStateException("the handler is broken as well");
            });
            Throwable present = thrown.getAndSet(null);
            if (present instanceof Error error) {
                throw error;
            }
            return Worker.Turn.UNTIL_WOKEN;
        })) {
            worker.wake();
            await().until(() -> turns.get() == 2);

            thrown.set(new StackOverflowError("as if"));
            worker.wake();
            await().until(() -> turns.get() == 4);
            assertThat(worker.figures()).isEqualTo(new WorkerFigures("survivor", true, 2, 0));
            assertThat(reported).hasSize(2).hasOnlyElementsOfTypes(OutOfMemoryError.class, StackOverflowError.class);
        }
    }

    @Test
    void a_stray_interrupt_is_cleared_and_makes_nothing_spin() {
        try (Worker worker = new Worker("interrupted", this::turn)) {
            worker.wake();
            await().until(() -> turns.get() == 1);

            thread.get().interrupt();
            await().until(() -> !thread.get().isInterrupted() && thread.get().getState() == Thread.State.TIMED_WAITING);
            worker.wake();

            await().until(() -> turns.get() >= 2);
            assertThat(turns).as("one for each wake").hasValue(2);
        }
    }

    @Test
    void a_wake_is_never_lost_between_the_end_of_a_thread_and_the_start_of_the_next() {
        AtomicInteger wanted = new AtomicInteger();
        AtomicInteger seen = new AtomicInteger();
        try (Worker worker = new Worker(
                "brief",
                () -> {
                    seen.set(wanted.get());
                    return Worker.Turn.UNTIL_WOKEN;
                },
                Duration.ofNanos(1))) {
            for (int i = 1; i <= 500; i++) {
                int expected = i;
                wanted.set(i);
                worker.wake();
                await().pollInterval(Duration.ofNanos(1)).until(() -> seen.get() == expected);
            }
        }
    }

    @Test
    void turns_never_overlap_however_many_wake_it() throws InterruptedException {
        AtomicBoolean inside = new AtomicBoolean();
        AtomicBoolean overlapped = new AtomicBoolean();
        try (Worker worker = new Worker(
                "alone",
                () -> {
                    if (!inside.compareAndSet(false, true)) {
                        overlapped.set(true);
                    }
                    Thread.onSpinWait();
                    inside.set(false);
                    return Worker.Turn.UNTIL_WOKEN;
                },
                Duration.ofNanos(1))) {
            Thread[] wakers = new Thread[4];
            for (int i = 0; i < wakers.length; i++) {
                wakers[i] = new Thread(() -> {
                    for (int j = 0; j < 5_000; j++) {
                        worker.wake();
                    }
                });
                wakers[i].start();
            }
            for (Thread waker : wakers) {
                waker.join();
            }
        }
        assertThat(overlapped).isFalse();
    }

    @Test
    void close_takes_one_more_turn_and_ends_the_thread() {
        Worker worker = new Worker("closed", this::turn);
        worker.wake();
        await().until(() -> turns.get() == 1);

        assertThat(worker.close(Duration.ofSeconds(30))).isTrue();

        assertThat(thread.get().isAlive()).isFalse();
        assertThat(turns).hasValue(2);
        worker.wake();
        assertThat(worker.isRunning()).as("a closed one starts nothing").isFalse();
    }

    @Test
    void what_cannot_say_whether_it_owes_something_is_not_forgotten() {
        AtomicBoolean owes = new AtomicBoolean(true);
        AtomicInteger reported = new AtomicInteger();
        Thread left = forgotten(() -> {
            Thread.currentThread().setUncaughtExceptionHandler((on, thrown) -> reported.incrementAndGet());
            if (owes.get()) {
                throw new IllegalStateException("as if");
            }
            return false;
        });
        await().until(() -> reported.get() > 2);
        for (int i = 0; i < 5; i++) {
            System.gc();
        }
        int before = reported.get();
        await().until(() -> reported.get() > before + 1);

        owes.set(false);

        await().until(() -> {
            System.gc();
            return !left.isAlive();
        });
    }

    @Test
    void a_turn_may_close_its_own_worker() {
        AtomicReference<Worker> self = new AtomicReference<>();
        Worker worker = new Worker("suicidal", () -> {
            turn();
            assertThat(self.get().isCurrent()).isTrue();
            self.get().close(Duration.ofMinutes(5));
            return Worker.Turn.UNTIL_WOKEN;
        });
        self.set(worker);
        assertThat(worker.isCurrent()).isFalse();

        worker.wake();

        await().until(() -> thread.get() != null && !thread.get().isAlive());
        assertThat(worker.figures().failures()).isZero();
    }

    @Test
    void the_thread_of_a_forgotten_worker_ends_though_its_next_turn_is_far() {
        Thread left = forgotten(() -> false);

        await().until(() -> {
            System.gc();
            return !left.isAlive();
        });
    }

    @Test
    void a_forgotten_worker_does_what_it_owes_before_its_thread_ends() {
        AtomicBoolean owes = new AtomicBoolean(true);
        Thread left = forgotten(owes::get);
        await().until(() -> left.getState() == Thread.State.TIMED_WAITING);
        for (int i = 0; i < 5; i++) {
            System.gc();
        }
        assertThat(left.isAlive()).isTrue();

        owes.set(false);

        await().until(() -> {
            System.gc();
            return !left.isAlive();
        });
    }

    /** The thread of a worker that nobody can reach. */
    private static Thread forgotten(BooleanSupplier owes) {
        AtomicReference<Thread> thread = new AtomicReference<>();
        Worker worker = new Worker("forgotten", new Worker.Turn() {
            @Override
            public long take() {
                thread.set(Thread.currentThread());
                return owes.getAsBoolean() ? 1_000_000 : Long.MAX_VALUE - 1;
            }

            @Override
            public boolean isOwed() {
                return owes.getAsBoolean();
            }
        });
        worker.wake();
        await().until(() -> thread.get() != null);
        return thread.get();
    }

    private static final InheritableThreadLocal<byte[]> CONTEXT = new InheritableThreadLocal<>();

    @Test
    void the_thread_inherits_no_locals_no_loader_no_group_and_no_priority() throws InterruptedException {
        AtomicReference<byte[]> inherited = new AtomicReference<>(new byte[0]);
        CountDownLatch made = new CountDownLatch(1);
        Worker[] workers = new Worker[1];
        Thread caller = new Thread(new ThreadGroup("request"), () -> {
            CONTEXT.set(new byte[1_024]);
            workers[0] = new Worker("clean", () -> {
                inherited.set(CONTEXT.get());
                return turn();
            });
            workers[0].wake();
            made.countDown();
        });
        caller.setContextClassLoader(new URLClassLoader(new URL[0]));
        caller.setPriority(Thread.MAX_PRIORITY);
        caller.start();
        made.await();
        await().until(() -> turns.get() == 1);

        assertThat(inherited.get()).isNull();
        assertThat(thread.get().getContextClassLoader()).isSameAs(Worker.class.getClassLoader());
        assertThat(thread.get().getThreadGroup().getParent()).isNull();
        assertThat(thread.get().getPriority()).isEqualTo(Thread.NORM_PRIORITY);
        workers[0].close();
    }

    /** On Java 17 a thread keeps the protection domains, and by them the loaders, of all who are on its maker's stack. */
    @Test
    void an_application_whose_call_started_the_thread_can_be_unloaded() throws Exception {
        try (Worker worker = new Worker("unpinned", this::turn)) {
            WeakReference<ClassLoader> application = wakeFromAnApplication(worker);
            await().until(() -> turns.get() >= 1);

            await().until(() -> {
                System.gc();
                return application.get() == null;
            });
            assertThat(worker.isRunning()).isTrue();
        }
    }

    private static WeakReference<ClassLoader> wakeFromAnApplication(Worker worker) throws Exception {
        URL own = Caller.class.getProtectionDomain().getCodeSource().getLocation();
        URLClassLoader loader = new URLClassLoader(new URL[] {own}, ClassLoader.getPlatformClassLoader());
        Class<?> caller = loader.loadClass(Caller.class.getName());
        assertThat(caller).isNotSameAs(Caller.class);
        ((Runnable) caller.getConstructor(Runnable.class).newInstance((Runnable) worker::wake)).run();
        loader.close();
        return new WeakReference<>(loader);
    }

    /** Stands for a class of an application that is closed later. */
    public record Caller(Runnable call) implements Runnable {
        @Override
        public void run() {
            call.run();
        }
    }
}
