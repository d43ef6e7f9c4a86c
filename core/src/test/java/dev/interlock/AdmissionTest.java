package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Calls of one circuit alone, by the short way and with a permit, where it matters who calls and how long they take. */
class AdmissionTest {
    private static final String MODEL = "model:m";
    private static final Duration FORGOTTEN = Duration.ofMinutes(3);

    private final Lab lab = new Lab();

    private static void nothing() {}

    private CircuitBreaker model() {
        return lab.circuits.getOrCreate(MODEL);
    }

    private void model(ConfigBuilder policy) {
        lab.circuits.putPolicy(MODEL, policy.build());
    }

    private static ConfigBuilder ofTwoCallers() {
        return Lab.settings().failureThreshold(3).failureRateThreshold(null).minCallers(2);
    }

    private Guard caller(String name) {
        return lab.circuits.guard(MODEL).withCaller(name);
    }

    private void fail(Guard guard, int times) {
        for (int i = 0; i < times; i++) {
            guard.acquire().fail(FailureKind.SERVER_ERROR);
        }
    }

    /** One caller's failures open it, and so does its trial; another one has asked, and could try now. */
    private void openByFailedTrial(Guard failing, Guard other) {
        fail(failing, 3);
        lab.pass(seconds(60));
        fail(failing, 1);
        assertThat(model()).isOpen();
        assertThat(other.tryAcquire()).isNull();
        lab.pass(seconds(60));
    }

    @Test
    void who_calls_by_the_short_way_has_asked() {
        model(ofTwoCallers());
        List<Guard> callers = List.of(caller("a"), caller("b"), caller("c"));
        callers.forEach(caller -> caller.run(AdmissionTest::nothing)); // from now on they go the short way
        lab.pass(FORGOTTEN);

        callers.forEach(caller -> caller.run(AdmissionTest::nothing));
        fail(callers.get(0), 5);

        assertThat(model()).isClosed(); // only one of three fails
        fail(callers.get(1), 1);
        assertThat(model()).isOpen();
    }

    @Test
    void each_call_by_the_short_way_is_counted() {
        Guard guard = lab.circuits.guard("agent");
        for (int i = 0; i < 4; i++) {
            guard.run(AdmissionTest::nothing);
        }
        assertThat(lab).hasCounted(4, 0);
    }

    @Test
    void a_caller_whose_trial_failed_last_is_no_trial_while_another_can_try() {
        model(ofTwoCallers().cooldown(seconds(60)).halfOpenMaxRequests(2).trialsAtOnce(2));
        Guard a = caller("a");
        Guard b = caller("b");
        openByFailedTrial(a, b);

        assertThatThrownBy(a::acquire)
                .isInstanceOfSatisfying(
                        CircuitOpenException.class,
                        refused -> assertThat(refused.retryAfter()).isEqualTo(seconds(6)));
        assertThat(a.tryAcquire()).isNull();
        assertThat(model()).isOpen();
        Permit trial = b.acquire();
        assertThat(model()).isHalfOpen();
        assertThat(a.tryAcquire()).isNull();
        lab.pass(seconds(6).minusNanos(1));
        assertThat(a.tryAcquire()).isNull();
        lab.pass(Duration.ofNanos(1));
        assertThat(a.tryAcquire()).isNotNull();
        trial.cancel();
    }

    @Test
    void a_caller_that_must_wait_does_not_close_the_circuit_from_within_a_trial() {
        ConfigBuilder policy =
                ofTwoCallers().cooldown(seconds(60)).halfOpenMaxRequests(2).trialsAtOnce(2);
        model(policy.successThreshold(2));
        Guard a = caller("a");
        Guard b = caller("b");
        openByFailedTrial(a, b);
        Permit trial = b.acquire();
        b.acquire().succeed();
        model(policy.successThreshold(1)); // so the success that there is would be enough

        trial.run(() -> assertThat(a.tryAcquire()).isNull());
        assertThat(model()).isHalfOpen();
        trial.run(() -> assertThat(b.tryAcquire()).isNotNull());
        assertThat(model()).isClosed();
        trial.cancel();
    }

