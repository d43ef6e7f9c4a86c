package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.checks.Draw;
import dev.interlock.checks.Property;
import dev.interlock.settings.PolicySettings;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Whatever happens to a circuit, it does what {@link ModelCircuit} says, which was written from the rules.
 *
 * <p>Settings are small, so that every rule is met often; clocks are moved onto the edges and one nanosecond off.
 */
class BreakerModelProperties {
    private static final Grain FINE = new Grain(
            List.of(0, 1, 9, 10, 50, 100, 999, 1000, 5000, 30_000, 240_000),
            List.of(1, 10, 1000, 5000, 30_000),
            draw -> draw.coin(0.5)
                    ? Window.ofTime(Duration.ofMillis(draw.of(10, 100, 1000, 10_000, 60_000)))
                    : Window.ofCalls(draw.integer(1, 8)),
            true);

    private static final Grain COARSE = new Grain(
            List.of(0, 400, 800, 1200, 2000, 4000),
            List.of(400, 800, 2000),
            draw -> Window.ofTime(Duration.ofSeconds(1)),
            false);

    @Test
    void circuitDoesWhatTheRulesSay() {
        Property.tries(400).holds(BreakerModelProperties::circuitDoesWhatTheRulesSay);
    }

    @Tag("heavy")
    @Test
    void circuitDoesWhatTheRulesSayManyTimes() {
        Property.rounds(20_000).holds(BreakerModelProperties::circuitDoesWhatTheRulesSay);
    }

    private static void circuitDoesWhatTheRulesSay(Draw draw) {
        Crowd crowd = draw.named("crowd", new Crowd(draw.integer(1, 5), draw.integer(1, 3), draw.coin(0.5)));
        CircuitBreakerConfig settings = draw.named("settings", settings(draw, FINE, crowd));
        List<ModelRun.Step> steps = draw.named("steps", steps(draw, FINE, crowd));
        try (ModelRun run = new ModelRun(settings, crowd.isUpstream)) {
            run.play(steps);
        }
    }

    /** Ages are multiples of 400 ms, the band of a window of 1 s is 1,000 to 1,100 ms: nothing is in doubt. */
    @Test
    void windowOfTimeLeavesNoDoubtExceptForItsTenth() {
        Property.tries(400).holds(draw -> {
            CircuitBreakerConfig settings = draw.named("settings", settings(draw, COARSE, ONE));
            List<ModelRun.Step> steps = draw.named("steps", steps(draw, COARSE, ONE));
            try (ModelRun run = new ModelRun(settings, ONE.isUpstream)) {
                run.play(steps);
                assertThat(run.doubts).isZero();
            }
        });
    }

    record Begin(int caller) implements ModelRun.Step {
        @Override
        public void play(ModelRun run) {
            run.begin(caller);
        }
    }

    record BeginWithin(int which, int caller) implements ModelRun.Step {
        @Override
        public void play(ModelRun run) {
            run.beginWithin(which, caller);
        }
    }

    record End(int which, Outcome outcome) implements ModelRun.Step {
        @Override
        public void play(ModelRun run) {
            run.end(which, outcome);
        }
    }

    record Call(int caller, Outcome outcome) implements ModelRun.Step {
        @Override
        public void play(ModelRun run) {
            int before = run.callsOut();
            run.begin(caller);
            if (run.callsOut() > before) {
                run.endNewest(outcome);
            }
        }
    }

    record Recorded(int caller, Outcome outcome, Duration age) implements ModelRun.Step {
        @Override
        public void play(ModelRun run) {
            run.record(caller, outcome, age);
        }
    }

    record Advance(Duration time) implements ModelRun.Step {
        @Override
        public void play(ModelRun run) {
            run.advance(time);
        }
    }

    record AdvanceTo(ModelRun.Edge edge, long nudge) implements ModelRun.Step {
        @Override
        public void play(ModelRun run) {
            run.advanceTo(edge, nudge);
        }
    }

    record Order(OverrideAction action, @Nullable Duration hold) implements ModelRun.Step {
        @Override
        public void play(ModelRun run) {
            run.override(action, hold);
        }
    }

    record PutGate(int which, @Nullable Duration time) implements ModelRun.Step {
        @Override
        public void play(ModelRun run) {
            run.putGate(which, time);
        }
    }

    record RemoveGate(int which) implements ModelRun.Step {
        @Override
        public void play(ModelRun run) {
            run.removeGate(which);
        }
    }

    record Change(CircuitBreakerConfig settings) implements ModelRun.Step {
        @Override
        public void play(ModelRun run) {
            run.change(settings);
        }

        @Override
        public String toString() {
            return "Change" + PolicySettings.write(settings);
        }
    }

    /** From which values settings and steps are made, in milliseconds. */
    private record Grain(
            List<Integer> times, List<Integer> settings, Function<Draw, Window> windows, boolean ontoEdges) {
        Duration time(Draw draw) {
            return Duration.ofMillis(draw.of(times));
        }

        Duration setting(Draw draw) {
            return Duration.ofMillis(draw.of(settings));
        }
    }

