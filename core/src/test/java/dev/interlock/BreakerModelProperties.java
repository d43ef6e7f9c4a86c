package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * Whatever happens to a circuit, it does what {@link ModelCircuit} says, which was written from the rules.
 *
 * <p>Settings are small, so that every rule is met often; clocks are moved onto the edges and one nanosecond beside.
 */
class BreakerModelProperties {
    private static final double ROUNDS = Double.parseDouble(System.getProperty("interlock.rounds", "1.0"));
    private static final int HEAVY = 20_000;

    private int tried;

    @Property(tries = 400, edgeCases = EdgeCasesMode.NONE)
    void circuitDoesWhatTheRulesSay(
            @ForAll("settings") CircuitBreakerConfig settings, @ForAll("steps") List<ModelRun.Step> steps) {
        try (ModelRun run = new ModelRun(settings)) {
            run.play(steps);
        }
    }

    @Tag("heavy")
    @Property(tries = HEAVY, edgeCases = EdgeCasesMode.NONE)
    void circuitDoesWhatTheRulesSayManyTimes(
            @ForAll("settings") CircuitBreakerConfig settings, @ForAll("steps") List<ModelRun.Step> steps) {
        if (tried++ < HEAVY * ROUNDS) {
            circuitDoesWhatTheRulesSay(settings, steps);
        }
    }

    /** Ages are multiples of 400 ms, the band of a window of 1 s is 1,000 to 1,100 ms: nothing is in doubt. */
    @Property(tries = 400, edgeCases = EdgeCasesMode.NONE)
    void windowOfTimeLeavesNoDoubtBesideItsTenth(
            @ForAll("coarseSettings") CircuitBreakerConfig settings, @ForAll("coarseSteps") List<ModelRun.Step> steps) {
        try (ModelRun run = new ModelRun(settings)) {
            run.play(steps);
            assertThat(run.doubts).isZero();
        }
    }

    record Begin() implements ModelRun.Step {
        @Override
        public void play(ModelRun run) {
            run.begin();
        }
    }

    record End(int which, Outcome outcome) implements ModelRun.Step {
        @Override
        public void play(ModelRun run) {
            run.end(which, outcome);
        }
    }

    record Call(Outcome outcome) implements ModelRun.Step {
        @Override
        public void play(ModelRun run) {
            int before = run.callsOut();
            run.begin();
            if (run.callsOut() > before) {
                run.endNewest(outcome);
            }
        }
    }

