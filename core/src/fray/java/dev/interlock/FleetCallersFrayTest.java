package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.CallerSlots;
import java.time.Duration;
import org.junit.jupiter.api.extension.ExtendWith;
import org.pastalab.fray.junit.junit5.FrayTestExtension;
import org.pastalab.fray.junit.junit5.annotations.FrayTest;

/** What callers do while reports are made is in the report under way, or in a later one: no older one hides a newer. */
@ExtendWith(FrayTestExtension.class)
class FleetCallersFrayTest {
    private static final WindowShape SHAPE = new WindowShape(Window.ofTime(Duration.ofSeconds(60)), false);

    /** By all reports, as tally.lua keeps it. */
    private long asked;

    private long failing;

    @FrayTest(iterations = 200, resetClassLoaderPerIteration = false, abortThreadExecutionAfterMainExit = true)
    void all_reports_together_say_how_the_last_calls_ended() throws Exception {
        asked = 0;
        failing = 0;
        FleetCallers callers = new FleetCallers(SHAPE, 0);
        AtOnce.run(
                () -> {
                    callers.asked(1, 0);
                    callers.failed(1, 0);
                    callers.succeeded(1, 0, true);
                },
                () -> {
                    callers.asked(2, 0);
                    callers.succeeded(2, 0, true);
                    callers.failed(2, 0);
                },
                () -> {
                    hear(callers.take());
                    CallerSlots lost = callers.take();
                    callers.putBack(lost);
                    hear(callers.take());
                });
        hear(callers.take());

        assertThat(asked).isEqualTo(0b110);
        assertThat(failing).isEqualTo(callers.failing()).isEqualTo(0b100);
        assertThat(callers.isUnreported()).isFalse();
    }

    private void hear(CallerSlots report) {
        asked |= report.asked();
        failing = failing & ~(report.failing() | report.answered()) | report.failing() & ~report.answered();
    }
}
