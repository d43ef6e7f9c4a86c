package dev.interlock.rules;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static dev.interlock.Lab.settings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreaker;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.Lab;
import dev.interlock.Outcome;
import dev.interlock.Permit;
import dev.interlock.Settlement;
import dev.interlock.TransitionCause;
import dev.interlock.Treatment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rule 5: the caller's own mistake, correctly refused. */
class Rule05AnsweredOutcomesTest {
    private final Lab lab =
            new Lab(settings().failureRateThreshold(null).upstream(true).build());
    private final Guard one = lab.circuits.guard("agent").withCaller("one");
    private final Guard other = lab.circuits.guard("agent").withCaller("other");

    @ParameterizedTest
    @EnumSource(
            value = FailureKind.class,
            names = {"CONTEXT_LENGTH", "INVALID_REQUEST", "CONTENT_FILTERED"})
    void for_an_upstream_it_is_a_call_in_the_window_and_no_failure(FailureKind kind) {
        assertThat(kind.treatment(false)).isEqualTo(Treatment.ANSWERED);

        assertThat(one.acquire().fail(kind)).isEqualTo(Settlement.COUNTED);

        assertThat(lab).hasCounted(1, 0).hasStreak(0);
    }

    @Test
    void it_ends_the_streak_only_as_its_callers_first_since_another_outcome_of_that_caller() {
        fail(one);
        refused(one);
        assertThat(lab).hasStreak(0);

        fail(other);
        refused(one);
        assertThat(lab).hasStreak(1);

        refused(other);
        assertThat(lab).hasStreak(0);

        fail(one);
        refused(one);
        assertThat(lab).hasStreak(0);

        fail(other);
        one.acquire().succeed();
        fail(other);
        refused(one);
        assertThat(lab).hasStreak(0);
    }

    @Test
    void one_that_was_given_up_is_no_other_outcome() {
        refused(one);
        one.acquire().cancel();
        fail(other);
        refused(one);
        assertThat(lab).hasStreak(1);
    }

    @Test
    void as_a_trial_it_is_a_success_at_most_once_a_caller_and_epoch_else_it_gives_its_place_back() {
        lab.tripAndCool();

        refused(one);
        assertThat(lab).isHalfOpen().hasTrials(0, 1);
        refused(one);
        refused(one);
        assertThat(lab).isHalfOpen().hasTrials(0, 1);

        refused(other);
        assertThat(lab).isClosed();
    }

    @Test
    void in_the_next_half_open_epoch_it_is_one_again() {
        lab.tripAndCool();
        refused(one);
        fail(other);
        lab.pass(seconds(60));

        refused(one);

        assertThat(lab).isHalfOpen().hasTrials(0, 1);
    }

    @Test
    void a_slow_one_is_slow() {
        Lab slow = new Lab(settings()
                .upstream(true)
                .failureThreshold(null)
                .failureRateThreshold(null)
                .minRequestsForRate(2)
                .slowCallDuration(seconds(10))
                .slowCallRateThreshold(1.0)
                .build());
        slow.end(Outcome.failure(FailureKind.INVALID_REQUEST).took(seconds(10)), 2);
        assertThat(slow).isOpen();
        assertThat(slow.lastHeard().cause()).isEqualTo(TransitionCause.SLOW_CALL_RATE);

        slow.pass(seconds(60)).end(Outcome.failure(FailureKind.INVALID_REQUEST).took(seconds(10)));
        assertThat(slow.lastHeard().cause()).isEqualTo(TransitionCause.TRIAL_FAILED);
    }

    @Test
    void of_a_call_with_several_circuits_model_and_key_take_it_and_the_agent_does_not() {
        Guard planner = lab.circuits.guard("planner").dependingOn("model:m", "tool:t", "key:k");
        for (String name : new String[] {"planner", "model:m", "tool:t", "key:k"}) {
            lab.circuits.getOrCreate(name).recordFailure(FailureKind.ERROR);
        }

        Settlement settlement = planner.acquire().fail(FailureKind.INVALID_REQUEST);

        assertThat(settlement).isEqualTo(Settlement.COUNTED);
        assertThat(circuit("model:m")).hasStreak(0).hasCounted(2, 1);
        assertThat(circuit("key:k")).hasStreak(0).hasCounted(2, 1);
        assertThat(circuit("tool:t")).hasStreak(1).hasCounted(1, 1);
        assertThat(circuit("planner")).hasStreak(1).hasCounted(1, 1);
    }

    @Test
    void without_a_model_it_is_the_only_upstreams() {
        lab.circuits.guard("planner").dependingOn("tool:t").acquire().fail(FailureKind.INVALID_REQUEST);
        assertThat(circuit("tool:t")).hasCounted(1, 0);
    }

    @Test
    void names_of_upstreams_are_upstreams_whatever_their_policy_says() {
        Lab plain = new Lab();
        for (String name : new String[] {"model:m", "tool:t", "key:k", "mcp:s"}) {
            CircuitBreaker circuit = plain.circuits.getOrCreate(name);
            circuit.recordFailure(FailureKind.ERROR);
            circuit.recordFailure(FailureKind.INVALID_REQUEST);
            assertThat(circuit).hasStreak(0).hasCounted(2, 1);
        }
        plain.fail();
        try (Permit permit = plain.begin()) {
            assertThat(permit.fail(FailureKind.INVALID_REQUEST)).isEqualTo(Settlement.IGNORED);
        }
        assertThat(plain).hasStreak(1).hasCounted(1, 1);
    }

    private CircuitBreaker circuit(String name) {
        return lab.circuits.getOrCreate(name);
    }

    private static void fail(Guard guard) {
        guard.acquire().fail(FailureKind.ERROR);
    }

    private static void refused(Guard guard) {
        guard.acquire().fail(FailureKind.INVALID_REQUEST);
    }
}
