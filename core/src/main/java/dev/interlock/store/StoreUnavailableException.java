package dev.interlock.store;

import org.jspecify.annotations.Nullable;

/** The store cannot be reached at the moment; circuits go on without it. */
public final class StoreUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 2;

    private final boolean mayHaveDone;

    /**
     * Says what could not be reached, or did not answer.
     *
     * @param message what was tried, without credentials
     * @param cause why it failed, or null
     */
    public StoreUnavailableException(String message, @Nullable Throwable cause) {
        this(message, cause, true);
    }

    private StoreUnavailableException(String message, @Nullable Throwable cause, boolean mayHaveDone) {
        super(message, cause);
        this.mayHaveDone = mayHaveDone;
    }

    /**
     * Says what could not be reached, and was not asked.
     *
     * @param message what was tried, without credentials
     * @param cause why it failed, or null
     * @return an exception whose {@link #mayHaveDone()} is false
     */
    public static StoreUnavailableException notAsked(String message, @Nullable Throwable cause) {
        return new StoreUnavailableException(message, cause, false);
    }

    /**
     * Whether the store may have done what it was asked for, though there was no answer.
     *
     * @return false only if it was certainly not asked
     */
    public boolean mayHaveDone() {
        return mayHaveDone;
    }
}
