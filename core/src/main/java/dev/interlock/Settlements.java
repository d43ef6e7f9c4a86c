package dev.interlock;

import dev.interlock.store.GivenTrial;
import dev.interlock.store.TrialEnd;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of an outcome: it counts in the epoch that admitted its call, if that goes on; in the epoch that took its
 * place, if it was only forgotten or is counted otherwise now; else it is late, and moves nothing.
 *
 * <p>The epoch is read before the policy: see the last invariant of {@link Circuit}.
 */
final class Settlements {
    /** In place of a call's beginning where nobody has measured it. */
    static final long UNTIMED = -1;

    private static final long ANY_EPOCH = -1;

    /** In place of the tick at which a call began: the object at hand admitted it, or nobody knows. */
    private static final long HERE = Long.MAX_VALUE;

    private static final long UNKNOWN = Long.MIN_VALUE;

    private Settlements() {}

    /**
     * Takes in the success of a call that {@link Admission#enter} let in.
     *
     * @param time the clocks, which all policies of a manager share
     * @param began the coarse clock's reading when it did, or {@link #UNTIMED}
     */
    static void succeed(Circuit circuit, ClosedEpoch admitted, TimeSource time, long began, Caller caller) {
        if (circuit.current() != admitted
                || !admitted.succeedAgain(time, caller, circuit.id)
                        && !admitted.succeed(circuit.policy(), caller, circuit.id, HERE)) {
            settle(circuit, admitted, Place.NONE, Outcome.success(), UNTIMED, caller, null);
        } else if (began != UNTIMED) { // else nobody listened when it began
            heard(
                    circuit,
                    Outcome.success(),
                    time.coarseTicks() - began,
                    0,
                    admitted.origin.epoch,
                    Settlement.COUNTED,
                    null);
        }
    }

    /**
     * Takes in the outcome of a call that an epoch admitted, and reports it.
     *
     * @param tookNanos how long the call took, negative if nobody measured: {@link #UNTIMED} or {@link Evidence#aged}
     * @param alone finds whether the failure is the agent's, where that is another circuit's; else null
     */
    static Settlement settle(
            Circuit circuit,
            Epoch admitted,
            Place place,
            Outcome outcome,
            long tookNanos,
            Caller caller,
            Caller.@Nullable Alone alone) {
        Settlement settlement = settled(circuit, admitted, place, outcome, tookNanos, caller, alone, HERE);
        return heard(circuit, outcome, tookNanos, 0, admitted.origin.epoch, settlement, alone);
    }

    /** Reports what became of an outcome to those who listen; not what only its caller's agent is to blame for. */
    private static Settlement heard(
            Circuit circuit,
            Outcome outcome,
            long tookNanos,
            long agoNanos,
            long epoch,
            Settlement settlement,
            Caller.@Nullable Alone alone) {
        if (settlement == Settlement.IGNORED && Caller.Alone.isAnothers(circuit.id, alone)) {
            return settlement;
        }
        circuit.policy().engine.settlements.settled(circuit.id, outcome, tookNanos, agoNanos, epoch, settlement);
        return settlement;
    }

    /** @param began the tick at which the call began */
    private static Settlement settled(
            Circuit circuit,
            Epoch admitted,
            Place place,
            Outcome outcome,
            long tookNanos,
            Caller caller,
            Caller.@Nullable Alone alone,
            long began) {
        if (place == Place.PASSED) {
            return passed(circuit, circuit.current() == admitted ? admitted : null);
        }
        if (circuit.current() != admitted) {
            return settleElsewhere(circuit, admitted, outcome, tookNanos, caller, alone);
        }
        Policy policy = circuit.policy();
        circuit.touch(policy);
        if (outcome.isSuccess() && !policy.isSlow(tookNanos) && admitted instanceof ClosedEpoch closed) {
            return closed.succeed(policy, caller, circuit.id, began)
                    ? Settlement.COUNTED
                    : settleSealed(circuit, closed, outcome, tookNanos, caller, alone);
        }
        Evidence judged = policy.judge(circuit.id, outcome, tookNanos, policy.time.ticks(), caller, alone);
        Evidence evidence = admitted.weigh(policy, judged);
        Move move = admitted.settle(policy, place, evidence);
        if (move == Move.SEALED) {
            return settleSealed(circuit, admitted, outcome, tookNanos, caller, alone);
        }
        return ended(circuit, admitted, place, evidence, move);
    }

    /** Takes in that a call ended in a way that is attributed to another of its circuits: gives a trial's place back. */
    static Settlement settleIgnored(Circuit circuit, Epoch admitted, Place place) {
        Epoch present = circuit.current();
        if (place == Place.PASSED) {
            return passed(circuit, present == admitted ? admitted : null);
        }
        if (present != admitted) {
            boolean goesOn = present instanceof EvictedEpoch || Circuit.goesOn(admitted, present);
            return goesOn ? Settlement.IGNORED : circuit.late();
        }
        Evidence evidence = Evidence.ofAnothersFailure(0);
        return ended(circuit, admitted, place, evidence, admitted.settle(circuit.policy(), place, evidence));
    }

