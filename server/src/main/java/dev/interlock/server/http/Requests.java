package dev.interlock.server.http;

import io.vertx.core.http.HttpServerRequest;

/** Hears of every call, for figures and logs. Called on an event loop; must not block. */
@FunctionalInterface
public interface Requests {
    /**
     * A call begins; its end can be heard from its response.
     *
     * @param request the call
     * @param operationId the operation of the contract, or {@code none} if it leads nowhere
     */
    void count(HttpServerRequest request, String operationId);
}
