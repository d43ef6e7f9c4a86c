package dev.interlock;

import dev.interlock.store.GivenTrial;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Permission to make one call, to be settled once with how the call ended.
 *
 * <p>Made for try-with-resources: a permit that is closed unsettled counts as a failure of kind {@link
 * FailureKind#ERROR}. Any thread may settle it, not only the one that acquired it; of several settlements the first
 * counts and the others change nothing.
 *
 * <p>A call within the permit's call must be known as such: make it in {@link #run} or {@link #supply}. Guards do so for
 * the calls that they make. Hand the chain of calls on to other threads with {@link #current()}.
 */
public abstract class Permit implements AutoCloseable {
    Permit() {}

    /**
     * The guarded calls around the present work of this thread, to be handed on: {@code
     * executor.execute(Permit.current().wrap(work))}.
     *
     * @return the chain; one that encloses nothing if no call is under way here
     */
    public static CallChain current() {
        return CallChain.current();
    }

    /**
     * Does work as part of the call that this permit is for: guarded calls in it are calls within this one. Settles
     * nothing.
     *
     * @param work what to run, on this thread
     * @param <X> what it may throw
     * @throws X what it threw
     */
    @SuppressWarnings("NullAway") // the type of the result is nullable, which it sees from Java 22 on only
    public final <X extends Exception> void run(Work.Action<X> work) throws X {
        Objects.requireNonNull(work, "There must be work to do");
        CallChain.<@Nullable Object, X>within(this, () -> {
            work.run();
            return null;
        });
    }

    /**
     * Does work with a result as part of the call that this permit is for: guarded calls in it are calls within this one.
     * Settles nothing.
     *
     * @param work what to run, on this thread
     * @param <T> its result
     * @param <X> what it may throw
     * @return the result
     * @throws X what it threw
     */
    public final <T extends @Nullable Object, X extends Exception> T supply(Work<? extends T, X> work) throws X {
        Objects.requireNonNull(work, "There must be work to do");
        return CallChain.within(this, work);
    }

    /**
     * The circuit that admitted the call; of several the guard's own.
     *
     * @return its id
     */
    public abstract CircuitId id();

    /**
     * Settles with an outcome, which may carry its own duration, Retry-After and the circuit that it is attributed to.
     *
     * @param outcome how the call ended
     * @return what became of it
     */
    public abstract Settlement settle(Outcome outcome);

    /**
     * Settles with an outcome, where calls within this one were made elsewhere.
     *
     * @param outcome how the call ended
     * @param inner what became of them
     * @return what became of it
     */
    public final Settlement settle(Outcome outcome, InnerCalls inner) {
        note(inner.admitted(), InnerCall.ADMITTED);
        note(inner.refused(), InnerCall.REFUSED);
        note(inner.failed(), InnerCall.FAILED);
        return settle(outcome);
    }

    private void note(Set<CircuitId> circuits, InnerCall what) {
        for (CircuitId id : circuits) {
            InnerCall.Enclosing enclosing = admittedBy(id);
            if (enclosing != null) {
                enclosing.note(what);
            }
        }
    }

    /**
     * Whether somebody has settled this permit.
     *
     * @return true from the first settlement on
     */
    public abstract boolean isSettled();

    /**
     * The numbers of the epochs that admitted the call, for code that settles it where this object is not at hand: see
     * {@link Guard#record(Outcome, Duration, long...)}.
     *
     * @return an epoch for each circuit, in the order of their ids; empty once the permit is settled
     */
    public abstract long[] epochs();

    /**
     * Whether a circuit admitted the call as a trial: its place comes back when this permit is settled, or when its lease
     * ends.
     *
     * @return true if at least one of the circuits was half-open and counts this call among its trials
     */
    public abstract boolean isTrial();

    /**
     * The trials of this call in circuits that processes share, for code that settles it where this object is not at
     * hand: see {@link Guard#recordTrials}.
     *
     * @return a trial for each shared circuit that was half-open; none from a circuit that was detached, and none once
     *     the permit is settled
     */
    public abstract List<GivenTrial> trials();

    /** Takes the permit back, as if it had never been given: no call, no outcome. */
    abstract void giveBack();

    abstract FailureClassifier classifier();

    /** The innermost call around this one that has not ended; null if there is none. */
    abstract @Nullable Permit parent();

    /** Whether guards note on their thread that this call is under way; a single closed circuit is not worth it. */
    abstract boolean isNoted();

    /** Hears that calls within this one may come. */
    abstract void encloses();

    /** This call as one circuit has admitted it; null if it is not among this call's circuits. */
    abstract InnerCall.@Nullable Enclosing admittedBy(CircuitId id);

    /**
     * Settles with a success.
     *
     * @return what became of it
     */
    public final Settlement succeed() {
        return settle(Outcome.success());
    }

    /**
     * Settles with the exception of the call; the guard's classifier decides the kind of failure.
     *
     * @param thrown what the call threw
     * @return what became of it
     */
    public final Settlement fail(Throwable thrown) {
        Objects.requireNonNull(thrown, "A call can only be failed with a throwable");
        return settle(Classification.ofThrown(classifier(), thrown));
    }

    /**
     * Settles with a failure.
     *
     * @param kind why the call failed
     * @return what became of it
     */
    public final Settlement fail(FailureKind kind) {
        return settle(Outcome.failure(kind));
    }

    /**
     * Settles as cancelled: the caller gave the call up, which says nothing about health.
     *
     * @return what became of it
     */
    public final Settlement cancel() {
        return settle(Outcome.cancelled());
    }

    /** Settles with a failure of kind {@link FailureKind#ERROR} if nobody has settled yet. */
    @Override
    public final void close() {
        if (!isSettled()) {
            settle(Outcome.failure(FailureKind.ERROR));
        }
    }
}
