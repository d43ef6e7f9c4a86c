package dev.interlock.rules;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static dev.interlock.Lab.settings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitOpenException;
import dev.interlock.CircuitState;
import dev.interlock.ConfigBuilder;
import dev.interlock.FailureClassifier;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.Lab;
import dev.interlock.ManualOverride;
import dev.interlock.Outcome;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import dev.interlock.Settlement;
import dev.interlock.TransitionCause;
import dev.interlock.Window;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/** Rule 18: evidence has a source. Callers are one letter each, with slots of their own. */
class Rule18CallersTest {
    private static final String MODEL = "model:m";

    private final Lab lab = new Lab(CircuitBreakerConfig.defaults());

    Rule18CallersTest() {
        model(streak());
    }

    @Test
    void a_streak_of_one_caller_next_to_a_good_one_does_not_trip_and_that_of_a_second_one_does() {
        good("b");
        fail("a", 6);
        assertThat(model()).isClosed().hasStreak(6);

        fail("b", 1);

        assertThat(model()).isOpen();
        Assertions.assertThat(lab.lastHeard().cause()).isEqualTo(TransitionCause.FAILURE_STREAK);
    }

    @Test
    void callers_that_are_fewer_than_the_least_must_all_be_failing() {
        fail("a", 3);
        assertThat(model()).isOpen();

        Lab three = new Lab(streak().minCallers(3).build());
        three.circuits.guard("agent").withCaller("a").acquire().fail(FailureKind.ERROR);
        three.circuits.guard("agent").withCaller("a").acquire().fail(FailureKind.ERROR);
        three.circuits.guard("agent").withCaller("b").acquire(); // has asked, and nothing is known of it
        three.circuits.guard("agent").withCaller("a").acquire().fail(FailureKind.ERROR);
        assertThat(three).isClosed();
        three.circuits.guard("agent").withCaller("b").acquire().fail(FailureKind.ERROR);
        assertThat(three).isOpen();
    }

    @Test
    void a_quarter_of_the_callers_must_be_failing() {
        for (char caller = 'a'; caller <= 'l'; caller++) {
            good(String.valueOf(caller)); // twelve, a quarter of which are three
        }
        fail("a", 2);
        fail("b", 2);
        assertThat(model()).isClosed();
        fail("c", 1);
        assertThat(model()).isOpen();
    }

    @Test
    void callers_are_distinguished_by_64_slots_so_of_very_many_16_failing_ones_are_a_quarter() {
        for (int i = 0; i < 1_000; i++) {
            good("agent-" + i);
        }
        int failing = 0;
        while (model().state() == CircuitState.CLOSED) {
            fail("agent-" + failing++, 1);
        }
        Assertions.assertThat(failing).as("some of which share a slot").isBetween(16, 30);
    }

    @Test
    void a_rate_needs_failing_callers() {
        model(settings()
                .failureThreshold(null)
                .failureRateThreshold(0.5)
                .minRequestsForRate(4)
                .minCallers(2));
        good("b");
        fail("a", 6);
        assertThat(model()).isClosed();
        fail("b", 1);
        Assertions.assertThat(lab.lastHeard().cause()).isEqualTo(TransitionCause.FAILURE_RATE);
    }

    @Test
    void a_kind_that_trips_needs_failing_callers_and_the_last_failure_to_be_of_such_a_kind() {
        good("b");
        fail("a", FailureKind.MODEL_NOT_FOUND);
        assertThat(model()).isClosed();
        fail("b", FailureKind.SERVER_ERROR);
        assertThat(model()).isClosed();
        fail("b", FailureKind.MODEL_NOT_FOUND);
        Assertions.assertThat(lab.lastHeard().cause()).isEqualTo(TransitionCause.FAILURE_KIND);
    }

