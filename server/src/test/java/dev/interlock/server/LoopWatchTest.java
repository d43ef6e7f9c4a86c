package dev.interlock.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.interlock.ManualTimeSource;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoopWatchTest {
    private final ManualTimeSource time = new ManualTimeSource();
    private final LoopWatch watch = new LoopWatch(time);
    private final Vertx vertx = Vertx.vertx();
    private final Context loop = vertx.getOrCreateContext();
    private final CountDownLatch stuck = new CountDownLatch(1);
    private final CountDownLatch freed = new CountDownLatch(1);

    @AfterEach
    void stop() throws Exception {
        freed.countDown();
        vertx.close().await(10, TimeUnit.SECONDS);
    }

    @Test
    void a_loop_that_is_stuck_is_reported_once_with_where_it_is_and_again_when_it_goes_on() {
        watch.add(task -> loop.runOnContext(now -> task.run()));
        try (Heard heard = new Heard()) {
            watch.look();
            settle();
            loop.runOnContext(now -> beStuck());
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> stuck.getCount() == 0);
            watch.look();
            time.advance(LoopWatch.LATE.minusMillis(1));
            watch.look();
            assertThat(reports(heard)).isEmpty();
            time.advance(Duration.ofMillis(1));
            watch.look();
            watch.look();
            assertThat(reports(heard)).hasSize(1);
            ILoggingEvent report = reports(heard).get(0);
            assertThat(report.getLevel()).isEqualTo(Level.WARN);
            assertThat(report.getThrowableProxy().getStackTraceElementProxyArray())
                    .anyMatch(element ->
                            element.getStackTraceElement().getMethodName().equals("beStuck"));
            assertThat(report.getKeyValuePairs().toString()).contains("vert.x-eventloop-thread", "2000");

            freed.countDown();
            settle();
            watch.look();
            assertThat(reports(heard)).hasSize(2);
            assertThat(reports(heard).get(1).getMessage()).isEqualTo("An event loop goes on");
        }
    }

    @Test
    void a_loop_that_answers_is_never_reported() {
        watch.add(task -> loop.runOnContext(now -> task.run()));
        try (Heard heard = new Heard()) {
            for (int i = 0; i < 100; i++) {
                watch.look();
                settle();
                time.advance(Duration.ofHours(1));
            }
            assertThat(reports(heard)).isEmpty();
        }
    }

    private void beStuck() {
        stuck.countDown();
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> freed.getCount() == 0);
    }

    /** Waits until the loop has done all that it was given. */
    private void settle() {
        CountDownLatch done = new CountDownLatch(1);
        loop.runOnContext(now -> done.countDown());
        try {
            assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<ILoggingEvent> reports(Heard heard) {
        return heard.events().stream()
                .filter(event -> event.getLoggerName().endsWith("LoopWatch"))
                .toList();
    }
}
