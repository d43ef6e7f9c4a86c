package dev.interlock;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Guard} with an answer for refused calls. Immutable and safe for use by any thread.
 *
 * @param <T> the type of the answer
 */
public final class FallbackGuard<T extends @Nullable Object> {
    private final Guard guard;
    private final Function<? super CircuitOpenException, ? extends T> fallback;

    FallbackGuard(Guard guard, Function<? super CircuitOpenException, ? extends T> fallback) {
        this.guard = guard;
        this.fallback = fallback;
    }

    /**
     * Makes a call, or falls back if one of the guard's circuits refuses.
     *
     * @param work the call
     * @param <X> what it may throw
     * @return what the call or the fallback returned
     * @throws X what the call threw; the failure has been counted
     */
    public <X extends Exception> T call(Work<? extends T, X> work) throws X {
        Objects.requireNonNull(work, "A guard needs a call to make");
        return guard.call(work, fallback);
    }

    /**
     * Starts a call that ends later, or falls back if one of the guard's circuits refuses; see {@link
     * Guard#callAsync}.
     *
     * @param work starts the call, on the caller's thread
     * @return completes as the call's stage does, or with the fallback's answer
     */
    public CompletableFuture<T> callAsync(Supplier<? extends CompletionStage<T>> work) {
        Objects.requireNonNull(work, "A guard needs a call to make");
        return new Async<T>(guard, refused -> CompletableFuture.completedFuture(fallback.apply(refused)))
                .callAsync(work);
    }

    /**
     * A {@link Guard} with other work in place of refused async calls. Immutable and safe for use by any thread.
     *
     * @param <A> the type of the answer
     */
    public static final class Async<A extends @Nullable Object> {
        private final Guard guard;
        private final Function<? super CircuitOpenException, ? extends CompletionStage<A>> fallback;

        Async(Guard guard, Function<? super CircuitOpenException, ? extends CompletionStage<A>> fallback) {
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
        public CompletableFuture<A> callAsync(Supplier<? extends CompletionStage<A>> work) {
            Objects.requireNonNull(work, "A guard needs a call to make");
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

        private CompletableFuture<A> fallBack(CircuitOpenException refused) {
            CompletionStage<A> stage;
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

        private static <A extends @Nullable Object> CompletableFuture<A> copy(CompletionStage<A> stage) {
            CompletableFuture<A> copy = new CompletableFuture<>();
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
}
