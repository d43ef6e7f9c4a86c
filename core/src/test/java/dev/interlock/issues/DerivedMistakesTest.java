package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.ConfigBuilder;
import dev.interlock.InvalidSettingsException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One mistake was reported up to three times, for settings that nobody had given and with ranges like "1 to 0". */
class DerivedMistakesTest {
    @Test
    void a_wrong_cooldown_is_one_mistake() {
        assertThat(problems(CircuitBreakerConfig.builder().cooldown(Duration.ofDays(400))))
                .containsExactly("cooldown = 400d: must be 1ms to 365d");
    }

    @Test
    void a_negative_cooldown_is_one_mistake() {
        assertThat(problems(CircuitBreakerConfig.builder().cooldown(Duration.ofSeconds(-1))))
                .containsExactly("cooldown = PT-1S: must be 1ms to 365d");
    }

    @Test
    void too_few_trials_are_one_mistake() {
        assertThat(problems(CircuitBreakerConfig.builder().halfOpenMaxRequests(0)))
                .containsExactly("halfOpenMaxRequests = 0: must be 1 to 1000");
    }

    @Test
    void too_many_trials_are_one_mistake() {
        assertThat(problems(CircuitBreakerConfig.builder().halfOpenMaxRequests(2_000)))
                .containsExactly("halfOpenMaxRequests = 2000: must be 1 to 1000");
    }

    private static List<String> problems(ConfigBuilder builder) {
        InvalidSettingsException[] seen = new InvalidSettingsException[1];
        assertThatThrownBy(builder::build)
                .isInstanceOfSatisfying(InvalidSettingsException.class, invalid -> seen[0] = invalid);
        return seen[0].problems();
    }
}
