package dev.interlock.rules;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static dev.interlock.Lab.settings;
import static dev.interlock.rules.Fixtures.A_NANO;
import static dev.interlock.rules.Fixtures.COOLDOWN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.FailureKind;
import dev.interlock.Gate;
import dev.interlock.Lab;
import dev.interlock.OverrideAction;
import dev.interlock.ProbeSettings;
import dev.interlock.TransitionCause;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rule 20: what a counted failure in closed does where probes are trusted. */
class Rule20SuspicionTest {
    private static final Duration INTERVAL = ProbeSettings.defaults().interval();

    /** What probes answer, in order; then good. */
    private final Deque<Boolean> answers = new ArrayDeque<>();

    private final List<Boolean> asked = new ArrayList<>();
    private final Lab lab = lab(settings().build(), ProbeSettings.defaults().suspicion());

    @Test
    void a_counted_failure_asks_so_many_probes_and_if_all_fail_the_circuit_opens() {
        answers.addAll(List.of(false, false));

        lab.fail();

        assertThat(lab).isOpen().refusesFor(COOLDOWN);
        assertThat(lab.lastHeard().cause()).isEqualTo(TransitionCause.PROBES_FAILED);
        assertThat(lab.lastHeard().describe()).isEqualTo("agent: CLOSED -> OPEN, probes failed after a failure");
        assertThat(asked).hasSize(2);
    }

    @Test
    void one_good_probe_ends_the_suspicion() {
        answers.addAll(List.of(false, true));
        lab.fail();
        assertThat(lab).isClosed();

        answers.addAll(List.of(true, false));
        lab.pass(INTERVAL).fail();

        assertThat(lab).isClosed().hasStreak(2);
        assertThat(asked).hasSize(4);
    }

    @Test
    void a_circuit_is_suspected_at_most_once_an_interval() {
        lab.fail(2);
        assertThat(asked).hasSize(2);
        lab.pass(INTERVAL.minus(A_NANO)).fail();
        assertThat(asked).hasSize(2);

        lab.pass(A_NANO).fail();

        assertThat(asked).hasSize(4);
    }

    @Test
    void only_a_counted_failure_is_a_reason() {
        lab.succeed().fail(FailureKind.CANCELLED).fail(FailureKind.INVALID_REQUEST);

        assertThat(asked).isEmpty();
    }

    @Test
    void none_is_asked_where_suspicion_is_off() {
        Lab unsuspecting = lab(settings().build(), 0);
        asked.clear();

        unsuspecting.fail(2);

        assertThat(asked).isEmpty();
    }

    @Test
    void one_that_is_not_trusted_is_not_asked() {
        answers.addAll(List.of(false, false, false));
        Lab untrusted = new Lab(
                settings().probe(ProbeSettings.defaults()).build(),
                builder -> builder.probe("*", id -> ask()).randomness(() -> 0.5));
        asked.clear();

        untrusted.fail(2);

        assertThat(asked).as("the search, by the first failure").hasSize(1);
        assertThat(untrusted).isClosed();
    }

    @Test
    void how_many_callers_fail_plays_no_part() {
        Lab upstream = lab(settings().minCallers(2).failureThreshold(1).build(), 2);
        upstream.circuits.guard("other").dependingOn("agent").call(() -> "good");
        answers.addAll(List.of(false, false));

        upstream.circuit.recordFailure(FailureKind.SERVER_ERROR);

        assertThat(upstream).isOpen();
        assertThat(upstream.lastHeard().cause()).isEqualTo(TransitionCause.PROBES_FAILED);
    }

    @Test
    void the_first_real_trial_comes_with_the_first_cooldowns_end_whatever_probes_say() {
        answers.addAll(java.util.Collections.nCopies(1_000, false));
        lab.fail();
        lab.pass(COOLDOWN.minus(A_NANO));
        lab.refusal();

        lab.pass(A_NANO).fail();

        assertThat(lab.heard.get(lab.heard.size() - 2).cause()).isEqualTo(TransitionCause.REAL_TRIAL);
        assertThat(lab).isOpen().refusesFor(COOLDOWN);
        assertThat(lab.circuit.snapshot().failedTrials()).as("it grows nothing").isZero();
        lab.pass(COOLDOWN.multipliedBy(10));
        lab.refusal();
        lab.pass(Duration.ofHours(1).minus(COOLDOWN.multipliedBy(10)));
        lab.begin();
        assertThat(lab).isHalfOpen();
    }

    @Test
    void a_probe_that_died_costs_one_cooldown_and_its_trust() {
        answers.addAll(java.util.Collections.nCopies(1_000, false));
        lab.fail().pass(COOLDOWN).succeed(2);

        assertThat(lab).isClosed();
        assertThat(lab.trust.get(1).trusted()).isFalse();
        asked.clear();
        lab.fail();
        assertThat(asked).isEmpty();
        assertThat(lab).isClosed();
    }

    @Test
    void a_held_circuit_and_one_behind_a_gate_are_not_suspected() {
        lab.override(OverrideAction.HOLD_CLOSED);
        lab.fail();
        assertThat(asked).isEmpty();
        lab.override(OverrideAction.RELEASE);

        var underWay = lab.begin();
        lab.circuits.gates().put(Gate.ofOrganization("default", "ann").named("stop"));
        underWay.fail(FailureKind.ERROR);
        assertThat(asked).isEmpty();
        lab.circuits.gates().remove("default", "stop", "ann", null);

        lab.fail();
        assertThat(asked).hasSize(2);
    }

    @Test
    void a_probe_that_hangs_has_failed_after_the_interval() {
        Deque<Runnable> running = new ArrayDeque<>();
        Lab hanging = new Lab(
                settings().probe(ProbeSettings.defaults()).build(),
                builder -> builder.probe("*", id -> true).executor(running::add));
        hanging.pass(Duration.ZERO);
        drain(running);
        hanging.fail();

        hanging.pass(INTERVAL.minus(A_NANO));
        assertThat(hanging).isClosed();
        hanging.pass(A_NANO);

        assertThat(hanging).isOpen();
    }

    @Test
    void a_suspicion_opens_only_the_epoch_that_it_is_about() {
        Deque<Runnable> running = new ArrayDeque<>();
        Lab slow = new Lab(
                settings().probe(ProbeSettings.defaults()).build(),
                builder -> builder.probe("*", id -> ask()).executor(running::add));
        slow.pass(Duration.ZERO);
        drain(running);
        slow.fail();
        slow.override(OverrideAction.HOLD_CLOSED);
        answers.addAll(List.of(false, false));
        drain(running);
        slow.pass(seconds(1));

        assertThat(slow).isClosed();
    }

    private Lab lab(CircuitBreakerConfig config, int suspicion) {
        ProbeSettings usual = ProbeSettings.defaults();
        ProbeSettings probe =
                new ProbeSettings(usual.interval(), usual.needed(), usual.spacing(), usual.realTrialAfter(), suspicion);
        Lab made = new Lab(config.toBuilder().probe(probe).build(), builder -> builder.probe("*", id -> ask()));
        made.trusted();
        asked.clear();
        return made;
    }

    private boolean ask() {
        boolean good = answers.isEmpty() || answers.remove();
        asked.add(good);
        return good;
    }

    private static void drain(Deque<Runnable> tasks) {
        while (!tasks.isEmpty()) {
            tasks.remove().run();
        }
    }
}
