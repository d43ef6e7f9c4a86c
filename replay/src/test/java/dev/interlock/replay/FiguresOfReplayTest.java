package dev.interlock.replay;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.Window;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Every figure of the report, on logs small enough to calculate by hand. */
class FiguresOfReplayTest {
    private static final CircuitBreakerConfig HALF_OF_FOUR = CircuitBreakerConfig.builder()
            .failureThreshold(null)
            .failureRateThreshold(0.5)
            .minRequestsForRate(4)
            .window(Window.ofCalls(4))
            .build();

    /** Trips at 5, the trial that begins at 15 fails at 16, the one that begins at 26 closes at 27. */
    private static Recorded incident() {
        return Recorded.calls()
                .good(0, 1)
                .failed(2, 1)
                .failed(4, 1)
                .failed(6, 1)
                .good(7, 1)
                .failed(15, 1)
                .good(20, 1)
                .good(26, 1)
                .good(30, 1);
    }

    @Test
    void reports_all_figures_of_an_incident() {
        JsonNode quick = incident().by(By.AGENT);

        assertThat(quick.get("policy").asText()).isEqualTo("quick");
        assertThat(quick.get("circuits").asInt()).isEqualTo(1);
        assertThat(quick.get("calls").asInt()).isEqualTo(9);
        assertThat(quick.get("failures").asInt()).isEqualTo(4);
        assertThat(quick.get("rejected").asInt()).isEqualTo(3);
        assertThat(quick.get("failed_avoided").asInt()).isEqualTo(1);
        assertThat(quick.get("failed_avoided_share").asDouble()).isEqualTo(0.25);
        assertThat(quick.get("good_blocked").asInt()).isEqualTo(2);
        assertThat(quick.get("good_blocked_share").asDouble()).isEqualTo(0.4);
        assertThat(quick.get("openings").asInt()).isEqualTo(2);
        assertThat(quick.get("circuits_opened").asInt()).isEqualTo(1);
        assertThat(quick.get("late").asInt()).isZero();
        assertThat(quick.get("flaps").asInt()).isEqualTo(1);
        assertThat(quick.get("median_seconds_to_open").asDouble()).isEqualTo(2);
        assertThat(quick.get("median_seconds_to_recover").asDouble()).isEqualTo(22);
    }

    @Test
    void has_no_medians_without_an_opening() {
        JsonNode quick = Recorded.calls().good(0, 1).by(By.AGENT);

        assertThat(quick.get("median_seconds_to_open").isNull()).isTrue();
        assertThat(quick.get("median_seconds_to_recover").isNull()).isTrue();
        assertThat(quick.get("failed_avoided_share").asDouble()).isZero();
    }

    @Test
    void counts_an_outcome_after_its_epoch_as_late() {
        JsonNode quick =
                Recorded.calls().good(0, 20).failed(1, 1).failed(2.5, 0.5).by(By.AGENT);

        assertThat(quick.get("openings").asInt()).isEqualTo(1);
        assertThat(quick.get("late").asInt()).isEqualTo(1);
    }

    @Test
    void lets_ends_come_before_begins_at_one_instant() {
        JsonNode quick = Recorded.calls().failed(0, 5).failed(1, 4).good(5, 1).by(By.AGENT);

        assertThat(quick.get("good_blocked").asInt()).isEqualTo(1);
    }

    @Test
    void lets_calls_that_begin_at_one_instant_come_as_in_the_file() {
        JsonNode quick = Recorded.calls()
                .failed(0, 1)
                .failed(2, 1) // trips at 3
                .good(13, 1) // the one trial
                .failed(13, 1)
                .by(By.AGENT);

        assertThat(quick.get("failed_avoided").asInt()).isEqualTo(1);
        assertThat(quick.get("good_blocked").asInt()).isZero();
    }

    @Test
    void lets_calls_that_end_at_one_instant_come_as_in_the_file() {
        JsonNode goodFirst =
                Recorded.calls().failed(0, 1).good(2, 8).failed(3, 7).by(By.AGENT);
        JsonNode failedFirst =
                Recorded.calls().failed(0, 1).failed(2, 8).good(3, 7).by(By.AGENT);

        assertThat(goodFirst.get("openings").asInt()).isZero();
        assertThat(failedFirst.get("openings").asInt()).isEqualTo(1);
    }

    @Test
    void takes_rows_that_are_out_of_order_in_order() {
        JsonNode sorted = incident().by(By.AGENT);
        JsonNode shuffled = Recorded.calls()
                .good(30, 1)
                .good(26, 1)
                .failed(4, 1)
                .good(0, 1)
                .good(20, 1)
                .failed(2, 1)
                .failed(15, 1)
                .good(7, 1)
                .failed(6, 1)
                .by(By.AGENT);

        assertThat(shuffled).isEqualTo(sorted);
    }

    @Test
    void ignores_a_cancelled_call() {
        JsonNode quick = Recorded.calls()
                .failed(0, 1)
                .call("a", "model:m", 2, 1, true, "CANCELLED")
                .failed(4, 1)
                .by(By.AGENT);

        assertThat(quick.get("openings").asInt())
                .as("the streak goes on over it")
                .isEqualTo(1);
    }

