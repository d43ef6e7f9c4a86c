package dev.interlock;

import dev.interlock.threads.Reporting;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An async call under way: settles its permit first, then completes as its source did.
 *
 * <p>Whatever ends it first counts: the source, the time limit, or the caller by {@code cancel}, {@code orTimeout},
 * {@code completeOnTimeout}, {@code complete…} or {@code obtrude…}. One gate decides who that is, so what the permit was
 * settled with is what the caller sees. Whenever it is not the source, the source is cancelled.
 */
final class GuardedFuture<T extends @Nullable Object> extends CompletableFuture<T> {
    private final Permit permit;
    private final FailureClassifier classifier;
    private final CompletionStage<T> source;
    private final CallLimits limits;
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile @Nullable Runnable limit;

    private GuardedFuture(Permit permit, FailureClassifier classifier, CompletionStage<T> source, CallLimits limits) {
        this.permit = permit;
        this.classifier = classifier;
        this.source = source;
        this.limits = limits;
    }

    static <T extends @Nullable Object> CompletableFuture<T> start(
            Permit permit,
            FailureClassifier classifier,
            Supplier<? extends CompletionStage<T>> work,
            @Nullable Duration timeout,
            CallLimits limits) {
        CompletionStage<T> source;
        try {
            source = permit.isNoted() ? permit.supply(work::get) : work.get();
            if (source == null) {
                throw new NullPointerException("The guarded work returned no stage");
            }
        } catch (Throwable thrown) {
            permit.fail(thrown);
            if (thrown instanceof Error error) {
                throw error;
            }
            return CompletableFuture.failedFuture(thrown);
        }
        GuardedFuture<T> future = new GuardedFuture<>(permit, classifier, source, limits);
        if (timeout != null) {
            future.limit(timeout);
        }
        try {
            source.whenComplete((result, thrown) -> future.sourceEnded(result, thrown));
        } catch (RuntimeException brokenStage) {
            future.sourceEnded(null, brokenStage);
        }
        return future;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        return endFromOutside(Outcome.cancelled(), () -> super.cancel(mayInterruptIfRunning)) || isCancelled();
    }

    /** By the caller, who has an answer from elsewhere: that says nothing about the call. */
    @Override
    public boolean complete(T value) {
        return endFromOutside(Outcome.cancelled(), () -> super.complete(value));
    }

    /** By the caller, {@code orTimeout} included. */
    @Override
    public boolean completeExceptionally(Throwable thrown) {
        return !isDone() && endFromOutside(outcome(thrown), () -> super.completeExceptionally(thrown));
    }

    @Override
    public CompletableFuture<T> completeOnTimeout(T value, long timeout, TimeUnit unit) {
        if (!isDone()) {
            CompletableFuture<T> timer = new CompletableFuture<T>().completeOnTimeout(value, timeout, unit);
            timer.thenAccept(
                    answer -> endFromOutside(Outcome.failure(FailureKind.TIMEOUT), () -> super.complete(answer)));
            whenComplete((result, thrown) -> timer.cancel(false));
        }
        return this;
    }

    @Override
    public CompletableFuture<T> completeAsync(Supplier<? extends T> supplier, Executor executor) {
        executor.execute(() -> {
            if (!isDone()) {
                try {
                    complete(supplier.get());
                } catch (Throwable thrown) {
                    completeExceptionally(thrown);
                }
            }
        });
        return this;
    }

    @Override
    public void obtrudeValue(T value) {
        endFromOutside(Outcome.cancelled(), () -> super.complete(value));
        super.obtrudeValue(value);
    }

    @Override
    public void obtrudeException(Throwable thrown) {
        endFromOutside(outcome(thrown), () -> super.completeExceptionally(thrown));
        super.obtrudeException(thrown);
    }

    private Outcome outcome(Throwable thrown) {
        Objects.requireNonNull(thrown, "A call can only be failed with a throwable");
        return thrown instanceof TimeoutException
                ? Outcome.failure(FailureKind.TIMEOUT)
                : Classification.ofThrown(classifier, thrown);
    }

    @SuppressWarnings("NullAway") // the type of the result is nullable, which it sees from Java 22 on only
    private void sourceEnded(@Nullable T result, @Nullable Throwable thrown) {
        if (thrown == null) {
            end(Classification.ofResult(classifier, result), () -> super.complete(result));
        } else {
            Throwable cause =
                    thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
            end(Classification.ofThrown(classifier, thrown), () -> super.completeExceptionally(cause));
        }
    }

    private boolean endFromOutside(Outcome outcome, Runnable completion) {
        if (!end(outcome, completion)) {
            return false;
        }
        try {
            source.toCompletableFuture().cancel(true);
        } catch (UnsupportedOperationException notCancellable) {
            // Some stages are read-only; their work goes on and nobody waits for it.
        } catch (RuntimeException | Error broken) {
            Reporting.report(broken);
        }
        return true;
    }

    /** No code of the user's runs between the gate and the completion but listeners on a same-thread executor. */
    private boolean end(Outcome outcome, Runnable completion) {
        if (!ended.compareAndSet(false, true)) {
            return false;
        }
        try {
            Runnable pending = limit;
            if (pending != null) {
                pending.run();
            }
            permit.settle(outcome);
        } finally { // whatever becomes of the permit, nobody waits for ever
            completion.run();
        }
        return true;
    }

    private void limit(Duration timeout) {
        limit = limits.start(timeout, () -> overdue(timeout), () -> abandoned(timeout));
    }

    private void overdue(Duration timeout) {
        TimeoutException late =
                new TimeoutException("No answer from " + permit.id() + " within " + Nanos.text(timeout));
        endFromOutside(Outcome.failure(FailureKind.TIMEOUT), () -> super.completeExceptionally(late));
    }

    private void abandoned(Duration timeout) {
        endFromOutside(
                Outcome.cancelled(),
                () -> super.completeExceptionally(new CancellationException("The manager was closed before "
                        + permit.id() + " answered; nobody is left to keep the limit of " + Nanos.text(timeout))));
    }
}
