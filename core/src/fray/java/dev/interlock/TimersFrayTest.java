package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.ExtendWith;
import org.pastalab.fray.junit.junit5.FrayTestExtension;
import org.pastalab.fray.junit.junit5.annotations.FrayTest;

/** Something due at a tick is run, cancelled or dropped at the close: one of them, and once. */
@ExtendWith(FrayTestExtension.class)
class TimersFrayTest {
    private static final Duration DUE = Duration.ofNanos(10);

    @FrayTest(iterations = 200, resetClassLoaderPerIteration = false, abortThreadExecutionAfterMainExit = true)
    void what_somebody_waits_for_is_run_or_dropped_once_however_it_meets_the_close() throws Exception {
        ManualTimeSource time = new ManualTimeSource();
        Timers timers = new Timers(time);
        AtomicInteger ran = new AtomicInteger();
        AtomicInteger dropped = new AtomicInteger();
        AtOnce.run(
                () -> timers.owedAt(DUE.toNanos(), ran::incrementAndGet, dropped::incrementAndGet),
                () -> time.advance(DUE),
                timers::close);

        assertThat(ran.get() + dropped.get()).isEqualTo(1);
        assertThat(timers.size()).isZero();
    }

    @FrayTest(iterations = 200, resetClassLoaderPerIteration = false, abortThreadExecutionAfterMainExit = true)
    void a_timer_runs_once_for_two_threads_that_let_time_pass_and_never_after_its_cancel() throws Exception {
        ManualTimeSource time = new ManualTimeSource();
        Timers timers = new Timers(time);
        AtomicInteger ran = new AtomicInteger();
        AtomicInteger cancelledRan = new AtomicInteger();
        Timers.Timer cancelled = timers.at(DUE.toNanos(), cancelledRan::incrementAndGet);
        timers.at(DUE.toNanos(), ran::incrementAndGet);
        AtOnce.run(() -> time.advance(DUE), () -> time.advance(DUE), () -> {
            timers.cancel(cancelled);
            int before = cancelledRan.get();
            time.advance(DUE);
            assertThat(before).isLessThanOrEqualTo(1);
        });
        int after = cancelledRan.get();
        time.advance(DUE);

        assertThat(ran.get()).isEqualTo(1);
        assertThat(cancelledRan.get()).isEqualTo(after).isLessThanOrEqualTo(1);
        assertThat(timers.size()).isZero();
    }
}
