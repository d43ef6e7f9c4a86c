package dev.interlock.server.security;

import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** The door: who calls, whether not too often, and whether it may. Safe for use by any thread. */
public final class Access {
    private final Authenticator authenticator;
    private final RequestLimits requests;

    Access(Authenticator authenticator, RequestLimits requests) {
        this.authenticator = authenticator;
        this.requests = requests;
    }

    /**
     * Lets a call in or not. The usual case is complete when it returns, out of memory.
     *
     * @param authorizationHeader the call's {@code Authorization} header, or null
     * @param address the peer's address
     * @param needed the role that the call needs
     * @return the caller; fails with {@link UnauthorizedException}, {@link ForbiddenException} or
     *     {@link TooManyRequestsException}
     */
    public Future<Caller> admit(@Nullable String authorizationHeader, String address, Role needed) {
        Future<Caller> known = authenticator.authenticate(authorizationHeader, address);
        return known.succeeded() ? admit(known.result(), needed) : known.compose(caller -> admit(caller, needed));
    }

    /**
     * Lets in a caller who is known already, for example by a ticket.
     *
     * @param caller who calls
     * @param needed the role that the call needs
     * @return the caller; fails with {@link ForbiddenException} or {@link TooManyRequestsException}
     */
    public Future<Caller> admit(Caller caller, Role needed) {
        try {
            requests.take(caller);
        } catch (TooManyRequestsException often) {
            return Future.failedFuture(often);
        }
        if (!caller.role().may(needed)) {
            return Future.failedFuture(new ForbiddenException("This call needs the role " + needed.text()
                    + ", but the caller has the role " + caller.role().text()));
        }
        return Future.succeededFuture(caller);
    }
}
