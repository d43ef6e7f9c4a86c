package dev.interlock.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.threads.OwnThreads;
import dev.interlock.threads.Worker;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A thread of ours that is lost, and a turn that failed, are seen in {@code /metrics} by its name. */
class ThreadMetricsTest {
    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = new RunningServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void a_lost_thread_is_seen_by_its_name() throws InterruptedException {
        Thread lost = OwnThreads.make("lost-for-a-test", () -> {
            throw new LinkageError("of a test");
        });
        lost.start();
        lost.join();

        assertThat(metrics())
                .contains("# TYPE interlock_threads gauge", "interlock_threads{name=\"lost-for-a-test\"} 0\n")
                .contains(
                        "# TYPE interlock_threads_lost_total counter",
                        "interlock_threads_lost_total{name=\"lost-for-a-test\"} 1\n");
    }

    @Test
    void a_failed_turn_is_seen_by_the_name_of_its_thread_which_lives_on() {
        CountDownLatch turns = new CountDownLatch(2);
        try (Worker worker = new Worker("failed-for-a-test", () -> {
            turns.countDown();
            if (turns.getCount() == 1) {
                throw new IllegalStateException("of a test");
            }
            return Worker.Turn.UNTIL_WOKEN;
        })) {
            worker.wake();
            await().dontCatchUncaughtExceptions().until(() -> turns.getCount() == 0);

            assertThat(metrics())
                    .contains("interlock_threads{name=\"failed-for-a-test\"} 1\n")
                    .contains("interlock_threads_lost_total{name=\"failed-for-a-test\"} 0\n")
                    .contains("# TYPE interlock_thread_failures_total counter")
                    .contains("interlock_thread_failures_total{name=\"failed-for-a-test\"} 1\n");
        }
    }

    @Test
    void the_servers_own_threads_are_there() {
        server.post("/api/v1/circuits/mine/action", "operator@default", "{\"action\":\"open\"}");

        assertThat(metrics())
                .contains("interlock_threads{name=\"interlock-store\"}")
                .contains("interlock_threads{name=\"interlock-loop-watch\"}")
                .contains("interlock_threads{name=\"interlock-log-writer\"}");
    }

    private String metrics() {
        return server.get("/metrics", "viewer@default").body();
    }
}
