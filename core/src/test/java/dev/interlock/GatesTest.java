package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.GateFollowers;
import dev.interlock.store.GateProcesses;
import dev.interlock.store.InMemoryCircuitStore;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a program can ask of the gates of its manager, and what it is answered when it changes them. */
class GatesTest {
    private static final String ACME = "acme";

    private final InMemoryCircuitStore store = new InMemoryCircuitStore();
    private final CircuitBreakerManager alone =
            CircuitBreakerManager.builder().executor(Runnable::run).build();
    private final CircuitBreakerManager kept =
            CircuitBreakerManager.builder().executor(Runnable::run).store(store).build();

    @AfterEach
    void close() {
        alone.close();
        kept.close();
    }

    private static Gate gate(String agents, String id) {
        return Gate.ofAgents(ACME, agents, "ann").named(id);
    }

    @Test
    void a_circuit_is_covered_by_a_gate_of_its_name_or_of_its_organization() {
        Gates gates = alone.gates();
        assertThat(gates.cover(new CircuitId(ACME, "planner"))).isFalse();
        gates.put(gate("plan*", "stop"));
        assertThat(gates.cover(new CircuitId(ACME, "planner"))).isTrue();
        assertThat(gates.cover(new CircuitId(ACME, "writer"))).isFalse();
        assertThat(gates.cover(new CircuitId("another", "planner"))).isFalse();
        gates.put(Gate.ofOrganization(ACME, "ann").named("all"));
        assertThat(gates.cover(new CircuitId(ACME, "writer"))).isTrue();
        assertThat(gates.cover(new CircuitId("another", "writer"))).isFalse();
    }

    @Test
    void gates_of_an_organization_are_listed_without_those_of_others() {
        alone.gates().put(gate("agent", "stop"));
        alone.gates().put(Gate.ofOrganization("another", "ann").named("all"));
        assertThat(alone.gates().list(ACME)).extracting(Gate::id).containsExactly("stop");
        assertThat(alone.gates().list()).hasSize(2);
    }

    @Test
    void without_a_store_a_change_ends_with_the_process_which_alone_obeys_it() {
        GateChange put = alone.gates().put(gate("agent", "stop"));
        assertThat(put.fate().toCompletableFuture()).isCompletedWithValue(GateChange.Fate.UNKEPT);
        GateChange removed = Objects.requireNonNull(alone.gates().remove(ACME, "stop", "ann", null));
        assertThat(removed.fate().toCompletableFuture()).isCompletedWithValue(GateChange.Fate.UNKEPT);
        assertThat(removed.confirmed(OtherThread.LONG).toCompletableFuture())
                .isCompletedWithValue(
                        new GateConfirmation(Set.of(alone.settlements().process()), Set.of(), true));
        assertThat(alone.gates().written().toCompletableFuture()).isCompletedWithValue(false);
        assertThat(alone.gates().remove(ACME, "stop", "ann", null)).as("once").isNull();
    }

    @Test
    void how_those_follow_who_hear_of_gates_through_this_process_is_said_with_its_own_confirmation() {
        GateFollowers three = new GateFollowers(3, 0, "");
        alone.gates().followedBy(organization -> three); // nobody else asks it
        kept.gates().followedBy(organization -> organization.equals(ACME) ? three : GateFollowers.NONE);
        GateChange put = kept.gates().put(gate("agent", "stop"));
        assertThat(put.confirmed(OtherThread.LONG).toCompletableFuture()).succeedsWithin(OtherThread.LONG);
        GateProcesses processes = Objects.requireNonNull(store.gates().processes());
        assertThat(processes.obeying(put.record()))
                .containsExactly(Map.entry(kept.settlements().process(), Optional.of(three)));
    }

    @Test
    void with_one_a_change_is_stored_and_it_is_said_who_obeys_it() {
        GateChange put = kept.gates().put(gate("agent", "stop"));
        assertThat(put.fate().toCompletableFuture())
                .succeedsWithin(OtherThread.LONG)
                .isEqualTo(GateChange.Fate.STORED);
        assertThat(put.confirmed(OtherThread.LONG).toCompletableFuture())
                .succeedsWithin(OtherThread.LONG)
                .isEqualTo(new GateConfirmation(Set.of(kept.settlements().process()), Set.of(), true));
        GateChange removed = Objects.requireNonNull(kept.gates().remove(ACME, "stop", "ann", null));
        assertThat(kept.gates().written().toCompletableFuture())
                .succeedsWithin(OtherThread.LONG)
                .isEqualTo(true);
        assertThat(removed.fate().toCompletableFuture())
                .succeedsWithin(OtherThread.LONG)
                .isEqualTo(GateChange.Fate.STORED);
        assertThat(Objects.requireNonNull(store.gates().find(ACME, "stop")).isRemoved())
                .isTrue();
    }
}
