package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.TallyRules;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What follows from the settings of a policy: by what rules all judge, how long a cooldown and a wait are. */
class PolicyRulesTest {
    private final Lab lab = new Lab();

    @Test
    void all_processes_judge_a_shared_circuit_by_the_rules_of_its_policy_and_by_no_other() {
        CircuitBreakerConfig all = Lab.settings()
                .failureThreshold(3)
                .failureRateThreshold(0.4)
                .slowCallDuration(Lab.seconds(5))
                .slowCallRateThreshold(0.7)
                .minRequestsForRate(8)
                .window(Window.ofTime(Lab.seconds(30)))
                .build();
        assertThat(policy(all).tallyRules()).isEqualTo(new TallyRules(3, 0.4, 0.7, 8, Lab.seconds(30), 0));
        TallyRules none = policy(all.toBuilder()
                        .failureThreshold(null)
                        .failureRateThreshold(null)
                        .slowCallDuration(null)
                        .slowCallRateThreshold(null)
                        .window(Window.ofCalls(20))
                        .build())
                .tallyRules();
        assertThat(none.failureThreshold()).isZero();
        assertThat(none.failureRate()).isGreaterThan(1);
        assertThat(none.slowCallRate()).isGreaterThan(1);
        assertThat(none.window()).isNull();
        assertThat(none.windowCalls()).isEqualTo(20);
    }

    @Test
    void callers_are_known_to_all_processes_only_where_these_share_the_circuit() {
        CircuitBreakerConfig shared = Lab.settings().scope(Scope.SHARED).build();
        assertThat(policy(shared).callers(0)).isNotInstanceOf(FleetCallers.class);
        Lab together = new Lab(shared, builder -> builder.store(new UnansweringStore()));
        try (CircuitBreakerManager circuits = together.circuits) {
            assertThat(together.circuit.policy().callers(0)).isInstanceOf(FleetCallers.class);
            circuits.putPolicy("local", Lab.settings().build());
            assertThat(circuits.getOrCreate("local").policy().callers(0)).isNotInstanceOf(FleetCallers.class);
        }
    }

    @Test
    void each_failed_trial_lets_a_cooldown_grow_up_to_its_longest_which_is_no_shorter_than_that_of_a_kind() {
        Policy policy = policy(Lab.settings()
                .cooldown(Lab.seconds(60))
                .cooldownMultiplier(2)
                .cooldownMax(Lab.seconds(200))
                .cooldownJitter(0.5)
                .cooldown(FailureKind.QUOTA_EXHAUSTED, Lab.seconds(600))
                .build());
        assertThat(policy.cooldown(0, FailureKind.ERROR, -1, -1)).isEqualTo(nanos(60));
        assertThat(policy.cooldown(1, null, -1, -1)).isEqualTo(nanos(120));
        assertThat(policy.cooldown(2, FailureKind.ERROR, -1, -1)).isEqualTo(nanos(200));
        assertThat(policy.cooldown(1, FailureKind.QUOTA_EXHAUSTED, -1, -1)).isEqualTo(nanos(600));
        lab.chance = 0.5;
        assertThat(policy.cooldown(0, FailureKind.ERROR, -1, -1)).isEqualTo(nanos(75));
    }

    @Test
    void a_cooldown_is_as_long_as_a_failure_asks_and_of_a_rate_limit_no_longer() {
        Policy policy = policy(Lab.settings().cooldown(Lab.seconds(60)).build());
        assertThat(policy.cooldown(0, FailureKind.ERROR, nanos(20), nanos(90))).isEqualTo(nanos(90));
        assertThat(policy.cooldown(0, FailureKind.ERROR, nanos(20), nanos(20))).isEqualTo(nanos(60));
        assertThat(policy.cooldown(0, FailureKind.RATE_LIMITED, nanos(20), nanos(20)))
                .isEqualTo(nanos(20));
        assertThat(policy.cooldown(0, FailureKind.RATE_LIMITED, -1, nanos(20))).isEqualTo(nanos(60));
        assertThat(policy.cooldown(0, FailureKind.RATE_LIMITED, 0, nanos(20))).isEqualTo(nanos(60));
        Policy ofCallers =
                policy(Lab.settings().cooldown(Lab.seconds(60)).minCallers(2).build());
        assertThat(ofCallers.cooldown(0, FailureKind.ERROR, nanos(20), nanos(90)))
                .as("that of another caller")
                .isEqualTo(nanos(60));
    }

    @Test
    void what_a_failure_asks_to_wait_is_kept_within_bounds_and_no_wait_is_none() {
        Policy policy = policy(Lab.settings()
                .retryAfterMin(Lab.seconds(5))
                .retryAfterMax(Lab.seconds(100))
                .build());
        Outcome limited = Outcome.failure(FailureKind.RATE_LIMITED);
        Outcome failed = Outcome.failure(FailureKind.ERROR);
        assertThat(waitOf(policy, limited)).isNegative();
        assertThat(waitOf(policy, limited.retryAfter(Duration.ZERO))).isNegative();
        assertThat(waitOf(policy, limited.retryAfter(Duration.ofNanos(1)))).isEqualTo(nanos(5));
        assertThat(waitOf(policy, failed.retryAfter(Lab.seconds(50)))).isEqualTo(nanos(50));
        assertThat(waitOf(policy, failed.retryAfter(Lab.seconds(101)))).isEqualTo(nanos(100));
        lab.chance = 0.5;
        assertThat(waitOf(policy, limited.retryAfter(Lab.seconds(50))))
                .as("callers that are limited at once come back apart")
                .isEqualTo(nanos(55));
        assertThat(waitOf(policy, failed.retryAfter(Lab.seconds(50)))).isEqualTo(nanos(50));
        assertThat(waitOf(policy, limited.retryAfter(Lab.seconds(95)))).isEqualTo(nanos(100));
    }

    private Policy policy(CircuitBreakerConfig config) {
        lab.govern(config);
        return lab.circuit.policy();
    }

    private static long waitOf(Policy policy, Outcome outcome) {
        return policy.judge(CircuitId.of("agent"), outcome, -1, 0, policy.engine.itself, null)
                .retryAfterNanos();
    }

    private static long nanos(double seconds) {
        return Lab.seconds(seconds).toNanos();
    }
}
