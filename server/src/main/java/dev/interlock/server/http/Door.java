package dev.interlock.server.http;

import dev.interlock.server.security.Caller;
import dev.interlock.server.security.Role;
import dev.interlock.server.security.Security;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** Lets calls in or not. */
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

    /**
     * Whether a caller who was let in earlier still would be. Reads memory only.
     *
     * @param caller who was let in
     * @return false once its key was removed or its token has ended
     */
    boolean isStillKnown(Caller caller);

    /**
     * The server's own.
     *
     * @param security knows callers
     * @return a door
     */
    static Door of(Security security) {
        return new Door() {
            @Override
            public Future<Caller> admit(@Nullable String authorizationHeader, String address, Role needed) {
                return security.access().admit(authorizationHeader, address, needed);
            }

            @Override
            public boolean isStillKnown(Caller caller) {
                return security.authenticator().isValid(caller);
            }
        };
    }
}
