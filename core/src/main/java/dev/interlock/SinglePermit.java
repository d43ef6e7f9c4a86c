package dev.interlock;

import dev.interlock.store.GivenTrial;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A permit of one circuit: for a call in closed, or for a {@link Trial}. */
class SinglePermit extends Permit {
    /** For a trial in half-open, which holds a place. */
    static final class Trial extends SinglePermit {
        private final Place place;

        Trial(Circuit circuit, Epoch admitted, FailureClassifier classifier, long started, Place place) {
            super(circuit, admitted, classifier, started);
            this.place = place;
        }

        @Override
        public boolean isTrial() {
            return true;
        }

        @Override
        Place place() {
            return place;
        }
    }

    private static final VarHandle ADMITTED;

    static {
        try {
            ADMITTED = MethodHandles.lookup().findVarHandle(SinglePermit.class, "admitted", Epoch.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final Circuit circuit;
    private final FailureClassifier classifier;
    private final long started;

    /** The epoch that admitted the call; the thread that takes it away settles. */
    private volatile @Nullable Epoch admitted;

    SinglePermit(Circuit circuit, Epoch admitted, FailureClassifier classifier, long started) {
        this.circuit = circuit;
        this.classifier = classifier;
        this.started = started;
        ADMITTED.set(this, admitted); // plain: nobody else has the permit yet, and a volatile write costs a fence
    }

    Place place() {
        return Place.NONE;
    }

    @Override
    public CircuitId id() {
        return circuit.id;
    }

    @Override
    public final Settlement settle(Outcome outcome) {
        long took = took(outcome);
        Epoch epoch = take();
        return epoch == null ? Settlement.REPEATED : Settlements.settle(circuit, epoch, place(), outcome, took);
    }

    /** Settles a call whose failure is attributed to another circuit. */
    final void settleIgnored() {
        Epoch epoch = take();
        if (epoch != null) {
            Settlements.settleIgnored(circuit, epoch, place());
        }
    }

    @Override
    public final long[] epochs() {
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
            Settlements.giveBack(epoch, place());
        }
    }

    @Override
    public final boolean isSettled() {
        return admitted == null;
    }

    @Override
    final FailureClassifier classifier() {
        return classifier;
    }

    private @Nullable Epoch take() {
        return admitted == null ? null : (Epoch) ADMITTED.getAndSet(this, null);
    }

    private long took(Outcome outcome) {
        long given = outcome.tookNanos();
        if (given >= 0 || started < 0) {
            return given;
        }
        Policy policy = circuit.policy();
        return policy.timed ? policy.time.ticks() - started : given;
    }
}
