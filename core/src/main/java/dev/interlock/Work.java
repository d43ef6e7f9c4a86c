package dev.interlock;

import org.jspecify.annotations.Nullable;

/**
 * A call to be guarded.
 *
 * @param <T> what it returns
 * @param <X> what it may throw; {@link RuntimeException} where it throws nothing checked
 */
@FunctionalInterface
public interface Work<T extends @Nullable Object, X extends Exception> {
    /**
     * Makes the call, on the caller's thread.
     *
     * @return its result
     * @throws X as the call does
     */
    T call() throws X;

    /**
     * A call without a result.
     *
     * @param <X> what it may throw
     */
    @FunctionalInterface
    interface Action<X extends Exception> {
        /**
         * Makes the call, on the caller's thread.
         *
         * @throws X as the call does
         */
        void run() throws X;
    }
}
