package dev.interlock.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table of scores, at its borders. */
class HealthCalculatorTest {
    @ParameterizedTest(name = "{0} of {1} failed, streak {2}, p95 {3} ms, {4} of {5} in the hour: {6} {7}")
    @CsvSource({
        // success rate: below 0.95 and below 0.80
        "  0, 100, 0,     0,  0,   100, 100, HEALTHY",
        "  5, 100, 0,     0,  5,   500, 100, HEALTHY",
        "  6, 100, 0,     0,  5,   500,  80, HEALTHY",
        " 20, 100, 0,     0,  5,   500,  80, HEALTHY",
        " 21, 100, 0,     0,  5,   500,  60, DEGRADED",
        "  1,   1, 1,     0,  1,     1,  60, DEGRADED",
        // latency: above 3 s and above 10 s
        "  0,  10, 0,  3000,  0,    10, 100, HEALTHY",
        "  0,  10, 0,  3001,  0,    10,  85, HEALTHY",
        "  0,  10, 0, 10000,  0,    10,  85, HEALTHY",
        "  0,  10, 0, 10001,  0,    10,  70, DEGRADED",
        // failures in a row: 5 and more
        "  4, 100, 4,     0,  4,   100, 100, HEALTHY",
        "  5, 100, 5,     0,  5,   100,  65, DEGRADED",
        // errors in the hour: above 5 and above 20, if above 1 % of the calls
        "  0,  10, 0,     0,  5,    10, 100, HEALTHY",
        "  0,  10, 0,     0,  6,    10,  90, HEALTHY",
        "  0,  10, 0,     0, 20,    99,  90, HEALTHY",
        "  0,  10, 0,     0, 21,    99,  75, DEGRADED",
        "  0,  10, 0,     0, 21,  2099,  75, DEGRADED",
        "  0,  10, 0,     0, 21,  2100, 100, HEALTHY",
        "  0,  10, 0,     0,  6,   600, 100, HEALTHY",
        "  0,  10, 0,     0,  6,   599,  90, HEALTHY",
        // statuses: 80 and 50
        " 21, 100, 0,     0,  6,   100,  50, DEGRADED",
        " 21, 100, 0,  3001,  6,   100,  35, CRITICAL",
        " 21, 100, 5,     0,  5,   500,  25, CRITICAL",
        "100, 100, 9, 60000, 99,   100,   0, CRITICAL",
    })
    void score(
            long failures,
            long calls,
            int streak,
            long p95,
            long hourFailures,
            long hourCalls,
            int score,
            HealthStatus status) {
        HealthCalculator.Assessment assessment = HealthCalculator.assess(new HealthFigures(
                calls, failures, streak, streak, p95 == 0 ? null : Duration.ofMillis(p95), hourCalls, hourFailures));

        assertThat(assessment.score()).isEqualTo(score);
        assertThat(assessment.status()).isEqualTo(status);
        assertThat(assessment.issues().stream().mapToInt(HealthIssue::penalty).sum())
                .isGreaterThanOrEqualTo(100 - score);
    }

    @Test
    void an_agent_without_calls_is_unknown_whatever_the_hour_was() {
        assertThat(HealthCalculator.assess(new HealthFigures(0, 0, 7, 7, null, 50, 50)))
                .isEqualTo(new HealthCalculator.Assessment(100, HealthStatus.UNKNOWN, java.util.List.of()));
    }

    @Test
    void issues_say_what_was_seen() {
        assertThat(HealthCalculator.assess(figures(30, 100, 6, Duration.ofMillis(12_345)))
                        .issues())
                .extracting(HealthIssue::code, HealthIssue::text)
                .containsExactly(
                        tuple(HealthIssue.Code.LOW_SUCCESS_RATE, "30 of 100 calls failed in the last 5 minutes"),
                        tuple(HealthIssue.Code.VERY_SLOW, "p95 latency is 12.3 s"),
                        tuple(HealthIssue.Code.FAILURE_STREAK, "6 failures in a row"),
                        tuple(HealthIssue.Code.MANY_ERRORS, "30 errors in the last hour, of 100 calls"));
    }

    @Test
    void a_status_gets_worse_when_the_rate_is_surely_beyond_the_border_and_better_only_a_tenth_beyond_it() {
        HealthStatus healthy = HealthStatus.HEALTHY;
        HealthStatus degraded = HealthStatus.DEGRADED;
        assertThat(HealthCalculator.status(healthy, rate(201))).isEqualTo(healthy);
        assertThat(HealthCalculator.status(healthy, rate(220))).isEqualTo(healthy);
        assertThat(HealthCalculator.status(healthy, rate(221))).isEqualTo(degraded);
        assertThat(HealthCalculator.status(degraded, rate(200))).isEqualTo(degraded);
        assertThat(HealthCalculator.status(degraded, rate(182))).isEqualTo(degraded);
        assertThat(HealthCalculator.status(degraded, rate(181))).isEqualTo(healthy);
        assertThat(HealthCalculator.status(degraded, figures(0, 10, 0, Duration.ofMillis(9_500))))
                .isEqualTo(degraded);
        assertThat(HealthCalculator.status(degraded, figures(0, 10, 0, Duration.ofMillis(9_000))))
                .isEqualTo(healthy);
        assertThat(HealthCalculator.status(HealthStatus.UNKNOWN, rate(200))).isEqualTo(healthy);
    }

