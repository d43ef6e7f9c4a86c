package dev.interlock.server.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import io.netty.util.AttributeKey;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.impl.Http1xServerConnection;
import io.vertx.core.http.impl.HttpServerConnection;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection, below its requests: how far the one that is arriving has come, and what becomes of it if it cannot be
 * read or comes too slowly. On its event loop, except for {@link #close}.
 */
final class Wire implements StrictDecoder.Listener {
    private static final AttributeKey<Wire> KEY = AttributeKey.valueOf(Wire.class, "wire");

    /** For how long a client may read why its connection ends. */
    private static final long LINGER_MILLIS = 200;

    private final Channel channel;
    private final String address;
    private final Pace pace;
    private final Connections connections;
    private final @Nullable StrictDecoder decoder;
    private long heads;
    private long handled;
    private @Nullable HttpServerRequest current;
    private @Nullable Problem broken;
    private long waited;
    private long waitedFor;
    private boolean known;

    private Wire(HttpConnection connection, HttpServerOptions options, Pace pace, Connections connections) {
        this.channel = channel(connection);
        this.address = String.valueOf(connection.remoteAddress().hostAddress());
        this.pace = pace;
        this.connections = connections;
        this.decoder = connection instanceof Http1xServerConnection ? new StrictDecoder(options, this) : null;
    }

    /**
     * Takes a connection on which nothing has been read yet. Of each the loop reads one piece before it looks at the next:
     * a large body is no reason for others to wait.
     */
    @SuppressWarnings("deprecation") // what is in its place cannot be said for one connection
    static Wire attach(HttpConnection connection, HttpServerOptions options, Pace pace, Connections connections) {
        Wire wire = new Wire(connection, options, pace, connections);
        wire.channel.attr(KEY).set(wire);
        wire.channel.config().setOption(ChannelOption.MAX_MESSAGES_PER_READ, 1);
        if (wire.decoder != null) {
            wire.channel.pipeline().replace("httpDecoder", "httpDecoder", wire.decoder);
        }
        return wire;
    }

    /** The wire of a request's connection. */
    static @Nullable Wire of(HttpServerRequest request) {
        return request.connection() instanceof HttpServerConnection connection
                ? channel(connection).attr(KEY).get()
                : null;
    }

    private static Channel channel(HttpConnection connection) {
        return ((HttpServerConnection) connection).channelHandlerContext().channel();
    }

    String address() {
        return address;
    }

    /** Calls once, when the connection is gone, whatever it has become. */
    void onClose(Runnable then) {
        channel.closeFuture().addListener(gone -> then.run());
    }

    /** Ends the connection. Any thread may. */
    void close() {
        channel.close();
    }

    /** A caller has proved who it is. */
    void becomesKnown() {
        if (!known) {
            known = true;
            connections.known(this);
        }
    }

    Pace pace() {
        return pace;
    }

    /** A request is about to be answered; false if it has been refused here. */
    boolean begins(HttpServerRequest request) {
        handled++;
        if (decoder == null) {
            return true;
        }
        current = request;
        Problem problem = broken;
        if (problem != null && handled == heads) {
            refuse(request, problem);
            return false;
        }
        return true;
    }

    /**
     * Ignores the rest of the body that is arriving, which nobody looks at, and after this many bytes reads no more: to
     * close while more comes would reset the connection, and the answer on its way would be lost.
     *
     * @return false if that cannot be done here: the body is not this one's, or is there
     */
    boolean passOver(HttpServerRequest request, long most) {
        StrictDecoder reading = decoder;
        if (reading == null || request != current || handled != heads || reading.at() != StrictDecoder.At.BODY) {
            return false;
        }
        reading.discardRest(most, () -> channel.config().setAutoRead(false));
        channel.config().setAutoRead(true);
        return true;
    }

    @Override
    public void head() {
        heads++;
    }

    @Override
    public void brokenBody() {
        breakOff(Problem.invalid("The body cannot be read: a chunk has no size or no end, or its extensions or trailers"
                + " are too long"));
    }

    /** The request that is arriving gets an answer as soon as it is its turn. */
    private void breakOff(Problem problem) {
        broken = problem;
        HttpServerRequest request = current;
        if (request != null && handled == heads) {
            refuse(request, problem);
        }
    }

    private void refuse(HttpServerRequest request, Problem problem) {
        HttpServerResponse response = request.response();
        if (response.headWritten() || response.ended() || response.closed()) {
            linger();
            return;
        }
        response.setStatusCode(problem.status())
                .putHeader("Content-Type", Problem.MEDIA_TYPE)
                .putHeader("Connection", "close")
                .end(problem.json().toBuffer())
                .onComplete(sent -> linger());
    }

    /** Goes on reading for a moment, so that what was said is not lost by a reset. */
    private void linger() {
        channel.eventLoop().schedule(this::close, LINGER_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** A second has passed. */
    void tick() {
        StrictDecoder reading = decoder;
        if (reading == null) { // of HTTP/2: its streams see to their bodies themselves
            if (handled == 0 && pace.isLate(++waited, 0)) {
                close();
            }
            return;
        }
        if (reading.at() == StrictDecoder.At.BROKEN) {
            return;
        }
        StrictDecoder.At at = reading.at();
        if (at == StrictDecoder.At.BETWEEN && reading.begun() > 0) {
            return; // the limit of idle connections is another
        }
        if (waitedFor != reading.begun()) {
            waitedFor = reading.begun();
            waited = 0;
        }
        if (channel.config().isAutoRead()) { // what we do not read cannot be late
            waited++;
        }
        if (pace.isLate(waited, reading.bodyBytes())) {
            late(reading, at);
        }
    }

    private void late(StrictDecoder reading, StrictDecoder.At at) {
        reading.discardRest();
        if (at == StrictDecoder.At.BODY) {
            breakOff(pace.late());
            return;
        }
        HttpServerRequest before = current;
        boolean free = before == null || handled == heads && before.response().ended();
        if (at == StrictDecoder.At.HEAD && free) {
            String json = pace.late().json().encode();
            channel.pipeline()
                    .context("httpDecoder")
                    .writeAndFlush(Unpooled.copiedBuffer(
                            "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nX-Content-Type-Options: nosniff\r\n"
                                    + "Content-Type: " + Problem.MEDIA_TYPE + "\r\nContent-Length: "
                                    + json.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + json,
                            StandardCharsets.UTF_8))
                    .addListener(ChannelFutureListener.CLOSE);
        } else {
            close();
        }
    }
}
