package dev.interlock.cli.demo;

/** The demo cannot start; the message is one line that says why and what would help. */
public final class DemoException extends RuntimeException {
    private static final long serialVersionUID = 1;

    DemoException(String message, Throwable cause) {
        super(message, cause);
    }
}
