package dev.interlock.store;

import org.jspecify.annotations.Nullable;

/** The store cannot be reached at the moment; circuits go on without it. */
public final class StoreUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * Says what could not be reached.
     *
     * @param message what was tried, without credentials
     * @param cause why it failed, or null
     */
    public StoreUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