    record Recorded(Outcome outcome, Duration age) implements ModelRun.Step {
        @Override
        public void play(ModelRun run) {
            run.record(outcome, age);
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

    @Provide
    Arbitrary<List<ModelRun.Step>> steps() {
        Arbitrary<Duration> times = Arbitraries.of(0, 1, 9, 10, 50, 100, 999, 1000, 5000, 30_000, 240_000)
                .map(Duration::ofMillis);
        Arbitrary<Long> nudges = Arbitraries.of(0L, 0L, -1L, 1L);
        Arbitrary<ModelRun.Step> moreAdvances =
                Combinators.combine(Arbitraries.of(ModelRun.Edge.class), nudges).as(AdvanceTo::new);
        return steps(times, settings(), Arbitraries.oneOf(moreAdvances, times.map(Advance::new)));
    }

    @Provide
    Arbitrary<List<ModelRun.Step>> coarseSteps() {
        Arbitrary<Duration> times =
                Arbitraries.of(0, 400, 800, 1200, 2000, 4000).map(Duration::ofMillis);
        return steps(times, coarseSettings(), times.map(Advance::new));
    }

    private Arbitrary<List<ModelRun.Step>> steps(
            Arbitrary<Duration> times, Arbitrary<CircuitBreakerConfig> settings, Arbitrary<ModelRun.Step> advances) {
        Arbitrary<Outcome> outcomes = outcomes(times);
        Arbitrary<Integer> which = Arbitraries.integers().between(0, 11);
        Arbitrary<Duration> holds = times.filter(time -> !time.isZero()).injectNull(0.5);
        return Arbitraries.frequencyOf(
                        Tuple.of(6, outcomes.map(Call::new)),
                        Tuple.of(6, Arbitraries.create(Begin::new)),
                        Tuple.of(6, Combinators.combine(which, outcomes).as(End::new)),
                        Tuple.of(2, Combinators.combine(outcomes, times).as(Recorded::new)),
                        Tuple.of(6, advances),
                        Tuple.of(
                                1,
                                Combinators.combine(Arbitraries.of(OverrideAction.class), holds)
                                        .as((action, hold) -> new Order(action, isHold(action) ? hold : null))),
                        Tuple.of(1, settings.map(Change::new)))
                .map(step -> (ModelRun.Step) step)
                .list()
                .ofMinSize(1)
                .ofMaxSize(300);
    }

    private static boolean isHold(OverrideAction action) {
        return action == OverrideAction.HOLD_OPEN || action == OverrideAction.HOLD_CLOSED;
    }

    private static Arbitrary<Outcome> outcomes(Arbitrary<Duration> times) {
        Arbitrary<FailureKind> kinds = Arbitraries.frequencyOf(
                Tuple.of(4, Arbitraries.of(FailureKind.ERROR, FailureKind.TIMEOUT)),
                Tuple.of(2, Arbitraries.of(FailureKind.RATE_LIMITED, FailureKind.CANCELLED)),
                Tuple.of(1, Arbitraries.of(FailureKind.class)));
        Arbitrary<Outcome> failures = Combinators.combine(kinds, times.injectNull(0.6))
                .as((kind, wait) -> wait == null
                        ? Outcome.failure(kind)
                        : Outcome.failure(kind).retryAfter(wait));
        return Combinators.combine(
                        Arbitraries.oneOf(Arbitraries.create(Outcome::success), failures), times.injectNull(0.6))
                .as((outcome, took) -> took == null ? outcome : outcome.took(took));
    }

    @Provide
    Arbitrary<CircuitBreakerConfig> settings() {
        return settings(
                Arbitraries.oneOf(
                        Arbitraries.integers().between(1, 8).map(Window::ofCalls),
                        Arbitraries.of(10, 100, 1000, 10_000, 60_000)
                                .map(millis -> Window.ofTime(Duration.ofMillis(millis)))),
                Arbitraries.of(1, 10, 1000, 5000, 30_000).map(Duration::ofMillis));
    }

    @Provide
    Arbitrary<CircuitBreakerConfig> coarseSettings() {
        return settings(
                Arbitraries.just(Window.ofTime(Duration.ofSeconds(1))),
                Arbitraries.of(400, 800, 2000).map(Duration::ofMillis));
    }

    private static Arbitrary<CircuitBreakerConfig> settings(Arbitrary<Window> windows, Arbitrary<Duration> times) {
        Arbitrary<Double> fractions = Arbitraries.of(0.1, 0.25, 0.5, 0.6, 1.0);
        Arbitrary<@Nullable Integer> streaks =
                Arbitraries.integers().between(1, 4).injectNull(0.3);
        Arbitrary<CircuitBreakerConfig.Builder> closed = Combinators.combine(
                        streaks,
                        fractions.injectNull(0.3),
                        Arbitraries.integers().between(1, 6),
                        windows,
                        times.injectNull(0.5),
                        fractions,
                        treatments())
                .as((streak, rate, minimum, window, slow, slowRate, kinds) -> {
                    CircuitBreakerConfig.Builder builder = CircuitBreakerConfig.builder()
                            .failureThreshold(streak)
                            .failureRateThreshold(rate)
                            .minRequestsForRate(minimum)
                            .window(window)
                            .slowCallDuration(slow)
                            .slowCallRateThreshold(slow == null ? null : slowRate);
                    kinds.forEach(builder::failureKind);
                    return builder;
                });
        Arbitrary<Integer> trials = Arbitraries.integers().between(1, 4);
        return Combinators.combine(
                        closed,
                        times,
                        Arbitraries.of(1.0, 1.5, 2.0, 100.0),
                        Arbitraries.of(1, 3, 1000),
                        Combinators.combine(trials, trials, trials).as(List::<Integer>of),
                        times,
                        times)
                .as((builder, cooldown, multiplier, cap, three, place, longest) -> builder.cooldown(cooldown)
                        .cooldownMultiplier(multiplier)
                        .cooldownMax(cooldown.multipliedBy(cap))
                        .halfOpenMaxRequests(three.get(0))
                        .trialsAtOnce(Math.min(three.get(0), three.get(1)))
                        .successThreshold(Math.min(three.get(0), three.get(2)))
                        .trialTimeout(place)
                        .retryAfterMax(longest)
                        .build());
    }

    private static Arbitrary<Map<FailureKind, Treatment>> treatments() {
        return Arbitraries.maps(
                        Arbitraries.of(
                                FailureKind.RATE_LIMITED, FailureKind.CANCELLED, FailureKind.ERROR, FailureKind.LOOP),
                        Arbitraries.of(Treatment.class))
                .ofMaxSize(2);
    }
}
