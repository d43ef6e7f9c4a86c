package dev.interlock.server.security;

/** A call that its caller may not make. Answered with 403; the message says what it would take. */
public final class ForbiddenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Says why, without a stack trace.
     *
     * @param message what the caller is, and what it would have to be
     */
    public ForbiddenException(String message) {
        super(message, null, false, false);
    }
}
