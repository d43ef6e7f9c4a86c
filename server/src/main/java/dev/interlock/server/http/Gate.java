package dev.interlock.server.http;

/** Something that may refuse a call before it is carried out, such as a limit. */
@FunctionalInterface
public interface Gate {
    /**
     * Lets a call through by returning. Called on an event loop; must not block.
     *
     * @param exchange the call; its caller is known unless the operation is open to all
     * @throws Problem if the call is refused
     */
    void check(Exchange exchange);

    /** Lets everything through. */
    static Gate open() {
        return exchange -> {};
    }
}
