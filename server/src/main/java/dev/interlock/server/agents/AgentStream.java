package dev.interlock.server.agents;

import dev.interlock.server.http.Exchange;
import dev.interlock.server.workers.Turns;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.util.Iterator;

/**
 * Writes a list of agents of any length: a piece at a time, no faster than the caller reads, and never so long that the
 * event loop's other calls would wait.
 */
final class AgentStream {
    private static final int PIECE_BYTES = 32_768;

    private final Vertx vertx;
    private final Exchange exchange;
    private final HttpServerResponse response;
    private final Iterator<JsonObject> agents;
    private boolean first = true;

    private AgentStream(Vertx vertx, Exchange exchange, Iterator<JsonObject> agents) {
        this.vertx = vertx;
        this.exchange = exchange;
        this.response = exchange.response();
        this.agents = agents;
    }

    static void write(Vertx vertx, Exchange exchange, Iterator<JsonObject> agents) {
        HttpServerResponse response = exchange.response();
        response.putHeader("Content-Type", "application/json");
        if (exchange.isHead()) {
            response.end();
            return;
        }
        response.setChunked(true);
        response.exceptionHandler(gone -> {}); // a caller that goes away is no mistake
        new AgentStream(vertx, exchange, agents).inTurn();
    }

    private void inTurn() {
        Turns.add(vertx, exchange.caller().organization(), this::writePieces);
    }

    private void writePieces() {
        if (response.closed()) {
            return;
        }
        if (!exchange.isStillKnown()) {
            response.reset(); // what breaks off must not look whole
            return;
        }
        Buffer piece = Buffer.buffer(PIECE_BYTES + 1_024);
        if (first) {
            piece.appendString("{\"agents\":[");
        }
        while (agents.hasNext() && piece.length() < PIECE_BYTES) {
            if (!first) {
                piece.appendString(",");
            }
            piece.appendBuffer(agents.next().toBuffer());
            first = false;
        }
        if (!agents.hasNext()) {
            response.end(piece.appendString("]}"));
            return;
        }
        response.write(piece);
        if (response.writeQueueFull()) {
            response.drainHandler(drained -> inTurn());
        } else {
            inTurn();
        }
    }
}
