package dev.interlock.server.http;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The body of one call as it arrives: its bytes are counted, after inflation too; gzip is inflated a piece an event
 * loop's turn; and it is read only while its caller would still be let in. All bodies come this way. On its event loop
 * only.
 */
public final class Incoming {
    private static final int TURN_BYTES = 65_536;
    private static final long TICK_MILLIS = 1_000;

    /** Who makes something of a body. What its methods throw is answered as a problem. */
    public interface Reader {
        /** The next piece, inflated and within the limit. */
        void piece(Buffer piece);

        /** The body is whole. */
        void end();

        /** Nothing more will come, and the call has been answered or its caller is gone. Not called after {@link #end}. */
        default void gone() {}
    }

    private final Exchange exchange;
    private final HttpServerRequest request;
    private final Body body;
    private final Reader reader;
    private final @Nullable Gunzip gunzip;
    private final Context loop = Objects.requireNonNull(Vertx.currentContext());
    private byte[] inflated = {};
    private long length;
    private long timer = -1;
    private long waited;
    private boolean inflating;
    private boolean held;
    private boolean over;

    Incoming(Exchange exchange, Body body, Reader reader) {
        this.exchange = exchange;
        this.request = exchange.request();
        this.body = body;
        this.reader = reader;
        this.gunzip = body.isGzip(request) ? new Gunzip() : null;
    }

    Incoming start() {
        request.handler(piece -> guarded(() -> arrived(piece)));
        request.exceptionHandler(broken -> stop());
        request.endHandler(end -> guarded(this::ended));
        if (request.version() == HttpVersion.HTTP_2) { // the wire sees to HTTP/1
            timer = loop.owner().setPeriodic(TICK_MILLIS, now -> guarded(this::tick));
        }
        return this;
    }

    /** Lets no more pieces come for now. */
    public void hold() {
        held = true;
        request.pause();
    }

    /** Lets pieces come once more. */
    public void goOn() {
        if (held) {
            held = false;
            if (inflating) {
                loop.runOnContext(now -> guarded(this::inflate));
            } else {
                request.resume();
            }
        }
    }

    private void arrived(Buffer piece) {
        exchange.mustStillBeKnown();
        if (gunzip == null) {
            deliver(piece);
            return;
        }
        gunzip.feed(piece.getBytes());
        inflating = true;
        request.pause();
        inflate();
    }

    /** One turn: as much as a plain body would bring at once; the rest waits until others had theirs. */
    private void inflate() {
        Gunzip source = Objects.requireNonNull(gunzip);
        if (inflated.length == 0) {
            inflated = new byte[TURN_BYTES];
        }
        for (int turn = 0; turn < TURN_BYTES; ) {
            if (held || over) {
                return;
            }
            int count = source.inflate(inflated);
            if (count == 0) {
                inflating = false;
                request.resume();
                return;
            }
            turn += count;
            deliver(Buffer.buffer(count).appendBytes(inflated, 0, count));
        }
        loop.runOnContext(now -> guarded(this::inflate));
    }

    private void deliver(Buffer piece) {
        length += piece.length();
        if (length > body.maxBytes()) {
            throw body.tooLarge();
        }
        reader.piece(piece);
    }

    private void ended() {
        if (gunzip != null && !gunzip.isWhole()) {
            throw Gunzip.bad("it ends too early");
        }
        exchange.mustStillBeKnown();
        free();
        reader.end();
    }

    private void tick() {
        waited += held || inflating ? 0 : 1;
        Wire wire = Wire.of(request);
        if (wire != null && wire.pace().isLate(waited, request.bytesRead())) {
            throw wire.pace().late();
        }
        exchange.mustStillBeKnown();
    }

    private void guarded(Runnable step) {
        if (over) {
            return;
        }
        try {
            step.run();
        } catch (RuntimeException | StackOverflowError mistake) {
            stop();
            exchange.fail(mistake);
        }
    }

    private void stop() {
        if (!over) {
            free();
            reader.gone();
        }
    }

    private void free() {
        over = true;
        if (timer >= 0) {
            loop.owner().cancelTimer(timer);
        }
        if (gunzip != null) {
            gunzip.close();
        }
        inflated = new byte[0];
    }
}
