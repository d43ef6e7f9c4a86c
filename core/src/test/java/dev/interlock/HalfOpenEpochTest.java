package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Who has a place in half-open: for itself, in place of a trial around it, and while probes fail. */
class HalfOpenEpochTest {
    private final Lab lab =
            new Lab(Lab.settings().halfOpenMaxRequests(2).trialsAtOnce(1).build());
    private final Policy policy = lab.circuit.policy();
    private final Epoch open;
    private final long now;
    private final Place around;

    HalfOpenEpochTest() {
        lab.tripAndCool();
        open = lab.circuit.current();
        now = lab.time.ticks();
        around = place();
    }

    private Place place() {
        return new Place(now + policy.trialTimeout);
    }

    private HalfOpenEpoch begun(boolean realTrial) {
        return new HalfOpenEpoch(open.origin, Objects.requireNonNull(open.trip()), realTrial, around, null, now);
    }

    @Test
    void there_is_no_second_place_until_the_first_is_given_back() {
        HalfOpenEpoch trying = begun(false);
        Place second = place();
        assertThat(trying.hasPlace(policy, now)).isFalse();
        assertThat(trying.admit(policy, now)).isNull();
        assertThat(trying.admit(policy, now, second)).isFalse();
        assertThat(trying.holds(around, now)).isTrue();
        assertThat(trying.holds(second, now)).isFalse();

        trying.giveBack(around);

        assertThat(trying.hasPlace(policy, now)).isTrue();
        assertThat(trying.admit(policy, now, second)).isTrue();
        assertThat(trying.holds(second, now)).isTrue();
        assertThat(trying.holds(second, second.end)).as("its lease has ended").isFalse();
    }

    @Test
    void an_inner_call_takes_the_place_of_the_trial_around_it_which_has_it_again_if_no_call_is_made() {
        HalfOpenEpoch trying = begun(false);
        Place inner = place();

        assertThat(trying.admit(policy, now, inner, around)).isTrue();
        assertThat(trying.holds(inner, now)).isTrue();
        assertThat(trying.holds(around, now)).isFalse();
        assertThat(trying.admit(policy, now, place(), around))
                .as("that place is taken over already")
                .isFalse();

        trying.giveBack(inner, around);

        assertThat(trying.holds(inner, now)).isFalse();
        assertThat(trying.holds(around, now)).isTrue();
        assertThat(trying.look(policy, now).out()).isEqualTo(1);
    }

    @Test
    void beside_failing_probes_all_processes_try_one_at_a_time() {
        assertThat(begun(true).rules(policy)).isSameAs(policy.realTrials);
        assertThat(begun(false).rules(policy)).isSameAs(policy.trials);
    }
}
