package dev.interlock;

/**
 * A stream that did not keep one of its {@link StreamLimits}: what its consumer gets in place of further pieces. The
 * stream's permit has been settled as {@link FailureKind#TIMEOUT}, and its source has been cancelled.
 */
@Beta
public final class StreamTimeoutException extends RuntimeException {
    private static final long serialVersionUID = 1;

    StreamTimeoutException(String message) {
        super(message);
    }
}
