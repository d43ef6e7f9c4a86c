package dev.interlock;

import dev.interlock.promises.BrokenPromises;
import dev.interlock.promises.Promise;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An epoch in half-open: a few trials are let in, each on a lease; one failure re-opens, enough successes close.
 *
 * <p>Who is out and how many have succeeded hang from one reference to an immutable value, changed by compare-and-set.
 */
final class HalfOpenEpoch extends TrippedEpoch {
    /** The trials of an epoch: how many succeeded, and the leases of those that are out. */
    @SuppressWarnings("ArrayRecordComponent") // never changed once it is here, and compared as one object
    record Trials(int succeeded, Place[] out) {
        Trials with(Place place) {
            Place[] more = Arrays.copyOf(out, out.length + 1);
            more[out.length] = place;
            return new Trials(succeeded, more);
        }

        /** Without this one, if it is still there: a place is given back once. */
        Trials without(Place place) {
            return new Trials(succeeded, keep(each -> each != place));
        }

        Trials withoutEnded(long now) {
            for (Place place : out) {
                if (place.end <= now) {
                    return new Trials(succeeded, keep(each -> each.end > now));
                }
            }
            return this;
        }

        Trials succeeded(Place place) {
            return new Trials(succeeded + 1, without(place).out);
        }

        boolean isEnough(Policy policy) {
            return succeeded >= policy.successThreshold;
        }

        boolean hasPlace(Policy policy, boolean oneAtATime) {
            return !isEnough(policy)
                    && out.length < (oneAtATime ? 1 : policy.trialsAtOnce)
                    && out.length + succeeded < policy.halfOpenMaxRequests;
        }

        private Place[] keep(java.util.function.Predicate<Place> wanted) {
            return Arrays.stream(out).filter(wanted).toArray(Place[]::new);
        }
    }

    /**
     * Trials at one moment.
     *
     * @param out those that run and whose lease has not ended
     * @param succeeded those that have succeeded
     * @param refusal how long a call that comes now would wait, in nanoseconds; 0 if it would be admitted
     */
    record Look(int out, int succeeded, long refusal) {}

