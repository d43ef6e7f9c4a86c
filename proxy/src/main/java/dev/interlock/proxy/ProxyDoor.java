package dev.interlock.proxy;

import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/** Lets calls in or not. Used by several event loops. */
public interface ProxyDoor {
    /**
     * Finds who calls.
     *
     * @param request the call; only its peer is looked at
     * @param credential a key of Interlock or a token; null if there was none
     * @return the caller; fails with a {@link ProxyProblem}
     */
    Future<ProxyCaller> admit(HttpServerRequest request, @Nullable String credential);

    /**
     * An answer is about to be sent, and the rest of the body will not be read: sees to it that the answer arrives.
     *
     * @param request whose body has not arrived whole
     */
    void leaveRest(HttpServerRequest request);
}
