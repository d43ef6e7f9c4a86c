package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.CircuitRecord;
import dev.interlock.store.OpeningRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Epochs that what others have stored begins here: as they have it, or ours once more above theirs. */
class AdoptedEpochTest {
    private final Lab lab = new Lab();

    // Ours once more.

    @Test
    void an_open_circuit_that_begins_again_keeps_its_cooldown_and_why_it_opened() {
        lab.trip().pass(seconds(10));
        CircuitSnapshot before = lab.circuit.snapshot();

        lab.circuit.raise(before.epoch() + 5, null);

        CircuitSnapshot after = lab.circuit.snapshot();
        assertThat(after.epoch()).isEqualTo(before.epoch() + 6);
        assertThat(after.state()).isEqualTo(CircuitState.OPEN);
        assertThat(after.retryAfter()).isEqualTo(seconds(50));
        assertThat(after.figures()).isEqualTo(before.figures());
        assertThat(after.openings()).isEqualTo(before.openings());
        assertThat(after.openedAt()).isEqualTo(before.openedAt());
        assertThat(after.since()).isEqualTo(before.since());
        assertThat(after.opening()).isEqualTo(before.opening());
        StateTransition began = lab.lastHeard();
        assertThat(began.cause()).isEqualTo(TransitionCause.ADOPTED);
        assertThat(began.from()).isEqualTo(CircuitState.OPEN);
        assertThat(began.to()).isEqualTo(CircuitState.OPEN);
        assertThat(began.cooldown()).isEqualTo(seconds(50));
    }

    @Test
    void it_counts_as_begun_when_it_is_said_to() {
        lab.trip();
        Instant said = lab.time.wallTime().minusSeconds(7);
        lab.circuit.raise(lab.circuit.epoch(), said);
        assertThat(lab.circuit.snapshot().since()).isEqualTo(said);
    }

    @Test
    void one_that_is_above_already_goes_on() {
        lab.trip();
        Epoch present = lab.circuit.current();
        lab.circuit.raise(present.origin.epoch - 1, null);
        assertThat(lab.circuit.current()).isSameAs(present);
        lab.circuit.raise(present.origin.epoch, null);
        assertThat(lab.circuit).hasEpoch(present.origin.epoch + 1);
    }

    @Test
    void a_half_open_one_begins_again_as_open_without_a_cooldown_and_its_trials_are_late() {
        Permit trial = lab.firstTrial();
        lab.circuit.raise(lab.circuit.epoch(), null);

        assertThat(lab).isOpen().refusesFor(Duration.ZERO).hasOpened(1);
        assertThat(lab.lastHeard().from()).isEqualTo(CircuitState.HALF_OPEN);
        assertThat(lab.lastHeard().cooldown()).isEqualTo(Duration.ZERO);
        assertThat(trial.succeed()).isEqualTo(Settlement.LATE);
    }

    @Test
    void a_cooldown_that_is_over_is_not_less_than_none() {
        lab.tripAndCool().pass(seconds(5));
        lab.circuit.raise(lab.circuit.epoch(), null);
        assertThat(lab.lastHeard().cooldown()).isEqualTo(Duration.ZERO);
    }

    @Test
    void a_hold_goes_on_and_ends_when_it_would_have_ended() {
        for (OverrideAction action : new OverrideAction[] {OverrideAction.HOLD_OPEN, OverrideAction.HOLD_CLOSED}) {
            Lab held = new Lab();
            held.hold(action, seconds(30));
            CircuitSnapshot before = held.circuit.snapshot();
            held.pass(seconds(10));

            held.circuit.raise(before.epoch(), null);

            assertThat(held.circuit.snapshot().hold()).isEqualTo(before.hold());
            assertThat(held.circuit.state()).isEqualTo(before.state());
            assertThat(held.lastHeard().actor()).isEqualTo("ada");
            assertThat(held.lastHeard().cooldown()).isNull();
            held.pass(seconds(20).minusNanos(1));
            assertThat(held).isHeld();
            held.pass(Duration.ofNanos(1));
            assertThat(held).isNotHeld();
        }
    }

