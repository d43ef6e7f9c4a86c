package dev.interlock;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Guards a call: asks the circuit of an agent, and the circuits of everything that the call depends on, and reports to
 * them how the call ended.
 *
 * <p>With several circuits a call is admitted by all or by none, and a failure counts at the circuit that it is attributed to:
 * see {@link FailureKind}. Immutable and safe for use by any thread; the {@code with} methods return another guard.
 * Make one per agent and keep it: it always uses the manager's present circuit, even if an earlier one was forgotten.
 */
public final class Guard extends GuardedCalls implements Attempts {
    Guard(Registry registry, Attribution attribution, FailureClassifier classifier) {
        this(registry, attribution, Caller.named(attribution.agent().name(), classifier), null, StreamLimits.none());
    }

    private Guard(
            Registry registry,
            Attribution attribution,
            Caller caller,
            @Nullable Duration timeout,
            StreamLimits streamLimits) {
        super(registry, attribution, caller, timeout, streamLimits);
    }

    /**
     * The guard's own circuit.
     *
     * @return its id
     */
    public CircuitId id() {
        return attribution.agent();
    }

    /**
     * Names the process whose circuits count the calls of this guard. An entry of the agent log has this name, for the
     * process that takes in the entry.
     *
     * @return a name that no other manager has, in this process or another
     */
    public String process() {
        return registry.engine().settlements.process();
    }

    /**
     * What the call depends on.
     *
     * @return the ids of the other circuits, as they were given
     */
    public List<CircuitId> dependencies() {
        return attribution.dependencies();
    }

    /**
     * This guard with more circuits around the call, of the same organization.
     *
     * @param names what the call depends on, such as {@code model:kimi-k2} or {@code key:openai-1}
     * @return another guard
     * @throws IllegalArgumentException if a name is none
     */
    public Guard dependingOn(String... names) {
        TreeSet<CircuitId> known = new TreeSet<>(circuits.ids());
        List<CircuitId> dependencies = new ArrayList<>(attribution.dependencies());
        for (String name : names) {
            CircuitId id = new CircuitId(id().organization(), name);
            if (known.add(id)) {
                dependencies.add(id);
            }
        }
        return new Guard(
                registry,
                new Attribution(id(), List.copyOf(dependencies), attribution.alternatives()),
                caller,
                timeout,
                streamLimits);
    }

    /**
     * This guard, whose refusals name what may be called instead, in place of those that the refusing circuit's policy
     * names.
     *
     * @param names circuits of the same organization, such as {@code model:kimi-k2-mini}; named while they are closed
     * @return another guard
     * @throws IllegalArgumentException if a name is none
     */
    @Beta
    public Guard withAlternatives(String... names) {
        List<CircuitId> others = Stream.of(names)
                .map(name -> new CircuitId(id().organization(), name))
                .toList();
        return new Guard(registry, new Attribution(id(), dependencies(), others), caller, timeout, streamLimits);
    }

    /**
     * What a refusal says to a program, and to a model that reads it.
     *
     * @param refused a refusal, of this guard or of another one
     * @return its message, with those {@linkplain #withAlternatives alternatives} that are closed now; where the guard has
     *     none, those of the {@linkplain CircuitBreakerConfig#alternatives policy} of the circuit that refused
     */
    @Beta
    public RefusalMessage message(CircuitOpenException refused) {
        return RefusalMessage.of(refused, Alternatives.to(refused, attribution, registry));
    }

    /**
     * This guard with another classifier.
     *
     * @param newClassifier says what exceptions and results mean
     * @return another guard
     */
    public Guard withClassifier(FailureClassifier newClassifier) {
        Objects.requireNonNull(newClassifier, "A guard needs a classifier; FailureClassifier.standard() is one");
        return new Guard(registry, attribution, caller.with(newClassifier), timeout, streamLimits);
    }

    /**
     * Says what exceptions and results mean.
     *
     * @return the one that was set, else the manager's
     */
    public FailureClassifier classifier() {
        return caller.classifier;
    }

    /**
     * This guard for calls that somebody else makes. Without it the caller is the guard's agent. Circuits that several
     * callers share distinguish them: see {@link CircuitBreakerConfig#minCallers()}.
     *
     * @param name who makes the calls, such as the agent behind a gateway
     * @return another guard
     * @throws IllegalArgumentException if the name is none
     */
    public Guard withCaller(String name) {
        new CircuitId(id().organization(), name); // checks it
        return new Guard(registry, attribution, caller.as(name), timeout, streamLimits);
    }

