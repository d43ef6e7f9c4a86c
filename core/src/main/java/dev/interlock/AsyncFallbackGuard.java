package dev.interlock;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Guard} with other work in place of refused async calls. Immutable and safe for use by any thread.
 *
 * @param <T> the type of the answer
 */
public final class AsyncFallbackGuard<T extends @Nullable Object> {
    private final Guard guard;
    private final Function<? super CircuitOpenException, ? extends CompletionStage<T>> fallback;

    AsyncFallbackGuard(Guard guard, Function<? super CircuitOpenException, ? extends CompletionStage<T>> fallback) {
        this.guard = guard;
        this.fallback = fallback;
    }

    /**
     * Starts a call that ends later, or the fallback if one of the guard's circuits refuses; see {@link
     * Guard#callAsync}. What the fallback throws is a failed stage.
     *
     * @param work starts the call, on the caller's thread
     * @return completes as the call's stage does, or as the fallback's
     */
    public CompletableFuture<T> callAsync(Supplier<? extends CompletionStage<T>> work) {
        Permit permit;
        try {
            permit = guard.acquire();
        } catch (CircuitOpenException refused) {
            return fallBack(refused);
        } catch (TooManyCircuitsException full) {
            return CompletableFuture.failedFuture(full);
        }
        return guard.start(permit, work);
    }

    private CompletableFuture<T> fallBack(CircuitOpenException refused) {
        CompletionStage<T> stage;
        try {
            stage = fallback.apply(refused);
            if (stage == null) {
                throw new NullPointerException("The fallback returned no stage");
            }
        } catch (Exception thrown) {
            return CompletableFuture.failedFuture(thrown);
        }
        try {
            return stage.toCompletableFuture();
        } catch (UnsupportedOperationException readOnly) {
            return copy(stage);
        }
    }

    private static <T extends @Nullable Object> CompletableFuture<T> copy(CompletionStage<T> stage) {
        CompletableFuture<T> copy = new CompletableFuture<>();
        stage.whenComplete((result, thrown) -> {
            if (thrown != null) {
                copy.completeExceptionally(thrown);
            } else {
                copy.complete(result);
            }
        });
        return copy;
    }
}
