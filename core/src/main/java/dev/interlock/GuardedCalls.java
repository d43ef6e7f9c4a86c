package dev.interlock;

import dev.interlock.store.GivenTrial;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** How calls run that a guard guards: on the short way while a single circuit is closed, else with a permit. */
class GuardedCalls {
    final Registry registry;
    final Attribution attribution;
    final Caller caller;
    final @Nullable Duration timeout;
    final StreamLimits streamLimits;

    final Circuits circuits;

    /** The only circuit, once it has been asked for; stays null with several. */
    private volatile @Nullable CircuitBreaker known;

    /** The same one, if calls may go the short way: not with a time limit, and not where they are always noted. */
    private volatile @Nullable CircuitBreaker only;

    GuardedCalls(
            Registry registry,
            Attribution attribution,
            Caller caller,
            @Nullable Duration timeout,
            StreamLimits streamLimits) {
        this.registry = registry;
        this.attribution = attribution;
        this.caller = caller;
        this.timeout = timeout;
        this.streamLimits = streamLimits;
        this.circuits = new Circuits(registry, attribution);
    }

    final <T extends @Nullable Object, X extends Exception> T call(
            Work<? extends T, X> work, @Nullable Function<? super CircuitOpenException, ? extends T> fallback)
            throws X {
        CircuitBreaker circuit = only;
        if (circuit == null) {
            return callWithPermit(work, fallback);
        }
        // All that the call needs of its policy is read once: what may ask for more is one word.
        Policy policy = circuit.policy();
        int marks = policy.marks();
        ClosedEpoch epoch = Admission.enter(circuit, policy, marks, caller);
        if (epoch == null) {
            return callWithPermit(work, fallback);
        }
        TimeSource time = policy.time;
        long began = marks == 0 ? Settlements.UNTIMED : time.coarseTicks();
        T result;
        try {
            result = work.call();
        } catch (Throwable thrown) {
            circuit.settle(epoch, Classification.ofThrown(caller.classifier, thrown), began, caller);
            throw thrown;
        }
        Outcome outcome = Classification.ofResult(caller.classifier, result);
        if (outcome.isSuccess()) {
            Settlements.succeed(circuit, epoch, time, began, caller);
        } else {
            circuit.settle(epoch, outcome, began, caller);
        }
        return result;
    }

    final <T extends @Nullable Object> CompletableFuture<T> start(
            Permit permit, Supplier<? extends CompletionStage<T>> work) {
        return GuardedFuture.start(permit, caller.classifier, work, timeout, registry.engine().limits);
    }

    /** Whether there is a time limit, which a plain call cannot keep. */
    final boolean isLimited() {
        return timeout != null;
    }

    /** {@return who counts the calls of this guard; null for nobody} */
    @Alpha
    public final @Nullable CallListener counting() {
        return caller.counting;
    }

    /** A permit that was given, as that of a stream, with the limits of this guard or others. */
    final StreamPermit streamOf(Permit permit) {
        return streamOf(permit, streamLimits);
    }

    final StreamPermit streamOf(Permit permit, StreamLimits limits) {
        Engine engine = registry.engine();
        return StreamPermit.start(permit, limits, engine.time, engine.limits);
    }

    /**
     * Takes in the outcome of a call whose permit is not at hand, or that never had one: in each circuit as {@link
     * CircuitBreaker#record(Outcome, Duration)} does, and only in the circuit that a failure is attributed to.
     *
     * @param outcome how the call ended
     * @param age how long ago the call began; a negative age counts as zero
     * @param epochs the epochs that admitted the call, as {@link Permit#epochs()} reported them: where a circuit is in another
     *     one now, the outcome is late. None if nobody knows; then the age alone decides
     * @return what became of it, in the circuit that a failure is attributed to, else in the guard's own
     * @throws IllegalArgumentException if there are epochs, but not one for each circuit
     * @throws TooManyCircuitsException as {@link CircuitBreakerManager#getOrCreate(CircuitId)} does; nothing counted
     */
    public final Settlement record(Outcome outcome, Duration age, long... epochs) {
        return record(outcome, age, InnerCalls.NONE, epochs);
    }

