package dev.interlock;

import dev.interlock.store.GivenTrial;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A permit of one circuit: for a call in closed, for a call {@link Within} another, or for a {@link Trial}. One of many in a
 * {@link JointPermit} leaves it to that one to know the calls around it.
 */
class SinglePermit extends Permit implements InnerCall.Enclosing {
    /** For a call within another call. */
    static class Within extends SinglePermit {
        private @Nullable Permit parent;

        Within(Circuit circuit, Epoch admitted, Caller caller, long started, @Nullable Permit parent) {
            super(circuit, admitted, caller, started);
            this.parent = parent;
        }

        @Override
        final @Nullable Permit parent() {
            Permit present = parent;
            if (present != null && present.isSettled()) {
                present = present.parent();
                parent = present; // who has ended is not kept alive by those that go on
            }
            return present;
        }

        @Override
        boolean isNoted() {
            return true;
        }
    }

    /** For a trial in half-open, which holds a place. */
    static final class Trial extends Within {
        private static final VarHandle PLACE;

        static {
            try {
                PLACE = MethodHandles.lookup().findVarHandle(Trial.class, "place", Place.class);
            } catch (ReflectiveOperationException impossible) {
                throw new ExceptionInInitializerError(impossible);
            }
        }

        private final InnerCall.@Nullable Enclosing lender;

        /** Who takes it away settles it, gives it back, or is an inner call that has taken it over. */
        private volatile Place place;

        /** @param lender the call whose place this one has taken over, or null */
        Trial(
                Circuit circuit,
                Epoch admitted,
                Caller caller,
                long started,
                @Nullable Permit parent,
                Place place,
                InnerCall.@Nullable Enclosing lender) {
            super(circuit, admitted, caller, started, parent);
            this.place = place;
            this.lender = lender;
        }

        @Override
        public boolean isTrial() {
            return true;
        }

        @Override
        Place place() {
            return place;
        }

        @Override
        Place takePlace() {
            return (Place) PLACE.getAndSet(this, Place.NONE);
        }

        @Override
        void release(Epoch epoch) {
            Place held = takePlace();
            if (lender == null) {
                Settlements.giveBack(epoch, held);
            } else {
                lender.takeBack(epoch, held);
            }
        }

        @Override
        public boolean holdsPlace(Epoch tried, long now) {
            return tried instanceof HalfOpenEpoch trying && isAdmittedBy(trying) && trying.holds(place, now);
        }

        @Override
        public @Nullable Place lend(HalfOpenEpoch trying, long now) {
            Place held = place;
            return isAdmittedBy(trying) && trying.holds(held, now) && PLACE.compareAndSet(this, held, Place.NONE)
                    ? held
                    : null;
        }

        @Override
        public void takeBack(Epoch trying, Place returned) {
            place = returned;
            if (isSettled() && takePlace() == returned) {
                Settlements.giveBack(trying, returned);
            }
        }

        /** A place that an inner call has taken over says that there is one, before it is noted. */
        @Override
        boolean hasInner(Place held) {
            return held == Place.NONE || super.hasInner(held);
        }
    }

    /** For a call that passes although the circuit is not closed, since its policy only observes. */
    static final class Passed extends Within {
        Passed(Circuit circuit, Epoch admitted, Caller caller, @Nullable Permit parent) {
            super(circuit, admitted, caller, Settlements.UNTIMED, parent);
        }

        @Override
        Place place() {
            return Place.PASSED;
        }

        @Override
        Place takePlace() {
            return Place.PASSED;
        }

        /** With a minus: what is settled by numbers alone must not be taken for a trial. */
        @Override
        public long[] epochs() {
            long[] epochs = super.epochs();
            return epochs.length == 0 ? epochs : new long[] {-epochs[0]};
        }
    }

