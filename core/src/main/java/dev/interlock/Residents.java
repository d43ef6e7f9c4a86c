package dev.interlock;

import java.time.Instant;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The circuits of this process, as what brings records to a store and from it needs them. For use by any thread. */
interface Residents {
    /** The circuit of an id, or null if there is none. */
    @Nullable
    CircuitBreaker find(CircuitId id);

    /**
     * A circuit that another process has moved, made if it is not here yet; null if it was forgotten meanwhile.
     *
     * @param recorded the epoch of what is stored of it
     */
    @Nullable
    CircuitBreaker takeIn(CircuitId id, long recorded);

    /** Those that are open, half-open or held. */
    Stream<CircuitId> notClosed();

    /** The wall clock's time. */
    Instant wallTime();

    /** Whether circuits of scope {@code shared} go by this process' figures alone at the moment. */
    boolean isDetached();

    /** The store has lost what it held: what others were granted through it is worth nothing any more. */
    void onForgotten();
}
