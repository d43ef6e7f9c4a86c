package dev.interlock;

import org.jspecify.annotations.Nullable;

/**
 * Whether a call is let in: in closed always, in open not before the cooldown is over, in half-open while there is a
 * place. Moves to half-open what a call finds cooled down, and makes that call the first trial.
 */
final class Admission {
    private Admission() {}

    /**
     * A permit; or null, or an exception, if the call is refused.
     *
     * @param parent the innermost call around this one, or null
     * @param joint whether the permit becomes one of several around a call, which keep the calls around it together
     */
    static @Nullable SinglePermit acquire(
            Circuit circuit, Caller caller, boolean throwing, @Nullable Permit parent, boolean joint) {
        while (true) {
            Policy policy = circuit.policy();
            Epoch present = circuit.current();
            if (present instanceof ClosedEpoch) {
                return counted(circuit, present, policy, caller, joint ? null : parent);
            }
            if (present instanceof EvictedEpoch evicted) {
                return acquire(evicted.successors.successor(circuit.id), caller, throwing, parent, joint);
            }
            long now = policy.time.ticks();
            long wait = policy.minCallers > 1 ? heldBack(circuit, present, policy, caller, parent, now) : 0;
            if (wait == 0 && present instanceof OpenEpoch) {
                long cooling = present.refusal(policy, now);
                wait = cooling > 0 ? refused(circuit, present, policy, cooling, now) : 0;
            }
            if (wait > 0) {
                return refuse(circuit, present, policy, wait, throwing, caller, parent);
            }
            SinglePermit trial = trial(circuit, present, policy, caller, now, parent);
            if (trial != null) {
                return trial;
            }
            if (circuit.current() == present && !isEnding(present, policy)) {
                wait = Math.max(1, refused(circuit, present, policy, present.refusal(policy, now), now));
                return refuse(circuit, present, policy, wait, throwing, caller, parent);
            }
        }
    }

    /** Whether the last success came this moment, so that a call belongs to the epoch after. */
    private static boolean isEnding(Epoch present, Policy policy) {
        return present instanceof HalfOpenEpoch trying && trying.isEnough(policy);
    }

    /**
     * The permit of a trial, after the move that time asks for. Null if there is no place, or if another thread has moved the
     * circuit, too. Apart, to keep refusals short.
     */
    private static @Nullable SinglePermit trial(
            Circuit circuit, Epoch present, Policy policy, Caller caller, long now, @Nullable Permit parent) {
        Move move = present.moveAt(policy, now);
        // Who makes a circuit half-open is its first trial: the lease is there before anybody can see it.
        Place first = move != null && move.to == CircuitState.HALF_OPEN
                ? first(circuit, present, move, policy, now, parent)
                : null;
        if (move != null && (first != null || move.to != CircuitState.HALF_OPEN)) {
            return follow(circuit, present, move, now, first, caller, parent);
        }
        return present instanceof HalfOpenEpoch trying ? further(circuit, trying, policy, now, caller, parent) : null;
    }

    /** Refuses a call; where the policy only observes it passes. */
    private static @Nullable SinglePermit refuse(
            Circuit circuit,
            Epoch present,
            Policy policy,
            long wait,
            boolean throwing,
            Caller caller,
            @Nullable Permit parent) {
        if (!present.refuses(policy)) {
            circuit.touch(policy);
            return new SinglePermit.Passed(circuit, present, caller, parent);
        }
        if (parent != null) {
            CallChain.note(parent, circuit.id, policy.engine, InnerCall.REFUSED);
        }
        if (throwing) { // else the caller reports it: this may be one of several circuits
            SettlementListeners listeners = policy.engine.settlements;
            if (listeners.isHeard()) { // what they hear is only then looked up
                listeners.refused(circuit.id, Refusal.of(present.state(), present.hold()));
            }
            throw new CircuitOpenException(circuit.id, present.state(), wait, present.hold(), present.trip());
        }
        return null;
    }

    /** The permit of a call in closed. */
    private static SinglePermit counted(
            Circuit circuit, Epoch closed, Policy policy, Caller caller, @Nullable Permit parent) {
        circuit.touch(policy);
        long started = begin(circuit, closed, policy, caller);
        return parent == null
                ? new SinglePermit(circuit, closed, caller, started)
                : new SinglePermit.Within(circuit, closed, caller, started, parent);
    }

    /** Begins a call in closed: notes who asks, and the time, where they matter. */
    private static long begin(Circuit circuit, Epoch present, Policy policy, Caller caller) {
        if (policy.marks() == 0) {
            return Settlements.UNTIMED;
        }
        if (policy.minCallers > 1) {
            present.asked(policy, caller.slotAt(circuit.id), policy.shape.now(policy.time));
            return policy.timed ? policy.time.ticks() : policy.time.coarseTicks();
        }
        return policy.timed ? policy.time.ticks() : policy.isHeard() ? policy.time.coarseTicks() : Settlements.UNTIMED;
    }

