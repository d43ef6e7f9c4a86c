package dev.interlock;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** An epoch that a trip began, in open or half-open: why it tripped, and who has asked since. */
abstract class TrippedEpoch extends Epoch {
    private static final VarHandle CALLERS;

    static {
        try {
            CALLERS = MethodHandles.lookup().findVarHandle(TrippedEpoch.class, "callers", Callers.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    final Trip trip;

    /** For the epochs that follow. */
    private volatile @Nullable Callers callers;

    TrippedEpoch(Origin origin, Trip trip, @Nullable Callers callers) {
        super(origin);
        this.trip = trip;
        this.callers = callers;
    }

    @Override
    final Trip trip() {
        return trip;
    }

    @Override
    final void asked(Policy policy, int slot, long now) {
        if (policy.minCallers > 1) {
            Callers present = callers;
            if (present == null) {
                Callers fresh = policy.callers(now);
                Callers first = (Callers) CALLERS.compareAndExchange(this, null, fresh);
                present = first == null ? fresh : first;
            }
            present.asked(slot, now);
        }
    }

    @Override
    final @Nullable Callers callers() {
        return callers;
    }
}
