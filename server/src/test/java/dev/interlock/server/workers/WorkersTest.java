package dev.interlock.server.workers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An organization whose work hangs keeps neither another's waiting nor its own callers for long. */
class WorkersTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final Vertx vertx = Vertx.vertx();
    private final CountDownLatch hangs = new CountDownLatch(1);

    @AfterEach
    void close() {
        hangs.countDown();
        vertx.close().await();
    }

    @Test
    void work_of_one_organization_that_hangs_leaves_threads_to_another() {
        try (Workers workers = new Workers(vertx, "test", 4, 400, LONG, LONG)) {
            List<Future<Boolean>> loud = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                loud.add(workers.run("loud", this::hang));
            }
            for (int i = 0; i < 50; i++) {
                assertThat(await(workers.run("quiet", () -> "done"))).isEqualTo("done");
            }
            assertThat(loud).noneMatch(Future::isComplete);
            hangs.countDown();
            loud.forEach(each -> assertThat(await(each)).isTrue());
        }
    }

    @Test
    void an_organization_has_a_share_of_the_waiting_places() {
        try (Workers workers = new Workers(vertx, "test", 4, 400, LONG, LONG)) {
            List<Future<Boolean>> loud = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                loud.add(workers.run("loud", this::hang));
            }
            assertThat(loud.stream().filter(Future::failed).toList())
                    .hasSizeBetween(90, 100)
                    .allSatisfy(refused -> assertThat(((BusyException) refused.cause()).ownFault())
                            .isTrue());
            assertThat(await(workers.run("quiet", () -> "done"))).isEqualTo("done");
        }
    }

    @Test
    void who_has_no_turn_or_no_answer_in_time_is_not_kept_waiting() {
        Duration soon = Duration.ofMillis(50);
        try (Workers workers = new Workers(vertx, "test", 4, 400, soon, soon.multipliedBy(2))) {
            List<Future<Boolean>> all = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                all.add(workers.run("loud", this::hang));
            }
            for (Future<Boolean> each : all) {
                assertThatThrownBy(() -> await(each))
                        .isInstanceOfSatisfying(
                                BusyException.class,
                                busy -> assertThat(busy.ownFault()).isFalse());
            }
        }
    }

    @Test
    void a_change_that_is_begun_is_waited_for() {
        Duration soon = Duration.ofMillis(50);
        try (Workers workers = new Workers(vertx, "test", 4, 400, soon, soon)) {
            Future<Boolean> change = workers.change("acme", this::hang);
            assertThatThrownBy(() -> await(workers.run("acme", this::hang))).isInstanceOf(BusyException.class);
            assertThat(change.isComplete()).isFalse();
            hangs.countDown();
            assertThat(await(change)).isTrue();
        }
    }

    @Test
    void what_is_thrown_is_the_answer() {
        try (Workers workers = new Workers(vertx, "test", 4, 400, LONG, LONG)) {
            assertThatThrownBy(() -> await(workers.run("acme", () -> {
                        throw new IllegalStateException("no");
                    })))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("no");
        }
    }

    private boolean hang() throws InterruptedException {
        hangs.await();
        return true;
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.await(30, TimeUnit.SECONDS);
        } catch (java.util.concurrent.TimeoutException late) {
            throw new AssertionError("There was no answer", late);
        }
    }
}
