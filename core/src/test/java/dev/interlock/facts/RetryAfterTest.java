package dev.interlock.facts;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each form in which a wait is sent, and junk, which is none and never half read. */
class RetryAfterTest {
    private static final Instant NOW = Instant.parse("1994-11-06T08:49:00Z");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "7 | 7000",
                "' 7 ' | 7000",
                "007 | 7000",
                "1.5 | 1500",
                "0.001 | 1",
                "20.5 | 20500",
                "Sun, 06 Nov 1994 08:49:37 GMT | 37000",
                "Sunday, 06-Nov-94 08:49:37 GMT | 37000",
                "Sun Nov  6 08:49:37 1994 | 37000",
                "Sun, 6 Nov 1994 08:49:37 GMT | 37000",
                "sun, 06 nov 1994 08:49:37 gmt | 37000",
                "1000000000 | 999999999000",
                "999999999.5 | 999999999000",
                "4294967295 | 999999999000",
                "99999999999999999999999999 | 999999999000",
            })
    void a_header_is_read_in_every_form(String value, long millis) {
        assertThat(RetryAfter.ofHeader(value, NOW)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "0",
                "0.0",
                "-1",
                "+7",
                "7s",
                "7 8",
                "1e3",
                "1.",
                ".5",
                "1.5.5",
                "NaN",
                "Infinity",
                "0x10",
                "\u0661",
                "soon",
                "Sun, 06 Nov 1994 08:48:59 GMT",
                "Sunday, 06-Nov-94 08:48:59 GMT",
                "Sun Nov  6 08:48:59 1994",
                "Sun, 06 Nov 1994 08:49:37",
                "Mon, 06 Nov 1994 08:49:37 GMT",
                "Sun, 99 Nov 1994 08:49:37 GMT",
                "06 Nov",
                "Sun, 06 Nov 1994 08:49:37 GMT and more"
            })
    void junk_zero_and_what_has_passed_are_none(String value) {
        assertThat(RetryAfter.ofHeader(value, NOW)).isNull();
    }

    @Test
    void a_year_of_two_digits_lies_at_most_fifty_years_ahead() {
        assertThat(RetryAfter.ofHeader("Sunday, 06-Nov-44 08:49:00 GMT", NOW)).isNotNull();
        assertThat(RetryAfter.ofHeader("Sunday, 06-Nov-94 08:49:37 GMT", Instant.parse("2026-11-28T00:00:00Z")))
                .as("1994, which has passed")
                .isNull();
    }

    @Test
    void no_header_is_none() {
        assertThat(RetryAfter.ofHeader(null, NOW)).isNull();
        assertThat(RetryAfter.ofMillis(null)).isNull();
        assertThat(of()).isNull();
    }

    @Test
    void milliseconds_come_before_seconds() {
        assertThat(of("retry-after", "7", "retry-after-ms", "1500")).isEqualTo(Duration.ofMillis(1_500));
        assertThat(of("retry-after", "7", "x-ms-retry-after-ms", "250.5")).isEqualTo(Duration.ofNanos(250_500_000));
        assertThat(of("retry-after", "7", "retry-after-ms", "soon")).isEqualTo(Duration.ofSeconds(7));
        assertThat(RetryAfter.ofMillis("9".repeat(30))).isEqualTo(Duration.ofSeconds(999_999_999));
    }

    @Test
    void the_reset_of_a_limit_counts_where_nothing_remains_of_it() {
        assertThat(of("x-ratelimit-reset-requests", "7s")).isNull();
        assertThat(of("x-ratelimit-remaining-requests", "3", "x-ratelimit-reset-requests", "7s"))
                .isNull();
        assertThat(of("x-ratelimit-remaining-tokens", "0", "x-ratelimit-reset-tokens", "6m0s"))
                .isEqualTo(Duration.ofMinutes(6));
        assertThat(of(
                        "anthropic-ratelimit-requests-remaining",
                        "0",
                        "anthropic-ratelimit-requests-reset",
                        "1994-11-06T08:49:30Z"))
                .isEqualTo(Duration.ofSeconds(30));
        assertThat(of("ratelimit-remaining", "0", "ratelimit-reset", "50")).isEqualTo(Duration.ofSeconds(50));
        assertThat(of("ratelimit-remaining", "0", "ratelimit-reset", "2days")).isEqualTo(Duration.ofDays(2));
    }

    @Test
    void of_several_used_up_limits_the_longest_reset_counts_and_a_header_before_them() {
        String[] both = {
            "x-ratelimit-remaining-requests", "0", "x-ratelimit-reset-requests", "1s",
            "x-ratelimit-remaining-tokens", "0", "x-ratelimit-reset-tokens", "456ms",
        };
        assertThat(of(both)).isEqualTo(Duration.ofSeconds(1));
        assertThat(RetryAfter.ofHeaders(
                        name -> name.equals("retry-after") ? "3" : headers(both).get(name), NOW))
                .isEqualTo(Duration.ofSeconds(3));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Rate limit reached. Please try again in 20.5s. | 20500",
                "Please try again in 456ms. | 456",
                "Try again in 1m12.5s | 72500",
                "Please retry after 20 seconds. | 20000",
                "Please retry in 17.5s | 17500",
                "RETRY AFTER 6m0s | 360000",
                "try again in a moment, or retry in 2 minutes | 120000",
                "try again in 1h30m | 5400000",
                "try again in 9s | 9000",
                "try again in 2 days | 172800000",
                "try again in 000000000000020s | 20000",
                "try again in 999999999s500ms | 999999999000",
                "try again in 59.93428587913513 seconds | 59934",
                "Try again in 0.0200000000000000017s | 20",
                "try again in 0000000000000020s | 20000",
                "retry in 99999999999999999999999s | 999999999000",
                "Please try again after 60 seconds. | 60000",
                "try again in 2 hrs | 7200000",
            })
    void a_message_names_a_wait(String text, long millis) {
        assertThat(RetryAfter.ofText(text))
                .isNotNull()
                .extracting(Duration::toMillis)
                .isEqualTo(millis);
    }

    @Test
    void a_message_is_read_as_far_as_8_Ki_characters() {
        String text = "Please try again in 7s.";
        assertThat(RetryAfter.ofText(" ".repeat(ErrorMarks.LONGEST - text.length()) + text))
                .isEqualTo(Duration.ofSeconds(7));
        assertThat(RetryAfter.ofText(" ".repeat(ErrorMarks.LONGEST) + text)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "try again in",
                "try again in ",
                "try again in 5",
                "try again in 5 apples",
                "retry in -5s",
                "retry in 1.2.3s",
                "retry in 0s",
                "it took 20.5s",
                "retry after .5s",
                "try again in 5.",
                "try again in 5sz",
                "try again in 5.s",
                "try again in 00000000000000000000000000000000000000020s",
                "try again after lunch"
            })
    void other_messages_name_none(String text) {
        assertThat(RetryAfter.ofText(text)).isNull();
    }

    private static Duration of(String... namesAndValues) {
        return RetryAfter.ofHeaders(headers(namesAndValues)::get, NOW);
    }

    private static Map<String, String> headers(String... namesAndValues) {
        Map<String, String> headers = new java.util.HashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return headers;
    }
}
