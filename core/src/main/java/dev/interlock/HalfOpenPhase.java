package dev.interlock;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A stay in half-open: a few trials are let in, each on a lease; one failure re-opens, enough successes close.
 *
 * <p>Who is out and how many have succeeded hang from one reference to an immutable value, changed by compare-and-set.
 */
final class HalfOpenPhase extends Phase {
    /** The trials of a stay: how many succeeded, and the leases of those that are out. */
    private record Trials(int succeeded, Lease[] out) {
        Trials with(Lease lease) {
            Lease[] more = Arrays.copyOf(out, out.length + 1);
            more[out.length] = lease;
            return new Trials(succeeded, more);
        }

        /** Without this one, if it is still there: a place is given back once. */
        Trials without(Lease lease) {
            return new Trials(succeeded, keep(each -> each != lease));
        }

        Trials withoutEnded(long now) {
            for (Lease lease : out) {
                if (lease.end <= now) {
                    return new Trials(succeeded, keep(each -> each.end > now));
                }
            }
            return this;
        }

        Trials succeeded(Lease lease) {
            return new Trials(succeeded + 1, without(lease).out);
        }

        boolean isEnough(Policy policy) {
            return succeeded >= policy.successThreshold;
        }

        boolean hasPlace(Policy policy, boolean oneAtATime) {
            return !isEnough(policy)
                    && out.length < (oneAtATime ? 1 : policy.trialsAtOnce)
                    && out.length + succeeded < policy.halfOpenMaxRequests;
        }

        private Lease[] keep(java.util.function.Predicate<Lease> wanted) {
            return Arrays.stream(out).filter(wanted).toArray(Lease[]::new);
        }
    }

    private static final VarHandle TRIALS;
    private static final long WAIT = 1_000_000_000L;

    static {
        try {
            TRIALS = MethodHandles.lookup().findVarHandle(HalfOpenPhase.class, "trials", Trials.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final Opening opening;

    /** Whether this stay began beside failing probes: then its trials run one by one, and a failure grows nothing. */
    private final boolean realTrial;

    private volatile Trials trials;

    HalfOpenPhase(Origin origin, Opening opening, boolean realTrial, @Nullable Lease first) {
        super(origin);
        this.opening = opening;
        this.realTrial = realTrial;
        this.trials = new Trials(0, first == null ? new Lease[0] : new Lease[] {first});
    }

    @Override
    CircuitState state() {
        return CircuitState.HALF_OPEN;
    }

    @Override
    @Nullable
    Wish wishAt(Policy policy, long now) {
        // Only a policy that asks for fewer successes than before finds enough of them already here.
        return isEnough(policy) ? close() : null;
    }

    /** Whether so many have succeeded that the circuit closes, or is about to. */
    boolean isEnough(Policy policy) {
        return trials.isEnough(policy);
    }

    @Override
    @Nullable
    Lease admit(Policy policy, long now) {
        if (!hasPlace(policy, now)) {
            return null;
        }
        Lease lease = new Lease(now + policy.trialTimeout);
        return admit(policy, now, lease) ? lease : null;
    }

    /** Whether one more may try. */
    boolean hasPlace(Policy policy, long now) {
        return trials.withoutEnded(now).hasPlace(policy, realTrial);
    }

    /** Takes a trial in, if there is a place for it. */
    boolean admit(Policy policy, long now, Lease lease) {
        while (true) {
            Trials before = trials;
            Trials present = before.withoutEnded(now);
            if (!present.hasPlace(policy, realTrial)) {
                return false;
            }
            if (TRIALS.compareAndSet(this, before, present.with(lease))) {
                return true;
            }
        }
    }

    /** Trials that may run at one time. */
    int atOnce(Policy policy) {
        return realTrial ? 1 : policy.trialsAtOnce;
    }

    @Override
    long refusal(Policy policy, long now) {
        Trials present = trials.withoutEnded(now);
        if (present.isEnough(policy) || present.hasPlace(policy, realTrial)) {
            return 0;
        }
        long wait = WAIT;
        for (Lease lease : present.out) {
            wait = Math.min(wait, lease.end - now);
        }
        return wait;
    }

    @Override
    void giveBack(Lease lease) {
        Trials before;
        do {
            before = trials;
        } while (!TRIALS.compareAndSet(this, before, before.without(lease)));
    }

    @Override
    @Nullable
    Wish settle(Policy policy, Lease lease, Evidence evidence) {
        if (evidence.failed() || evidence.slow()) {
            return Wish.reopen(evidence.kind(), evidence.retryAfterNanos(), !realTrial);
        }
        if (evidence.verdict() == Verdict.IGNORED) {
            giveBack(lease);
            return null;
        }
        // A trial whose lease has ended counts all the same: it is evidence, and agents are slow.
        Trials before;
        Trials after;
        do {
            before = trials;
            after = before.succeeded(lease);
            if (after.isEnough(policy)) {
                return close(); // not noted here first: the close is the one step that all see
            }
        } while (!TRIALS.compareAndSet(this, before, after));
        return null;
    }

    @Override
    @Nullable
    Wish order(ManualOverride override, Policy policy, long now, long holdEnd) {
        return switch (override.action()) {
            case OPEN -> Wish.ordered(CircuitState.OPEN, override, false, null);
            case CLOSE, RESET -> Wish.ordered(CircuitState.CLOSED, override, true, null);
            case HOLD_OPEN -> Wish.hold(CircuitState.OPEN, override, holdEnd, null);
            case HOLD_CLOSED -> Wish.hold(CircuitState.CLOSED, override, holdEnd, null);
            case RELEASE, PROBE_NOW -> null;
        };
    }

    @Override
    long begins() {
        return opening.ticks();
    }

    @Override
    Figures figures(long now) {
        return opening.figures();
    }

    @Override
    Opening opening() {
        return opening;
    }

    /** Trials that are out and whose lease has not ended. */
    int out(long now) {
        return trials.withoutEnded(now).out.length;
    }

    int succeeded() {
        return trials.succeeded;
    }

    private static Wish close() {
        return Wish.plain(CircuitState.CLOSED, TransitionCause.TRIALS_SUCCEEDED);
    }
}
