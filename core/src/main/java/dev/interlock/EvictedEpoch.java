package dev.interlock;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The end of a circuit that was forgotten: decides nothing, and leads those who still hold the circuit to the one that
 * took its place. Asked for by its type before anything else is.
 */
final class EvictedEpoch extends Epoch {
    /** Who forgot the circuit; {@link Registry} implements it. */
    interface Successors {
        /**
         * The circuit that has an id now, made if there is none.
         *
         * @throws TooManyCircuitsException if there is none, and no room
         */
        Circuit successor(CircuitId id);

        /** The circuit that has an id now, or null. */
        @Nullable
        Circuit find(CircuitId id);

        /** What the circuit that has an id now looks like, or would look like. */
        CircuitSnapshot snapshot(CircuitId id);

        /** The policy that applies to an id now. */
        Policy policy(CircuitId id);

        /** Lets the circuit of an id, or the one that will be made, go on above an epoch. */
        void raise(CircuitId id, long epoch, @Nullable Instant at);
    }

    final Successors successors;

    EvictedEpoch(Origin origin, Successors successors) {
        super(origin);
        this.successors = successors;
    }

    @Override
    CircuitState state() {
        return CircuitState.CLOSED;
    }

    @Override
    boolean isClosedAndClean() {
        return true;
    }
}
