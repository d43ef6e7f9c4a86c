package dev.interlock.rules;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static dev.interlock.Lab.settings;
import static dev.interlock.rules.Fixtures.COOLDOWN;
import static dev.interlock.rules.Fixtures.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.ConfigBuilder;
import dev.interlock.FailureKind;
import dev.interlock.Lab;
import dev.interlock.OverrideAction;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rule 19: kinds have cooldowns. */
class Rule19CooldownsOfKindsTest {
    private static final Duration QUARTER_HOUR = Duration.ofMinutes(15);

    private static ConfigBuilder quota() {
        return settings().cooldown(FailureKind.QUOTA_EXHAUSTED, QUARTER_HOUR);
    }

    private static void cool(Lab lab) {
        lab.pass(lab.circuit.snapshot().retryAfter());
    }

    @Test
    void a_kind_opens_for_a_time_of_its_own() {
        Lab lab = new Lab(quota().build());
        lab.fail(FailureKind.QUOTA_EXHAUSTED);
        assertThat(lab).isOpen().refusesFor(QUARTER_HOUR);
    }

    @Test
    void others_open_for_the_cooldown() {
        Lab lab = new Lab(quota().build());
        lab.fail(FailureKind.MODEL_NOT_FOUND);
        assertThat(lab).isOpen().refusesFor(COOLDOWN);
    }

    @Test
    void a_time_of_its_own_may_be_shorter() {
        Lab lab = new Lab(settings().cooldown(FailureKind.LOOP, seconds(5)).build());
        lab.fail(FailureKind.LOOP);
        assertThat(lab).isOpen().refusesFor(seconds(5));
    }

    @Test
    void the_base_is_that_of_the_kind_that_opens_now_and_not_of_those_before() {
        Lab lab = new Lab(settings().cooldown(FailureKind.TIMEOUT, seconds(600)).build());
        lab.fail(FailureKind.TIMEOUT).fail(4);
        assertThat(lab).isOpen().refusesFor(COOLDOWN);

        Lab last =
                new Lab(settings().cooldown(FailureKind.TIMEOUT, seconds(600)).build());
        last.fail(4).fail(FailureKind.TIMEOUT);
        assertThat(last).isOpen().refusesFor(seconds(600));
    }

    @Test
    void the_base_is_that_of_the_kind_that_reopens_now() {
        Lab lab = new Lab(quota().build());
        lab.fail(FailureKind.QUOTA_EXHAUSTED);
        cool(lab);
        lab.fail();
        assertThat(lab).isOpen().hasOpened(2).refusesFor(COOLDOWN);
        cool(lab);
        lab.fail(FailureKind.QUOTA_EXHAUSTED);
        assertThat(lab).isOpen().hasOpened(3).refusesFor(QUARTER_HOUR);
    }

    @Test
    void growth_counts_failed_trials_of_any_kind() {
        Lab lab = new Lab(
                quota().cooldownMultiplier(2).cooldownMax(Duration.ofHours(5)).build());
        lab.fail(FailureKind.LOOP);
        cool(lab);
        lab.fail();
        cool(lab);
        lab.fail(FailureKind.QUOTA_EXHAUSTED);
        assertThat(lab).isOpen().hasOpened(3).refusesFor(Duration.ofHours(1));
        cool(lab);
        lab.fail();
        assertThat(lab).isOpen().hasOpened(4).refusesFor(COOLDOWN.multipliedBy(8));
    }

    @Test
    void its_cap_is_the_longer_of_that_of_all_and_itself() {
        Lab lab = new Lab(quota().cooldownMultiplier(2).build()); // capped at 4 min, and at 15 min for the quota
        lab.fail(FailureKind.QUOTA_EXHAUSTED);
        for (int i = 2; i < 6; i++) {
            cool(lab);
            lab.fail(FailureKind.QUOTA_EXHAUSTED);
            assertThat(lab).isOpen().hasOpened(i).refusesFor(QUARTER_HOUR);
        }
        cool(lab);
        lab.fail();
        assertThat(lab).isOpen().refusesFor(Duration.ofMinutes(4));

        Lab wide = new Lab(quota().cooldownMultiplier(2)
                .cooldownMax(Duration.ofMinutes(20))
                .build());
        wide.fail(FailureKind.QUOTA_EXHAUSTED);
        cool(wide);
        wide.fail(FailureKind.QUOTA_EXHAUSTED);
        assertThat(wide).isOpen().hasOpened(2).refusesFor(Duration.ofMinutes(20));
    }

    @Test
    void jitter_comes_on_top_of_it() {
        Lab lab = new Lab(quota().cooldownJitter(0.1).build());
        lab.chance = 0.5;
        lab.fail(FailureKind.QUOTA_EXHAUSTED);
        assertThat(lab).refusesFor(Duration.ofSeconds(945));
    }

    @Test
    void a_longer_retry_after_wins_and_a_shorter_one_does_not() {
        Lab longer = new Lab(quota().build());
        longer.end(failure(FailureKind.QUOTA_EXHAUSTED).retryAfter(Duration.ofMinutes(30)));
        assertThat(longer).refusesFor(Duration.ofMinutes(30));

        Lab shorter = new Lab(quota().build());
        shorter.end(failure(FailureKind.QUOTA_EXHAUSTED).retryAfter(seconds(30)));
        assertThat(shorter).refusesFor(QUARTER_HOUR);
    }

    @Test
    void a_rate_limit_with_a_wait_goes_by_that_and_without_one_by_its_own_time() {
        CircuitBreakerConfig limited = settings()
                .failureThreshold(1)
                .cooldown(FailureKind.RATE_LIMITED, QUARTER_HOUR)
                .build();
        Lab waits = new Lab(limited);
        waits.end(failure(FailureKind.RATE_LIMITED).retryAfter(seconds(30)));
        assertThat(waits).isOpen().refusesFor(seconds(30));

        Lab without = new Lab(limited);
        without.fail(FailureKind.RATE_LIMITED);
        assertThat(without).isOpen().refusesFor(QUARTER_HOUR);
    }

    @Test
    void what_no_failure_opens_goes_by_the_cooldown() {
        Lab lab = new Lab(quota().build());
        lab.override(OverrideAction.OPEN);
        assertThat(lab).isOpen().refusesFor(COOLDOWN);
    }

    @Test
    void the_named_policies_have_them_and_the_default_has_none() {
        for (CircuitBreakerConfig named : List.of(
                CircuitBreakerConfig.recommended(), CircuitBreakerConfig.upstream(), CircuitBreakerConfig.attempts())) {
            Lab quota = new Lab(named);
            quota.fail(FailureKind.QUOTA_EXHAUSTED);
            assertThat(quota).isOpen().refusesFor(QUARTER_HOUR);

            Lab key = new Lab(named);
            key.fail(FailureKind.AUTHENTICATION);
            assertThat(key).isOpen().refusesFor(Duration.ofMinutes(5));
        }
        Lab standard = new Lab();
        standard.fail(FailureKind.QUOTA_EXHAUSTED);
        assertThat(standard).isOpen().refusesFor(COOLDOWN);
        assertThat(CircuitBreakerConfig.defaults().cooldowns()).isEmpty();
    }
}
