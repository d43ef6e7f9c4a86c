package dev.interlock.server.circuits;

import dev.interlock.server.circuits.KnownCircuits.Known;
import dev.interlock.server.http.Answers;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.workers.Sieve;
import dev.interlock.server.workers.Turns;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.Json;
import java.time.Clock;
import java.time.Instant;

/**
 * Writes a map of circuits of any size: a piece at a time, no faster than the caller reads, and never so long that the
 * event loop's other calls would wait.
 */
final class CircuitStream {
    private static final int PIECE_BYTES = 32_768;

    private final Vertx vertx;
    private final Exchange exchange;
    private final HttpServerResponse response;
    private final Sieve<Known> circuits;
    private final Clock clock;
    private final Answers.Pieces pieces;
    private boolean first = true;

    private CircuitStream(Vertx vertx, Exchange exchange, Sieve<Known> circuits, Clock clock) {
        this.vertx = vertx;
        this.exchange = exchange;
        this.response = exchange.response();
        this.pieces = Answers.pieces(exchange);
        this.circuits = circuits;
        this.clock = clock;
    }

    static void write(Vertx vertx, Exchange exchange, Sieve<Known> circuits, Clock clock) {
        HttpServerResponse response = exchange.response();
        response.putHeader("Content-Type", "application/json");
        if (exchange.isHead()) {
            response.end();
            return;
        }
        response.setChunked(true);
        response.exceptionHandler(gone -> {}); // a caller that goes away is no mistake
        new CircuitStream(vertx, exchange, circuits, clock).inTurn();
    }

    private void inTurn() {
        Turns.add(vertx, exchange.caller().organization(), this::writePieces);
    }

    private void writePieces() {
        if (response.closed()) {
            pieces.drop();
            return;
        }
        if (!exchange.isStillKnown()) {
            pieces.drop();
            response.reset(); // what breaks off must not look whole
            return;
        }
        Buffer piece = Buffer.buffer(PIECE_BYTES + 1_024);
        Instant now = clock.instant();
        circuits.beginPiece();
        Known circuit = circuits.next();
        while (circuit != null) {
            piece.appendString(first ? "{" : ",")
                    .appendBuffer(Json.encodeToBuffer(circuit.name()))
                    .appendString(":")
                    .appendBuffer(CircuitJson.of(circuit, now).toBuffer());
            first = false;
            circuit = piece.length() < PIECE_BYTES ? circuits.next() : null;
        }
        if (circuits.isAtEnd()) {
            response.end(pieces.last(piece.appendString(first ? "{}" : "}")));
            return;
        }
        if (piece.length() > 0) {
            response.write(pieces.next(piece));
        }
        if (response.writeQueueFull()) {
            response.drainHandler(drained -> inTurn());
        } else {
            inTurn();
        }
    }
}