    @Test
    void slow_calls_count_against_the_circuit_from_enough_callers() {
        model(settings()
                .failureThreshold(null)
                .failureRateThreshold(null)
                .minRequestsForRate(2)
                .slowCallDuration(seconds(5))
                .slowCallRateThreshold(0.5)
                .minCallers(2));
        good("b");
        end("a", Outcome.success().took(seconds(5)));
        end("a", Outcome.success().took(seconds(5)));
        assertThat(model()).isClosed();
        end("b", Outcome.success().took(seconds(5)));
        Assertions.assertThat(lab.lastHeard().cause()).isEqualTo(TransitionCause.SLOW_CALL_RATE);
    }

    @Test
    void health_opens_only_with_failing_callers() {
        good("b");
        fail("a", 1);
        Assertions.assertThat(suggestOpen()).isFalse();
        fail("b", 1);
        Assertions.assertThat(suggestOpen()).isTrue();
    }

    @Test
    void a_person_opens_no_matter_who_fails() {
        good("b");
        model().override(ManualOverride.of(OverrideAction.OPEN, "ada"));
        assertThat(model()).isOpen();
    }

    @Test
    void callers_count_for_the_window_and_a_fifth_longer_at_most() {
        good("b");
        lab.pass(seconds(59));
        fail("a", 5);
        assertThat(model()).isClosed();
        lab.pass(seconds(13.1));
        fail("a", 1);
        assertThat(model()).isOpen();
    }

    @Test
    void with_a_window_of_calls_they_count_for_ten_minutes() {
        model(streak().window(Window.ofCalls(20)));
        good("b");
        lab.pass(Duration.ofMinutes(10));
        fail("a", 5);
        assertThat(model()).isClosed();
        lab.pass(Duration.ofMinutes(2).plusMillis(1));
        fail("a", 1);
        assertThat(model()).isOpen();
    }

    @Test
    void a_failure_that_is_older_than_the_window_makes_no_caller_failing() {
        fail("b", 1);
        lab.pass(seconds(73));
        begin("b");
        fail("a", 5);
        assertThat(model()).isClosed();
    }

    @Test
    void refused_callers_have_asked_and_callers_outlive_epochs() {
        model().override(ManualOverride.of(OverrideAction.HOLD_OPEN, "ada"));
        Assertions.assertThat(guard("b").tryAcquire()).isNull();
        model().override(ManualOverride.of(OverrideAction.CLOSE, "ada"));

        fail("a", 5);

        assertThat(model()).isClosed();
    }

    @Test
    void they_outlive_a_hold_closed_as_well() {
        good("b");
        model().override(ManualOverride.of(OverrideAction.HOLD_CLOSED, "ada"));
        model().override(ManualOverride.of(OverrideAction.RELEASE, "ada"));

        fail("a", 5);

        assertThat(model()).isClosed();
    }

    @Test
    void a_reset_forgets_who_failed_but_not_who_asked() {
        fail("b", 1);
        model().override(ManualOverride.of(OverrideAction.RESET, "ada"));
        fail("a", 5);
        assertThat(model()).isClosed();
    }

    @Test
    void with_one_caller_needed_nothing_is_remembered_and_nothing_changes() {
        model(streak().minCallers(1));
        good("b");
        fail("a", 3);
        assertThat(model()).isOpen();
    }

    @Test
    void from_a_policy_on_that_needs_one_caller_one_is_enough() {
        for (char caller = 'a'; caller <= 'l'; caller++) {
            good(String.valueOf(caller));
        }
        fail("a", 2);
        model(streak().minCallers(1));
        fail("a", 1);
        assertThat(model()).isOpen();
    }

    @Test
    void and_a_timeout_during_good_calls_of_others_is_the_upstreams_again() {
        Permit hanging = begin("a");
        lab.pass(seconds(1));
        good("b");
        lab.pass(seconds(1));
        model(streak().minCallers(1));

        hanging.fail(FailureKind.TIMEOUT);

        assertThat(model()).hasStreak(1);
        assertThat(agent("a")).hasStreak(0);
    }

