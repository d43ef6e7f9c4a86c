package dev.interlock.server.stream;

import dev.interlock.server.circuits.CircuitJson;
import dev.interlock.server.http.Endpoints;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.http.Operations;
import dev.interlock.server.http.Problem;
import dev.interlock.server.security.Caller;
import dev.interlock.server.security.Ticket;
import dev.interlock.server.security.UnauthorizedException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The WebSocket of the API, and the tickets for it. A client is known by its {@code Authorization} header, by a ticket,
 * or, as browsers can do it, by the sub-protocols {@code interlock.v1, bearer.<key>}.
 */
public final class StreamEndpoints implements Endpoints {
    static final String PROTOCOL = "interlock.v1";
    static final short GOING_AWAY = 1001;
    static final short TRY_AGAIN_LATER = 1013;
    static final short NOT_ALLOWED_ANY_MORE = 4401;

    private static final String BEARER_PROTOCOL = "bearer.";
    private static final int FRAME = 65_536;
    private static final int CLOSING_SECONDS = 2;
    private static final long TICK_MILLIS = 1_000;

    private final Vertx vertx;
    private final StreamHub hub;
    private final StreamAccess access;
    private final Set<StreamSocket> sockets = ConcurrentHashMap.newKeySet();
    private final long timer;
    private volatile boolean closing;

    /**
     * Endpoints whose sockets hear a hub.
     *
     * @param vertx runs them
     * @param hub what they hear
     * @param access who may hear it
     */
    public StreamEndpoints(Vertx vertx, StreamHub hub, StreamAccess access) {
        this.vertx = vertx;
        this.hub = hub;
        this.access = access;
        this.timer = vertx.setPeriodic(TICK_MILLIS, now -> tick());
    }

    /**
     * What the HTTP server must know of WebSockets.
     *
     * @param options the server's
     * @return the same
     */
    public static HttpServerOptions configure(HttpServerOptions options) {
        return options.setWebSocketSubProtocols(List.of(PROTOCOL))
                .setMaxWebSocketFrameSize(FRAME) // of what we send, too
                .setMaxWebSocketMessageSize(FrameGate.LONGEST_MESSAGE)
                .setPerMessageWebSocketCompressionSupported(false) // it would be inflated before any limit is looked at
                .setPerFrameWebSocketCompressionSupported(false)
                .setWebSocketClosingTimeout(CLOSING_SECONDS);
    }

    @Override
    public void mount(Operations operations) {
        operations.on("createStreamTicket", this::ticket).on("openStream", this::open);
    }

    @Override
    public void closing() {
        closing = true;
        vertx.cancelTimer(timer);
        sockets.forEach(socket -> socket.close(GOING_AWAY, "the server is shutting down; connect again"));
    }

    private void ticket(Exchange exchange) {
        Ticket ticket = access.ticket(exchange.caller());
        exchange.answer(new JsonObject()
                .put("ticket", ticket.ticket())
                .put("expires_at", CircuitJson.text(ticket.expiresAt())));
    }

    private void open(Exchange exchange) {
        HttpServerRequest request = exchange.request();
        if (!isHandshake(request)) {
            exchange.fail(new Problem(
                            426,
                            "upgrade-required",
                            "Upgrade required",
                            "This is a WebSocket; connect with a client for those")
                    .header("Upgrade", "websocket")
                    .header("Connection", "Upgrade"));
            return;
        }
        request.pause();
        admit(exchange).onComplete(admitted -> {
            request.resume();
            if (admitted.succeeded()) {
                exchange.admitted(admitted.result());
            }
            if (admitted.failed()) {
                exchange.fail(admitted.cause());
            } else if (closing) {
                exchange.fail(Problem.unavailable("The server is shutting down; connect again", 1));
            } else if (!hub.hasRoom(admitted.result().organization())) {
                exchange.fail(Problem.tooMany(
                        "The organization has " + StreamHub.MOST_CLIENTS
                                + " streams open, which is the most; close one",
                        1));
            } else {
                Caller caller = admitted.result();
                request.toWebSocket().onSuccess(socket -> attach(socket, caller));
            }
        });
    }

    private Future<Caller> admit(Exchange exchange) {
        HttpServerRequest request = exchange.request();
        String address = access.address(request);
        String header = request.getHeader("Authorization");
        if (header != null) {
            return access.byHeader(header, address);
        }
        String ticket = exchange.query("ticket");
        if (ticket != null) {
            return access.byTicket(ticket);
        }
        String key = keyAmongProtocols(request.headers().getAll("Sec-WebSocket-Protocol"));
        return key == null
                ? Future.failedFuture(new UnauthorizedException(
                        "A stream needs the header 'Authorization: Bearer …', a parameter 'ticket' from POST"
                                + " /api/v1/stream/tickets, or the sub-protocols '" + PROTOCOL + ", " + BEARER_PROTOCOL
                                + "<key>'"))
                : access.byHeader("Bearer " + key, address);
    }

    private void attach(ServerWebSocket webSocket, Caller caller) {
        StreamSocket[] self = new StreamSocket[1];
        StreamSocket socket = StreamSocket.open(webSocket, vertx.getOrCreateContext(), caller, hub, () -> {
            if (self[0] != null) {
                sockets.remove(self[0]);
            }
        });
        if (socket == null) {
            webSocket.close(TRY_AGAIN_LATER, "the organization has too many streams open");
            return;
        }
        self[0] = socket;
        sockets.add(socket);
        if (closing) {
            socket.close(GOING_AWAY, "the server is shutting down; connect again");
        }
    }

    private void tick() {
        for (StreamSocket socket : sockets) {
            if (access.isValid(socket.caller())) {
                socket.tick();
            } else {
                socket.close(NOT_ALLOWED_ANY_MORE, "the key was removed, or the token has ended");
            }
        }
    }

    private static boolean isHandshake(HttpServerRequest request) {
        return request.canUpgradeToWebSocket()
                && "websocket".equalsIgnoreCase(request.getHeader("Upgrade"))
                && request.getHeader("Sec-WebSocket-Key") != null;
    }

    private static @Nullable String keyAmongProtocols(List<String> headers) {
        for (String header : headers) {
            for (String protocol : header.split(",", -1)) {
                String name = protocol.strip();
                if (name.startsWith(BEARER_PROTOCOL)) {
                    return name.substring(BEARER_PROTOCOL.length());
                }
            }
        }
        return null;
    }
}
