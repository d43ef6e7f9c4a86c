package dev.interlock.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** What holds of all figures. */
class HealthProperties {
    @Property
    void a_better_agent_never_scores_lower(
            @ForAll @IntRange(min = 1, max = 400) int calls,
            @ForAll @IntRange(max = 400) int failures,
            @ForAll @IntRange(max = 12) int streak,
            @ForAll @IntRange(max = 20_000) int p95,
            @ForAll @IntRange(max = 60) int hourFailures,
            @ForAll @IntRange(max = 3) int fewer,
            @ForAll @IntRange(max = 3) int shorter,
            @ForAll @IntRange(max = 4_000) int faster,
            @ForAll @IntRange(max = 30) int fewerInTheHour) {
        int failed = Math.min(calls, failures);
        HealthFigures worse = figures(calls, failed, streak, p95, hourFailures);
        HealthFigures better = figures(
                calls,
                Math.max(0, failed - fewer),
                Math.max(0, streak - shorter),
                Math.max(0, p95 - faster),
                Math.max(0, hourFailures - fewerInTheHour));

        assertThat(HealthCalculator.assess(better).score())
                .isGreaterThanOrEqualTo(HealthCalculator.assess(worse).score());
        for (HealthStatus before : HealthStatus.values()) {
            assertThat(HealthCalculator.status(before, worse).isBetterThan(HealthCalculator.status(before, better)))
                    .isFalse();
        }
    }

    @Property
    void a_status_that_was_taken_stays_while_the_figures_stay(
            @ForAll HealthStatus before,
            @ForAll @IntRange(max = 400) int calls,
            @ForAll @IntRange(max = 400) int failures,
            @ForAll @IntRange(max = 12) int streak,
            @ForAll @IntRange(max = 20_000) int p95,
            @ForAll @IntRange(max = 60) int hourFailures) {
        HealthFigures figures = figures(calls, Math.min(calls, failures), streak, p95, hourFailures);
        HealthStatus first = HealthCalculator.status(before, figures);

        assertThat(first).isIn(before, HealthCalculator.assess(figures).status(), HealthStatus.DEGRADED);
        assertThat(HealthCalculator.status(first, figures)).isEqualTo(first);
    }

    private static HealthFigures figures(int calls, int failures, int streak, int p95, int hourFailures) {
        return new HealthFigures(
                calls, failures, streak, streak, Duration.ofMillis(p95), 1_000 + calls, failures + hourFailures);
    }
}
