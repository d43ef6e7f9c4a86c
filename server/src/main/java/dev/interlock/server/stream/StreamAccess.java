package dev.interlock.server.stream;

import dev.interlock.server.security.Caller;
import dev.interlock.server.security.Role;
import dev.interlock.server.security.Security;
import dev.interlock.server.security.Ticket;
import dev.interlock.server.security.UnauthorizedException;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;

/** Who may hear the stream. Called by any thread; must not block. */
public interface StreamAccess {
    /**
     * Lets a client in by its {@code Authorization} header, or not.
     *
     * @param header the header
     * @param address where the client is
     * @return the caller, of role viewer or above; else a failure that says why
     */
    Future<Caller> byHeader(String header, String address);

    /**
     * Where a client is.
     *
     * @param request its request
     * @return its address, whose failures are counted together
     */
    default String address(HttpServerRequest request) {
        return String.valueOf(request.remoteAddress().hostAddress());
    }

    /**
     * Lets a client in by a ticket, which then is used up, or not.
     *
     * @param ticket the ticket's text
     * @return the caller, of role viewer or above; else a failure that says why
     */
    Future<Caller> byTicket(String ticket);

    /**
     * Makes a ticket.
     *
     * @param caller for whom
     * @return the ticket
     */
    Ticket ticket(Caller caller);

    /**
     * Whether a caller who was let in earlier still would be.
     *
     * @param caller who was let in
     * @return false once its key was removed or its token has ended
     */
    boolean isValid(Caller caller);

    /**
     * The server's own.
     *
     * @param security knows callers and tickets
     * @return access for viewers
     */
    static StreamAccess of(Security security) {
        return new StreamAccess() {
            @Override
            public Future<Caller> byHeader(String header, String address) {
                return security.access().admit(header, address, Role.VIEWER);
            }

            @Override
            public String address(HttpServerRequest request) {
                return security.proxies().client(request);
            }

            @Override
            public Future<Caller> byTicket(String ticket) {
                Caller caller = security.tickets().redeem(ticket);
                return caller == null
                        ? Future.failedFuture(new UnauthorizedException(
                                "The ticket is unknown here, was used, or is older than 30 s; get another by POST"
                                        + " /api/v1/stream/tickets"))
                        : security.access().admit(caller, Role.VIEWER);
            }

            @Override
            public Ticket ticket(Caller caller) {
                return security.tickets().issue(caller);
            }

            @Override
            public boolean isValid(Caller caller) {
                return security.authenticator().isValid(caller);
            }
        };
    }
}