    @Test
    void a_failure_that_only_other_callers_keep_from_tripping_counts_for_its_agent() {
        good("b");
        fail("a", 2);
        assertThat(agent("a")).hasCounted(0, 0);

        Settlement third = guard("a").acquire().fail(FailureKind.SERVER_ERROR);

        Assertions.assertThat(third).isEqualTo(Settlement.COUNTED);
        assertThat(agent("a")).hasCounted(1, 1).hasStreak(1);
        fail("a", 4);
        assertThat(agent("a")).isOpen();
        assertThat(model()).isClosed();
        Assertions.assertThat(lab.lastHeard().cause()).isEqualTo(TransitionCause.CALLER_ALONE);
        Assertions.assertThat(lab.lastHeard().cause().words()).contains("alone");
    }

    @Test
    void it_counts_for_the_agent_of_the_call_no_matter_who_its_caller_is() {
        good("b");
        Guard behindGateway = lab.circuits.guard("planner").dependingOn(MODEL).withCaller("gateway");
        for (int i = 0; i < 3; i++) {
            behindGateway.acquire().fail(FailureKind.SERVER_ERROR);
        }
        assertThat(agent("planner")).hasCounted(1, 1);
        assertThat(agent("gateway")).hasCounted(0, 0);
    }

    @Test
    void an_outcome_without_a_permit_does_so_too() {
        good("b");
        for (int i = 0; i < 3; i++) {
            guard("a").record(Outcome.failure(FailureKind.SERVER_ERROR), Duration.ZERO);
        }
        assertThat(agent("a")).hasCounted(1, 1);
        assertThat(model()).isClosed();
    }

    @Test
    void and_its_caller_has_asked() {
        guard("b").record(Outcome.success(), Duration.ZERO);
        fail("a", 5);
        assertThat(model()).isClosed();
    }

    @Test
    void a_timeout_without_a_permit_began_as_long_ago_as_is_said() {
        good("b");
        lab.pass(seconds(1));
        guard("a").record(Outcome.failure(FailureKind.TIMEOUT), seconds(0.5));
        assertThat(model()).hasStreak(1);

        guard("a").record(Outcome.failure(FailureKind.TIMEOUT), seconds(2));
        assertThat(model()).hasStreak(1);
        assertThat(agent("a")).hasStreak(1);
    }

    @Test
    void or_as_long_as_its_call_took() {
        good("b");
        lab.pass(seconds(1));
        guard("a").record(Outcome.failure(FailureKind.TIMEOUT).took(seconds(2)), Duration.ZERO);
        assertThat(model()).hasStreak(0);
        assertThat(agent("a")).hasStreak(1);
    }

    @Test
    void a_used_up_key_is_nobodys_fault_so_one_caller_is_enough_to_know_it() {
        lab.circuits.putPolicy("key:*", CircuitBreakerConfig.upstream());
        payer("b", "key:quota").acquire().succeed();
        payer("a", "key:quota").acquire().fail(FailureKind.QUOTA_EXHAUSTED);
        assertThat(agent("key:quota")).isOpen();
        Assertions.assertThat(lab.lastHeard().cause()).isEqualTo(TransitionCause.FAILURE_KIND);
        Assertions.assertThat(agent("key:quota").snapshot().retryAfter())
                .isGreaterThanOrEqualTo(Duration.ofMinutes(15));

        payer("b", "key:limit").acquire().succeed();
        payer("a", "key:limit")
                .acquire()
                .settle(Outcome.failure(FailureKind.RATE_LIMITED).retryAfter(seconds(30)));
        assertThat(agent("key:limit")).isOpen();

        payer("b", "key:streak").acquire().succeed();
        for (int i = 0; i < 5; i++) {
            payer("a", "key:streak").acquire().fail(FailureKind.RATE_LIMITED);
        }
        assertThat(agent("key:streak")).isOpen();
        Assertions.assertThat(lab.lastHeard().cause()).isEqualTo(TransitionCause.FAILURE_STREAK);

        assertThat(agent("a")).isClosed().hasCounted(0, 0);
        assertThat(model()).isClosed();
    }

