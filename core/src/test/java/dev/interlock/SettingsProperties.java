package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.interlock.checks.Draw;
import dev.interlock.checks.Property;
import dev.interlock.settings.PolicySettings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Settings by name: what was written reads the same, and of what is wrong nothing is kept back. */
class SettingsProperties {
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    /** A value that no setting of that name may have, whatever the others say. */
    private static final Map<String, List<Object>> BAD = bad();

    @Test
    void whatIsWrittenReadsTheSame() {
        Property.usual().holds(draw -> {
            CircuitBreakerConfig config = draw.named("config", config(draw));
            assertThat(PolicySettings.read(PolicySettings.write(config))).isEqualTo(config);
        });
    }

    @Test
    void builderOfAConfigBuildsTheSame() {
        Property.usual().holds(draw -> {
            CircuitBreakerConfig config = draw.named("config", config(draw));
            assertThat(config.toBuilder().build()).isEqualTo(config);
        });
    }

    @Test
    void allMistakesAreReportedAtOnceWithNameAndValue() {
        Property.usual().holds(draw -> {
            Map<String, Object> settings = new LinkedHashMap<>();
            List<String> names = draw.some(List.copyOf(BAD.keySet()));
            for (String name : names.isEmpty() ? List.of(draw.of(List.copyOf(BAD.keySet()))) : names) {
                settings.put(name, draw.of(BAD.get(name)));
            }
            draw.named("settings", settings);
            InvalidSettingsException invalid =
                    catchThrowableOfType(InvalidSettingsException.class, () -> PolicySettings.read(settings));
            assertThat(invalid).as("for " + settings).isNotNull();
            settings.forEach((name, value) -> assertThat(invalid.problems())
                    .as("problem of %s among %s", name, settings)
                    .anySatisfy(problem -> assertThat(problem).contains(name).contains(String.valueOf(value))));
            assertThat(invalid).hasMessageContainingAll(settings.keySet().toArray(String[]::new));
        });
    }

    @Test
    void settingThatDoesNotExistIsNamed() {
        Property.usual().holds(draw -> {
            String name = draw.named("name", "x_" + draw.text(LETTERS, 8, 12));
            assertThatThrownBy(() -> PolicySettings.read(Map.of(name, 1)))
                    .isInstanceOf(InvalidSettingsException.class)
                    .hasMessageContaining(name);
        });
    }

    private static CircuitBreakerConfig config(Draw draw) {
        Duration cooldown = duration(draw);
        int trials = draw.integer(1, 1000);
        Duration slow = draw.orNull(0.5, () -> duration(draw));
        Duration longestWait = duration(draw);
        Window window = draw.coin(0.5)
                ? Window.ofTime(Duration.ofMillis(draw.number(10, 604_800_000)))
                : Window.ofCalls(draw.integer(1, 100_000));
        ConfigBuilder builder = CircuitBreakerConfig.builder()
                .failureThreshold(draw.orNull(0.3, () -> draw.integer(1, 1_000_000)))
                .failureRateThreshold(draw.orNull(0.3, () -> share(draw)))
                .minRequestsForRate(draw.integer(1, window.time() == null ? window.calls() : 1_000_000))
                .window(window)
                .minCallers(draw.integer(1, 64))
                .upstream(draw.coin(0.5))
                .mode(draw.of(Mode.values()))
                .slowCallDuration(slow)
                .slowCallRateThreshold(slow == null ? null : share(draw))
                .scope(draw.of(Scope.values()))
                .alternatives(draw.some(List.of("model:a", "tool:b", "c")).toArray(String[]::new))
                .cooldown(cooldown)
                .cooldownMultiplier(draw.fraction(1, 100))
                .cooldownJitter(share(draw))
                .retryAfterMax(longestWait)
                .halfOpenMaxRequests(trials)
                .trialsAtOnce((int) Math.ceil(trials * share(draw)))
                .successThreshold((int) Math.ceil(trials * share(draw)))
                .probe(draw.orNull(
                        0.5,
                        () -> new ProbeSettings(
                                duration(draw),
                                draw.integer(1, 100),
                                duration(draw),
                                duration(draw),
                                draw.integer(0, 10))));
        draw.some(List.of(FailureKind.values()))
                .forEach(kind -> builder.failureKind(kind, draw.of(Treatment.values())));
        draw.some(List.of(FailureKind.values()))
                .forEach(kind -> builder.cooldown(
                        kind, draw.coin(0.2) ? Duration.ofNanos(draw.number(1_000_000, 9_999_999)) : duration(draw)));
        if (draw.coin(0.5)) {
            builder.retryAfterMin(Duration.ofMillis(draw.number(1, longestWait.toMillis())));
        }
        if (draw.coin(0.5)) {
            builder.cooldownMax(cooldown.plus(duration(draw)));
        }
        if (draw.coin(0.5)) {
            builder.trialTimeout(duration(draw));
        }
        return builder.build();
    }

    private static Duration duration(Draw draw) {
        return Duration.ofMillis(draw.number(1, 86_400_000));
    }

    /** Above 0, with nine digits. */
    private static double share(Draw draw) {
        return draw.number(1, 1_000_000_000) / 1e9;
    }

    private static Map<String, List<Object>> bad() {
        Map<String, List<Object>> bad = new LinkedHashMap<>();
        bad.put("failure_threshold", List.of(0, -3, 1_000_001, "five"));
        bad.put("failure_rate_threshold", List.of(0, 1.5, -0.5, "half"));
        bad.put("min_requests_for_rate", List.of(0, 1_000_001, 2.5));
        bad.put("window", List.of("9ms", "8d", "soon"));
        bad.put("cooldown", List.of("0s", "366d", "a while"));
        bad.put("cooldown_multiplier", List.of(0.5, 101, "much"));
        bad.put("cooldown_jitter", List.of(-0.1, 1.1));
        bad.put("retry_after_min", List.of("0s", "366d", "soon"));
        bad.put("cooldowns", List.of(7, "5m"));
        bad.put("min_callers", List.of(0, 65, "two"));
        bad.put("upstream", List.of("maybe", 7));
        bad.put("mode", List.of("watch", 1));
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