    @Test
    void a_closed_one_begins_again_clean() {
        lab.tripAndRecover().fail(2);
        lab.circuit.raise(lab.circuit.epoch(), null);
        assertThat(lab).isClosed().hasStreak(0);
        assertThat(lab.lastHeard().cooldown()).isNull();
        assertThat(lab.lastHeard().from()).isEqualTo(CircuitState.CLOSED);
    }

    @Test
    void callers_are_known_as_before() {
        Lab several = new Lab(Lab.settings()
                .minCallers(2)
                .failureThreshold(2)
                .failureRateThreshold(null)
                .build());
        several.circuits.guard("agent").withCaller("good").call(() -> "well");
        several.circuit.raise(several.circuit.epoch(), null);
        several.fail(2);
        assertThat(several).isClosed();
        several.override(OverrideAction.OPEN);
        Callers before = several.circuit.current().callers();
        several.circuit.raise(several.circuit.epoch(), null);
        assertThat(several.circuit.current().callers()).isNotNull().isSameAs(before);
    }

    // Theirs.

    @Test
    void an_opening_elsewhere_is_taken_over_as_it_was_stored() {
        lab.pass(Duration.ofHours(1));
        Instant opened = lab.time.wallTime().minusSeconds(20);
        Permit early = lab.begin();
        long far = lab.circuit.epoch() + 100;

        adopt(record("open", far, opened, false, null));

        CircuitSnapshot snapshot = lab.circuit.snapshot();
        assertThat(snapshot.state()).isEqualTo(CircuitState.OPEN);
        assertThat(snapshot.epoch()).isEqualTo(far);
        assertThat(snapshot.retryAfter()).isEqualTo(seconds(40));
        assertThat(snapshot.figures()).isEqualTo(new Figures(7, 5, 0, 0, 4));
        assertThat(snapshot.openings()).isEqualTo(3);
        assertThat(snapshot.failedTrials()).isEqualTo(2);
        assertThat(snapshot.openedAt()).isEqualTo(opened);
        assertThat(snapshot.since()).isEqualTo(opened);
        assertThat(snapshot.lastFailureAt()).isEqualTo(opened.minusSeconds(1));
        assertThat(Objects.requireNonNull(snapshot.opening()).cause()).isEqualTo("failure_streak");
        assertThat(snapshot.hold()).isNull();
        StateTransition adopted = lab.lastHeard();
        assertThat(adopted.cause()).isEqualTo(TransitionCause.ADOPTED);
        assertThat(adopted.from()).isEqualTo(CircuitState.CLOSED);
        assertThat(adopted.to()).isEqualTo(CircuitState.OPEN);
        assertThat(adopted.cooldown()).isEqualTo(seconds(40));
        assertThat(adopted.actor()).isEqualTo("ada");
        assertThat(adopted.reason()).isEqualTo("of a test");
        assertThat(early.fail(FailureKind.ERROR)).isEqualTo(Settlement.LATE);
    }

    @Test
    void the_epoch_rises_also_where_theirs_is_lower() {
        lab.trip();
        long before = lab.circuit.epoch();
        adopt(record("closed", 0, lab.time.wallTime(), false, null));
        assertThat(lab).isClosed().hasEpoch(before + 1);
        assertThat(lab.lastHeard().from()).isEqualTo(CircuitState.OPEN);
        assertThat(lab.lastHeard().cooldown()).isNull();
    }

    @Test
    void it_rises_also_where_theirs_has_the_same_number() {
        long before = lab.circuit.epoch();
        adopt(record("open", before, lab.time.wallTime(), false, null));
        assertThat(lab).isOpen().hasEpoch(before + 1);
    }