    /** Makes as if a permit had never been given. */
    static void giveBack(Epoch admitted, Place place) {
        admitted.giveBack(place);
        place.unused();
    }

    /**
     * Takes in an outcome without a permit, by its age: late if its call began before the last opening or closing.
     *
     * @param outcome how the call ended
     * @param age how long ago the call began; a negative age counts as zero
     */
    static Settlement record(
            Circuit circuit, Outcome outcome, Duration age, Caller caller, Caller.@Nullable Alone alone) {
        long ago = Math.max(0, nanos(age) - Math.max(0, outcome.tookNanos()));
        long epoch = circuit.origin().epoch;
        Settlement settlement = recordAged(circuit, outcome, nanos(age), ANY_EPOCH, null, caller, alone);
        return heard(circuit, outcome, outcome.tookNanos(), ago, epoch, settlement, alone);
    }

    /**
     * Takes in the outcome of a call that an epoch admitted which is known by its number only. Late if the circuit is in
     * another epoch now, unless it was only forgotten and made again.
     */
    static Settlement record(
            Circuit circuit, Outcome outcome, Duration age, long epoch, Caller caller, Caller.@Nullable Alone alone) {
        long present = circuit.origin().epoch;
        Settlement settlement = recordAged(circuit, outcome, nanos(age), epoch, null, caller, alone);
        return heard(circuit, outcome, outcome.tookNanos(), 0, present, settlement, alone);
    }

    /** Takes in the outcome of a call that another process admitted as a trial; its place is given back in any case. */
    static Settlement recordTrial(
            Circuit circuit,
            Outcome outcome,
            Duration age,
            GivenTrial given,
            Caller caller,
            Caller.@Nullable Alone alone) {
        Place place = trialOfAnother(circuit, given);
        long epoch = circuit.origin().epoch;
        Settlement settlement = recordAged(circuit, outcome, nanos(age), ANY_EPOCH, place, caller, alone);
        if (place != null) {
            place.unused();
        }
        return heard(circuit, outcome, outcome.tookNanos(), 0, epoch, settlement, alone);
    }

    /** Gives the place of a trial back that another process admitted, and whose outcome is attributed elsewhere. */
    static void giveBackTrial(Circuit circuit, GivenTrial given) {
        Place place = trialOfAnother(circuit, given);
        if (place != null) {
            place.unused();
        }
    }

    private static @Nullable Place trialOfAnother(Circuit circuit, GivenTrial given) {
        Policy policy = circuit.policy();
        return policy.fleet == null
                ? null
                : policy.fleet.places().ofAnother(circuit.id, policy.trials, given, policy.time.ticks());
    }

    /**
     * Takes in an outcome by its age.
     *
     * @param given the trial that the call was, in another process; null if it was none
     */
    private static Settlement recordAged(
            Circuit circuit,
            Outcome outcome,
            long ageNanos,
            long epoch,
            @Nullable Place given,
            Caller caller,
            Caller.@Nullable Alone alone) {
        while (true) {
            Epoch present = circuit.current();
            Policy policy = circuit.policy();
            if (present instanceof EvictedEpoch evicted) {
                Circuit successor = evicted.successors.successor(circuit.id);
                return recordAged(successor, outcome, ageNanos, epoch, given, caller, alone);
            }
            circuit.touch(policy);
            long now = policy.time.ticks();
            if (now - ageNanos < present.begins()) {
                return circuit.late();
            }
            if (epoch < ANY_EPOCH) {
                return passed(circuit, -epoch == present.origin.epoch ? present : null);
            }
            if (epoch != ANY_EPOCH && epoch != present.origin.epoch && present.origin.transition != null) {
                return circuit.late();
            }
            int slot = caller.slotAt(circuit.id);
            present.asked(policy, slot, now);
            long took = outcome.tookNanos() >= 0 ? outcome.tookNanos() : Evidence.aged(ageNanos);
            if (present instanceof ClosedEpoch) {
                return settled(circuit, present, Place.NONE, outcome, took, caller, alone, now - ageNanos);
            }
            Evidence evidence = policy.judge(circuit.id, outcome, took, now, caller, alone);
            if (evidence.isSilent()
                    || given == null
                            && present.heldBack(policy, slot, Places.failedLast(circuit.id, policy), now) > 0) {
                return Settlement.IGNORED;
            }
            Move move = present.moveAt(policy, now);
            boolean tries = move != null && move.to == CircuitState.HALF_OPEN;
            Place first =
                    move == null || !tries ? null : given != null ? given : Places.first(circuit.id, move, policy, now);
            if (move != null && (first != null || !tries)) {
                Epoch next = circuit.move(present, move, now, first);
                if (next != null && first != null) {
                    return take(circuit, next, first, evidence);
                }
                if (first != null && first != given) {
                    first.unused();
                }
                continue;
            }
            Place place = !(present instanceof HalfOpenEpoch trying)
                    ? null
                    : given != null ? given : Places.further(circuit.id, trying, policy, now);
            if (place == null && present instanceof HalfOpenEpoch trying && trying.isEnough(policy)) {
                continue;
            }
            return place == null ? Settlement.IGNORED : take(circuit, present, place, evidence);
        }
    }

