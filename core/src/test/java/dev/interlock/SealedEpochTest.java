package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What ends after the object at hand of a closed epoch was sealed counts in the one that takes its place. */
class SealedEpochTest {
    private final Lab lab = new Lab();

    @Test
    void a_failure_goes_on_with_the_streak() {
        lab.fail(2);
        ClosedEpoch sealed = seal();

        assertThat(lab.begin().fail(FailureKind.ERROR)).isEqualTo(Settlement.COUNTED);

        assertThat(lab).isClosed().hasStreak(3).hasCounted(3, 3);
        assertThat(lab.circuit.current()).isNotSameAs(sealed);
        assertThat(lab.circuit.current().origin).isSameAs(sealed.origin);
        lab.fail(2);
        assertThat(lab).isOpen();
    }

    @Test
    void a_success_ends_the_streak() {
        lab.fail(2);
        Permit permit = lab.begin();
        seal();

        assertThat(permit.succeed()).isEqualTo(Settlement.COUNTED);

        assertThat(lab).hasStreak(0).hasCounted(3, 2);
    }

    @Test
    void a_success_without_a_streak_counts_once() {
        Permit permit = lab.begin();
        ClosedEpoch sealed = seal();
        assertThat(permit.succeed()).isEqualTo(Settlement.COUNTED);
        assertThat(lab.circuit.current()).isNotSameAs(sealed);
        assertThat(lab).hasStreak(0).hasCounted(1, 0);
    }

    @Test
    void so_it_is_for_guarded_calls_without_a_permit_object() {
        Guard guard = lab.circuits.guard("agent");
        guard.call(() -> "finds the circuit");
        lab.fail(2);
        guard.call(() -> {
            seal();
            return "well";
        });
        assertThat(lab).hasStreak(0).hasCounted(4, 2);
    }

    @Test
    void a_slow_success_ends_the_streak_too() {
        Lab timed = new Lab(Lab.settings()
                .slowCallDuration(seconds(5))
                .slowCallRateThreshold(0.5)
                .build());
        timed.fail(2);
        Permit permit = timed.begin();
        seal(timed);
        permit.settle(Outcome.success().took(seconds(6)));
        assertThat(timed).hasStreak(0).hasCounted(3, 2);
        assertThat(timed.circuit.snapshot().figures().slow()).isEqualTo(1);
    }

    @Test
    void a_cancelled_call_that_was_slow_is_counted_as_slow_once() {
        Lab timed = new Lab(Lab.settings()
                .slowCallDuration(seconds(5))
                .slowCallRateThreshold(0.5)
                .build());
        timed.fail(2);
        Permit permit = timed.begin();
        seal(timed);
        permit.settle(Outcome.cancelled().took(seconds(6)));
        assertThat(timed).hasStreak(2);
        assertThat(timed.circuit.snapshot().figures().slow()).isEqualTo(1);
    }

    @Test
    void a_callers_first_mistake_of_its_own_ends_the_streak_all_the_same() {
        Guard model = lab.circuits.guard("model:m").withCaller("a");
        CircuitBreaker circuit = lab.circuits.getOrCreate("model:m");
        model.acquire().fail(FailureKind.SERVER_ERROR);
        Permit permit = model.acquire();
        ((ClosedEpoch) circuit.current()).seal();

        permit.fail(FailureKind.CONTEXT_LENGTH);

        assertThat(circuit).hasStreak(0).hasCounted(2, 1);
    }

    @Test
    void what_says_nothing_changes_nothing() {
        lab.fail(2);
        Permit permit = lab.begin();
        seal();
        assertThat(permit.settle(Outcome.cancelled())).isEqualTo(Settlement.IGNORED);
        assertThat(lab).hasStreak(2).hasCounted(2, 2);
    }

    @Test
    void a_seal_holds_and_keeps_the_streak_as_it_was() {
        lab.fail(2);
        ClosedEpoch sealed = seal();
        sealed.seal();
        lab.succeed();
        assertThat(sealed.streak()).isEqualTo(2);
        assertThat(sealed.seal(2)).as("by one who saw it before").isFalse();
    }

    @Test
    void it_takes_in_nothing_that_would_count() {
        Lab timed = new Lab(Lab.settings()
                .slowCallDuration(seconds(5))
                .slowCallRateThreshold(0.5)
                .build());
        timed.fail(2);
        ClosedEpoch sealed = (ClosedEpoch) timed.circuit.current();
        assertThat(sealed.seal(2)).as("by one who saw its streak").isTrue();
        for (Outcome outcome : List.of(
                Outcome.failure(FailureKind.ERROR),
                Outcome.success().took(seconds(6)),
                Outcome.cancelled().took(seconds(6)))) {
            Policy policy = timed.circuit.policy();
            Evidence evidence = policy.judge(
                    timed.circuit.id, outcome, outcome.tookNanos(), timed.time.ticks(), policy.engine.itself, null);
            assertThat(sealed.settle(policy, Place.NONE, evidence))
                    .as("%s", outcome)
                    .isSameAs(Move.SEALED);
        }
        assertThat(sealed.figures(timed.time.ticks())).isEqualTo(new Figures(2, 2, 2, 0, 2));
    }

    @Test
    void a_policy_that_counts_otherwise_seals_what_counted_before_it() {
        lab.fail(2);
        ClosedEpoch before = (ClosedEpoch) lab.circuit.current();
        lab.govern(Lab.settings().window(Window.ofCalls(20)).build());
        assertThat(lab.circuit.current()).isNotSameAs(before);
        assertThat(before.seal(2)).as("once more").isFalse();
    }

    @Test
    void one_that_is_watched_is_sealed_by_who_saw_its_streak() {
        lab.fail(2);
        lab.circuit.watch();
        ClosedEpoch watched = (ClosedEpoch) lab.circuit.current();
        assertThat(watched.seal(1)).as("by one who saw another streak").isFalse();

        assertThat(watched.seal(2)).isTrue();

        assertThat(watched.seal(2)).as("once").isFalse();
        lab.fail();
        assertThat(lab.circuit.current()).isNotSameAs(watched);
        assertThat(lab).hasStreak(3).hasCounted(3, 3);
        assertThat(((ClosedEpoch) lab.circuit.current()).seal(3)).isTrue();
    }

    @Test
    void under_a_hold_it_is_the_same() {
        lab.hold(OverrideAction.HOLD_CLOSED, seconds(60));
        lab.fail(7);
        seal();
        lab.fail();
        assertThat(lab).isClosed().isHeld().hasStreak(8).hasCounted(8, 8);
        lab.pass(seconds(60));
        assertThat(lab).isNotHeld();
    }

    private ClosedEpoch seal() {
        return seal(lab);
    }

    private static ClosedEpoch seal(Lab lab) {
        ClosedEpoch closed = (ClosedEpoch) lab.circuit.current();
        closed.seal();
        return closed;
    }
}