    /**
     * Notes who asks a circuit that is not closed; returns how long that one is no trial since its last one failed. One
     * within a call that holds a place takes that one over, but where the circuit would close there is none to take.
     */
    private static long heldBack(
            Circuit circuit, Epoch present, Policy policy, Caller caller, @Nullable Permit parent, long now) {
        int slot = caller.slotAt(circuit.id);
        present.asked(policy, slot, now);
        long wait = present.heldBack(policy, slot, Places.failedLast(circuit.id, policy), now);
        boolean borrows = wait > 0
                && parent != null
                && !isEnding(present, policy)
                && CallChain.canBorrow(parent, circuit.id, present, now);
        return borrows ? 0 : wait;
    }

    /** The first trial's place: that of a call around it, if others try the circuit already, else one of its own. */
    private static @Nullable Place first(
            Circuit circuit, Epoch cooled, Move move, Policy policy, long now, @Nullable Permit parent) {
        Place lent = parent == null
                ? null
                : CallChain.borrowFirst(parent, circuit.id, cooled, Places.rules(move, policy), now);
        return lent != null ? lent : Places.first(circuit.id, move, policy, now);
    }

    /** Moves, and gives the permit of the first trial if that is what the move began. */
    private static @Nullable SinglePermit follow(
            Circuit circuit,
            Epoch present,
            Move move,
            long now,
            @Nullable Place first,
            Caller caller,
            @Nullable Permit parent) {
        Epoch next = circuit.move(present, move, now, first);
        if (first == null) {
            return null;
        }
        if (next == null) {
            first.unused();
            return null;
        }
        return trial(circuit, next, caller, now, parent, first, null);
    }

    /** A further trial: in the place of a call around it that holds one, else in one of its own. */
    private static @Nullable SinglePermit further(
            Circuit circuit, HalfOpenEpoch trying, Policy policy, long now, Caller caller, @Nullable Permit parent) {
        InnerCall.Loan loan = parent == null ? null : CallChain.borrow(parent, circuit.id, trying, now);
        if (loan != null) {
            return trial(circuit, trying, caller, now, parent, loan.place(), loan.from());
        }
        Place place = Places.further(circuit.id, trying, policy, now);
        return place == null ? null : trial(circuit, trying, caller, now, parent, place, null);
    }

    /** The permit of a trial. Whatever is thrown while it is made, its place does not stay taken. */
    private static SinglePermit trial(
            Circuit circuit,
            Epoch epoch,
            Caller caller,
            long now,
            @Nullable Permit parent,
            Place place,
            InnerCall.@Nullable Enclosing lender) {
        try {
            circuit.touch(circuit.policy());
            return new SinglePermit.Trial(circuit, epoch, caller, now, parent, place, lender);
        } catch (Throwable thrown) {
            Settlements.giveBack(epoch, place);
            throw thrown;
        }
    }

    /** How long a call that is refused now should wait, of which its epoch says so much. */
    private static long refused(Circuit circuit, Epoch present, Policy policy, long wait, long now) {
        return policy.fleet == null || present.isHeld()
                ? wait
                : policy.fleet.places().refused(circuit.id, present, wait, policy.trials, now);
    }

    /**
     * How long a call that comes now would have to wait, in nanoseconds; 0 if it would be admitted. Moves nothing.
     *
     * @param parent the innermost call around it, or null
     */
    static long refusal(Circuit circuit, Caller caller, @Nullable Permit parent) {
        Policy policy = circuit.policy();
        Epoch present = circuit.current();
        if (present instanceof ClosedEpoch) {
            if (policy.minCallers > 1) {
                begin(circuit, present, policy, caller); // it has asked, though another of its circuits may refuse
            }
            return 0;
        }
        if (present instanceof EvictedEpoch evicted) {
            return refusal(evicted.successors.successor(circuit.id), caller, parent);
        }
        if (!present.refuses(policy)) {
            return 0;
        }
        long now = policy.time.ticks();
        long heldBack = policy.minCallers > 1 ? heldBack(circuit, present, policy, caller, parent, now) : 0;
        if (heldBack > 0) {
            return heldBack;
        }
        boolean moves = present.moveAt(policy, now) != null;
        if (parent != null
                && (moves || present instanceof HalfOpenEpoch)
                && CallChain.canBorrow(parent, circuit.id, present, now)) {
            return 0;
        }
        long wait = moves ? 0 : present.refusal(policy, now);
        boolean admits = policy.fleet == null || policy.fleet.places().hasTrial(circuit.id, now);
        return admits || wait > 0 ? wait : refused(circuit, present, policy, present.refusal(policy, now), now);
    }

    /**
     * The closed epoch that admits a call which needs no clock and no permit, or null: then ask for a permit.
     *
     * @param policy the circuit's policy
     * @param marks what its {@link Policy#marks} were when the call began
     */
    static @Nullable ClosedEpoch enter(Circuit circuit, Policy policy, int marks, Caller caller) {
        if (circuit.current() instanceof ClosedEpoch closed && !Policy.needPermit(marks) && !isWithin(circuit)) {
            long now = policy.time.coarseTicks();
            circuit.touch(now);
            if (Policy.needCaller(marks)) {
                closed.asked(policy, caller.slotAt(circuit.id), policy.shape.now(policy.time, now));
            }
            return closed;
        }
        return null;
    }

    /** Whether the call is one within a call of this circuit that takes notice of it. */
    private static boolean isWithin(Circuit circuit) {
        return circuit.mayEnclose() && CallChain.encloses(circuit);
    }
}
