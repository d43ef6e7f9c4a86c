package dev.interlock;

import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The guarded calls around the present work of a thread, to be handed on to work on another thread.
 *
 * <p>A call within a trial must not ask for a second place, and a call within a call must not count twice. So guards
 * note on their thread which calls are under way. Other threads inherit nothing: work on an executor, in a continuation
 * or in reactive code joins the chain only if it was wrapped. {@link Permit#current()} says which chain a thread is in.
 *
 * <p>Immutable and safe for use by any thread. A call that has ended is in no chain any more. Work that was wrapped and
 * runs after the end of the call is not within it.
 */
@Beta
public final class CallChain {
    /** An array of a class that all loaders share: a thread of a pool must not keep this class alive. */
    private static final ThreadLocal<@Nullable Object[]> INNERMOST = ThreadLocal.withInitial(() -> new Object[1]);

    private static final CallChain NONE = new CallChain(null);

    /** Plain: a thread has a chain only if it opened one, or was handed one. */
    private static boolean opened;

    private final @Nullable Permit innermost;

    private CallChain(@Nullable Permit innermost) {
        this.innermost = innermost;
    }

    /** The chain that this thread is in. */
    static CallChain current() {
        Permit permit = innermost();
        return permit == null ? NONE : new CallChain(permit);
    }

    /**
     * Work that runs within this chain, whatever thread it runs on.
     *
     * @param work what to run
     * @return the same work, within this chain, and afterwards in the one that its thread was in before
     */
    @SuppressWarnings("NullAway") // the type of the result is nullable, which it sees from Java 22 on only
    public Runnable wrap(Runnable work) {
        Objects.requireNonNull(work, "There must be work to wrap");
        return () -> CallChain.<@Nullable Object, RuntimeException>within(innermost, () -> {
            work.run();
            return null;
        });
    }

    /**
     * Work with a result that runs within this chain, whatever thread it runs on.
     *
     * @param work what to run
     * @param <T> its result
     * @return the same work, within this chain, and afterwards in the one that its thread was in before
     */
    public <T extends @Nullable Object> Supplier<T> wrap(Supplier<? extends T> work) {
        Objects.requireNonNull(work, "There must be work to wrap");
        return () -> CallChain.<T, RuntimeException>within(innermost, work::get);
    }

    /**
     * A step of a pipeline that runs within this chain, whatever thread it runs on.
     *
     * @param work what to run
     * @param <A> what it is given
     * @param <T> its result
     * @return the same work, within this chain, and afterwards in the one that its thread was in before
     */
    public <A extends @Nullable Object, T extends @Nullable Object> Function<A, T> wrap(
            Function<? super A, ? extends T> work) {
        Objects.requireNonNull(work, "There must be work to wrap");
        return given -> CallChain.<T, RuntimeException>within(innermost, () -> work.apply(given));
    }

    /** The innermost call under way around what this thread is doing; null if there is none. */
    static @Nullable Permit innermost() {
        if (!opened) {
            return null;
        }
        Permit permit = (Permit) INNERMOST.get()[0];
        return permit == null || !permit.isSettled() ? permit : permit.parent();
    }

    /** Does work within a call, or within none. */
    static <T extends @Nullable Object, X extends Exception> T within(
            @Nullable Permit permit, Work<? extends T, X> work) throws X {
        opened = true;
        @Nullable Object[] innermost = INNERMOST.get();
        Object before = innermost[0];
        if (permit != null) {
            permit.encloses();
        }
        innermost[0] = permit;
        try {
            return work.call();
        } finally {
            innermost[0] = before;
        }
    }

    /** Whether a call that a circuit has admitted encloses what this thread is doing. */
    static boolean encloses(Circuit circuit) {
        Engine engine = circuit.policy().engine;
        for (Permit each = innermost(); each != null; each = each.parent()) {
            if (admitted(each, circuit.id, engine) != null) {
                return true;
            }
        }
        return false;
    }

    /**
     * Notes in all calls around one, as far as a circuit has admitted them, what became of an inner call of it.
     *
     * @param engine of the circuit's manager: that of another one has circuits of the same names
     */
    static void note(@Nullable Permit parent, CircuitId id, Engine engine, InnerCall what) {
        for (Permit each = parent; each != null; each = each.parent()) {
            InnerCall.Enclosing enclosing = admitted(each, id, engine);
            if (enclosing != null) {
                enclosing.note(what);
            }
        }
    }

    private static InnerCall.@Nullable Enclosing admitted(Permit permit, CircuitId id, Engine engine) {
        InnerCall.Enclosing enclosing = permit.admittedBy(id);
        return enclosing != null && enclosing.engine() == engine ? enclosing : null;
    }

    /** The place of a trial of this very epoch that an inner call takes over; null if no call around it holds one. */
    static InnerCall.@Nullable Loan borrow(@Nullable Permit parent, CircuitId id, HalfOpenEpoch trying, long now) {
        for (Permit each = parent; each != null; each = each.parent()) {
            InnerCall.Enclosing enclosing = each.admittedBy(id);
            if (enclosing != null) {
                Place place = enclosing.lend(trying, now);
                if (place != null) {
                    return new InnerCall.Loan(place, enclosing);
                }
                if (enclosing.hasLent()) {
                    return null;
                }
            }
        }
        return null;
    }

    /** As {@link #borrow} does, for the first trial here of a circuit that other processes try already. */
    static @Nullable Place borrowFirst(
            @Nullable Permit parent, CircuitId id, Epoch cooled, TrialRules rules, long now) {
        for (Permit each = parent; each != null; each = each.parent()) {
            InnerCall.Enclosing enclosing = each.admittedBy(id);
            Place place = enclosing == null ? null : enclosing.lendFirst(cooled, rules, now);
            if (place != null) {
                return place;
            }
        }
        return null;
    }

    /** Whether an inner call would take over the place of a trial. Moves nothing. */
    static boolean canBorrow(@Nullable Permit parent, CircuitId id, Epoch tried, long now) {
        for (Permit each = parent; each != null; each = each.parent()) {
            InnerCall.Enclosing enclosing = each.admittedBy(id);
            if (enclosing != null && enclosing.holdsPlace(tried, now)) {
                return true;
            }
            if (enclosing != null && enclosing.hasLent()) {
                return false;
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return innermost == null ? "CallChain[]" : "CallChain[" + innermost.id() + "]";
    }
}
