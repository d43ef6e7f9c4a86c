package dev.interlock.proxy;

import java.io.Serial;

/** A call that the proxy does not make, for a reason that is no circuit's. Has no stack trace: callers decide how often it is made. */
public final class ProxyProblem extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private final int status;
    private final String code;
    private final long retryAfterSeconds;

    /**
     * A problem.
     *
     * @param status of the answer, 400 to 599
     * @param code a short name of the kind in snake_case
     * @param message what was wrong and what would be right
     */
    public ProxyProblem(int status, String code, String message) {
        this(status, code, message, 0);
    }

    /**
     * A problem that passes.
     *
     * @param status of the answer, 400 to 599
     * @param code a short name of the kind in snake_case
     * @param message what was wrong and what would be right
     * @param retryAfterSeconds when to retry; 0 for never
     */
    public ProxyProblem(int status, String code, String message, long retryAfterSeconds) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
        this.retryAfterSeconds = retryAfterSeconds;
    }

    /** What is said of a mistake of the proxy's own, which it has logged. */
    static ProxyProblem mistake() {
        return new ProxyProblem(500, "internal", "The proxy made a mistake; its log says which");
    }

    /** The status of the answer. */
    public int status() {
        return status;
    }

    /** A short name of the kind. */
    public String code() {
        return code;
    }

    /** What was wrong and what would be right. */
    public String text() {
        return String.valueOf(getMessage());
    }

    /** Whether it is a limit of the proxy itself, which passes. */
    boolean isOwnLimit() {
        return status == 429 || status == 503;
    }

    /** When to retry, in seconds; 0 for never. */
    public long retryAfterSeconds() {
        return retryAfterSeconds;
    }
}
