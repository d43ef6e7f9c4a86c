package dev.interlock.server.http;

/** The HTTP calls of one feature: says who answers which operation of the contract. */
@FunctionalInterface
public interface Endpoints {
    /**
     * Names a handler for each operation of this feature.
     *
     * @param operations the operations of {@code openapi.yaml}
     */
    void mount(Operations operations);

    /**
     * The server is about to stop: connections that would live on are to be ended now, telling why. Called once, by any
     * thread; must not wait.
     */
    default void closing() {}
}