    /**
     * As {@link #record(Outcome, Duration, long...)} does, for a call within which others were made.
     *
     * @param outcome how the call ended
     * @param age how long ago the call began; a negative age counts as zero
     * @param inner what became of the calls within it
     * @param epochs the epochs that admitted the call, or none
     * @return what became of it, in the circuit that a failure is attributed to, else in the guard's own
     * @throws IllegalArgumentException if there are epochs, but not one for each circuit
     * @throws TooManyCircuitsException as {@link CircuitBreakerManager#getOrCreate(CircuitId)} does; nothing counted
     */
    public final Settlement record(Outcome outcome, Duration age, InnerCalls inner, long... epochs) {
        return circuits.record(outcome, age, inner, epochs, caller);
    }

    /**
     * Takes in the outcome of a call that another process admitted as a trial, at least in one of its circuits: as {@link
     * Guard#record} does by the call's age, but as the trial that it was, whose place is given back, unless an inner call has
     * taken it over.
     *
     * @param outcome how the call ended
     * @param age how long ago the call began; a negative age counts as zero
     * @param inner what became of the calls within it
     * @param trials what {@link Permit#trials()} reported where the call was admitted
     * @return what became of it, in the circuit that a failure is attributed to, else in the guard's own
     * @throws TooManyCircuitsException as {@link CircuitBreakerManager#getOrCreate(CircuitId)} does; nothing counted
     */
    public final Settlement recordTrials(Outcome outcome, Duration age, InnerCalls inner, List<GivenTrial> trials) {
        return circuits.recordTrials(outcome, age, inner, trials, caller);
    }

    /**
     * Asks the other processes for the places of trials around a call, where its permits may be theirs: a call within a
     * trial's call runs in the place of that trial. For a call that is made within another one of another process.
     *
     * <p>The permit that this completes with stands for the calls around: ask for the call's own permit in its {@link
     * Permit#supply}, and then close it. It guards nothing, and its outcome counts nowhere; places that were not used
     * go back to the calls that they were taken from.
     *
     * @param around what {@link Permit#trials()} reported for the calls around, the innermost first, and how long ago each
     *     began
     * @param enclosing the innermost of these calls whose permit is of this process, or null
     * @return completes on any thread, in bounded time; where nobody answers, with no places
     * @throws TooManyCircuitsException as {@link CircuitBreakerManager#getOrCreate(CircuitId)} does
     */
    @Beta
    public final CompletionStage<Permit> borrow(Map<GivenTrial, Duration> around, @Nullable Permit enclosing) {
        Objects.requireNonNull(around, "There must be trials around a call, or none in a map");
        return circuits.borrow(around, enclosing, caller);
    }

    private <T extends @Nullable Object, X extends Exception> T callWithPermit(
            Work<? extends T, X> work, @Nullable Function<? super CircuitOpenException, ? extends T> fallback)
            throws X {
        if (timeout != null) {
            throw new IllegalStateException(
                    "The guard of " + attribution.agent() + " has a time limit of " + Nanos.text(timeout)
                            + ", which only callAsync can keep. Maybe give the client a limit, and this guard none");
        }
        Permit permit;
        try {
            permit = Objects.requireNonNull(acquire(true), "A refusal neither threw nor admitted");
        } catch (CircuitOpenException refused) {
            if (fallback == null) {
                throw refused;
            }
            return fallback.apply(refused);
        }
        T result;
        try {
            result = permit.isNoted() ? permit.supply(work) : work.call();
        } catch (Throwable thrown) {
            permit.fail(thrown);
            throw thrown;
        }
        permit.settle(Classification.ofResult(caller.classifier, result));
        return result;
    }

    final @Nullable Permit acquire(boolean throwing) {
        Permit permit = admit(throwing);
        CallListener counting = caller.counting;
        return permit == null || counting == null ? permit : new CountedPermit(permit, counting, attribution);
    }

    private @Nullable Permit admit(boolean throwing) {
        if (circuits.isSeveral()) {
            return circuits.acquire(caller, throwing);
        }
        CircuitBreaker circuit = known;
        if (circuit == null || circuit.isEvicted()) {
            circuit = registry.getOrCreate(attribution.agent());
            known = circuit;
            if (timeout == null && !caller.isEnclosing) { // with a limit the long way refuses call()
                only = circuit;
            }
        }
        return circuit.acquire(caller, throwing);
    }
}