    @Test
    void a_key_that_refuses_one_caller_may_be_good_for_the_others() {
        lab.circuits.putPolicy("key:*", CircuitBreakerConfig.upstream());
        payer("b", "key:k").acquire().succeed();
        payer("a", "key:k").acquire().fail(FailureKind.AUTHENTICATION);
        assertThat(agent("key:k")).isClosed();
        assertThat(agent("a")).isOpen();
        payer("b", "key:k").acquire().fail(FailureKind.AUTHENTICATION);
        assertThat(agent("key:k")).isOpen();

        payer("d", "key:forbids").acquire().succeed();
        for (int i = 0; i < 9; i++) {
            payer("c", "key:forbids").record(Outcome.failure(FailureKind.FORBIDDEN), Duration.ZERO);
        }
        assertThat(agent("key:forbids")).isClosed();
        assertThat(agent("c")).isOpen();
    }

    @Test
    void a_quota_that_a_model_without_a_key_reports_needs_callers() {
        good("b");
        fail("a", FailureKind.QUOTA_EXHAUSTED);
        assertThat(model()).isClosed();
        fail("b", FailureKind.QUOTA_EXHAUSTED);
        assertThat(model()).isOpen();
    }

    @Test
    void a_guard_whose_agent_is_the_upstream_is_one_caller_without_a_circuit_of_its_own() {
        good("b");
        for (int i = 0; i < 5; i++) {
            lab.circuits.guard(MODEL).acquire().fail(FailureKind.SERVER_ERROR);
        }
        assertThat(model()).isClosed().hasStreak(5).hasCounted(6, 5);
    }

    @Test
    void a_timeout_is_the_agents_if_a_good_call_of_another_caller_has_ended_since_it_began() {
        Permit hanging = begin("a");
        lab.pass(seconds(1));
        good("b");
        lab.pass(seconds(1));

        hanging.fail(FailureKind.TIMEOUT);

        assertThat(model()).hasCounted(1, 0).hasStreak(0);
        assertThat(agent("a")).hasStreak(1);
    }

    @Test
    void that_holds_for_calls_without_a_permit_object() {
        Guard alone = lab.circuits.guard(MODEL).withCaller("a");
        alone.call(() -> "well");
        Assertions.assertThatThrownBy(() -> alone.call(() -> {
                    lab.pass(seconds(1));
                    CompletableFuture.runAsync(() -> good("b")).join(); // by another thread: no call within this one
                    lab.pass(seconds(1));
                    throw new SocketTimeoutException();
                }))
                .isInstanceOf(SocketTimeoutException.class);
        assertThat(model()).hasCounted(2, 0).hasStreak(0);
    }

    @Test
    void an_upstream_that_hangs_brings_no_good_call_so_its_timeouts_count() {
        good("b");
        lab.pass(seconds(1));
        Permit hanging = begin("a");
        lab.pass(seconds(30));
        hanging.fail(FailureKind.TIMEOUT);
        assertThat(model()).hasCounted(2, 1).hasStreak(1);
    }

    @Test
    void ones_own_good_call_says_nothing_of_ones_timeout() {
        Permit hanging = begin("a");
        lab.pass(seconds(1));
        good("a");
        lab.pass(seconds(1));
        hanging.fail(FailureKind.TIMEOUT);
        assertThat(model()).hasStreak(1);
    }

    @Test
    void a_timeout_that_a_status_reports_is_the_upstreams() {
        Permit waiting = begin("a");
        lab.pass(seconds(1));
        good("b");
        lab.pass(seconds(1));
        waiting.settle(FailureClassifier.ofHttpStatus(504));
        assertThat(model()).hasStreak(1);
        assertThat(agent("a")).hasStreak(0);
    }