    /** Who calls: how many, how many of them must fail for a trip, and whether they call a model. */
    private record Crowd(int callers, int least, boolean isUpstream) {
        int one(Draw draw) {
            return draw.integer(0, callers - 1);
        }
    }

    private static final Crowd ONE = new Crowd(1, 1, false);

    private static List<ModelRun.Step> steps(Draw draw, Grain grain, Crowd crowd) {
        return draw.list(1, 300, () -> step(draw, grain, crowd));
    }

    private static ModelRun.Step step(Draw draw, Grain grain, Crowd crowd) {
        return switch (draw.weighted(6, 6, 6, 2, 6, 1, 1, 1, 6, 1)) {
            case 0 -> new Call(crowd.one(draw), outcome(draw, grain));
            case 1 -> new Begin(crowd.one(draw));
            case 2 -> new End(draw.integer(0, 11), outcome(draw, grain));
            case 3 -> new Recorded(crowd.one(draw), outcome(draw, grain), grain.time(draw));
            case 4 -> advance(draw, grain);
            case 5 -> order(draw, grain);
            case 6 -> new PutGate(draw.integer(0, 2), draw.orNull(0.3, () -> grain.time(draw)));
            case 7 -> new RemoveGate(draw.integer(0, 2));
            case 8 -> new BeginWithin(draw.integer(0, 11), crowd.one(draw));
            default -> new Change(settings(draw, grain, crowd));
        };
    }

    private static ModelRun.Step advance(Draw draw, Grain grain) {
        return grain.ontoEdges && draw.coin(0.5)
                ? new AdvanceTo(draw.of(ModelRun.Edge.values()), draw.of(0L, 0L, -1L, 1L))
                : new Advance(grain.time(draw));
    }

    private static Order order(Draw draw, Grain grain) {
        OverrideAction action = draw.of(OverrideAction.values());
        boolean isHold = action == OverrideAction.HOLD_OPEN || action == OverrideAction.HOLD_CLOSED;
        Duration end = isHold && draw.coin(0.5) ? grain.time(draw) : Duration.ZERO;
        return new Order(action, end.isZero() ? null : end);
    }

    private static Outcome outcome(Draw draw, Grain grain) {
        Outcome outcome = Outcome.success();
        if (draw.coin(0.5)) {
            outcome = Outcome.failure(kind(draw));
            if (draw.coin(0.4)) {
                outcome = outcome.retryAfter(grain.time(draw));
            }
        }
        return draw.coin(0.4) ? outcome.took(grain.time(draw)) : outcome;
    }

    private static FailureKind kind(Draw draw) {
        return switch (draw.weighted(4, 2, 1)) {
            case 0 -> draw.of(FailureKind.ERROR, FailureKind.TIMEOUT, FailureKind.INVALID_REQUEST);
            case 1 -> draw.of(FailureKind.RATE_LIMITED, FailureKind.CANCELLED);
            default -> draw.of(FailureKind.values());
        };
    }

    private static CircuitBreakerConfig settings(Draw draw, Grain grain, Crowd crowd) {
        List<Double> fractions = List.of(0.1, 0.25, 0.5, 0.6, 1.0);
        Duration slow = draw.orNull(0.5, () -> grain.setting(draw));
        Duration cooldown = grain.setting(draw);
        int trials = draw.integer(1, 4);
        Duration longestWait = grain.setting(draw);
        Window window = grain.windows.apply(draw);
        ConfigBuilder builder = CircuitBreakerConfig.builder()
                .failureThreshold(draw.orNull(0.3, () -> draw.integer(1, 4)))
                .failureRateThreshold(draw.orNull(0.3, () -> draw.of(fractions)))
                .minRequestsForRate(draw.integer(1, window.time() == null ? Math.min(6, window.calls()) : 6))
                .window(window)
                .slowCallDuration(slow)
                .slowCallRateThreshold(slow == null ? null : draw.of(fractions))
                .cooldown(cooldown)
                .cooldownMultiplier(draw.of(1.0, 1.5, 2.0, 100.0))
                .cooldownMax(cooldown.multipliedBy(draw.of(1, 3, 1000)))
                .halfOpenMaxRequests(trials)
                .trialsAtOnce(Math.min(trials, draw.integer(1, 4)))
                .successThreshold(Math.min(trials, draw.integer(1, 4)))
                .trialTimeout(grain.setting(draw))
                .retryAfterMax(longestWait)
                .retryAfterMin(draw.coin(0.5) ? longestWait : Duration.ofMillis(1))
                .minCallers(crowd.least)
                .mode(draw.coin(0.3) ? Mode.OBSERVE : Mode.ENFORCE);
        draw.list(0, 2, () -> draw.of(FailureKind.RATE_LIMITED, FailureKind.ERROR, FailureKind.LOOP))
                .forEach(kind -> builder.cooldown(kind, grain.setting(draw)));
        draw.list(
                        0,
                        2,
                        () -> draw.of(
                                FailureKind.RATE_LIMITED, FailureKind.CANCELLED, FailureKind.ERROR, FailureKind.LOOP))
                .forEach(kind -> builder.failureKind(kind, draw.of(Treatment.values())));
        return builder.build();
    }
}
