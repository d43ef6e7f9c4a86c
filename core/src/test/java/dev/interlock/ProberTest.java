package dev.interlock;

import static dev.interlock.Lab.seconds;
import static dev.interlock.Lab.settings;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What the prober of an open circuit says of itself. */
class ProberTest {
    private static final Duration COOLDOWN = seconds(60);
    private static final ProbeSettings PROBE = new ProbeSettings(seconds(30), 2, seconds(5), Duration.ofHours(1), 2);

    private boolean good = true;
    private int asked;
    private Runnable meanwhile = () -> {};
    private final Lab lab = new Lab(
                    settings().cooldown(COOLDOWN).probe(PROBE).build(), builder -> builder.probe("*", this::probe))
            .trusted();

    private boolean probe(CircuitId id) {
        asked++;
        meanwhile.run();
        return good;
    }

    private Prober prober() {
        return Objects.requireNonNull(((OpenEpoch) lab.circuit.current()).prober());
    }

    private Trip trip() {
        return Objects.requireNonNull(lab.circuit.current().trip());
    }

    private long in(Duration wait) {
        return lab.time.ticks() + wait.toNanos();
    }

    private int timers() {
        return lab.circuit.policy().engine.timers.size();
    }

    @Test
    void it_says_when_the_next_probe_is_due_until_enough_were_good() {
        lab.trip();
        assertThat(prober().next()).isEqualTo(in(COOLDOWN));
        assertThat(prober().decides()).isTrue();
        lab.pass(COOLDOWN);
        assertThat(prober().next()).isEqualTo(in(seconds(5)));
        assertThat(prober().isReady()).isFalse();
        lab.pass(seconds(5));
        assertThat(prober().isReady()).isTrue();
        assertThat(prober().next()).isEqualTo(RollingWindow.NEVER);
    }

    @Test
    void one_that_nobody_trusts_any_more_decides_nothing_and_is_not_due() {
        lab.trip();
        Prober prober = prober();
        Objects.requireNonNull(lab.circuit.policy().engine.trusts.find(lab.circuit.id()))
                .update(trust -> trust.heard(false, false, trust.countedFrom()));
        assertThat(prober.decides()).isFalse();
        assertThat(prober.next()).isEqualTo(RollingWindow.NEVER);
    }

    @Test
    void a_real_trial_is_owed_once_after_an_opening_by_probes_alone() {
        lab.trip();
        assertThat(prober().owesTrial(trip())).isFalse();
        lab.override(OverrideAction.CLOSE);
        good = false;
        lab.fail();
        assertThat(lab.lastHeard().cause()).isEqualTo(TransitionCause.PROBES_FAILED);
        assertThat(prober().owesTrial(trip())).isTrue();
        lab.pass(COOLDOWN).fail();
        assertThat(prober().owesTrial(trip())).isFalse();
    }

    @Test
    void a_gate_that_opens_leaves_one_timer_for_the_next_probe() {
        lab.trip();
        int before = timers();
        lab.circuits.gates().put(Gate.ofAgents("default", "agent", "ann").named("stop"));
        lab.pass(COOLDOWN);
        assertThat(timers()).isEqualTo(before);
        prober().gatesChanged();
        assertThat(timers()).isEqualTo(before);
        assertThat(prober().next()).isEqualTo(lab.time.ticks());
    }

    @Test
    void a_probe_that_answers_after_its_epoch_is_over_is_the_last() {
        lab.trip();
        asked = 0;
        meanwhile = () -> lab.override(OverrideAction.CLOSE);
        lab.pass(COOLDOWN);
        assertThat(lab.circuit.state()).isEqualTo(CircuitState.CLOSED);
        lab.pass(seconds(20));
        assertThat(asked).isOne();
    }
}