    @Test
    void takes_a_failure_without_a_kind_for_an_error() {
        JsonNode untold = Recorded.calls().failed(0, 1).failed(2, 1).by(By.AGENT);
        JsonNode ignored = Recorded.calls()
                .failed(0, 1, "INVALID_REQUEST")
                .failed(2, 1, "INVALID_REQUEST")
                .by(By.AGENT);

        assertThat(untold.get("openings").asInt()).isEqualTo(1);
        assertThat(ignored.get("openings").asInt()).isZero();
        assertThat(ignored.get("failures").asInt())
                .as("they failed all the same")
                .isEqualTo(2);
    }

    @Test
    void measures_a_streak_from_its_first_failure() {
        JsonNode quick = Recorded.calls()
                .failed(0, 1)
                .good(2, 1)
                .failed(4, 1)
                .failed(9.5, 1)
                .by(By.AGENT);

        assertThat(quick.get("median_seconds_to_open").asDouble()).isEqualTo(5.5);
    }

    @Test
    void measures_a_rate_from_the_first_failure_in_the_window() {
        JsonNode half = Recorded.calls()
                .policy("half", HALF_OF_FOUR)
                .failed(0, 1)
                .good(2, 1)
                .good(4, 1)
                .good(6, 1)
                .failed(8, 1)
                .good(10, 1)
                .failed(12, 1)
                .by(By.AGENT);

        assertThat(half.get("openings").asInt()).isEqualTo(1);
        assertThat(half.get("median_seconds_to_open").asDouble()).isEqualTo(4);
    }

    @Test
    void measures_a_window_of_time_from_the_first_failure_in_it() {
        CircuitBreakerConfig inAMinute = HALF_OF_FOUR.toBuilder()
                .window(Window.ofTime(Duration.ofSeconds(60)))
                .build();
        JsonNode half = Recorded.calls()
                .policy("half", inAMinute)
                .failed(0, 1)
                .failed(1_000, 1)
                .good(1_010, 1)
                .good(1_020, 1)
                .failed(1_030, 1)
                .by(By.AGENT);

        assertThat(half.get("median_seconds_to_open").asDouble()).isEqualTo(30);
    }

    @Test
    void measures_slow_calls_from_the_first_slow_one() {
        CircuitBreakerConfig slow = CircuitBreakerConfig.builder()
                .minRequestsForRate(2)
                .window(Window.ofCalls(2))
                .slowCallDuration(Duration.ofSeconds(5))
                .slowCallRateThreshold(1.0)
                .build();
        JsonNode found = Recorded.calls()
                .policy("slow", slow)
                .good(0, 6)
                .good(7, 6)
                .good(14, 1)
                .by(By.AGENT);

        assertThat(found.get("median_seconds_to_open").asDouble()).isEqualTo(7);
        assertThat(found.get("good_blocked").asInt()).isEqualTo(1);
    }

    @Test
    void takes_no_time_for_a_kind_that_trips_at_once() {
        JsonNode quick =
                Recorded.calls().failed(0, 1).failed(5, 1, "QUOTA_EXHAUSTED").by(By.AGENT);
        JsonNode byItself = Recorded.calls().failed(5, 1, "QUOTA_EXHAUSTED").by(By.AGENT);

        assertThat(quick.get("median_seconds_to_open").asDouble()).isZero();
        assertThat(byItself.get("openings").asInt()).isEqualTo(1);
    }

    @Test
    void takes_the_middle_of_two_circuits() {
        JsonNode quick = Recorded.calls()
                .call("a", "model:m", 0, 1, false, "")
                .call("b", "model:m", 1, 1, false, "")
                .call("a", "model:m", 2, 1, false, "")
                .call("b", "model:m", 5, 1, false, "")
                .call("c", "model:m", 7, 1, true, "")
                .by(By.AGENT);

        assertThat(quick.get("median_seconds_to_open").asDouble()).isEqualTo(3);
        assertThat(quick.get("circuits").asInt()).isEqualTo(3);
        assertThat(quick.get("circuits_opened").asInt()).isEqualTo(2);
    }

    @Test
    void forgets_the_failures_before_a_close() {
        JsonNode quick = Recorded.calls()
                .failed(0, 1)
                .failed(2, 1) // trips at 3 after 2 s
                .good(13, 1) // closes at 14
                .failed(100, 1)
                .failed(104, 1) // trips at 105 after 4 s
                .by(By.AGENT);

        assertThat(quick.get("median_seconds_to_open").asDouble()).isEqualTo(3);
        assertThat(quick.get("median_seconds_to_recover").asDouble()).isEqualTo(11);
    }

    @Test
    void puts_the_failures_of_many_agents_into_one_circuit_of_their_target() {
        Recorded two = Recorded.calls()
                .call("a", "model:m", 0, 1, false, "TIMEOUT")
                .call("b", "model:m", 2, 1, false, "TIMEOUT")
                .call("c", "model:m", 4, 1, false, "TIMEOUT")
                .call("c", "tool:t", 5, 1, true, "");

        JsonNode byTarget = two.by(By.TARGET);
        assertThat(byTarget.get("circuits").asInt()).isEqualTo(2);
        assertThat(byTarget.get("failed_avoided").asInt()).isEqualTo(1);
        assertThat(two.by(By.AGENT).get("openings").asInt()).isZero();
    }

