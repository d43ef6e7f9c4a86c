package dev.interlock.replay;

/** A row that cannot be replayed; its message names the value seen and what is allowed. Has no stack trace: it may come often. */
final class BadRowException extends Exception {
    private static final long serialVersionUID = 1;

    BadRowException(String message) {
        super(message, null, false, false);
    }

    /** The same words for every value: its name, what it was, what it must be. */
    static BadRowException of(String column, String value, String allowed) {
        return new BadRowException(column + " = " + Quoted.of(value) + ": must be " + allowed);
    }
}
