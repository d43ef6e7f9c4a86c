package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.ProbeSettings;
import dev.interlock.Window;
import dev.interlock.settings.PolicySettings;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Durations with fractions of a millisecond came back shorter, and of two windows one was silently dropped. */
class PolicySettingsRoundTripTest {
    private static final Duration ODD = Duration.ofNanos(12_345_678);

    @Test
    void what_is_written_reads_equal_down_to_the_nanosecond() {
        CircuitBreakerConfig config = CircuitBreakerConfig.builder()
                .window(Window.ofTime(ODD))
                .cooldown(ODD)
                .cooldownMax(ODD.plusMillis(1))
                .retryAfterMax(ODD)
                .trialTimeout(ODD)
                .slowCallDuration(ODD)
                .slowCallRateThreshold(0.5)
                .probe(new ProbeSettings(ODD, 2, ODD, ODD, 1))
                .build();

        assertThat(PolicySettings.read(PolicySettings.write(config))).isEqualTo(config);
    }

    @Test
    void two_windows_are_a_mistake() {
        assertThatThrownBy(() -> PolicySettings.read(Map.of("window", "60s", "window_calls", 20)))
                .hasMessage("Invalid setting: window_calls = 20: must be left out, since there is window = 1m as well");
    }
}
