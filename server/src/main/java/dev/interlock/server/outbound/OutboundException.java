package dev.interlock.server.outbound;

/** A request brought no answer. The message says why in a few words, and names neither addresses nor secrets. */
public final class OutboundException extends RuntimeException {
    private static final long serialVersionUID = 1;

    OutboundException(String why) {
        super(why, null, false, false);
    }
}
