package dev.interlock.replay;

/** Why a replay cannot be done: a sentence for people that names place, value and what is allowed. */
public final class ReplayException extends Exception {
    private static final long serialVersionUID = 1;

    ReplayException(String message) {
        super(message);
    }
}
