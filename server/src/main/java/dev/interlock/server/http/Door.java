package dev.interlock.server.http;

import dev.interlock.server.security.Caller;
import dev.interlock.server.security.Role;
import dev.interlock.server.security.Security;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;

/** Lets calls in or not. */
public interface Door {
    /**
     * Finds who calls, if the caller may.
     *
     * @param request the call; only head and peer are looked at
     * @param needed the role that the call needs
     * @return the caller; fails with what becomes of the call
     */
    Future<Caller> admit(HttpServerRequest request, Role needed);

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
            public Future<Caller> admit(HttpServerRequest request, Role needed) {
                return security.admit(request, needed);
            }

            @Override
            public boolean isStillKnown(Caller caller) {
                return security.authenticator().isValid(caller);
            }
        };
    }
}
