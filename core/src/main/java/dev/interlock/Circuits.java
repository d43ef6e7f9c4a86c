package dev.interlock;

import dev.interlock.store.GivenTrial;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Several circuits around one call: all admit it or none does, and its outcome reaches the one that it is attributed to.
 *
 * <p>What is done with each of them goes on whatever one of them throws: an Error in one must not keep the places of
 * trials in the others until their leases end.
 */
final class Circuits {
    private final Registry registry;
    private final Attribution attribution;

    /** In order. */
    private final List<CircuitId> ids;

    /** All of them once they were asked for, in the same order; found again when one was forgotten. Never written into. */
    private volatile CircuitBreaker @Nullable [] reached;

    Circuits(Registry registry, Attribution attribution) {
        this.registry = registry;
        this.attribution = attribution;
        TreeSet<CircuitId> all = new TreeSet<>(attribution.dependencies());
        all.add(attribution.agent());
        this.ids = List.copyOf(all);
    }

    /** All circuits' ids, in order. */
    List<CircuitId> ids() {
        return ids;
    }

    boolean isSeveral() {
        return ids.size() > 1;
    }

    /** All are looked at first, so that a refusal moves none; then permits are taken in the order of their ids. */
    @Nullable
    Permit acquire(Caller caller, boolean throwing) {
        Permit parent = CallChain.innermost();
        GateBoard.Shut shut = shut();
        if (shut != null) {
            return refused(shut, throwing, parent);
        }
        CircuitBreaker[] circuits = reach();
        CircuitBreaker refusing = null;
        long longest = 0;
        for (CircuitBreaker circuit : circuits) {
            long wait = circuit.refusal(caller, parent);
            if (wait > longest) {
                longest = wait;
                refusing = circuit;
            }
        }
        if (refusing != null) {
            return refused(refusing, longest, throwing, parent);
        }
        JointPermit permits = new JointPermit(attribution, circuits.length, parent);
        try {
            for (int i = 0; i < circuits.length; i++) {
                SinglePermit permit = circuits[i].acquireWithin(parent, caller);
                if (permit == null) { // another call was faster to the last place
                    permits.giveBack();
                    return refused(circuits[i], circuits[i].refusal(caller, parent), throwing, parent);
                }
                permits.take(i, permit);
            }
            shut = shut();
            if (shut != null) { // put while the permits were taken
                permits.giveBack();
                return refused(shut, throwing, parent);
            }
            permits.admitted();
            return permits;
        } catch (Throwable thrown) { // one was evicted meanwhile and found no room, or memory or stack ran out
            permits.giveBack();
            throw thrown;
        }
    }

    /**
     * Takes in the outcome of a call without a permit.
     *
     * @param epochs those that admitted it, one a circuit in their order, or none
     */
    Settlement record(Outcome outcome, Duration age, InnerCalls inner, long[] epochs, Caller caller) {
        if (epochs.length != 0 && epochs.length != ids.size()) {
            throw new IllegalArgumentException(
                    "There must be one epoch for each of " + ids.size() + " circuits, but there are " + epochs.length);
        }
        Settled settled = new Settled(attribution, outcome);
        each(upstreamsFirst(), circuit -> {
            CircuitId id = circuit.id();
            if (settled.reaches(id, inner)) {
                settled.as(
                        id,
                        epochs.length == 0
                                ? circuit.record(outcome, age, caller, settled.alone())
                                : circuit.record(outcome, age, epochs[ids.indexOf(id)], caller, settled.alone()));
            }
        });
        return settled.answer;
    }

    /** Asks for the places of trials around a call: see {@link BorrowedPlaces}. */
    CompletionStage<Permit> borrow(Map<GivenTrial, Duration> around, @Nullable Permit enclosing, Caller caller) {
        return BorrowedPlaces.ask(reach(), around, enclosing, attribution.agent(), caller);
    }

    /** Takes in the outcome of a call that another process admitted as trials. */
    Settlement recordTrials(Outcome outcome, Duration age, InnerCalls inner, List<GivenTrial> trials, Caller caller) {
        Settled settled = new Settled(attribution, outcome);
        each(upstreamsFirst(), circuit -> {
            GivenTrial trial = trialOf(circuit.id(), trials);
            if (settled.reaches(circuit.id(), inner)) {
                settled.as(
                        circuit.id(),
                        trial == null
                                ? circuit.record(outcome, age, caller, settled.alone())
                                : circuit.recordTrial(outcome, age, trial, caller, settled.alone()));
            } else if (trial != null && !inner.admitted().contains(circuit.id())) { // else an inner call took it over
                circuit.giveBackTrial(trial);
            }
        });
        return settled.answer;
    }

    /** Does something with each, whatever is thrown; then throws what was thrown first. */
    static <T> void each(List<T> all, Consumer<? super T> action) {
        Throwable first = null;
        for (int i = 0; i < all.size(); i++) {
            try {
                action.accept(all.get(i));
            } catch (RuntimeException | Error thrown) {
                first = graver(first, thrown);
            }
        }
        throwIfAny(first);
    }

