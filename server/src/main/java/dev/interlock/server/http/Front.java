package dev.interlock.server.http;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What all requests pass first: limits of connections, deadlines of requests, and the headers that every answer has.
 * Safe for use by several event loops.
 */
public final class Front {
    private static final CharSequence NOSNIFF_NAME = HttpHeaders.createOptimized("X-Content-Type-Options");
    private static final CharSequence NOSNIFF = HttpHeaders.createOptimized("nosniff");
    private static final CharSequence HSTS_NAME = HttpHeaders.createOptimized("Strict-Transport-Security");
    private static final CharSequence HSTS = HttpHeaders.createOptimized("max-age=31536000");

    private final HttpServerOptions options;
    private final Pace pace;
    private final Connections connections;
    private final BasePath base;
    private final Handler<HttpServerRequest> next;

    /**
     * A front before handlers.
     *
     * @param options those of the server
     * @param patience how long a request may take to arrive
     * @param mostConnections how many connections one address may have
     * @param mostStrangers how many of them may be without a good credential
     * @param base the path below which a reverse proxy shows the server
     * @param next answers requests
     */
    public Front(
            HttpServerOptions options,
            Duration patience,
            int mostConnections,
            int mostStrangers,
            BasePath base,
            Handler<HttpServerRequest> next) {
        this.options = options;
        this.pace = new Pace(patience);
        this.connections = new Connections(mostConnections, mostStrangers);
        this.base = base;
        this.next = next;
    }

    /** The part of one event loop. */
    public Loop loop() {
        return new Loop();
    }

    /** The connections of one event loop; all its methods are called there. */
    public final class Loop {
        private final Set<Wire> wires = ConcurrentHashMap.newKeySet();

        private Loop() {}

        /** A connection is new, and nothing has been read from it. */
        public void connected(HttpConnection connection) {
            Wire wire = Wire.attach(connection, options, pace, connections);
            if (!connections.add(wire)) {
                wire.close();
                return;
            }
            wires.add(wire);
            wire.onClose(() -> {
                wires.remove(wire);
                connections.remove(wire);
            });
        }

        /** A second has passed. */
        public void tick() {
            wires.forEach(Wire::tick);
        }

        /** Answers a request. */
        public void handle(HttpServerRequest arrived) {
            secure(arrived.response());
            HttpServerRequest request = base.within(arrived);
            Wire wire = Wire.of(request);
            if (wire == null || wire.begins(request)) {
                if (base.isBare(request)) {
                    request.response()
                            .setStatusCode(308)
                            .putHeader("Location", base.withSlash())
                            .end();
                } else {
                    next.handle(request);
                }
            }
        }

        /** Answers what is no request. */
        public void invalid(HttpServerRequest request) {
            secure(request.response());
            InvalidRequests.answer(request);
        }
    }

    private void secure(HttpServerResponse response) {
        response.putHeader(NOSNIFF_NAME, NOSNIFF);
        if (options.isSsl()) {
            response.putHeader(HSTS_NAME, HSTS);
        }
    }
}
