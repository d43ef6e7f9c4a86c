package dev.interlock;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Guard} that retries calls that failed for a reason that may pass. Safe for use by any thread; keep one,
 * since it keeps a budget.
 *
 * <p>Each attempt is a guarded call of its own: it asks for a permit and counts. So an incident is noticed after a few
 * attempts, not after a few calls of several attempts each. A circuit that opens meanwhile ends the retries with its
 * refusal. Turn off the retries of the client that is called.
 *
 * <p>A wait that the failure asks for is kept, up to {@link Retry#waitMax()}. Closing the manager ends retries: the last
 * failure is the result.
 */
@Beta
public final class RetryGuard {
    private final Attempts guard;
    private final FailureClassifier classifier;
    private final Engine engine;
    private final Retry retry;
    private final RetryBudget budget;

    RetryGuard(Attempts guard, FailureClassifier classifier, Engine engine, Retry retry, RetryBudget budget) {
        this.guard = guard;
        this.classifier = classifier;
        this.engine = engine;
        this.retry = Objects.requireNonNull(retry, "A guard of attempts needs a retry");
        this.budget = Objects.requireNonNull(budget, "A guard of attempts needs a budget");
    }

    /**
     * The budget that retries take tokens from.
     *
     * @return the budget, shared or not
     */
    public RetryBudget budget() {
        return budget;
    }

    /**
     * Makes a call, more than once if need be. Waits on the caller's thread; an interrupt ends the retries, and stays set.
     *
     * @param work the call, which can be repeated
     * @param <T> what it returns
     * @param <X> what it may throw
     * @return what the last attempt returned
     * @throws X what the last attempt threw
     * @throws CircuitOpenException if a circuit refuses the first attempt or a further one
     */
    public <T extends @Nullable Object, X extends Exception> T call(Work<? extends T, X> work) throws X {
        Objects.requireNonNull(work, "A guard needs a call to make");
        for (int made = 1; ; made++) {
            Outcome outcome;
            T result;
            try {
                result = guard.<T, X>call(work);
                outcome = Classification.ofResult(classifier, result);
            } catch (Exception thrown) {
                if (!waited(Classification.ofThrown(classifier, thrown), made)) {
                    throw thrown;
                }
                continue;
            }
            if (!outcome.isSuccess() && waited(outcome, made)) {
                continue;
            }
            return succeeded(outcome, made, result);
        }
    }

    /**
     * Reads an answer that comes in pieces, and begins again if it breaks before the first. From the first piece on nothing
     * is repeated, since somebody may have seen it.
     *
     * @param limits of each attempt
     * @param reading starts the call and reads it to its end on this thread, with {@link StreamPermit#next()} for each
     *     piece; the stream ends with it
     * @param <T> what it returns
     * @param <X> what it may throw
     * @return what the last attempt returned
     * @throws X what the last attempt threw
     * @throws CircuitOpenException if a circuit refuses the first attempt or a further one
     */
    public <T extends @Nullable Object, X extends Exception> T stream(
            StreamLimits limits, Reading<? extends T, X> reading) throws X {
        Objects.requireNonNull(reading, "A guard needs a call to make");
        for (int made = 1; ; made++) {
            StreamPermit stream = guard.stream(limits);
            T result;
            try {
                result = stream.<T, X>supply(() -> reading.read(stream));
                stream.complete();
                throwIfOverdue(stream);
            } catch (Throwable thrown) {
                stream.fail(thrown);
                // What a reader throws whose source was cancelled by a limit is but the consequence.
                Throwable why = stream.overdue() != null ? stream.overdue() : thrown;
                boolean again = thrown instanceof Exception
                        && !stream.hasPieces()
                        && waited(Classification.ofThrown(classifier, why), made);
                if (!again) {
                    throw thrown;
                }
                continue;
            }
            return succeeded(Outcome.success(), made, result);
        }
    }

    /**
     * Takes in how an attempt ended at a stream whose pieces go to a handler, and begins another if one may follow: none after
     * a success, a cancellation or a first piece. Code that reads the pieces itself uses {@link #stream}.
     *
     * <p>Exactly one of {@code attempt} and {@code last} is done. Call this once for each attempt, after its end.
     *
     * @param ended the permit of the attempt, of the guard that this one was made of
     * @param made how many attempts there were, this one included
     * @param attempt begins the next one, with a permit of its own; on the manager's executor, when the wait is over
     * @param last passes the end on, since no other attempt follows; on this thread, or on the manager's executor if the
     *     manager is closed during the wait
     * @throws IllegalStateException if the stream has not ended
     */
    public void again(StreamPermit ended, int made, Runnable attempt, Runnable last) {
        Objects.requireNonNull(ended, "There must be a stream that ended");
        Objects.requireNonNull(attempt, "There must be a way to begin another attempt");
        Objects.requireNonNull(last, "There must be a way to pass the end on");
        Outcome outcome = ended.outcome();
        if (outcome == null) {
            throw new IllegalStateException("The stream of " + ended.id()
                    + " has not ended, and no other attempt begins before. Maybe complete, fail or cancel it first");
        }
        succeeded(outcome, made, outcome);
        Duration wait = outcome.isSuccess() || ended.hasPieces() ? null : nextWait(outcome, made);
        if (wait == null) {
            last.run();
        } else {
            engine.limits.pause(wait, attempt, last);
        }
    }

    private static void throwIfOverdue(StreamPermit stream) {
        StreamTimeoutException overdue = stream.overdue();
        if (overdue != null) {
            throw overdue;
        }
    }

    /**
     * Starts a call that ends later, more than once if need be. Never throws an exception, as {@link Guard#callAsync};
     * ending the returned future ends the attempt under way, and there is no further one.
     *
     * @param work starts the call: the first time on the caller's thread, then on the manager's executor
     * @param <T> the type of the result
     * @return completes as the last attempt does
     */
    public <T extends @Nullable Object> CompletableFuture<T> callAsync(Supplier<? extends CompletionStage<T>> work) {
        Objects.requireNonNull(work, "A guard needs a call to make");
        Later<T> later = new Later<>(work);
        later.attempt(1);
        return later.answer;
    }

    /** Whether another attempt may follow, after which wait; takes its tokens. Null for none. */
    private @Nullable Duration nextWait(Outcome outcome, int made) {
        Duration wait = retry.waitAfter(outcome, made, engine.random);
        return wait != null && !engine.timers.isClosed() && budget.take() ? wait : null;
    }

    /** Waits for another attempt; false if there is to be none. */
    private boolean waited(Outcome outcome, int made) {
        Duration wait = nextWait(outcome, made);
        if (wait == null) {
            return false;
        }
        CompletableFuture<Boolean> over = new CompletableFuture<>();
        Runnable cancellation = engine.limits.pause(wait, () -> over.complete(true), () -> over.complete(false));
        try {
            return over.get();
        } catch (InterruptedException interrupted) {
            cancellation.run();
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private <T extends @Nullable Object> T succeeded(Outcome outcome, int made, T result) {
        if (outcome.isSuccess()) {
            budget.succeeded(made > 1);
        }
        return result;
    }

    /**
     * Reads an answer that comes in pieces.
     *
     * @param <T> what it returns
     * @param <X> what it may throw
     */
    @FunctionalInterface
    public interface Reading<T extends @Nullable Object, X extends Exception> {
        /**
         * Starts the call and reads it to its end.
         *
         * @param stream hears of each piece
         * @return its result
         * @throws X as the call does
         */
        T read(StreamPermit stream) throws X;
    }

    /** A wait for the next attempt that may be cancelled before it has begun. */
    private static final class Pause {
        private final AtomicReference<@Nullable Runnable> cancellation = new AtomicReference<>();
        private volatile boolean cancelled;

        void begins(Runnable itsCancellation) {
            cancellation.set(itsCancellation);
            if (cancelled) {
                cancel();
            }
        }

        void cancel() {
            cancelled = true;
            Runnable present = cancellation.getAndSet(null);
            if (present != null) {
                present.run();
            }
        }
    }

    /** A call that ends later: the attempt under way, or the wait for the next. */
    private final class Later<T extends @Nullable Object> {
        private final Supplier<? extends CompletionStage<T>> work;
        private final CompletableFuture<T> answer = new CompletableFuture<>();
        private final AtomicReference<@Nullable Runnable> ending = new AtomicReference<>();

        Later(Supplier<? extends CompletionStage<T>> work) {
            this.work = work;
            answer.whenComplete((result, thrown) -> end());
        }

        void attempt(int made) {
            CompletableFuture<T> attempt;
            try {
                attempt = guard.callAsync(work);
            } catch (Throwable error) {
                answer.completeExceptionally(error);
                throw error;
            }
            during(() -> endAsAnswered(attempt));
            attempt.whenComplete((result, thrown) -> ended(made, result, thrown));
        }

        @SuppressWarnings("NullAway") // the type of the result is nullable, which it sees from Java 22 on only
        private void ended(int made, @Nullable T result, @Nullable Throwable thrown) {
            if (answer.isDone()) {
                return;
            }
            Outcome outcome = thrown == null
                    ? Classification.ofResult(classifier, result)
                    : Classification.ofThrown(classifier, thrown);
            Duration wait = outcome.isSuccess() ? null : nextWait(outcome, made);
            if (wait != null) {
                Pause pause = new Pause(); // known before it can be over: what follows then is known after it
                during(pause::cancel);
                pause.begins(engine.limits.pause(wait, () -> again(made), () -> answer(outcome, made, result, thrown)));
            } else {
                answer(outcome, made, result, thrown);
            }
        }

        private void again(int made) {
            if (!answer.isDone()) {
                attempt(made + 1);
            }
        }

        @SuppressWarnings("NullAway") // as above
        private void answer(Outcome outcome, int made, @Nullable T result, @Nullable Throwable thrown) {
            if (thrown == null) {
                answer.complete(succeeded(outcome, made, result));
            } else {
                answer.completeExceptionally(thrown);
            }
        }

        /** Says how the answer, if it comes from elsewhere, ends what is under way. */
        private void during(Runnable present) {
            ending.set(present);
            if (answer.isDone()) {
                end();
            }
        }

        private void end() {
            Runnable present = ending.getAndSet(null);
            if (present != null) {
                present.run();
            }
        }

        /** The attempt hears why: a time limit of the caller's is a time-out, anything else a cancellation. */
        private void endAsAnswered(CompletableFuture<T> attempt) {
            if (attempt.isDone()) {
                return;
            }
            Throwable thrown = answer.handle((result, failure) -> failure).join();
            if (thrown == null) {
                attempt.cancel(true);
            } else {
                attempt.completeExceptionally(thrown);
            }
        }
    }
}