    /** What is thrown in the end: an error before an exception, and else what came first. */
    static Throwable graver(@Nullable Throwable before, Throwable thrown) {
        return before == null || (thrown instanceof Error && !(before instanceof Error)) ? thrown : before;
    }

    static void throwIfAny(@Nullable Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown instanceof RuntimeException exception) {
            throw exception;
        }
    }

    /** What becomes of one outcome: whom it reaches, and what the one answers to whom it is attributed. */
    static final class Settled {
        private final @Nullable CircuitId attributed;
        private final CircuitId agent;
        private final CircuitId answering;
        private final Outcome outcome;
        private final Caller.@Nullable Alone alone;
        private Settlement answer = Settlement.IGNORED;

        Settled(Attribution attribution, Outcome outcome) {
            attributed = attribution.attributedTo(outcome);
            agent = attribution.agent();
            answering = attributed != null ? attributed : agent;
            this.outcome = outcome;
            alone = outcome.isSuccess() ? null : new Caller.Alone(agent, outcome);
        }

        Outcome outcome() {
            return outcome;
        }

        /** The call, as circuits find whether its failure is its agent's after all; null for a success. */
        Caller.@Nullable Alone alone() {
            return alone;
        }

        boolean isAgent(CircuitId id) {
            return agent.equals(id);
        }

        /** Whether a circuit is the guard's own, and a failure is attributed to it. */
        boolean isOwn(CircuitId id) {
            return agent.equals(id) && (attributed != null && attributed.equals(agent) || Caller.Alone.at(id, alone));
        }

        boolean reaches(CircuitId id) {
            return Attribution.reaches(id, attributed, outcome) || Caller.Alone.at(id, alone);
        }

        boolean reaches(CircuitId id, InnerCalls inner) {
            return reaches(id) && !inner.hide(id, isOwn(id));
        }

        void as(CircuitId id, Settlement settlement) {
            if (answering.equals(id) || Caller.Alone.at(id, alone)) {
                answer = settlement;
            }
        }

        Settlement answer() {
            return answer;
        }
    }

    /** All of them before the first counts: one may find no room. */
    private CircuitBreaker[] reach() {
        CircuitBreaker[] before = reached;
        if (before != null && isPresent(before)) {
            return before;
        }
        CircuitBreaker[] found = new CircuitBreaker[ids.size()];
        for (int i = 0; i < found.length; i++) {
            found[i] = registry.getOrCreate(ids.get(i));
        }
        reached = found;
        return found;
    }

    private static boolean isPresent(CircuitBreaker[] circuits) {
        for (CircuitBreaker circuit : circuits) {
            if (circuit.isEvicted()) {
                return false;
            }
        }
        return true;
    }

    /** The agent's circuit comes last: only the others can say that a failure is the agent's after all. */
    private List<CircuitBreaker> upstreamsFirst() {
        List<CircuitBreaker> ordered = new ArrayList<>(List.of(reach()));
        int agent = ids.indexOf(attribution.agent());
        ordered.add(ordered.remove(agent));
        return ordered;
    }

    private static @Nullable GivenTrial trialOf(CircuitId id, List<GivenTrial> trials) {
        for (GivenTrial each : trials) {
            if (each.name().equals(id.name()) && each.organization().equals(id.organization())) {
                return each;
            }
        }
        return null;
    }

    /** The gate that covers the call, or null: asked before the first permit, and once more after the last. */
    private GateBoard.@Nullable Shut shut() {
        Engine engine = registry.engine();
        return engine.gates.isEmpty() ? null : engine.gates.covering(attribution.agent(), ids, engine.time.ticks());
    }

    private @Nullable Permit refused(GateBoard.Shut shut, boolean throwing, @Nullable Permit parent) {
        CircuitId covered = shut.covered(attribution.agent(), ids);
        CircuitId id = covered == null ? attribution.agent() : covered;
        Engine engine = registry.engine();
        engine.settlements.refused(id, Refusal.GATE);
        return GateRefusals.refuse(id, registry.find(id), shut, engine, engine.time.ticks(), throwing, parent);
    }

    private static @Nullable Permit refused(
            CircuitBreaker circuit, long wait, boolean throwing, @Nullable Permit parent) {
        Engine engine = circuit.policy().engine;
        CallChain.note(parent, circuit.id(), engine, InnerCall.REFUSED);
        Epoch epoch = circuit.current();
        engine.settlements.refused(circuit.id(), Refusal.of(epoch.state(), epoch.hold()));
        if (throwing) {
            boolean open = epoch.state() == CircuitState.OPEN; // if closed, it was half-open when it refused
            throw new CircuitOpenException(
                    circuit.id(),
                    open ? CircuitState.OPEN : CircuitState.HALF_OPEN,
                    Math.max(1, wait),
                    open ? epoch.hold() : null,
                    open ? epoch.trip() : null);
        }
        return null;
    }
}
