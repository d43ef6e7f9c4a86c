package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** How circuits come to be and are forgotten, also where something happens to them at that very moment. */
class RegistryTest {
    private static final CircuitId AGENT = CircuitId.of("agent");
    private static final long FIRST_EPOCH = 7L << 32;

    /** A step of the clock by which it is known how long a circuit was idle. */
    private static final long IDLE_STEP = 1L << 30;

    private final List<String> forgotten = new ArrayList<>();
    private int looks;

    private static Lab lab(UnaryOperator<ManagerBuilder> more) {
        return new Lab(CircuitBreakerConfig.defaults(), more);
    }

    private final Lab lab = lab(builder -> builder.generation(7));
    private final Registry registry = lab.circuits.registry();

    /** Each time it is asked whether the store has still to hear of a circuit. */
    private void atEachLook(Lab lab, Runnable happens) {
        lab.circuits
                .registry()
                .connect(
                        circuit -> {
                            looks++;
                            happens.run();
                            return false;
                        },
                        circuit -> forgotten.add(circuit.id().name()));
    }

    // Forgetting.

    @Test
    void who_hears_of_forgotten_circuits_hears_once_and_the_trust_in_its_probes_is_forgotten_too() {
        atEachLook(lab, () -> {});
        Trusts trusts = lab.circuits.engine().trusts;
        trusts.of(AGENT);
        assertThat(lab.circuits.forget(AGENT)).isTrue();
        assertThat(lab.circuits.forget(AGENT)).as("there is none").isTrue();
        assertThat(forgotten).containsExactly("agent");
        assertThat(trusts.find(AGENT)).isNull();
        assertThat(lab.circuits.size()).isZero();
    }

    @Test
    void what_is_used_while_it_is_looked_at_is_kept() {
        atEachLook(lab, () -> lab.pass(seconds(2)).succeed());
        assertThat(lab.circuits.forget(AGENT)).isFalse();
        assertThat(lab.circuits.getOrCreate(AGENT)).isSameAs(lab.circuit).hasCounted(1, 0);
        assertThat(forgotten).isEmpty();
    }

    @Test
    void what_the_store_has_to_hear_of_since_it_was_looked_at_is_kept_and_goes_on_counting() {
        registry.connect(
                circuit -> ++looks > 1, circuit -> forgotten.add(circuit.id().name()));
        lab.fail(2);
        assertThat(lab.circuits.forget(AGENT)).isFalse();
        assertThat(looks).isEqualTo(2);
        assertThat(lab.circuits.getOrCreate(AGENT)).isSameAs(lab.circuit);
        lab.fail(1);
        assertThat(lab).hasStreak(3).hasCounted(3, 3);
        assertThat(forgotten).isEmpty();
    }

    @Test
    void what_moves_while_it_is_being_forgotten_is_kept() {
        atEachLook(lab, () -> {
            if (looks == 2) {
                lab.trip();
            }
        });
        assertThat(lab.circuits.forget(AGENT)).isFalse();
        assertThat(lab.circuits.contains(AGENT)).isTrue();
        assertThat(lab).isOpen().hasCounted(1, 1);
        assertThat(forgotten).isEmpty();
    }

    @Test
    void where_all_circuits_are_used_each_time_room_is_looked_for_the_cap_refuses_after_some_looks() {
        Lab full = lab(builder -> builder.maxCircuitsPerOrganization(1));
        atEachLook(full, () -> full.pass(seconds(2)).succeed());
        assertThatThrownBy(() -> full.circuits.getOrCreate("new")).isInstanceOf(TooManyCircuitsException.class);
        assertThat(looks).as("two of each of five tries").isEqualTo(10);
        assertThat(full.circuits.getOrCreate(AGENT)).isSameAs(full.circuit).hasCounted(10, 0);
    }

    @Test
    void one_that_fails_at_this_moment_makes_no_room() {
        Lab full = lab(builder -> builder.maxCircuitsPerOrganization(1));
        full.pass(seconds(100)).fail();
        assertThatThrownBy(() -> full.circuits.getOrCreate("new")).isInstanceOf(TooManyCircuitsException.class);
    }

    @Test
    void a_sweep_forgets_what_was_idle_for_the_whole_time_and_one_step_of_the_clock() {
        Lab swept = lab(builder -> builder.evictAfter(Duration.ofNanos(24 * 64 * IDLE_STEP))); // each 64 steps
        swept.pass(Duration.ofNanos(64 * IDLE_STEP - 1)).succeed();
        CircuitBreaker later = swept.circuits.getOrCreate("later");
        swept.pass(Duration.ofNanos(1));
        later.recordSuccess();
        swept.pass(Duration.ofNanos(24 * 64 * IDLE_STEP));
        assertThat(swept.circuits.contains(AGENT)).isFalse();
        assertThat(swept.circuits.contains(later.id())).isTrue();
        swept.pass(Duration.ofNanos(64 * IDLE_STEP));
        assertThat(swept.circuits.size()).isZero();
    }

