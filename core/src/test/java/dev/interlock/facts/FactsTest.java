package dev.interlock.facts;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.errors.StandIns;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is read off exceptions of known libraries, and that strange accessors cost nothing. */
class FactsTest {
    private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

    @Test
    void status_code_and_wait_are_read() {
        Facts facts =
                Facts.of(new StandIns.Service(429, "insufficient_quota", "", Map.of("retry-after", List.of("7"))), NOW);

        assertThat(facts).isEqualTo(new Facts(429, ErrorMark.QUOTA, Duration.ofSeconds(7)));
    }

    @Test
    void an_accessor_that_throws_costs_nothing() {
        Facts facts = Facts.of(new StandIns.Service(500, null, "", Map.of()), NOW);

        assertThat(facts).isEqualTo(new Facts(500, null, null));
    }

    @Test
    void the_body_says_what_no_code_says() {
        String body =
                "{\"error\":{\"message\":\"Rate limit. Please try again in 20.5s.\",\"code\":\"rate_limit_exceeded\"}}";

        Facts facts = Facts.of(new StandIns.Service(429, null, body, Map.of()), NOW);

        assertThat(facts).isEqualTo(new Facts(429, ErrorMark.RATE_LIMITED, Duration.ofMillis(20_500)));
    }

    @Test
    void a_finer_mark_in_the_body_wins_over_a_broad_code() {
        Facts facts = Facts.of(
                new StandIns.Service(
                        400, "invalid_request_error", "{\"error\":{\"code\":\"context_length_exceeded\"}}", Map.of()),
                NOW);

        assertThat(facts.mark()).isEqualTo(ErrorMark.CONTEXT_LENGTH);
    }

    @Test
    void a_response_within_the_exception_is_asked() {
        assertThat(Facts.of(new StandIns.WithResponse(), NOW))
                .isEqualTo(new Facts(429, null, Duration.ofMillis(1_500)));
    }

    @Test
    void an_enum_is_a_code() {
        assertThat(Facts.of(new StandIns.WithEnum(), NOW))
                .isEqualTo(new Facts(Facts.NO_STATUS, ErrorMark.OVERLOADED, null));
    }

    @Test
    void a_class_that_is_not_public_is_read_by_the_one_it_extends() {
        assertThat(Facts.of(StandIns.hidden(), NOW).status()).isEqualTo(503);
    }

    @Test
    void a_finer_mark_in_the_body_wins_over_a_fault_of_the_server_and_no_other() {
        String quota = "{\"code\":\"insufficient_quota\"}";

        assertThat(Facts.of(new StandIns.Service(500, "server_error", quota, Map.of()), NOW)
                        .mark())
                .isEqualTo(ErrorMark.QUOTA);
        assertThat(Facts.of(new StandIns.Service(429, "rate_limit_exceeded", quota, Map.of()), NOW)
                        .mark())
                .isEqualTo(ErrorMark.RATE_LIMITED);
    }

    @Test
    void a_status_is_100_to_599() {
        for (int status : List.of(100, 599)) {
            assertThat(Facts.of(new StandIns.Service(status, null, "", Map.of()), NOW))
                    .isEqualTo(new Facts(status, null, null));
        }
        for (int none : List.of(99, 1_000)) {
            assertThat(Facts.of(new StandIns.Service(none, null, "", Map.of()), NOW))
                    .isSameAs(Facts.NONE);
        }
        for (int serverError : List.of(600, 999)) {
            assertThat(Facts.of(new StandIns.Service(serverError, null, "", Map.of()), NOW))
                    .isEqualTo(new Facts(500, null, null));
        }
    }

    @Test
    void without_a_body_the_message_is_read() {
        assertThat(Facts.of(new StandIns.Spoken("Sorry: {\"code\":\"insufficient_quota\"}"), NOW))
                .isEqualTo(new Facts(Facts.NO_STATUS, ErrorMark.QUOTA, null));
        assertThat(Facts.of(new StandIns.Spoken("please try again in 5s"), NOW))
                .isEqualTo(new Facts(Facts.NO_STATUS, null, Duration.ofSeconds(5)));
        assertThat(Facts.of(new StandIns.Spoken(null), NOW)).isSameAs(Facts.NONE);
    }

    @Test
    void a_body_is_a_text_a_map_or_a_value_of_JSON_but_no_stream() {
        assertThat(Facts.of(new StandIns.OfJson(), NOW))
                .isEqualTo(new Facts(Facts.NO_STATUS, ErrorMark.QUOTA, Duration.ofSeconds(7)));
        assertThat(Facts.of(new StandIns.OfMap(), NOW))
                .isEqualTo(new Facts(Facts.NO_STATUS, null, Duration.ofSeconds(5)));
        assertThat(Facts.of(new StandIns.OfStream(), NOW)).isSameAs(Facts.NONE);
    }

    @Test
    void classes_of_others_are_not_asked() {
        assertThat(Facts.of(new Own(), NOW)).isEqualTo(Facts.NONE);
    }

    /** Of no library that is known. */
    public static class Own extends RuntimeException {
        public int statusCode() {
            return 500;
        }
    }
}