    @Test
    void a_call_within_its_own_trial_takes_that_place_over_although_it_must_wait() {
        model(ofTwoCallers().cooldown(seconds(60)).halfOpenMaxRequests(2).trialsAtOnce(2));
        Guard a = caller("a");
        Guard b = caller("b");
        openByFailedTrial(a, b);

        Permit trial = b.acquire();
        trial.run(() -> assertThat(a.tryAcquire()).isNotNull());
        trial.cancel();
    }

    @Test
    void a_trial_whose_inner_call_is_refused_says_nothing() {
        Lab one = new Lab(Lab.settings()
                .halfOpenMaxRequests(1)
                .successThreshold(1)
                .trialTimeout(seconds(60))
                .build());
        Permit trial = one.firstTrial();
        one.pass(seconds(60)); // its lease is over, so that it has no place to lend
        Permit other = one.begin();

        trial.run(() -> assertThat(one.circuit.tryAcquire()).isNull());

        assertThat(trial.fail(FailureKind.ERROR)).isEqualTo(Settlement.IGNORED);
        assertThat(one).isHalfOpen().hasTrials(1, 0);
        other.cancel();
    }

    @Test
    void who_is_refused_by_another_of_its_circuits_has_asked() {
        model(ofTwoCallers());
        lab.trip();
        assertThat(lab.circuits.guard("agent").dependingOn(MODEL).tryAcquire()).isNull();

        fail(caller("a"), 5);

        assertThat(model()).isClosed(); // only one of two fails
    }

    @Test
    void a_timed_permit_of_a_circuit_that_knows_its_callers_takes_as_long_as_it_takes() {
        lab.pass(seconds(1000));
        model(ofTwoCallers()
                .slowCallDuration(seconds(1))
                .slowCallRateThreshold(1.0)
                .minRequestsForRate(1));
        Permit fast = caller("a").acquire();
        lab.pass(seconds(0.999));
        fast.succeed();
        assertThat(model().snapshot().figures().slow()).isZero();

        Permit slow = caller("a").acquire();
        lab.pass(seconds(1));
        slow.succeed();
        assertThat(model().snapshot().figures().slow()).isEqualTo(1);
    }

    @Test
    void an_observed_call_whose_failure_is_anothers_is_late_like_any_that_passes() {
        lab.circuits.putPolicy("agent", Lab.settings().mode(Mode.OBSERVE).build());
        lab.trip();
        Permit passing = lab.circuits.guard("agent").dependingOn(MODEL).acquire();

        passing.fail(FailureKind.SERVER_ERROR);

        assertThat(lab.circuit).isOpen().hasLate(1);
        assertThat(model().snapshot().figures().failures()).isEqualTo(1);
    }

    @Test
    void a_reference_to_a_forgotten_circuit_takes_overrides_for_its_successor_and_says_what_they_changed() {
        CircuitBreaker kept = model();
        lab.pass(Duration.ofHours(26));
        assertThat(model()).isNotSameAs(kept);

        assertThat(kept.override(ManualOverride.of(OverrideAction.CLOSE, "ann")))
                .isFalse();
        assertThat(kept.override(ManualOverride.of(OverrideAction.OPEN, "ann"))).isTrue();
        assertThat(kept.override(ManualOverride.of(OverrideAction.OPEN, "ann"))).isFalse();
        assertThat(model()).isOpen();
        assertThat(kept.toString()).isEqualTo("CircuitBreaker[model:m OPEN]").isEqualTo(model().toString());
        long epoch = model().epoch();
        assertThat(kept.epoch()).isEqualTo(epoch);
        assertThat(kept.refusal(lab.circuits.engine().itself, null))
                .isEqualTo(seconds(60).toNanos());
        assertThat(kept.suggest(ManualOverride.of(OverrideAction.PROBE_NOW, "health"), epoch - 1))
                .isFalse();
        assertThat(kept.suggest(ManualOverride.of(OverrideAction.PROBE_NOW, "health"), epoch))
                .isTrue();
        assertThat(kept.tryAcquire()).isNotNull();
    }
}
