package dev.interlock.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Rolling figures, compared with plain lists. */
class RollingTest {
    private final Rolling rolling = new Rolling();

    @Test
    void a_call_counts_for_five_minutes_and_at_most_a_tenth_longer() {
        for (long second = 0; second < 31; second++) {
            Rolling fresh = new Rolling();
            fresh.add(seconds(second), true, seconds(1), seconds(second));

            assertThat(fresh.figures(seconds(second + 300)).calls()).isEqualTo(1);
            assertThat(fresh.figures(seconds(second + 300)).p95()).isNotNull();
            assertThat(fresh.figures(seconds(second + 330)).calls()).isZero();
            assertThat(fresh.figures(seconds(second + 330)).p95()).isNull();
            assertThat(fresh.figures(seconds(second + 3_600)).hourFailures()).isEqualTo(1);
            assertThat(fresh.figures(seconds(second + 3_960)).hourFailures()).isZero();
        }
    }

    @Test
    void a_call_that_is_reported_later_counts_where_it_belongs() {
        rolling.add(seconds(1_000), false, -1, seconds(1_000));
        rolling.add(seconds(100), true, seconds(9), seconds(1_000));

        HealthFigures figures = rolling.figures(seconds(1_000));
        assertThat(figures.calls()).isEqualTo(1);
        assertThat(figures.p95()).isNull();
        assertThat(figures.hourCalls()).isEqualTo(2);
        assertThat(figures.hourFailures()).isEqualTo(1);
    }

    @Test
    void p95_is_at_most_a_sixteenth_above_the_exact_one_and_never_below() {
        Random random = new Random(4);
        long[] latencies = new long[2_000];
        for (int i = 0; i < latencies.length; i++) {
            latencies[i] = (long) (Math.exp(random.nextGaussian() * 2) * 2e9);
            rolling.add(seconds(i / 10), false, latencies[i], seconds(i / 10));
        }
        Arrays.sort(latencies);
        double exact = latencies[latencies.length * 95 / 100 - 1];
        Duration p95 = rolling.figures(seconds(200)).p95();

        assertThat(p95).isNotNull();
        assertThat((double) p95.toNanos()).isBetween(exact - 1, exact * 1.0625 + 2e6);
    }

    @Test
    void whether_p95_is_above_a_threshold_is_exact() {
        for (long threshold : new long[] {3_000, 10_000}) {
            for (long off : new long[] {-1, 0, 1}) {
                Rolling fresh = new Rolling();
                fresh.add(0, false, Duration.ofMillis(threshold + off).toNanos(), 0);
                Duration p95 = fresh.figures(0).p95();

                assertThat(p95).isNotNull();
                assertThat(p95.compareTo(Duration.ofMillis(threshold)) > 0)
                        .as("%d ms", threshold + off)
                        .isEqualTo(off > 0);
            }
        }
    }

    @Test
    void latencies_from_nothing_to_a_month_are_taken() {
        rolling.add(0, false, 0, 0);
        rolling.add(0, false, Duration.ofDays(30).toNanos(), 0);

        assertThat(rolling.figures(0).p95()).isBetween(Duration.ofMinutes(55), Duration.ofMinutes(70));
    }

    @Test
    void slices_that_are_over_leave_the_others_latencies_behind() {
        rolling.add(0, false, seconds(60), 0);
        rolling.add(seconds(200), false, seconds(1), seconds(200));
        rolling.add(seconds(400), false, seconds(1), seconds(400));

        assertThat(rolling.figures(seconds(400)).p95()).isLessThan(Duration.ofMillis(1_100));
    }

    private static long seconds(long seconds) {
        return seconds * 1_000_000_000L;
    }
}
