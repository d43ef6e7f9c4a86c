package dev.interlock;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An async call under way: settles its permit first, then completes as its source did.
 *
 * <p>Whatever ends it first counts: the source, a cancellation, or the time limit; the permit sees to that.
 */
final class GuardedFuture<T extends @Nullable Object> extends CompletableFuture<T> {
    private final Permit permit;
    private final FailureClassifier classifier;
    private final CircuitBreakerManager manager;
    private volatile @Nullable CompletionStage<T> source;
    private volatile Timers.@Nullable Timer timer;

    private GuardedFuture(Permit permit, FailureClassifier classifier, CircuitBreakerManager manager) {
        this.permit = permit;
        this.classifier = classifier;
        this.manager = manager;
    }

    static <T extends @Nullable Object> CompletableFuture<T> start(
            Permit permit,
            FailureClassifier classifier,
            Supplier<? extends CompletionStage<T>> work,
            @Nullable Duration timeout,
            CircuitBreakerManager manager) {
        CompletionStage<T> source;
        try {
            source = work.get();
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
        GuardedFuture<T> future = new GuardedFuture<>(permit, classifier, manager);
        future.source = source;
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
        if (isDone()) {
            return isCancelled();
        }
        permit.cancel();
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        cancelTimer();
        cancelSource();
        return cancelled;
    }

    @SuppressWarnings("NullAway") // the type of the result is nullable, which it sees from Java 22 on only
    private void sourceEnded(@Nullable T result, @Nullable Throwable thrown) {
        cancelTimer();
        try {
            permit.settle(
                    thrown != null
                            ? Classification.ofThrown(classifier, thrown)
                            : Classification.ofResult(classifier, result));
        } finally { // whatever becomes of the permit, nobody waits for ever
            if (thrown == null) {
                complete(result);
            } else {
                completeExceptionally(
                        thrown instanceof CompletionException && thrown.getCause() != null
                                ? thrown.getCause()
                                : thrown);
            }
        }
    }

    private void cancelTimer() {
        Timers.Timer pending = timer;
        if (pending != null) {
            manager.timers().cancel(pending);
        }
    }

    private void limit(Duration timeout) {
        // The timer's thread only hands over: what depends on this future is the user's code.
        timer = manager.timers().at(manager.time().ticks() + Nanos.of(timeout), () -> {
            try {
                manager.executor().execute(() -> timedOut(timeout));
            } catch (RuntimeException | Error cannotRun) {
                timedOut(timeout);
            }
        });
    }

    private void timedOut(Duration timeout) {
        try {
            permit.fail(FailureKind.TIMEOUT);
        } finally {
            completeExceptionally(
                    new TimeoutException("No answer from " + permit.id() + " within " + Nanos.text(timeout)));
            cancelSource();
        }
    }

    private void cancelSource() {
        CompletionStage<T> running = source;
        if (running != null) {
            try {
                running.toCompletableFuture().cancel(true);
            } catch (UnsupportedOperationException notCancellable) {
                // Some stages are read-only; their work goes on and nobody waits for it.
            }
        }
    }
}
