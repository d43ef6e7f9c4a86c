package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Calls that are settled where their permit object is not at hand: by the epochs that it reported, and by their age. */
class PermitElsewhereTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final Lab lab = new Lab();
    private final Guard alone = lab.circuits.guard("agent");
    private final Guard joint = alone.dependingOn("model:kimi", "key:one");

    @Test
    void a_permit_says_the_epoch_of_each_circuit_in_the_order_of_their_ids() {
        lab.circuits.override(CircuitId.of("model:kimi"), ManualOverride.of(OverrideAction.RESET, "ana"));
        Permit permit = joint.acquire();
        assertThat(permit.epochs()).containsExactly(epoch("agent"), epoch("key:one"), epoch("model:kimi"));
        assertThat(epoch("model:kimi")).isGreaterThan(epoch("agent"));
        permit.succeed();
        assertThat(permit.epochs()).isEmpty();
    }

    @Test
    void an_outcome_of_the_present_epoch_counts() {
        long[] epochs = epochs(alone);
        lab.time.advance(SECOND);
        assertThat(alone.record(Outcome.failure(FailureKind.ERROR), SECOND, epochs))
                .isEqualTo(Settlement.COUNTED);
        assertThat(lab.circuit.snapshot().figures().failures()).isEqualTo(1);
    }

    @Test
    void an_outcome_of_an_earlier_epoch_is_late_even_if_it_says_that_its_call_has_just_begun() {
        long[] epochs = epochs(alone);
        lab.circuit.override(ManualOverride.of(OverrideAction.RESET, "ana"));
        assertThat(alone.record(Outcome.failure(FailureKind.ERROR), Duration.ZERO, epochs))
                .isEqualTo(Settlement.LATE);
        assertThat(lab.circuit.snapshot().figures().failures()).isZero();
        assertThat(lab.circuit.snapshot().late()).isEqualTo(1);
    }

    @Test
    void an_outcome_whose_call_began_before_the_epoch_is_late_though_the_epoch_is_right() {
        lab.circuit.override(ManualOverride.of(OverrideAction.RESET, "ana"));
        lab.time.advance(SECOND);
        assertThat(alone.record(Outcome.success(), SECOND.multipliedBy(2), epochs(alone)))
                .isEqualTo(Settlement.LATE);
    }

    @Test
    void an_outcome_counts_in_the_successor_of_a_circuit_that_was_only_forgotten() {
        long[] epochs = epochs(alone);
        lab.time.advance(Duration.ofHours(26));
        assertThat(lab.circuit.isEvicted()).isTrue();
        assertThat(alone.record(Outcome.success(), Duration.ofHours(26), epochs))
                .isEqualTo(Settlement.COUNTED);
    }

    @Test
    void a_failure_reaches_only_the_circuit_that_it_is_attributed_to() {
        long[] epochs = epochs(joint);
        assertThat(joint.record(Outcome.failure(FailureKind.TIMEOUT), SECOND, epochs))
                .isEqualTo(Settlement.COUNTED);
        assertThat(failures("model:kimi")).isEqualTo(1);
        assertThat(failures("agent")).isZero();
        assertThat(failures("key:one")).isZero();
    }

    @Test
    void a_success_reaches_all_and_each_circuit_has_its_own_lateness() {
        long[] epochs = epochs(joint);
        lab.circuits.override(CircuitId.of("model:kimi"), ManualOverride.of(OverrideAction.RESET, "ana"));
        assertThat(joint.record(Outcome.success(), Duration.ZERO, epochs)).isEqualTo(Settlement.COUNTED);
        assertThat(calls("agent")).isEqualTo(1);
        assertThat(calls("key:one")).isEqualTo(1);
        assertThat(calls("model:kimi")).isZero();
    }

    @Test
    void a_permit_of_several_says_what_became_of_its_outcome() {
        assertThat(joint.acquire().succeed()).isEqualTo(Settlement.COUNTED);
        assertThat(joint.acquire().fail(FailureKind.ERROR)).isEqualTo(Settlement.COUNTED);
        Permit early = joint.acquire();
        lab.trip();
        assertThat(early.succeed()).isEqualTo(Settlement.LATE);
        assertThat(early.succeed()).isEqualTo(Settlement.REPEATED);
    }

    @Test
    void without_epochs_the_age_alone_decides() {
        lab.time.advance(SECOND);
        lab.circuit.override(ManualOverride.of(OverrideAction.RESET, "ana"));
        assertThat(joint.record(Outcome.failure(FailureKind.ERROR), SECOND)).isEqualTo(Settlement.LATE);
        assertThat(joint.record(Outcome.failure(FailureKind.ERROR), Duration.ZERO))
                .isEqualTo(Settlement.COUNTED);
    }

    @Test
    void there_must_be_an_epoch_for_each_circuit() {
        assertThatThrownBy(() -> joint.record(Outcome.success(), SECOND, 7))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("There must be one epoch for each of 3 circuits, but there are 1");
    }

    @Test
    void a_permit_says_whether_it_is_for_a_trial() {
        try (Permit ordinary = joint.acquire()) {
            assertThat(ordinary.isTrial()).isFalse();
        }
        lab.circuits.override(CircuitId.of("model:kimi"), ManualOverride.of(OverrideAction.OPEN, "ana"));
        lab.time.advance(Duration.ofMinutes(2));
        try (Permit trial = joint.acquire()) {
            assertThat(trial.isTrial()).isTrue();
            trial.succeed();
        }
    }

    @Test
    void what_inner_calls_elsewhere_have_said_the_outer_outcome_does_not_say_again() {
        CircuitId agent = CircuitId.of("agent");
        CircuitId model = CircuitId.of("model:m");
        Guard both = lab.circuits.guard("agent").dependingOn("model:m");
        Outcome failure = Outcome.failure(FailureKind.ERROR);

        both.acquire().settle(Outcome.success(), new InnerCalls(Set.of(model), Set.of(), Set.of()));
        both.acquire().settle(Outcome.success(), new InnerCalls(Set.of(), Set.of(model), Set.of()));
        both.acquire().settle(Outcome.success(), new InnerCalls(Set.of(CircuitId.of("other")), Set.of(), Set.of()));

        assertThat(lab.circuits.getOrCreate("model:m")).hasCounted(1, 0);
        assertThat(lab).hasCounted(3, 0);
        both.acquire().settle(failure, new InnerCalls(Set.of(agent), Set.of(), Set.of()));
        assertThat(lab).as("a failure of its own").hasCounted(4, 1);
        both.acquire().settle(failure, new InnerCalls(Set.of(agent), Set.of(), Set.of(agent)));
        assertThat(lab).as("unless an inner call of it failed").hasCounted(4, 1);
    }

    @Test
    void a_manager_says_its_generation() {
        assertThat(lab.circuits.generation()).isEqualTo(1);
        assertThat(epoch("agent") >>> 32).isEqualTo(1);
    }

    private static long[] epochs(Guard guard) {
        Permit permit = guard.acquire();
        long[] epochs = permit.epochs();
        permit.giveBack();
        return epochs;
    }

    private long epoch(String name) {
        return lab.circuits.snapshot(CircuitId.of(name)).epoch();
    }

    private int failures(String name) {
        return lab.circuits.snapshot(CircuitId.of(name)).figures().failures();
    }

    private int calls(String name) {
        return lab.circuits.snapshot(CircuitId.of(name)).figures().calls();
    }
}
