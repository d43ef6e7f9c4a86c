package dev.interlock.server;

import dev.interlock.server.text.Secrets;

/** The server cannot start; the message is one line that says why and what would help. */
public final class StartException extends RuntimeException {
    private static final long serialVersionUID = 1;

    StartException(String message, Throwable cause) {
        super(Secrets.hidden(message), cause);
    }

    StartException(String message) {
        super(Secrets.hidden(message));
    }
}
