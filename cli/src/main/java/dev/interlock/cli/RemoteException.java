package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/** A command that could not be carried out; its message says what to do, its exit code what kind of failure it is. */
final class RemoteException extends Exception {
    private static final long serialVersionUID = 1;

    private final int exitCode;
    private final transient @Nullable JsonNode problem;

    RemoteException(String message) {
        this(ExitCode.FAILED, message);
    }

    RemoteException(int exitCode, String message) {
        this(exitCode, message, null);
    }

    RemoteException(int exitCode, String message, @Nullable JsonNode problem) {
        super(message, null, false, false);
        this.exitCode = exitCode;
        this.problem = problem;
    }

    /** One of {@link ExitCode}. */
    int exitCode() {
        return exitCode;
    }

    /** What the server said, where it refused; its type distinguishes kinds of problems. */
    @Nullable
    JsonNode problem() {
        return problem;
    }
}
