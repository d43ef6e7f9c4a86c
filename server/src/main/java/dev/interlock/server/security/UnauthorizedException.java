package dev.interlock.server.security;

/**
 * A call without a credential that counts. Answered with 401 and {@code WWW-Authenticate: Bearer}; the message says
 * what is wrong in words that hold nothing of what the caller sent.
 */
public final class UnauthorizedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Says why, without a stack trace: the caller that is refused decides how often this is made.
     *
     * @param message what was wrong and what would be right
     */
    public UnauthorizedException(String message) {
        super(message, null, false, false);
    }
}
