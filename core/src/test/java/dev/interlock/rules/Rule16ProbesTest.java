package dev.interlock.rules;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static dev.interlock.Lab.settings;
import static dev.interlock.rules.Fixtures.A_NANO;
import static dev.interlock.rules.Fixtures.COOLDOWN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.Lab;
import dev.interlock.ProbeSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rule 16: probes; what goes wrong with them is tested elsewhere. */
class Rule16ProbesTest {
    private final List<Boolean> answers = new ArrayList<>();
    private final Lab lab = new Lab(
                    settings().probe(ProbeSettings.defaults()).build(),
                    builder -> builder.probe("*", id -> answers.isEmpty() || answers.remove(0)))
            .trusted();

    @Test
    void after_the_cooldown_calls_stay_refused_until_enough_probes_in_a_row_were_good() {
        lab.tripAndCool();
        lab.refusal();
        lab.pass(seconds(4).minus(A_NANO));
        lab.refusal();

        lab.pass(A_NANO);

        lab.begin();
        assertThat(lab).isHalfOpen();
    }

    @Test
    void a_failed_probe_starts_over_after_the_interval() {
        answers.addAll(List.of(true, true, false));
        lab.tripAndCool().pass(seconds(2 + 30 + 4).minus(A_NANO));
        lab.refusal();

        lab.pass(A_NANO);

        lab.begin();
    }

    @Test
    void a_probe_never_closes_a_circuit() {
        lab.tripAndCool().pass(Duration.ofDays(1));

        assertThat(lab).isOpen();
    }

    @Test
    void a_real_trial_is_let_in_after_a_while_whatever_the_probes_say_and_its_failure_grows_nothing() {
        boolean[] good = {true};
        Lab lab = new Lab(
                        settings()
                                .cooldownMultiplier(2)
                                .probe(ProbeSettings.defaults())
                                .build(),
                        builder -> builder.probe("*", id -> good[0]))
                .trusted();
        good[0] = false;
        lab.trip().pass(Duration.ofHours(1).minus(A_NANO));
        lab.refusal();

        lab.pass(A_NANO).fail();

        assertThat(lab).isOpen().refusesFor(COOLDOWN);
        assertThat(lab.circuit.snapshot().failedTrials()).isZero();
    }
}