    /**
     * This guard, which always notes that its calls are around the calls within them. Without this, a guard of one
     * closed circuit does not note its calls, since that would cost more than the guard: then a failure of a model
     * within such a call counts at the agent as well. Proxies note their calls. Costs some 10 ns and a permit of 32
     * bytes a call; no difference for a guard of several circuits.
     *
     * @return another guard
     */
    @Beta
    public Guard enclosing() {
        return caller.isEnclosing ? this : new Guard(registry, attribution, caller.enclosing(), timeout, streamLimits);
    }

    /**
     * This guard with a listener that counts its calls, such as {@code budgets.meter()}: calls, permits, stages,
     * streams and methods of proxies. Each attempt of a retry counts, also attempts that fail or are given up. A
     * refused call is not counted, nor is one that is {@linkplain #record recorded}. A guarded model of LangChain4j or
     * Spring AI counts in its guard's place, with the tokens that its answers report.
     *
     * <p>If calls of one agent are within each other, only the innermost is reported to a listener; a call of a tool is
     * reported as well if a model is asked within it. Costs two objects of 32 bytes a call; a guard without a listener
     * pays nothing.
     *
     * @param listener hears of each call; may be the same for many guards; null for nobody, as before
     * @return another guard
     */
    @Alpha
    public Guard countedBy(@Nullable CallListener listener) {
        return new Guard(registry, attribution, caller.countedBy(listener), timeout, streamLimits);
    }

    /**
     * This guard with a time limit for {@link #callAsync}: a call that has not ended by then ends as {@link
     * FailureKind#TIMEOUT}, its stage fails with a {@link java.util.concurrent.TimeoutException}, and its source is
     * cancelled. Other calls cannot be ended from outside: {@link #call} and {@link #run} throw an {@link
     * IllegalStateException}, and a {@linkplain #proxy proxy} is refused for methods that return a plain value. A permit
     * that is acquired has no limit.
     *
     * @param limit longer than zero
     * @return another guard
     * @throws IllegalArgumentException if the limit is zero or negative
     */
    public Guard withTimeout(Duration limit) {
        if (limit.isNegative() || limit.isZero()) {
            throw new IllegalArgumentException("A timeout must be longer than zero, but was " + Nanos.text(limit));
        }
        return new Guard(registry, attribution, caller, limit, streamLimits);
    }

    /**
     * This guard with limits for the streams that methods of its {@linkplain #proxy proxies} return; by default there are
     * none.
     *
     * @param limits for the first piece, between pieces and in all
     * @return another guard
     */
    public Guard withStreamLimits(StreamLimits limits) {
        Objects.requireNonNull(limits, "A guard needs limits; StreamLimits.none() are some");
        return new Guard(registry, attribution, caller, timeout, limits);
    }

    /**
     * This guard with an answer for calls that its own circuits refuse. Exceptions of the call itself, including
     * refusals by other circuits further down, still reach the caller.
     *
     * @param fallback makes an answer from the refusal, on the caller's thread
     * @param <T> the type of the answer
     * @return a guard for calls of that type
     */
    public <T extends @Nullable Object> FallbackGuard<T> withFallback(
            Function<? super CircuitOpenException, ? extends T> fallback) {
        Objects.requireNonNull(fallback, "A guard with a fallback needs one");
        return new FallbackGuard<>(this, fallback);
    }

    /**
     * This guard with a stage in place of async calls that its own circuits refuse.
     *
     * @param fallback starts the other work from the refusal, on the caller's thread
     * @param <T> the type of the answer
     * @return a guard for async calls of that type
     */
    public <T extends @Nullable Object> FallbackGuard.Async<T> withAsyncFallback(
            Function<? super CircuitOpenException, ? extends CompletionStage<T>> fallback) {
        Objects.requireNonNull(fallback, "A guard with a fallback needs one");
        return new FallbackGuard.Async<>(this, fallback);
    }

    /**
     * This guard with retries: each attempt asks for a permit of its own, and a refusal ends them. Keep it, since it
     * keeps a {@link RetryBudget} of 500 tokens.
     *
     * @param retry how often and how soon
     * @return a guard of attempts
     */
    public RetryGuard withRetry(Retry retry) {
        return withRetry(retry, new RetryBudget());
    }

    /**
     * This guard with retries and a budget that it may share with others.
     *
     * @param retry how often and how soon
     * @param budget how many retries are allowed over time
     * @return a guard of attempts
     */
    public RetryGuard withRetry(Retry retry, RetryBudget budget) {
        return new RetryGuard(this, caller.classifier, registry.engine(), retry, budget);
    }

