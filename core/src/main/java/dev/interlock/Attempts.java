package dev.interlock;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a {@link RetryGuard} makes attempts with: a {@link Guard}, each of whose calls asks for a permit of its own. */
interface Attempts {
    <T extends @Nullable Object, X extends Exception> T call(Work<? extends T, X> work) throws X;

    <T extends @Nullable Object> CompletableFuture<T> callAsync(Supplier<? extends CompletionStage<T>> work);

    StreamPermit stream(StreamLimits limits);
}
