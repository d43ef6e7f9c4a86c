package dev.interlock.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.InvalidSettingsException;
import dev.interlock.Mode;
import dev.interlock.Window;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The settings that say whom a circuit blames, and for how long: what they refuse, and what they read. */
class BlameSettingsTest {
    @Test
    void all_mistakes_are_reported_at_once_with_names_and_values() {
        InvalidSettingsException invalid = catchThrowableOfType(
                InvalidSettingsException.class,
                () -> PolicySettings.read(Map.of(
                        "min_callers",
                        0,
                        "mode",
                        "watch",
                        "upstream",
                        "maybe",
                        "retry_after_min",
                        "2h",
                        "cooldowns",
                        Map.of("TIMEOUT", "0s", "OVERLODED", "5m", "LOOP", "soon"),
                        "window_calls",
                        9)));

        assertThat(invalid.problems())
                .containsExactlyInAnyOrder(
                        "min_callers = 0: must be 1 to 64",
                        "mode = watch: must be one of ENFORCE, OBSERVE",
                        "upstream = maybe: must be true or false",
                        "retry_after_min = 2h: must be 1ms to 1h",
                        "cooldowns.TIMEOUT = 0s: must be 1ms to 365d",
                        "cooldowns.OVERLODED = 5m: must be called cooldowns.OVERLOADED, if that is what is meant; there is"
                                + " no setting of this name",
                        "cooldowns.LOOP = soon: must be a duration with its unit, such as 500ms, 60s, 4m, 1h or 1d",
                        "min_requests_for_rate = 10: must be 1 to 9, since a window of 9 calls holds no more and a rate is set");
    }

    @Test
    void a_window_that_cannot_hold_the_minimum_is_refused_for_each_of_the_rates() {
        CircuitBreakerConfig noRate = CircuitBreakerConfig.builder()
                .failureRateThreshold(null)
                .window(Window.ofCalls(4))
                .minRequestsForRate(5)
                .build();

        assertThatThrownBy(() -> noRate.toBuilder().failureRateThreshold(0.5).build())
                .hasMessageContaining("minRequestsForRate = 5: must be 1 to 4");
        assertThatThrownBy(() -> noRate.toBuilder()
                        .slowCallDuration(Duration.ofSeconds(1))
                        .slowCallRateThreshold(0.5)
                        .build())
                .hasMessageContaining("minRequestsForRate = 5: must be 1 to 4");
        assertThat(noRate.toBuilder()
                        .failureRateThreshold(0.5)
                        .minRequestsForRate(4)
                        .build()
                        .minRequestsForRate())
                .isEqualTo(4);
    }

    @Test
    void all_rules_off_is_allowed_and_kinds_that_trip_remain() {
        CircuitBreakerConfig off = CircuitBreakerConfig.builder()
                .failureThreshold(null)
                .failureRateThreshold(null)
                .build();
        try (CircuitBreakerManager circuits = CircuitBreakerManager.create(off)) {
            CircuitBreaker agent = circuits.getOrCreate("agent");
            for (int i = 0; i < 100; i++) {
                agent.recordFailure(FailureKind.ERROR);
            }
            assertThat(agent.state()).isEqualTo(CircuitState.CLOSED);
            agent.recordFailure(FailureKind.LOOP);
            assertThat(agent.state()).isEqualTo(CircuitState.OPEN);
        }
    }

    @Test
    void cooldowns_are_read_with_units_or_in_milliseconds_and_go_on_from_the_base() {
        Map<String, Object> without = new HashMap<>();
        without.put("QUOTA_EXHAUSTED", null);

        assertThat(PolicySettings.read(Map.of("cooldowns", Map.of("TIMEOUT", "90s", "LOOP_ms", 5)))
                        .cooldowns())
                .containsExactly(
                        Map.entry(FailureKind.TIMEOUT, Duration.ofSeconds(90)),
                        Map.entry(FailureKind.LOOP, Duration.ofMillis(5)));
        assertThat(PolicySettings.read(Map.of("cooldowns_ms", Map.of("TIMEOUT", 90_000)))
                        .cooldowns())
                .containsExactly(Map.entry(FailureKind.TIMEOUT, Duration.ofSeconds(90)));
        assertThat(PolicySettings.read(Map.of("base", "recommended", "cooldowns", without))
                        .cooldowns())
                .containsExactly(Map.entry(FailureKind.AUTHENTICATION, Duration.ofMinutes(5)));
        assertThat(PolicySettings.read(Map.of("base", "recommended", "cooldowns_ms", without))
                        .cooldowns())
                .containsExactly(Map.entry(FailureKind.AUTHENTICATION, Duration.ofMinutes(5)));
        Map<String, Object> none = new HashMap<>(Map.of("base", "recommended"));
        none.put("cooldowns", null);
        assertThat(PolicySettings.read(none).cooldowns()).isEmpty();
    }

    @Test
    void cooldowns_in_milliseconds_are_whole_numbers() {
        assertThatThrownBy(() -> PolicySettings.read(Map.of("cooldowns_ms", Map.of("LOOP", 0.5))))
                .hasMessageContaining("cooldowns_ms.LOOP = 0.5: must be a whole number of milliseconds");
        assertThatThrownBy(() -> PolicySettings.read(Map.of("cooldowns_ms", Map.of("LOOP", "5s"))))
                .hasMessageContaining("cooldowns_ms.LOOP = 5s: must be a whole number of milliseconds");
    }

    @Test
    void cooldowns_are_given_once() {
        assertThatThrownBy(() -> PolicySettings.read(
                        Map.of("cooldowns", Map.of("LOOP", "5s"), "cooldowns_ms", Map.of("LOOP", 5_000))))
                .hasMessage("Invalid setting: cooldowns = {LOOP=5s}: must be given once, but there is cooldowns_ms ="
                        + " {LOOP=5000} as well");
    }

    @Test
    void the_shortest_wait_follows_a_longest_one_that_is_shorter() {
        CircuitBreakerConfig hasty = CircuitBreakerConfig.builder()
                .retryAfterMax(Duration.ofMillis(200))
                .build();

        assertThat(CircuitBreakerConfig.defaults().retryAfterMin()).isEqualTo(Duration.ofSeconds(1));
        assertThat(hasty.retryAfterMin()).isEqualTo(Duration.ofMillis(200));
        assertThat(hasty.toBuilder().retryAfterMax(Duration.ofHours(2)).build().retryAfterMin())
                .isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void words_are_read_whatever_their_case() {
        CircuitBreakerConfig read =
                PolicySettings.read(Map.of("mode", "Observe", "upstream", "true", "min_callers", 2));

        assertThat(read.mode()).isEqualTo(Mode.OBSERVE);
        assertThat(read.isUpstream()).isTrue();
        assertThat(read.minCallers()).isEqualTo(2);
    }
}