    /**
     * Makes a call.
     *
     * @param work the call
     * @param <T> what it returns
     * @param <X> what it may throw
     * @return what it returned
     * @throws X what it threw; the failure has been counted
     * @throws CircuitOpenException if a circuit refuses, or a gate before it; nothing was called
     */
    @Override
    public <T extends @Nullable Object, X extends Exception> T call(Work<? extends T, X> work) throws X {
        Objects.requireNonNull(work, "A guard needs a call to make");
        return call(work, null);
    }

    /**
     * Makes a call without a result.
     *
     * @param action the call
     * @param <X> what it may throw
     * @throws X what it threw; the failure has been counted
     * @throws CircuitOpenException if a circuit refuses, or a gate before it; nothing was called
     */
    @SuppressWarnings("NullAway") // the type of the result is nullable, which it sees from Java 22 on only
    public <X extends Exception> void run(Work.Action<X> action) throws X {
        Objects.requireNonNull(action, "A guard needs a call to make");
        this.<@Nullable Object, X>call(() -> {
            action.run();
            return null;
        });
    }

    /**
     * Starts a call that ends later. The permit is settled when the stage that the call returned completes.
     *
     * <p>Never throws an exception: a refusal, and what the call throws before it returned a stage, are failed stages.
     * An {@link Error} that the call throws is counted and thrown on. Cancelling the returned future cancels the source
     * and counts as {@link FailureKind#CANCELLED}.
     *
     * @param work starts the call, on the caller's thread
     * @param <T> the type of the result
     * @return completes as the call's stage does, after the permit has been settled
     */
    @Override
    public <T extends @Nullable Object> CompletableFuture<T> callAsync(Supplier<? extends CompletionStage<T>> work) {
        Objects.requireNonNull(work, "A guard needs a call to make");
        Permit permit;
        try {
            permit = acquire();
        } catch (CircuitOpenException | TooManyCircuitsException refused) {
            return CompletableFuture.failedFuture(refused);
        }
        return start(permit, work);
    }

    /**
     * Asks for permission to make one call; the context form.
     *
     * @return a permit, to be used in try-with-resources and settled once
     * @throws CircuitOpenException if a circuit refuses, or a gate before it
     */
    public Permit acquire() {
        Permit permit = acquire(true);
        if (permit == null) {
            throw new IllegalStateException("A refusal neither threw nor admitted");
        }
        return permit;
    }

    /**
     * Asks for permission to make one call, without an exception.
     *
     * @return a permit, to be settled once, or null if a circuit refuses, or a gate before it
     */
    public @Nullable Permit tryAcquire() {
        return acquire(false);
    }

    /**
     * Asks for permission to make one call whose answer comes in pieces.
     *
     * @param limits for the first piece, between pieces and in all; see {@link StreamLimits#none()}
     * @return a permit, settled by the first end that is reported
     * @throws CircuitOpenException if a circuit refuses, or a gate before it
     */
    @Override
    public StreamPermit stream(StreamLimits limits) {
        Objects.requireNonNull(limits, "A stream needs limits; StreamLimits.none() are some");
        return streamOf(acquire(), limits);
    }

    /**
     * Which of the call's circuits an outcome is attributed to. The others ignore it, with two exceptions: a mistake of
     * the caller counts at a {@code key:} as well, and a failure may turn out to be the agent's own (docs/callers.md).
     *
     * @param outcome how the call ended
     * @return the circuit's id, or null for all: for successes, and for failures that are nobody's
     */
    public @Nullable CircuitId attributedTo(Outcome outcome) {
        return attribution.attributedTo(outcome);
    }

    /**
     * An object whose every method is guarded: one that returns a {@link CompletionStage} or {@link CompletableFuture}
     * until that completes; one that returns a {@link java.util.stream.Stream}, {@link java.util.Iterator} or {@link
     * java.util.concurrent.Flow.Publisher} until that ends, within {@linkplain #withStreamLimits its limits}; the others
     * while they run. The methods of {@link Object} are not.
     *
     * @param type an interface
     * @param target what answers the calls
     * @param <T> the interface
     * @return a proxy of that interface
     * @throws IllegalArgumentException if the type is no interface, or a method returns a stage of another type
     */
    public <T> T proxy(Class<T> type, T target) {
        return GuardedProxy.of(this, type, target);
    }

    @Override
    public String toString() {
        return "Guard[" + id() + (circuits.isSeveral() ? " depending on " + dependencies() : "") + "]";
    }
}