    @Test
    void a_timeout_of_a_trial_gives_its_place_back_if_another_trial_has_succeeded_since() {
        model(streak().halfOpenMaxRequests(3).successThreshold(3));
        fail("a", 3);
        lab.pass(seconds(60));
        good("b");
        Permit hanging = begin("a");
        lab.pass(seconds(1));
        good("b");
        hanging.fail(FailureKind.TIMEOUT);
        assertThat(model()).isHalfOpen().hasTrials(0, 2);
    }

    @Test
    void the_caller_whose_trial_failed_last_waits_a_tenth_of_the_cooldown_longer_so_that_another_can_try() {
        reopenBy("a");
        begin2Refused("b");

        lab.pass(seconds(60));
        CircuitOpenException refused = Assertions.catchThrowableOfType(
                CircuitOpenException.class, () -> guard("a").acquire());
        Assertions.assertThat(refused.retryAfter()).isEqualTo(seconds(6));
        assertThat(model()).isOpen();

        good("b");
        assertThat(model()).isHalfOpen();
        Assertions.assertThat(guard("a").tryAcquire()).isNull();
        lab.pass(seconds(6));
        Assertions.assertThat(guard("a").tryAcquire()).isNotNull();
    }

    @Test
    void it_waits_at_least_a_second_longer() {
        model(streak().cooldown(seconds(2)));
        reopenBy("a");
        begin2Refused("b");
        lab.pass(seconds(2));
        Assertions.assertThatThrownBy(() -> guard("a").acquire())
                .isInstanceOfSatisfying(
                        CircuitOpenException.class,
                        refused -> Assertions.assertThat(refused.retryAfter()).isEqualTo(seconds(1)));
        lab.pass(seconds(1));
        Assertions.assertThat(guard("a").tryAcquire()).isNotNull();
    }

    @Test
    void it_waits_for_nobody_if_no_other_caller_asked() {
        reopenBy("a");
        lab.pass(seconds(60));
        Assertions.assertThat(guard("a").tryAcquire()).isNotNull();
    }

    @Test
    void an_outcome_without_a_permit_of_that_caller_is_no_trial_either() {
        reopenBy("a");
        begin2Refused("b");
        lab.pass(seconds(60));
        Settlement settlement = lab.circuits.guard(MODEL).withCaller("a").record(Outcome.success(), Duration.ZERO);
        Assertions.assertThat(settlement).isEqualTo(Settlement.IGNORED);
        assertThat(model()).isOpen();
    }

    private static ConfigBuilder streak() {
        return settings()
                .failureThreshold(3)
                .failureRateThreshold(null)
                .minCallers(2)
                .cooldown(seconds(60));
    }

    private void reopenBy(String caller) {
        fail(caller, 3);
        lab.pass(model().snapshot().retryAfter());
        fail(caller, 1);
        assertThat(model()).isOpen();
    }

    private void begin2Refused(String caller) {
        Assertions.assertThat(guard(caller).tryAcquire()).isNull();
    }

    private boolean suggestOpen() {
        return model().suggest(ManualOverride.of(OverrideAction.OPEN, "health"), model().epoch());
    }

    private void model(ConfigBuilder policy) {
        lab.circuits.putPolicy(MODEL, policy.build());
    }

    private CircuitBreaker model() {
        return lab.circuits.getOrCreate(MODEL);
    }

    private CircuitBreaker agent(String name) {
        return lab.circuits.getOrCreate(name);
    }

    private Guard payer(String agent, String key) {
        return lab.circuits.guard(agent).dependingOn(key);
    }

    private Guard guard(String agent) {
        return lab.circuits.guard(agent).dependingOn(MODEL);
    }

    private Permit begin(String agent) {
        return guard(agent).acquire();
    }

    private void good(String agent) {
        begin(agent).succeed();
    }

    private void fail(String agent, int times) {
        for (int i = 0; i < times; i++) {
            begin(agent).fail(FailureKind.SERVER_ERROR);
        }
    }

    private void fail(String agent, FailureKind kind) {
        begin(agent).fail(kind);
    }

    private void end(String agent, Outcome outcome) {
        begin(agent).settle(outcome);
    }
}
