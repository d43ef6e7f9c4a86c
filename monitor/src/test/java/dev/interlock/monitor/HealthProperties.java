package dev.interlock.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.checks.Draw;
import dev.interlock.checks.Property;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What holds of all figures. */
class HealthProperties {
    /** What figures are made of. */
    private record Seen(int calls, int failures, int streak, int p95, int hourFailures) {
        HealthFigures figures() {
            return new HealthFigures(
                    calls, failures, streak, streak, Duration.ofMillis(p95), 1_000 + calls, failures + hourFailures);
        }
    }

    @Test
    void a_better_agent_never_scores_lower() {
        Property.usual().holds(draw -> {
            Seen seen = seen(draw, 1);
            HealthFigures worse = draw.named("worse", seen.figures());
            HealthFigures better = draw.named(
                    "better",
                    new Seen(
                                    seen.calls,
                                    Math.max(0, seen.failures - draw.integer(0, 3)),
                                    Math.max(0, seen.streak - draw.integer(0, 3)),
                                    Math.max(0, seen.p95 - draw.integer(0, 4_000)),
                                    Math.max(0, seen.hourFailures - draw.integer(0, 30)))
                            .figures());

            assertThat(HealthCalculator.assess(better).score())
                    .isGreaterThanOrEqualTo(HealthCalculator.assess(worse).score());
            for (HealthStatus before : HealthStatus.values()) {
                assertThat(HealthCalculator.status(before, worse).isBetterThan(HealthCalculator.status(before, better)))
                        .isFalse();
            }
        });
    }

    @Test
    void a_status_that_was_taken_stays_while_the_figures_stay() {
        Property.usual().holds(draw -> {
            HealthStatus before = draw.named("before", draw.of(HealthStatus.values()));
            HealthFigures figures = draw.named("figures", seen(draw, 0).figures());
            HealthStatus first = HealthCalculator.status(before, figures);

            assertThat(first)
                    .isIn(
                            before,
                            HealthCalculator.assess(figures).status(),
                            HealthStatus.DEGRADED,
                            HealthStatus.HEALTHY);
            assertThat(HealthCalculator.status(first, figures)).isEqualTo(first);
        });
    }

    private static Seen seen(Draw draw, int fewestCalls) {
        int calls = draw.integer(fewestCalls, 400);
        return new Seen(
                calls, draw.integer(0, calls), draw.integer(0, 12), draw.integer(0, 20_000), draw.integer(0, 60));
    }
}
