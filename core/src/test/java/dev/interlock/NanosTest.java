package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Durations as nanoseconds, and as people write them. */
class NanosTest {
    private static final long LONGEST = Long.MAX_VALUE / 4;

    @Test
    void a_duration_is_cut_at_73_years_in_either_direction() {
        assertThat(Nanos.of(Duration.ofSeconds(Long.MAX_VALUE))).isEqualTo(LONGEST);
        assertThat(Nanos.of(Duration.ofSeconds(Long.MIN_VALUE))).isEqualTo(-LONGEST);
        assertThat(Nanos.of(Duration.ofNanos(LONGEST - 1))).isEqualTo(LONGEST - 1);
        assertThat(Nanos.of(Duration.ofNanos(1 - LONGEST))).isEqualTo(1 - LONGEST);
        assertThat(Duration.ofNanos(LONGEST).toDays() / 365).isEqualTo(73);
    }

    @ParameterizedTest
    @CsvSource({
        "PT0S, 0s",
        "PT0.5S, 500ms",
        "PT1.001S, 1001ms",
        "PT59S, 59s",
        "PT1M, 1m",
        "PT90S, 90s",
        "PT1H, 1h",
        "PT61M, 61m",
        "PT24H, 1d",
        "PT25H, 25h",
        "PT720H, 30d",
        "PT0.0000001S, PT0.0000001S",
        "PT-5S, PT-5S",
    })
    void a_duration_is_written_in_the_largest_unit_that_fits(Duration duration, String text) {
        assertThat(Nanos.text(duration)).isEqualTo(text);
    }
}
