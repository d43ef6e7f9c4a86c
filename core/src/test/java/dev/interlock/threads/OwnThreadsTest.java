package dev.interlock.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What a thread made for a pool keeps of its maker, and that its loss is seen. */
class OwnThreadsTest {
    private static final InheritableThreadLocal<String> CONTEXT = new InheritableThreadLocal<>();

    @Test
    void a_thread_has_a_name_is_a_daemon_and_keeps_nothing_of_its_maker() throws InterruptedException {
        AtomicReference<Thread> made = new AtomicReference<>();
        AtomicReference<String> inherited = new AtomicReference<>();
        Thread maker = new Thread(new ThreadGroup("of the maker"), () -> {
            CONTEXT.set("of the maker");
            made.set(OwnThreads.factory("kept").newThread(() -> inherited.set(CONTEXT.get())));
            made.get().start();
        });
        maker.setContextClassLoader(new ClassLoader() {});
        maker.setPriority(Thread.MAX_PRIORITY);
        maker.start();
        maker.join();
        made.get().join();

        assertThat(inherited.get()).isNull();
        assertThat(made.get().getName()).isEqualTo("kept");
        assertThat(made.get().isDaemon()).isTrue();
        assertThat(made.get().getPriority()).isEqualTo(Thread.NORM_PRIORITY);
        assertThat(made.get().getContextClassLoader()).isSameAs(OwnThreads.class.getClassLoader());
        assertThat(new Thread(OwnThreads.make("group", () -> {}).getThreadGroup(), "beside")
                        .getThreadGroup()
                        .getParent())
                .as("the highest group")
                .isNull();
    }

    @Test
    void threads_are_counted_while_they_live() throws InterruptedException {
        CountDownLatch end = new CountDownLatch(1);
        Thread one = OwnThreads.make("counted", () -> waitFor(end));
        Thread other = OwnThreads.make("counted", () -> waitFor(end));
        assertThat(figures("counted")).as("not started").isEqualTo(new ThreadFigures("counted", 0, 0, 0));

        one.start();
        other.start();
        await().until(() -> figures("counted").alive() == 2);

        end.countDown();
        one.join();
        other.join();
        assertThat(figures("counted")).isEqualTo(new ThreadFigures("counted", 0, 0, 0));
    }

    @Test
    void a_thread_that_dies_is_counted_as_lost_and_its_pool_goes_on() {
        ExecutorService pool = Executors.newFixedThreadPool(1, OwnThreads.factory("pooled"));
        pool.execute(() -> {
            throw new LinkageError("as if");
        });
        AtomicReference<Thread> next = new AtomicReference<>();
        pool.execute(() -> next.set(Thread.currentThread()));

        await().dontCatchUncaughtExceptions().until(() -> next.get() != null);
        await().until(() -> figures("pooled").losses() == 1);
        assertThat(figures("pooled").alive()).isEqualTo(1);
        pool.shutdown();
        await().until(() -> figures("pooled").alive() == 0);
        assertThat(figures("pooled").losses()).as("its end is no loss").isEqualTo(1);
    }

    @Test
    void turns_that_fail_are_counted_by_the_name_of_their_worker() {
        CountDownLatch second = new CountDownLatch(2);
        try (Worker worker = new Worker("counted-turns", () -> {
            second.countDown();
            if (second.getCount() == 1) {
                throw new IllegalStateException("as if");
            }
            return Worker.Turn.UNTIL_WOKEN;
        })) {
            worker.wake();
            await().dontCatchUncaughtExceptions().until(() -> second.getCount() == 0);
            assertThat(figures("counted-turns")).isEqualTo(new ThreadFigures("counted-turns", 1, 1, 0));
        }
        await().until(() -> figures("counted-turns").alive() == 0);
    }

    private static ThreadFigures figures(String name) {
        return OwnThreads.figures().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