    private static Settlement take(Circuit circuit, Epoch trying, Place place, Evidence judged) {
        Policy policy = circuit.policy();
        Evidence evidence = trying.weigh(policy, judged);
        return ended(circuit, trying, place, evidence, trying.settle(policy, place, evidence));
    }

    /**
     * Takes in the outcome of a call that passed where the policy only observes: it moves nothing. Late, except for one
     * that ends in the half-open epoch that it began in.
     *
     * @param admitted the epoch that admitted it, or null if that is over
     */
    private static Settlement passed(Circuit circuit, @Nullable Epoch admitted) {
        return admitted instanceof HalfOpenEpoch ? Settlement.IGNORED : circuit.late();
    }

    /** An epoch has taken an outcome in: gives its place back, and makes the move that follows, if one does. */
    private static Settlement ended(Circuit circuit, Epoch epoch, Place place, Evidence evidence, @Nullable Move move) {
        place.ended(evidence.isGood(), evidence.failed() || evidence.slow() ? evidence.slot() : TrialEnd.NOBODY);
        if (move == Move.ALONE) {
            evidence.foundAlone();
        } else if (move != null && !carriedOut(circuit, epoch, move, evidence.now())) {
            // Another thread ended this epoch first. In closed the outcome counted there; a trial's came too late,
            // unless it
            // was what ended it: all processes hear of its end before this one moves, and their answer may be faster.
            return epoch instanceof ClosedEpoch || isClosedByAll(circuit, place, move)
                    ? Settlement.COUNTED
                    : circuit.late();
        }
        Policy policy = circuit.policy();
        if (policy.probe() != null && evidence.failed() && epoch instanceof ClosedEpoch) {
            policy.engine.followed().failed(circuit.id);
        }
        return evidence.isSilent() ? Settlement.IGNORED : Settlement.COUNTED;
    }

    /** Whether trials of all processes have closed a circuit, for which a trial that was one of them has just asked. */
    private static boolean isClosedByAll(Circuit circuit, Place place, Move move) {
        Epoch present = circuit.current();
        StateTransition last = present.origin.transition;
        return move.to == CircuitState.CLOSED
                && place.given() != null
                && present.isClosedAndClean()
                && last != null
                && last.action() == null;
    }

    /** A move outlives the object that decided it: a circuit that was forgotten at the same moment trips as its successor. */
    private static boolean carriedOut(Circuit circuit, Epoch epoch, Move move, long now) {
        if (circuit.follow(epoch, move, now) != null) {
            return true;
        }
        if (circuit.current() instanceof EvictedEpoch evicted && evicted.origin == epoch.origin) {
            Circuit successor = successorOrNull(evicted, circuit.id);
            Epoch present = successor == null ? null : successor.current();
            return successor != null
                    && present instanceof ClosedEpoch
                    && present.origin.transition == null
                    && successor.follow(present, move, now) != null;
        }
        return false;
    }

    /** The object at hand is sealed: another one of the same epoch takes the outcome in, or what came after. */
    private static Settlement settleSealed(
            Circuit circuit,
            Epoch sealed,
            Outcome outcome,
            long tookNanos,
            Caller caller,
            Caller.@Nullable Alone alone) {
        if (sealed instanceof ClosedEpoch closed) {
            circuit.renew(closed);
        }
        return settleElsewhere(circuit, sealed, outcome, tookNanos, caller, alone);
    }

    /** The object that admitted the call is over: the outcome counts where its epoch goes on, else it is late. */
    private static Settlement settleElsewhere(
            Circuit circuit,
            Epoch admitted,
            Outcome outcome,
            long tookNanos,
            Caller caller,
            Caller.@Nullable Alone alone) {
        Epoch present = circuit.current();
        if (Circuit.goesOn(admitted, present)) {
            return settled(circuit, present, Place.NONE, outcome, tookNanos, caller, alone, UNKNOWN);
        }
        if (!(present instanceof EvictedEpoch evicted)) {
            return circuit.late();
        }
        boolean forgotten = admitted.origin == evicted.origin;
        Circuit successor = forgotten ? successorOrNull(evicted, circuit.id) : evicted.successors.find(circuit.id);
        if (successor == null) {
            return circuit.late();
        }
        Epoch next = successor.current();
        return forgotten && next instanceof ClosedEpoch && next.origin.transition == null
                ? settled(successor, next, Place.NONE, outcome, tookNanos, caller, alone, UNKNOWN)
                : successor.late();
    }

    /** The circuit that took the place of one that was forgotten; null if there is no room for it. */
    static @Nullable Circuit successorOrNull(EvictedEpoch evicted, CircuitId id) {
        try {
            return evicted.successors.successor(id);
        } catch (TooManyCircuitsException full) {
            return null;
        }
    }

    private static long nanos(Duration age) {
        return Math.max(0, Nanos.of(age));
    }
}