    @Test
    void trials_elsewhere_of_a_circuit_that_is_closed_here_open_it_without_a_cooldown() {
        adopt(record("half_open", 100, lab.time.wallTime(), false, null));
        assertThat(lab).isOpen().refusesFor(Duration.ZERO);
        assertThat(lab.lastHeard().to()).isEqualTo(CircuitState.OPEN);
    }

    @Test
    void trials_elsewhere_of_a_circuit_that_is_open_here_change_nothing() {
        lab.trip();
        Epoch present = lab.circuit.current();
        assertThat(lab.circuit.adopt(record("half_open", 1_000, lab.time.wallTime(), false, null), present))
                .isSameAs(present);
        assertThat(lab.circuit.current()).isSameAs(present);
    }

    @Test
    void a_hold_elsewhere_is_taken_over_with_the_time_that_is_left() {
        Instant until = lab.time.wallTime().plusSeconds(30);
        adopt(record("open", 100, lab.time.wallTime(), true, until));
        assertThat(lab).isOpen().refusesFor(seconds(30));
        assertThat(lab.circuit.snapshot().hold()).isEqualTo(new Hold(until, "ada", "of a test"));
        assertThat(lab.lastHeard().cooldown()).isNull();

        adopt(record("closed", 1_000, lab.time.wallTime(), true, null));
        assertThat(lab).isClosed().isHeld();
        lab.pass(seconds(31));
        assertThat(lab).isHeld();
    }

    @Test
    void a_hold_whose_end_has_passed_refuses_no_call() {
        adopt(record(
                "open",
                100,
                lab.time.wallTime().minusSeconds(9),
                true,
                lab.time.wallTime().minusSeconds(1)));
        lab.begin();
        assertThat(lab).isHalfOpen().isNotHeld();
    }

    @Test
    void nothing_is_taken_over_once_something_else_has_happened_here() {
        Epoch since = lab.circuit.current();
        lab.trip();
        Epoch present = lab.circuit.current();
        assertThat(lab.circuit.adopt(record("closed", 1_000, lab.time.wallTime(), true, null), since))
                .isNull();
        assertThat(lab.circuit.current()).isSameAs(present);
    }

    @Test
    void the_end_of_a_cooldown_elsewhere_ends_it_here_and_never_later() {
        lab.trip();
        Instant now = lab.time.wallTime();
        lab.circuit.shorten(cooling(now.plusSeconds(10)));
        assertThat(lab).refusesFor(seconds(10));
        lab.circuit.shorten(cooling(now.plusSeconds(30)));
        assertThat(lab).refusesFor(seconds(10));
        lab.circuit.shorten(record("open", 100, now, true, null));
        assertThat(lab).as("of a hold").refusesFor(seconds(10));
        lab.circuit.shorten(record("half_open", 100, now, false, null));
        assertThat(lab).refusesFor(seconds(10));
    }

    private void adopt(CircuitRecord record) {
        assertThat(lab.circuit.adopt(record, lab.circuit.current())).isNotNull();
    }

    private CircuitRecord cooling(Instant until) {
        return record("open", 100, lab.time.wallTime().minusSeconds(60), until, false, null);
    }

    private static CircuitRecord record(
            String state, long epoch, Instant opened, boolean held, @Nullable Instant holdUntil) {
        boolean cools = state.equals("open") && !held;
        return record(state, epoch, opened, cools ? opened.plusSeconds(60) : null, held, holdUntil);
    }

    private static CircuitRecord record(
            String state,
            long epoch,
            Instant opened,
            @Nullable Instant cooldownUntil,
            boolean held,
            @Nullable Instant holdUntil) {
        return new CircuitRecord(
                "default",
                "agent",
                state,
                epoch,
                5,
                2,
                4,
                3,
                2,
                opened.minusSeconds(1),
                opened,
                opened,
                cooldownUntil,
                held,
                holdUntil,
                "ada",
                "of a test",
                "default",
                99,
                new OpeningRecord("failure_streak", "ERROR", null, null));
    }
}
