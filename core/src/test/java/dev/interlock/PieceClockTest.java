package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which clock a piece of a stream reads: an exact reading costs more than all the rest of it. */
class PieceClockTest {
    /** Counts what the test's own thread reads; the timers' thread may read what it likes. */
    private static final class Counted implements TimeSource {
        private final Thread counted = Thread.currentThread();
        private int exact;
        private int coarse;

        @Override
        public long ticks() {
            if (Thread.currentThread() == counted) {
                exact++;
            }
            return TimeSource.system().ticks();
        }

        @Override
        public long coarseTicks() {
            if (Thread.currentThread() == counted) {
                coarse++;
            }
            return TimeSource.system().coarseTicks();
        }

        @Override
        public Instant wallTime() {
            return TimeSource.system().wallTime();
        }
    }

    private final Counted time = new Counted();
    private final CircuitBreakerManager circuits =
            CircuitBreakerManager.builder().time(time).build();

    @AfterEach
    void close() {
        circuits.close();
    }

    @ParameterizedTest(name = "first piece {0}, between pieces {1}: {2} exact and {3} coarse readings")
    @CsvSource({
        "PT30S, PT10S, 0, 1000",
        "     , PT1S , 0, 1000",
        "PT30S, PT0.9S, 1000, 0",
        "PT0.9S, PT10S, 1000, 0",
        "PT30S,       , 0, 0",
        "     ,       , 0, 0",
    })
    void a_piece_reads_the_exact_clock_only_where_limits_are_short(
            Duration first, Duration between, int exact, int coarse) {
        StreamLimits limits = new StreamLimits(first, between, Duration.ofHours(1));
        try (StreamPermit stream = circuits.guard("agent").stream(limits)) {
            stream.next();
            time.exact = 0;
            time.coarse = 0;
            for (int i = 0; i < 1_000; i++) {
                assertThat(stream.next()).isTrue();
            }

            assertThat(time.exact).as("exact").isEqualTo(exact);
            assertThat(time.coarse).as("coarse").isEqualTo(coarse);
            stream.complete();
        }
    }

    @Test
    void the_limit_in_all_is_exact_whatever_pieces_read() {
        Lab lab = new Lab();
        StreamLimits limits = new StreamLimits(null, Duration.ofSeconds(10), Duration.ofSeconds(12));
        StreamPermit stream = lab.circuits.guard("agent").stream(limits);
        lab.pass(Duration.ofSeconds(9));
        assertThat(stream.next()).isTrue();
        lab.pass(Duration.ofSeconds(3).minusNanos(1));
        assertThat(stream.isEnded()).isFalse();
        lab.pass(Duration.ofNanos(1));

        assertThat(stream.isEnded()).isTrue();
    }
}
