package dev.interlock.server;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketBase;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A reverse proxy that shows a server below a path of its own host, or at its root. */
public final class ReverseProxy implements AutoCloseable {
    private static final Set<String> HOP_BY_HOP =
            Set.of("connection", "keep-alive", "transfer-encoding", "upgrade", "te", "host", "x-forwarded-for");

    /** What becomes of the path on its way to the server. */
    public enum Path {
        /** It arrives as it is, as by {@code proxy_pass http://server;} of nginx. */
        KEPT,
        /** The proxy takes it off and says so by {@code X-Forwarded-Prefix}, as Traefik does. */
        TAKEN_OFF,
        /** The proxy takes it off and says nothing of it, as by {@code proxy_pass http://server/;} of nginx. */
        TAKEN_OFF_SILENTLY
    }

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = vertx.createHttpClient();
    private final WebSocketClient sockets = vertx.createWebSocketClient();
    private final HttpServer front;
    private final int server;
    private final String prefix;
    private final Path path;
    private volatile String from = "192.0.2.1";
    private volatile Predicate<String> refused = uri -> false;
    private volatile int refusal;

    /**
     * Starts one on a free port.
     *
     * @param server the port of the server
     * @param prefix where it is shown, such as {@code /interlock}; empty for the root
     * @param path what becomes of it
     */
    public ReverseProxy(int server, String prefix, Path path) {
        this.server = server;
        this.prefix = prefix;
        this.path = path;
        front = vertx.createHttpServer().requestHandler(this::pass);
        await(front.listen(0, "127.0.0.1"));
    }

    /** The address of a path of the server, as people behind the proxy write it. */
    public URI address(String place) {
        return URI.create("http://127.0.0.1:" + front.actualPort() + prefix + place);
    }

    /** Says from now on that requests come from this address. */
    public ReverseProxy from(String address) {
        from = address;
        return this;
    }

    /** Answers some requests itself from now on, in place of those that it answered so before. */
    public ReverseProxy refuse(int status, Predicate<String> paths) {
        refusal = status;
        refused = paths;
        return this;
    }

    /** Passes on everything from now on. */
    public ReverseProxy refuseNothing() {
        return refuse(0, path -> false);
    }

    private void pass(HttpServerRequest request) {
        if (refused.test(request.path())) {
            request.response().setStatusCode(refusal).end("Not by this proxy");
            return;
        }
        if (!request.path().startsWith(prefix)) {
            request.response().setStatusCode(404).end("Nothing of Interlock is here");
            return;
        }
        String uri = path == Path.KEPT ? request.uri() : request.uri().substring(prefix.length());
        if ("websocket".equalsIgnoreCase(request.getHeader("Upgrade"))) {
            passSocket(request, uri);
            return;
        }
        request.pause();
        client.request(new RequestOptions()
                        .setHost("127.0.0.1")
                        .setPort(server)
                        .setMethod(request.method())
                        .setURI(uri))
                .compose(onward -> send(request, onward))
                .onFailure(failed -> request.response().setStatusCode(502).end(String.valueOf(failed.getMessage())));
    }

    private Future<Void> send(HttpServerRequest request, HttpClientRequest onward) {
        copy(request.headers(), onward.headers());
        onward.putHeader("X-Forwarded-For", from);
        if (path == Path.TAKEN_OFF) {
            onward.putHeader("X-Forwarded-Prefix", prefix);
        }
        Future<Void> answered = onward.response().compose(answer -> {
            request.response().setStatusCode(answer.statusCode());
            copy(answer.headers(), request.response().headers());
            if (answer.getHeader("Content-Length") == null) {
                request.response().setChunked(true);
            }
            return answer.pipeTo(request.response());
        });
        if (request.getHeader("Content-Length") != null) {
            onward.putHeader("Content-Length", request.getHeader("Content-Length"));
        } else if (request.getHeader("Transfer-Encoding") != null) {
            onward.setChunked(true);
        }
        request.pipeTo(onward);
        return answered;
    }

    private static void copy(MultiMap from, MultiMap to) {
        from.forEach((name, value) -> {
            if (!HOP_BY_HOP.contains(name.toLowerCase(java.util.Locale.ROOT))) {
                to.add(name, value);
            }
        });
    }

    private void passSocket(HttpServerRequest request, String uri) {
        WebSocketConnectOptions onward = new WebSocketConnectOptions()
                .setHost("127.0.0.1")
                .setPort(server)
                .setURI(uri);
        if (request.getHeader("Authorization") != null) {
            onward.addHeader("Authorization", request.getHeader("Authorization"));
        }
        String protocols = request.getHeader("Sec-WebSocket-Protocol");
        if (protocols != null) {
            onward.setSubProtocols(List.of(protocols.split(", *")));
        }
        request.pause();
        sockets.connect(onward)
                .onSuccess(behind -> {
                    behind.pause();
                    request.toWebSocket().onSuccess(before -> join(before, behind));
                })
                .onFailure(refused -> request.response().setStatusCode(502).end());
    }

    private static void join(ServerWebSocket before, WebSocket behind) {
        oneWay(before, behind);
        oneWay(behind, before);
        behind.resume();
    }

    private static void oneWay(WebSocketBase from, WebSocketBase to) {
        from.textMessageHandler(to::writeTextMessage);
        from.closeHandler(closed -> to.close());
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.await(30, TimeUnit.SECONDS);
        } catch (java.util.concurrent.TimeoutException late) {
            throw new IllegalStateException(late);
        }
    }

    @Override
    public void close() {
        await(vertx.close());
    }
}
