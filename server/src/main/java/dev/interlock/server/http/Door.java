package dev.interlock.server.http;

import dev.interlock.server.security.Caller;
import dev.interlock.server.security.Role;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** Lets calls in or not; what {@link dev.interlock.server.security.Access} does. */
@FunctionalInterface
public interface Door {
    /**
     * Tells who calls, if the caller may.
     *
     * @param authorizationHeader the call's header, or null
     * @param address the peer's address
     * @param needed the role that the call needs
     * @return the caller; fails with what becomes of the call
     */
    Future<Caller> admit(@Nullable String authorizationHeader, String address, Role needed);
}
