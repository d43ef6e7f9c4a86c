package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.TrialEnd;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What the place of a trial hears of its call, and what becomes of a call that passed where a policy only observes. */
class SettlementsTest {
    private static final Duration SLOW = seconds(5);

    private final Lab lab = new Lab(
            Lab.settings().slowCallDuration(SLOW).slowCallRateThreshold(0.5).build());
    private final Caller caller = lab.circuits.engine().itself;
    private final int slot = caller.slotAt(lab.circuit.id);

    /** Notes what it hears. */
    private static final class HearingPlace extends Place {
        private final List<String> heard = new ArrayList<>();

        private HearingPlace() {
            super(Long.MAX_VALUE);
        }

        @Override
        void ended(boolean succeeded, int failedCaller) {
            heard.add(succeeded + " " + failedCaller);
        }

        @Override
        void unused() {
            heard.add("unused");
        }
    }

    /** Opens the circuit, and makes it half-open with a first trial in a place. */
    private HalfOpenEpoch tried(Place place) {
        lab.tripAndCool();
        Epoch open = lab.circuit.current();
        long now = lab.time.ticks();
        Move move = Objects.requireNonNull(open.moveAt(lab.circuit.policy(), now));
        return (HalfOpenEpoch) Objects.requireNonNull(lab.circuit.move(open, move, now, place));
    }

    private String heardOf(Outcome outcome, Duration took) {
        HearingPlace place = new HearingPlace();
        HalfOpenEpoch trying = tried(place);
        Settlements.settle(lab.circuit, trying, place, outcome, took.toNanos(), caller, null);
        lab.override(OverrideAction.RESET);
        assertThat(place.heard).hasSize(1);
        return place.heard.get(0);
    }

    @Test
    void the_place_of_a_trial_hears_once_whether_it_was_good_and_else_whose_call_it_was() {
        Duration fast = SLOW.minusNanos(1);
        assertThat(heardOf(Outcome.success(), fast)).isEqualTo("true " + TrialEnd.NOBODY);
        assertThat(heardOf(Outcome.failure(FailureKind.ERROR), fast)).isEqualTo("false " + slot);
        assertThat(heardOf(Outcome.success(), SLOW)).isEqualTo("false " + slot);
        assertThat(heardOf(Outcome.cancelled(), fast)).isEqualTo("false " + TrialEnd.NOBODY);
    }

    @Test
    void a_place_that_is_given_back_is_free_for_the_next_and_hears_that_no_call_was_made() {
        HearingPlace place = new HearingPlace();
        HalfOpenEpoch trying = tried(place);
        assertThat(lab).hasTrials(1, 0);

        Settlements.giveBack(trying, place);

        assertThat(lab).hasTrials(0, 0);
        assertThat(place.heard).containsExactly("unused");
    }

    @Test
    void what_passed_and_failed_elsewhere_is_ignored_in_its_half_open_epoch_and_else_late() {
        HalfOpenEpoch trying = tried(new HearingPlace());
        assertThat(Settlements.settleIgnored(lab.circuit, trying, Place.PASSED)).isEqualTo(Settlement.IGNORED);
        assertThat(lab).hasLate(0);

        lab.fail();

        assertThat(Settlements.settleIgnored(lab.circuit, trying, Place.PASSED)).isEqualTo(Settlement.LATE);
        assertThat(Settlements.settleIgnored(lab.circuit, lab.circuit.current(), Place.PASSED))
                .isEqualTo(Settlement.LATE);
        assertThat(lab).isOpen().hasLate(2);
    }

    // A circuit that is forgotten between an outcome and the move that it asks for.

    @Test
    void what_trips_a_circuit_that_is_forgotten_at_that_moment_opens_the_one_that_takes_its_place() {
        assertThat(failsWhile(this::forget)).isEqualTo(Settlement.COUNTED);
        CircuitBreaker successor = lab.circuits.registry().successor(lab.circuit.id);
        assertThat(successor).isNotSameAs(lab.circuit).isOpen().hasOpened(1);
        assertThat(lab.lastHeard().epoch()).isEqualTo(successor.epoch());
    }

    @Test
    void it_does_not_open_one_that_has_moved_since() {
        CircuitId id = lab.circuit.id;
        Settlement settlement = failsWhile(() -> {
            forget();
            lab.circuits.registry().successor(id).override(ManualOverride.of(OverrideAction.OPEN, "ada"));
            lab.circuits.registry().successor(id).override(ManualOverride.of(OverrideAction.CLOSE, "ada"));
        });
        assertThat(settlement).as("in the epoch that is over").isEqualTo(Settlement.COUNTED);
        assertThat(lab.circuits.registry().successor(id)).isClosed().hasCounted(0, 0);
    }

    /** What becomes of a failure that trips while something happens between its being counted and the move. */
    private Settlement failsWhile(Runnable happens) {
        Place place = new Place(Long.MAX_VALUE) {
            @Override
            void ended(boolean succeeded, int failedCaller) {
                happens.run();
            }
        };
        return Settlements.settle(
                lab.circuit, lab.circuit.current(), place, Outcome.failure(FailureKind.LOOP), 0, caller, null);
    }

    private void forget() {
        ClosedEpoch present = (ClosedEpoch) lab.circuit.current();
        assertThat(lab.circuit.end(present, lab.circuits.registry())).isTrue();
    }
}
