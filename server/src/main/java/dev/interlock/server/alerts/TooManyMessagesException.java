package dev.interlock.server.alerts;

/** Too many messages of an organization are under way. */
final class TooManyMessagesException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TooManyMessagesException() {
        super("Too many messages of the organization are under way", null, false, false);
    }
}