    // One that is ended, and has not left the list yet.

    @Test
    void who_asks_for_a_circuit_that_is_ended_and_still_listed_gets_its_successor() {
        end(lab.circuit);
        assertThat(lab.circuits.contains(AGENT)).isFalse();
        CircuitBreaker successor = registry.successor(AGENT);
        assertThat(successor).isNotSameAs(lab.circuit).isClosed();
        assertThat(lab.circuits.getOrCreate(AGENT)).isSameAs(successor);
        assertThat(lab.circuits.size()).isEqualTo(1);
    }

    @Test
    void what_another_process_has_moved_takes_its_place_as_well() {
        end(lab.circuit);
        CircuitBreaker taken = registry.takeIn(AGENT, 5);
        assertThat(taken).isNotNull().isNotSameAs(lab.circuit);
        assertThat(lab.circuits.getOrCreate(AGENT)).isSameAs(taken);
        assertThat(lab.circuits.size()).isEqualTo(1);
    }

    private void end(CircuitBreaker circuit) {
        ClosedEpoch closed = (ClosedEpoch) circuit.current();
        closed.seal();
        assertThat(circuit.end(closed, registry)).isTrue();
    }

    // Epochs.

    @Test
    void the_circuit_of_another_process_begins_below_the_epoch_that_it_has_there() {
        assertThat(registry.takeIn(CircuitId.of("one"), 1)).hasEpoch(0);
        assertThat(registry.takeIn(CircuitId.of("below"), 5)).hasEpoch(4);
        assertThat(registry.takeIn(CircuitId.of("same"), FIRST_EPOCH)).hasEpoch(FIRST_EPOCH - 1);
        assertThat(registry.takeIn(CircuitId.of("above"), FIRST_EPOCH + 1)).hasEpoch(FIRST_EPOCH);
        assertThat(registry.takeIn(CircuitId.of("none"), 0)).hasEpoch(FIRST_EPOCH);
        assertThat(registry.takeIn(AGENT, 5))
                .as("it is here")
                .isSameAs(lab.circuit)
                .hasEpoch(FIRST_EPOCH);
    }

    @Test
    void once_a_circuit_was_forgotten_here_none_begins_below_its_epoch() {
        lab.tripAndRecover();
        long last = lab.circuit.epoch();
        assertThat(lab.circuits.forget(AGENT)).isTrue();
        assertThat(registry.takeIn(CircuitId.of("below"), 5)).hasEpoch(last + 1);
        assertThat(lab.circuits.getOrCreate(AGENT)).hasEpoch(last + 1);
    }

    @Test
    void what_another_process_has_of_a_forgotten_circuit_raises_its_successor() {
        lab.circuits.forget(AGENT);
        lab.circuit.raise(FIRST_EPOCH + 10, null);
        CircuitBreaker successor = lab.circuits.getOrCreate(AGENT);
        assertThat(successor).hasEpoch(FIRST_EPOCH + 11);
        successor.recordFailure(FailureKind.LOOP);

        lab.circuits.registry().raise(AGENT, FIRST_EPOCH + 20, null);

        assertThat(successor).isOpen().hasEpoch(FIRST_EPOCH + 21);
    }

    @Test
    void a_circuit_for_a_race_is_in_no_list() {
        assertThat(registry.unlisted(CircuitId.of("racing"))).isClosed().hasEpoch(FIRST_EPOCH);
        assertThat(lab.circuits.size()).isEqualTo(1);
    }

    @Test
    void whether_it_is_listed_as_closed_is_noted_and_what_is_not_is_seen() {
        assertThat(registry.isNoted(lab.circuit)).isTrue();
        lab.trip();
        assertThat(registry.isNoted(lab.circuit)).isTrue();
        assertThat(registry.isNoted(registry.unlisted(CircuitId.of("racing")))).isTrue();
        CircuitBreaker unnoted = registry.unlisted(CircuitId.of("unnoted"));
        unnoted.override(ManualOverride.of(OverrideAction.OPEN, "ada"));
        assertThat(registry.isNoted(unnoted)).isFalse();
        registry.moved(unnoted);
        assertThat(registry.isNoted(unnoted)).isTrue();
    }
}