    private static final VarHandle ADMITTED;
    private static final VarHandle BEGUN;
    private static final long FIRST_NOTE = 1L << InnerCall.SHIFT;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            ADMITTED = lookup.findVarHandle(SinglePermit.class, "admitted", Epoch.class);
            BEGUN = lookup.findVarHandle(SinglePermit.class, "begun", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final Circuit circuit;
    private final Caller caller;

    /** One more than the tick at which the call began, or 0 if nobody measures; above that what inner calls noted. */
    private volatile long begun;

    /** The epoch that admitted the call; the thread that takes it away settles. */
    private volatile @Nullable Epoch admitted;

    SinglePermit(Circuit circuit, Epoch admitted, Caller caller, long started) {
        this.circuit = circuit;
        this.caller = caller;
        // plain: nobody else has the permit yet, and a volatile write costs a fence
        BEGUN.set(this, started + 1);
        ADMITTED.set(this, admitted);
    }

    Place place() {
        return Place.NONE;
    }

    /** The place, which nobody else settles any more. */
    Place takePlace() {
        return Place.NONE;
    }

    /** Makes as if the epoch had never admitted the call. */
    void release(Epoch epoch) {}

    boolean hasInner(Place held) {
        return begun >= FIRST_NOTE;
    }

    final boolean isAdmittedBy(Epoch epoch) {
        return admitted == epoch;
    }

    @Override
    public CircuitId id() {
        return circuit.id;
    }

    @Override
    public final Settlement settle(Outcome outcome) {
        long took = took(outcome);
        Epoch epoch = take();
        if (epoch == null) {
            return Settlement.REPEATED;
        }
        Permit parent = parent();
        if (parent != null && outcome.isFailed()) {
            CallChain.note(parent, circuit.id, engine(), InnerCall.FAILED);
        }
        return settle(epoch, outcome, took, outcome.isFailed(), null);
    }

    /**
     * Settles as one of several circuits around a call, which the outcome reaches.
     *
     * @param own whether the outcome is a failure that is attributed to the guard's own circuit, and this is that one
     * @param alone finds whether the failure is the agent's after all; null for a success
     */
    final Settlement settle(Outcome outcome, boolean own, Caller.@Nullable Alone alone) {
        long took = took(outcome);
        Epoch epoch = take();
        return epoch == null ? Settlement.REPEATED : settle(epoch, outcome, took, own, alone);
    }

    /** What inner calls of this circuit have counted is not counted again. */
    private Settlement settle(Epoch epoch, Outcome outcome, long took, boolean own, Caller.@Nullable Alone alone) {
        Place held = takePlace();
        if (!hasInner(held) || own && !hasFailedWithin()) {
            return Settlements.settle(circuit, epoch, held, outcome, took, caller, alone);
        }
        return Settlements.settleIgnored(circuit, epoch, held);
    }

    private boolean hasFailedWithin() {
        return (begun & (InnerCall.REFUSED.bit() | InnerCall.FAILED.bit())) != 0;
    }

    /** Settles a call whose failure is attributed to another circuit. */
    final void settleIgnored() {
        Epoch epoch = take();
        if (epoch != null) {
            Settlements.settleIgnored(circuit, epoch, takePlace());
        }
    }

    @Override
    public long[] epochs() {
        Epoch epoch = admitted;
        return epoch == null ? new long[0] : new long[] {epoch.origin.epoch};
    }

    @Override
    public boolean isTrial() {
        return false;
    }

    @Override
    public List<GivenTrial> trials() {
        GivenTrial given = isSettled() ? null : place().given();
        return given == null ? List.of() : List.of(given);
    }

    @Override
    final void giveBack() {
        Epoch epoch = take();
        if (epoch != null) {
            release(epoch);
        }
    }

    @Override
    public final boolean isSettled() {
        return admitted == null;
    }

    @Override
    final FailureClassifier classifier() {
        return caller.classifier;
    }

    // As a call around others.

    @Override
    @Nullable
    Permit parent() {
        return null;
    }

    @Override
    boolean isNoted() {
        return caller.isEnclosing;
    }

    @Override
    final void encloses() {
        if (admitted instanceof ClosedEpoch) { // in any other state calls are not let in without looking around
            circuit.encloses();
        }
    }

    @Override
    final InnerCall.@Nullable Enclosing admittedBy(CircuitId id) {
        return circuit.id.equals(id) ? this : null;
    }

    @Override
    public final Engine engine() {
        return circuit.policy().engine;
    }

    @Override
    public final void note(InnerCall what) {
        if ((begun & what.bit()) == 0) {
            BEGUN.getAndBitwiseOr(this, what.bit());
        }
    }

    @Override
    public boolean holdsPlace(Epoch tried, long now) {
        return false;
    }

    @Override
    public @Nullable Place lend(HalfOpenEpoch trying, long now) {
        return null;
    }

    @Override
    public void takeBack(Epoch trying, Place place) {}

    private @Nullable Epoch take() {
        return admitted == null ? null : (Epoch) ADMITTED.getAndSet(this, null);
    }

    private long took(Outcome outcome) {
        long given = outcome.tookNanos();
        long begun = this.begun & (FIRST_NOTE - 1);
        if (given >= 0 || begun == 0) {
            return given;
        }
        Policy policy = circuit.policy();
        if (policy.timed || policy.minCallers > 1) {
            return policy.time.ticks() - (begun - 1);
        }
        return policy.isHeard() ? Math.max(0, policy.time.coarseTicks() - (begun - 1)) : given;
    }
}
