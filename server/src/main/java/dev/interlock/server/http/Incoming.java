package dev.interlock.server.http;

import dev.interlock.server.workers.Turns;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The body of one call as it arrives: its bytes are counted, after inflation too; what takes an event loop long (gzip,
 * batches, the end of a long body) is done a little at a time, in {@link Turns}; and it is read only while its caller would
 * still be let in. All bodies come this way. On its event loop only.
 */
public final class Incoming {
    /** So much of a body is worked off at once: some tens of microseconds. */
    private static final int AT_ONCE = 2_048;

    /** So much is inflated at once where it is only gathered. */
    private static final int INFLATED_AT_ONCE = 16_384;

    private static final long TICK_MILLIS = 1_000;

    /** Who makes something of a body. What its methods throw is answered as a problem. */
    public interface Reader {
        /** The next piece, inflated and within the limit. */
        void piece(Buffer piece);

        /** The body is whole. */
        void end();

        /** Whether pieces are worked off as they come, and not gathered only: then none is long. */
        default boolean worksOffPieces() {
            return false;
        }

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
    private @Nullable Buffer rest;
    private int restFrom;
    private long length;
    private long timer = -1;
    private long waited;

    /** A piece is being worked off in turns, and no other is read meanwhile. */
    private boolean working;

    private boolean hasTurn;
    private boolean held;
    private boolean cut;
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
        request.exceptionHandler(broken -> cut());
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
            if (working) {
                takeTurn();
            } else {
                request.resume();
            }
        }
    }

    private void arrived(Buffer piece) {
        exchange.mustStillBeKnown();
        if (gunzip != null) {
            gunzip.feed(piece.getBytes());
        } else if (piece.length() <= AT_ONCE || !reader.worksOffPieces()) {
            deliver(piece);
            return;
        } else {
            rest = piece;
            restFrom = 0;
        }
        working = true;
        request.pause();
        takeTurn();
    }

    private void takeTurn() {
        if (!hasTurn) {
            hasTurn = true;
            inTurn(this::turn);
        }
    }

    private void inTurn(Runnable step) {
        Turns.add(loop.owner(), exchange.caller().organization(), () -> guarded(step));
    }

    private void turn() {
        hasTurn = false;
        if (held) {
            return;
        }
        exchange.mustStillBeKnown();
        Buffer next = gunzip != null ? inflate(gunzip) : nextOfRest();
        if (next == null) {
            working = false;
            if (cut) {
                stop();
            } else {
                request.resume();
            }
            return;
        }
        deliver(next);
        if (!held) {
            takeTurn();
        }
    }

    private @Nullable Buffer inflate(Gunzip source) {
        if (inflated.length == 0) {
            inflated = new byte[reader.worksOffPieces() ? AT_ONCE : INFLATED_AT_ONCE];
        }
        int count = source.inflate(inflated);
        return count == 0 ? null : Buffer.buffer(count).appendBytes(inflated, 0, count);
    }

    private @Nullable Buffer nextOfRest() {
        Buffer piece = rest;
        if (piece == null) {
            return null;
        }
        int from = restFrom;
        restFrom = Math.min(from + AT_ONCE, piece.length());
        if (restFrom == piece.length()) {
            rest = null;
        }
        return piece.slice(from, restFrom);
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
        if (length <= AT_ONCE) {
            end();
        } else {
            inTurn(this::end);
        }
    }

    private void end() {
        exchange.mustStillBeKnown();
        free();
        reader.end();
    }

    private void tick() {
        waited += held || working ? 0 : 1;
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

    /** The connection is gone; what has arrived is worked off. */
    private void cut() {
        cut = true;
        if (!working) {
            stop();
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
        rest = null;
    }
}