    @Test
    void by_both_lets_a_failure_reach_the_circuit_that_it_is_attributed_to() {
        JsonNode upstream = Recorded.calls()
                .call("a", "model:m", 0, 1, false, "TIMEOUT")
                .call("a", "model:m", 2, 1, false, "TIMEOUT") // trips the model at 3
                .call("b", "model:m", 4, 1, false, "TIMEOUT")
                .call("a", "tool:t", 5, 1, true, "")
                .by(By.BOTH);
        JsonNode own = Recorded.calls()
                .call("a", "model:m", 0, 1, false, "ERROR")
                .call("a", "model:m", 2, 1, false, "ERROR") // trips the agent at 3
                .call("b", "model:m", 4, 1, false, "TIMEOUT")
                .call("a", "tool:t", 5, 1, true, "")
                .by(By.BOTH);

        assertThat(upstream.get("circuits").asInt()).isEqualTo(4);
        assertThat(upstream.get("failed_avoided").asInt()).isEqualTo(1);
        assertThat(upstream.get("good_blocked").asInt()).isZero();
        assertThat(upstream.get("median_seconds_to_open").asDouble()).isEqualTo(2);
        assertThat(own.get("failed_avoided").asInt()).isZero();
        assertThat(own.get("good_blocked").asInt()).isEqualTo(1);
        assertThat(own.get("median_seconds_to_open").asDouble()).isEqualTo(2);
    }

    @Test
    void by_both_reports_to_each_circuit_what_it_refused() {
        JsonNode circuits = Recorded.calls()
                .call("a", "model:m", 0, 1, false, "TIMEOUT")
                .call("a", "model:m", 2, 1, false, "TIMEOUT")
                .call("b", "model:m", 4, 1, false, "TIMEOUT")
                .by(By.BOTH)
                .get("by_circuit");

        assertThat(circuits).hasSize(3);
        JsonNode model = circuits.get(0);
        assertThat(model.get("circuit").asText()).isEqualTo("model:m");
        assertThat(model.get("calls").asInt()).isEqualTo(3);
        assertThat(model.get("rejected").asInt()).isEqualTo(1);
        assertThat(model.get("openings").asInt()).isEqualTo(1);
        assertThat(circuits.get(1).get("circuit").asText()).isEqualTo("a");
        assertThat(circuits.get(1).get("rejected").asInt()).isZero();
        assertThat(circuits.get(2).get("calls").asInt()).isEqualTo(1);
    }

    @Test
    void by_both_counts_slow_calls_in_both_circuits() {
        CircuitBreakerConfig slow = CircuitBreakerConfig.builder()
                .minRequestsForRate(2)
                .window(Window.ofCalls(2))
                .slowCallDuration(Duration.ofSeconds(5))
                .slowCallRateThreshold(1.0)
                .build();
        JsonNode found =
                Recorded.calls().policy("slow", slow).good(0, 6).good(7, 6).by(By.BOTH);

        assertThat(found.get("circuits_opened").asInt()).isEqualTo(2);
        assertThat(found.get("median_seconds_to_open").asDouble()).isEqualTo(7);
    }

    @Test
    void an_agent_and_a_target_of_one_name_share_a_circuit() {
        JsonNode quick = Recorded.calls().call("a", "a", 0, 1, true, "").by(By.BOTH);

        assertThat(quick.get("circuits").asInt()).isEqualTo(1);
    }

    @Test
    void several_policies_do_not_disturb_each_other() {
        JsonNode alone =
                incident().policy("upstream", CircuitBreakerConfig.upstream()).by(By.AGENT);
        JsonNode together = incident()
                .policy("quick", Recorded.QUICK)
                .policy("upstream", CircuitBreakerConfig.upstream())
                .policy("half", HALF_OF_FOUR)
                .all(By.AGENT);

        assertThat(together).hasSize(3);
        assertThat(together.get(0)).isEqualTo(incident().by(By.AGENT));
        assertThat(together.get(1)).isEqualTo(alone);
    }

    @Test
    void says_the_same_each_time_though_cooldowns_are_random() {
        CircuitBreakerConfig jittered =
                Recorded.QUICK.toBuilder().cooldownJitter(1).build();

        assertThat(incident().policy("random", jittered).by(By.AGENT))
                .isEqualTo(incident().policy("random", jittered).by(By.AGENT));
    }

    @Test
    void forgets_no_circuit_that_is_idle_for_years() {
        JsonNode quick = Recorded.calls()
                .failed(0, 1)
                .failed(200_000_000, 1) // six years later
                .good(600_000_000, 1)
                .by(By.AGENT);

        assertThat(quick.get("openings").asInt()).isEqualTo(1);
        assertThat(quick.get("median_seconds_to_open").asDouble()).isEqualTo(200_000_000);
    }
}
