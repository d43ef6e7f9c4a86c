package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/** A command that could not be carried out; its message says what to do. */
final class RemoteException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient @Nullable JsonNode problem;

    RemoteException(String message) {
        this(message, null);
    }

    RemoteException(String message, @Nullable JsonNode problem) {
        super(message, null, false, false);
        this.problem = problem;
    }

    /** What the server said, where it refused; its type distinguishes kinds of problems. */
    @Nullable
    JsonNode problem() {
        return problem;
    }
}