    /** Of 10 calls 5 failures are surely more than a fifth, 4 are not: the interval of 4 in 10 begins at 0.19. */
    @ParameterizedTest(name = "{0} of {1} failed: {2}, from healthy {3}, from unknown {4}")
    @CsvSource({
        "3,  9, DEGRADED, HEALTHY, UNKNOWN",
        "9,  9, CRITICAL, HEALTHY, UNKNOWN",
        "0,  1, HEALTHY, HEALTHY, HEALTHY",
        "4, 10, DEGRADED, HEALTHY, HEALTHY",
        "5, 10, DEGRADED, DEGRADED, DEGRADED",
        "1, 13, HEALTHY, HEALTHY, HEALTHY",
    })
    void few_calls_are_no_evidence(
            long failures, long calls, HealthStatus byTheTable, HealthStatus fromHealthy, HealthStatus fromUnknown) {
        int streak = failures == calls ? (int) failures : 0;
        HealthFigures figures = new HealthFigures(calls, failures, streak, streak, null, 100_000, failures);

        assertThat(HealthCalculator.assess(figures).status()).isEqualTo(byTheTable);
        assertThat(HealthCalculator.status(HealthStatus.HEALTHY, figures)).isEqualTo(fromHealthy);
        assertThat(HealthCalculator.status(HealthStatus.UNKNOWN, figures)).isEqualTo(fromUnknown);
    }

    @Test
    void a_rate_that_is_not_sure_makes_nothing_worse_than_what_else_was_seen() {
        HealthFigures slow = new HealthFigures(10, 4, 0, 0, Duration.ofSeconds(12), 100_000, 4);

        assertThat(HealthCalculator.assess(slow).status()).isEqualTo(HealthStatus.CRITICAL);
        assertThat(HealthCalculator.status(HealthStatus.HEALTHY, slow)).isEqualTo(HealthStatus.DEGRADED);
        assertThat(HealthCalculator.status(HealthStatus.CRITICAL, slow)).isEqualTo(HealthStatus.CRITICAL);
    }

    @Test
    void few_good_calls_are_evidence_enough_to_get_better() {
        assertThat(HealthCalculator.status(HealthStatus.CRITICAL, figures(0, 2, 0, null)))
                .isEqualTo(HealthStatus.HEALTHY);
    }

    /** An agent of which 3 % of the calls fail, at 13 calls in 5 minutes. */
    @Test
    void one_failure_in_thirteen_calls_is_no_mark() {
        assertThat(HealthCalculator.lowestRate(1, 13)).isLessThan(0.05);
        assertThat(HealthCalculator.lowestRate(5, 10)).isBetween(0.26, 0.28);
        assertThat(HealthCalculator.lowestRate(0, 10)).isZero();
        assertThat(HealthCalculator.lowestRate(10, 10)).isBetween(0.78, 0.80);
    }

    @Test
    void a_streak_is_over_after_two_successes() {
        HealthFigures oneSuccess = new HealthFigures(100, 4, 0, 5, null, 100, 4);
        HealthFigures twoSuccesses = new HealthFigures(100, 4, 0, 0, null, 100, 4);

        assertThat(HealthCalculator.assess(oneSuccess).status()).isEqualTo(HealthStatus.HEALTHY);
        assertThat(HealthCalculator.status(HealthStatus.DEGRADED, oneSuccess)).isEqualTo(HealthStatus.DEGRADED);
        assertThat(HealthCalculator.status(HealthStatus.DEGRADED, twoSuccesses)).isEqualTo(HealthStatus.HEALTHY);
    }

    @Test
    void impossible_figures_are_refused() {
        assertThatThrownBy(() -> new HealthFigures(1, 2, 0, 0, null, 1, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2 of 1");
        assertThatThrownBy(() -> new HealthFigures(1, 1, 2, 1, null, 1, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** So many failures of 1,000 calls; the hour is a good one. */
    private static HealthFigures rate(long failures) {
        return new HealthFigures(1_000, failures, 0, 0, null, 100_000, failures);
    }

    /** With the same calls in the hour as in the 5 minutes. */
    private static HealthFigures figures(long failures, long calls, int streak, @Nullable Duration p95) {
        return new HealthFigures(calls, failures, streak, streak, p95, calls, failures);
    }
}
