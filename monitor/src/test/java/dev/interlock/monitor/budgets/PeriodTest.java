package dev.interlock.monitor.budgets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeriodTest {
    private static final Instant NOW = Instant.parse("2027-03-28T01:30:20Z");

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "minute, -, 2027-03-28T01:30:00Z, 2027-03-28T01:31:00Z",
                "hour, -, 2027-03-28T01:00:00Z, 2027-03-28T02:00:00Z",
                "day, -, 2027-03-28T00:00:00Z, 2027-03-29T00:00:00Z",
                "month, -, 2027-03-01T00:00:00Z, 2027-04-01T00:00:00Z",
                // the day on which the clocks go forward has 23 hours
                "day, Europe/Berlin, 2027-03-27T23:00:00Z, 2027-03-28T22:00:00Z",
                "month, Europe/Berlin, 2027-02-28T23:00:00Z, 2027-03-31T22:00:00Z",
                "hour, Asia/Kolkata, 2027-03-28T01:30:00Z, 2027-03-28T02:30:00Z"
            })
    void a_period_of_the_calendar_is_one_slice(String per, @Nullable String zone, Instant start, Instant end) {
        Period period = Period.read(per, zone);
        assertThat(period.slice(NOW)).isEqualTo(start);
        assertThat(period.since(NOW)).isEqualTo(start);
        assertThat(period.end(NOW)).isEqualTo(end);
        assertThat(period.isRolling()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"minute, a minute", "hour, an hour", "day, a day", "month, a month", "6h, the last 6h"})
    void its_words_follow_in(String per, String words) {
        assertThat(Period.read(per, null)).hasToString(words);
    }

    @Test
    void of_a_length_a_call_counts_for_that_length_and_at_most_a_sixtieth_longer() {
        Period period = Period.read("6h", null);
        for (int second = 0; second < 360; second++) {
            Instant call = NOW.plusSeconds(second);
            assertThat(period.since(call.plusSeconds(6 * 3_600))).isBeforeOrEqualTo(period.slice(call));
            assertThat(period.since(call.plusSeconds(6 * 3_600 + 360))).isAfter(period.slice(call));
            assertThat(period.since(period.end(call))).as("when it ends").isAfter(period.slice(call));
            assertThat(period.since(period.end(call).minusMillis(1))).isEqualTo(period.slice(call));
        }
    }

    @Test
    void what_is_used_up_of_a_length_is_free_when_enough_of_it_has_ceased_to_count() {
        Period period = Period.read("60m", null);
        Instant start = Instant.parse("2027-03-28T01:00:00Z");
        List<Slice> slices =
                List.of(calls(start, 2), calls(start.plusSeconds(600), 5), calls(start.plusSeconds(1200), 4));
        Limits nine = new Limits(null, null, 9L);
        Limits ten = new Limits(null, null, 10L);
        assertThat(period.free(start.plusSeconds(1300), slices, ten, false)).isEqualTo(start.plusSeconds(3_660));
        assertThat(period.free(start.plusSeconds(1300), slices, nine, false)).isEqualTo(start.plusSeconds(4_260));
        assertThat(period.free(start.plusSeconds(1300), slices, new Limits(null, null, 4L), false))
                .isEqualTo(start.plusSeconds(4_860));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "fortnight, -, per = fortnight",
                "59s, -, per = 59s",
                "32d, -, per = 32d",
                "0h, -, per = 0h",
                "day, Mars/Olympus, zone = Mars/Olympus",
                "6h, UTC, zone = UTC"
            })
    void what_is_none_is_refused_with_its_name(String per, @Nullable String zone, String message) {
        assertThatThrownBy(() -> Period.read(per, zone))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }

    private static Slice calls(Instant start, long calls) {
        return new Slice(start, new Spent(calls, 0, 0, 0, 0), Slice.UNMARKED);
    }
}
