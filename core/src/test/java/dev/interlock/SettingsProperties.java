package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;

/** Settings by name: what was written reads the same, and of what is wrong nothing is kept back. */
class SettingsProperties {
    /** A value that no setting of that name may have, whatever the others say. */
    private static final Map<String, List<Object>> BAD = bad();

    @Property
    void whatIsWrittenReadsTheSame(@ForAll("configs") CircuitBreakerConfig config) {
        assertThat(PolicySettings.read(PolicySettings.write(config))).isEqualTo(config);
    }

    @Property
    void builderOfAConfigBuildsTheSame(@ForAll("configs") CircuitBreakerConfig config) {
        assertThat(config.toBuilder().build()).isEqualTo(config);
    }

    @Property
    void allMistakesAreReportedAtOnceWithNameAndValue(
            @ForAll("mistakes") @Size(min = 1) Set<String> names, @ForAll int which) {
        Map<String, Object> settings = new LinkedHashMap<>();
        for (String name : names) {
            List<Object> values = BAD.get(name);
            settings.put(name, values.get(Math.floorMod(which, values.size())));
        }
        InvalidSettingsException invalid =
                catchThrowableOfType(InvalidSettingsException.class, () -> PolicySettings.read(settings));
        assertThat(invalid).as("for " + settings).isNotNull();
        for (String name : names) {
            assertThat(invalid.problems())
                    .as("problem of %s among %s", name, settings)
                    .anySatisfy(
                            problem -> assertThat(problem).contains(name).contains(String.valueOf(settings.get(name))));
        }
        assertThat(invalid).hasMessageContainingAll(names.toArray(String[]::new));
    }

    @Property
    void settingThatDoesNotExistIsNamed(@ForAll("unknown") String name) {
        assertThatThrownBy(() -> PolicySettings.read(Map.of(name, 1)))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageContaining(name);
    }

    @Provide
    Arbitrary<Set<String>> mistakes() {
        return Arbitraries.of(BAD.keySet()).set();
    }

    @Provide
    Arbitrary<String> unknown() {
        return Arbitraries.strings().alpha().ofMinLength(8).ofMaxLength(12).map(name -> "x_" + name);
    }

    @Provide
    Arbitrary<CircuitBreakerConfig> configs() {
        Arbitrary<Duration> durations =
                Arbitraries.longs().between(1, 86_400_000).map(Duration::ofMillis);
        Arbitrary<Double> fractions =
                Arbitraries.doubles().between(0, false, 1, true).ofScale(9);
        Arbitrary<@Nullable ProbeSettings> probes = Combinators.combine(
                        durations, Arbitraries.integers().between(1, 100), durations, durations)
                .as(ProbeSettings::new)
                .injectNull(0.5);
        Arbitrary<CircuitBreakerConfig.Builder> counting = Combinators.combine(
                        Arbitraries.integers().between(1, 1_000_000).injectNull(0.3),
                        fractions.injectNull(0.3),
                        Arbitraries.integers().between(1, 1_000_000),
                        Arbitraries.oneOf(
                                Arbitraries.integers().between(1, 100_000).map(Window::ofCalls),
                                Arbitraries.longs()
                                        .between(10, 604_800_000)
                                        .map(Duration::ofMillis)
                                        .map(Window::ofTime)),
                        durations.injectNull(0.5),
                        fractions,
                        Arbitraries.maps(Arbitraries.of(FailureKind.class), Arbitraries.of(Treatment.class)),
                        Arbitraries.of(Scope.class))
                .as((streak, rate, minimum, window, slow, slowRate, kinds, scope) -> {
                    CircuitBreakerConfig.Builder builder = CircuitBreakerConfig.builder()
                            .failureThreshold(streak)
                            .failureRateThreshold(rate)
                            .minRequestsForRate(minimum)
                            .window(window)
                            .slowCallDuration(slow)
                            .slowCallRateThreshold(slow == null ? null : slowRate)
                            .scope(scope);
                    kinds.forEach(builder::failureKind);
                    return builder;
                });
        return Combinators.combine(
                        counting,
                        durations,
                        Arbitraries.doubles().between(1, 100),
                        durations.injectNull(0.5),
                        fractions,
                        durations,
                        Arbitraries.integers().between(1, 1000),
                        Combinators.combine(durations.injectNull(0.5), probes, fractions, fractions)
                                .as((place, probe, atOnce, enough) -> new Rest(place, probe, atOnce, enough)))
                .as((builder, cooldown, multiplier, more, jitter, longest, trials, rest) -> {
                    builder.cooldown(cooldown)
                            .cooldownMultiplier(multiplier)
                            .cooldownJitter(jitter)
                            .retryAfterMax(longest)
                            .halfOpenMaxRequests(trials)
                            .trialsAtOnce((int) Math.ceil(trials * rest.atOnce))
                            .successThreshold((int) Math.ceil(trials * rest.enough))
                            .probe(rest.probe);
                    if (more != null) {
                        builder.cooldownMax(cooldown.plus(more));
                    }
                    if (rest.place != null) {
                        builder.trialTimeout(rest.place);
                    }
                    return builder.build();
                });
    }

    private record Rest(@Nullable Duration place, @Nullable ProbeSettings probe, double atOnce, double enough) {}

    private static Map<String, List<Object>> bad() {
        Map<String, List<Object>> bad = new LinkedHashMap<>();
        bad.put("failure_threshold", List.of(0, -3, 1_000_001, "five"));
        bad.put("failure_rate_threshold", List.of(0, 1.5, -0.5, "half"));
        bad.put("min_requests_for_rate", List.of(0, 1_000_001, 2.5));
        bad.put("window", List.of("9ms", "8d", "soon"));
        bad.put("cooldown", List.of("0s", "366d", "a while"));
        bad.put("cooldown_multiplier", List.of(0.5, 101, "much"));
        bad.put("cooldown_jitter", List.of(-0.1, 1.1));
        bad.put("retry_after_max", List.of("0s", "366d"));
        bad.put("half_open_max_requests", List.of(0, 1001));
        bad.put("trials_at_once", List.of(0, -1));
        bad.put("success_threshold", List.of(0, -1));
        bad.put("trial_timeout", List.of("0s", "366d", "PT-1S"));
        bad.put("scope", List.of("global", 7));
        bad.put("base", List.of("nonsense"));
        return bad;
    }
}
