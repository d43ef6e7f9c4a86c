package dev.interlock;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Instant;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What is remembered of a circuit that is probed, made when its policy first asks for probes. Safe for use by any thread. */
final class ProbedCircuit {
    private static final VarHandle TRUST;
    private static final VarHandle SEARCH;
    private static final VarHandle SUSPECTED_AT;
    private static final long NEVER = RollingWindow.NEVER;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            TRUST = lookup.findVarHandle(ProbedCircuit.class, "trust", Trust.class);
            SEARCH = lookup.findVarHandle(ProbedCircuit.class, "search", Object.class);
            SUSPECTED_AT = lookup.findVarHandle(ProbedCircuit.class, "suspectedAt", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    final CircuitId id;
    private volatile Trust trust = Trust.NONE;

    /** The present step of {@link TrustSearch}, or null while it rests. */
    private volatile @Nullable Object search;

    /** Failed probes of the search in a row; only for the thread that takes a step. */
    volatile int misses;

    /** Probes of the search that still follow each other a spacing apart, since trust was lost. */
    volatile int tries;

    /** When the next step of the search is due, while it goes on. */
    volatile long next = NEVER;

    private volatile long suspectedAt = NEVER;

    /** When what is known changed last, by the wall clock, here or where it was found; by it the newer one is known. */
    volatile @Nullable Instant changedAt;

    /** From when the wait for a real trial counted as of then, by the wall clock; null for none. */
    volatile @Nullable Instant countedFrom;

    ProbedCircuit(CircuitId id) {
        this.id = id;
    }

    Trust trust() {
        return trust;
    }

    boolean isTrusted() {
        return trust.trusted();
    }

    /** Takes something in; returns what was known before. */
    @SuppressWarnings("ReferenceEquality") // the same object says that nothing changed
    Trust update(UnaryOperator<Trust> heard) {
        Trust before;
        Trust after;
        do {
            before = trust;
            after = heard.apply(before);
        } while (after != before && !TRUST.compareAndSet(this, before, after));
        return before;
    }

    @Nullable
    Object search() {
        return search;
    }

    /** Puts another step of the search in place of one; false if that is over. */
    boolean search(@Nullable Object from, @Nullable Object next) {
        return SEARCH.compareAndSet(this, from, next);
    }

    /** Begins a suspicion, unless one began less than an interval ago. */
    boolean suspect(long now, long interval) {
        long before = suspectedAt;
        return (before == NEVER || now - before >= interval) && SUSPECTED_AT.compareAndSet(this, before, now);
    }
}
