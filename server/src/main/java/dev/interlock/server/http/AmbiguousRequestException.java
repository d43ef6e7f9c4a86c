package dev.interlock.server.http;

/** A head that two readers could read in two ways, or that is no head. Has no stack trace: a caller decides how often it is made. */
final class AmbiguousRequestException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    AmbiguousRequestException(String detail) {
        super(detail);
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