    private static final VarHandle TRIALS;
    private static final VarHandle ANSWERED;
    private static final long WAIT = 1_000_000_000L;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            TRIALS = lookup.findVarHandle(HalfOpenEpoch.class, "trials", Trials.class);
            ANSWERED = lookup.findVarHandle(HalfOpenEpoch.class, "answered", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** Whether this epoch began while probes fail: then its trials run one by one, and a failure grows nothing. */
    private final boolean realTrial;

    private volatile Trials trials;

    /** Slots of callers whose own mistake, correctly refused, has counted as a success. */
    @SuppressWarnings("UnusedVariable") // read and written through its handle
    private volatile long answered;

    /** Until when the caller whose trial failed last is none. */
    private final long turn;

    /**
     * An epoch with its first trial.
     *
     * @param callers who has asked so far, or null
     * @param turn the tick until which the caller whose trial failed last is no trial
     */
    HalfOpenEpoch(
            Origin origin, Trip trip, boolean realTrial, @Nullable Place first, @Nullable Callers callers, long turn) {
        super(origin, trip, callers);
        this.realTrial = realTrial;
        this.turn = turn;
        this.trials = new Trials(0, first == null ? new Place[0] : new Place[] {first});
    }

    @Override
    CircuitState state() {
        return CircuitState.HALF_OPEN;
    }

    @Override
    @Nullable
    Move moveAt(Policy policy, long now) {
        // Only a policy that asks for fewer successes than before finds enough of them already here.
        return isEnough(policy) ? close() : null;
    }

    /** Whether so many have succeeded that the circuit closes, or is about to. */
    boolean isEnough(Policy policy) {
        return trials.isEnough(policy);
    }

    /** A trial's place, or null if there is none. */
    @Nullable
    Place admit(Policy policy, long now) {
        if (!hasPlace(policy, now)) {
            return null;
        }
        Place place = new Place(now + policy.trialTimeout);
        return admit(policy, now, place) ? place : null;
    }

    /** Whether a place is taken, and its lease has not ended. */
    boolean holds(Place place, long now) {
        if (place.end > now) {
            for (Place each : trials.out) {
                if (each == place) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether one more may try. */
    boolean hasPlace(Policy policy, long now) {
        return trials.withoutEnded(now).hasPlace(policy, realTrial);
    }

    /** Takes a trial in, if there is a place for it. */
    boolean admit(Policy policy, long now, Place place) {
        return admit(policy, now, place, Place.NONE);
    }

    /** As {@link #admit(Policy, long, Place)} does, instead of a trial around it that makes no call meanwhile. */
    boolean admit(Policy policy, long now, Place place, Place around) {
        while (true) {
            Trials before = trials;
            Trials present = before.withoutEnded(now);
            if (around != Place.NONE) {
                present = present.without(around);
            }
            if (!present.hasPlace(policy, realTrial)) {
                return false;
            }
            if (take(policy, before, present.with(place))) {
                return true;
            }
        }
    }

    /** Takes a place, by one compare-and-set, and looks whether there was one; false if somebody else was faster. */
    boolean take(Policy policy, Trials before, Trials after) {
        if (!TRIALS.compareAndSet(this, before, after)) {
            return false;
        }
        int out = after.out.length;
        int most = realTrial ? 1 : Math.min(policy.trialsAtOnce, policy.halfOpenMaxRequests);
        if (out > most || out + after.succeeded > policy.halfOpenMaxRequests) {
            BrokenPromises.report(
                    Promise.PLACES,
                    out + " trials are out and " + after.succeeded
                            + " have succeeded in one half-open epoch, which has " + policy.halfOpenMaxRequests
                            + " places, " + most + " at once");
        }
        return true;
    }

    /** The trials at this moment, for those who take a place. */
    Trials trials() {
        return trials;
    }

    /** How this epoch is tried among all processes that share the circuit. */
    TrialRules rules(Policy policy) {
        return realTrial ? policy.realTrials : policy.trials;
    }

    @Override
    long refusal(Policy policy, long now) {
        return refusal(trials.withoutEnded(now), policy, now);
    }

    private long refusal(Trials present, Policy policy, long now) {
        if (present.isEnough(policy) || present.hasPlace(policy, realTrial)) {
            return 0;
        }
        long wait = WAIT;
        for (Place place : present.out) {
            wait = Math.min(wait, place.end - now);
        }
        return wait;
    }

    @Override
    void giveBack(Place place) {
        Trials before;
        do {
            before = trials;
        } while (!TRIALS.compareAndSet(this, before, before.without(place)));
    }

    /** The inner call was not made: the trial around it is out again. */
    void giveBack(Place place, Place around) {
        Trials before;
        do {
            before = trials;
        } while (!TRIALS.compareAndSet(
                this, before, before.without(place).without(around).with(around)));
    }

    @Override
    long heldBack(Policy policy, int slot, int failedLast, long now) {
        return trip.heldBack(policy.minCallers, callers(), slot, failedLast, turn, now);
    }

    /** An answered mistake is a success once a caller, and else says nothing. */
    @Override
    Evidence weigh(Policy policy, Evidence evidence) {
        Callers present = callers();
        if (evidence.isAnswered() && !evidence.slow()) {
            long bit = 1L << evidence.slot();
            boolean first = ((long) ANSWERED.getAndBitwiseOr(this, bit) & bit) == 0;
            return evidence.as(first ? Evidence.Verdict.SUCCESS : Evidence.Verdict.IGNORED);
        }
        return present == null || policy.minCallers <= 1 ? evidence : evidence.beside(present);
    }

    @Override
    @Nullable
    Move settle(Policy policy, Place place, Evidence evidence) {
        Callers present = callers();
        if (present != null) {
            evidence.note(present);
        }
        if (evidence.failed() || evidence.slow()) {
            return Move.reopen(evidence.kind(), evidence.retryAfterNanos(), evidence.slot(), !realTrial);
        }
        if (evidence.isIgnored()) {
            giveBack(place);
            return null;
        }
        // A trial whose lease has ended counts all the same: it is evidence, and agents are slow.
        Trials before;
        Trials after;
        do {
            before = trials;
            after = before.succeeded(place);
            if (after.isEnough(policy)) {
                return close(); // not noted here first: the close is the one step that all see
            }
        } while (!TRIALS.compareAndSet(this, before, after));
        return null;
    }

    @Override
    @Nullable
    Move override(ManualOverride override, Policy policy, long now, long holdEnd) {
        return switch (override.action()) {
            case OPEN -> Move.override(CircuitState.OPEN, override, false, null);
            case CLOSE, RESET -> Move.override(CircuitState.CLOSED, override, true, null);
            case HOLD_OPEN -> Move.hold(CircuitState.OPEN, override, holdEnd, null);
            case HOLD_CLOSED -> Move.hold(CircuitState.CLOSED, override, holdEnd, null);
            case RELEASE, PROBE_NOW -> null;
        };
    }

    /** A trial that succeeded has ended the streak that tripped. */
    @Override
    long waitEnd() {
        return trials.succeeded > 0 ? RollingWindow.NEVER : trip.waitEnd();
    }

    /** What the trials look like at one moment. */
    Look look(Policy policy, long now) {
        Trials present = trials.withoutEnded(now);
        return new Look(present.out.length, present.succeeded, refusal(present, policy, now));
    }

    private static Move close() {
        return Move.plain(CircuitState.CLOSED, TransitionCause.TRIALS_SUCCEEDED);
    }
}
