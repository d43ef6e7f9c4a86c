package dev.interlock.server.agents;

import dev.interlock.monitor.Agent;
import dev.interlock.server.http.Answers;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.workers.Sieve;
import dev.interlock.server.workers.Turns;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;

/**
 * Writes a list of agents of any length: a piece at a time, no faster than the caller reads, and never so long that the
 * event loop's other calls would wait.
 */
final class AgentStream {
    private static final int PIECE_BYTES = 32_768;
    private static final String HEAD = "{\"agents\":[";

    private final Vertx vertx;
    private final Exchange exchange;
    private final HttpServerResponse response;
    private final Sieve<Agent> agents;
    private final AgentJson json;
    private final Answers.Pieces pieces;
    private boolean first = true;

    private AgentStream(Vertx vertx, Exchange exchange, Sieve<Agent> agents, AgentJson json) {
        this.vertx = vertx;
        this.exchange = exchange;
        this.response = exchange.response();
        this.pieces = Answers.pieces(exchange);
        this.agents = agents;
        this.json = json;
    }

    static void write(Vertx vertx, Exchange exchange, Sieve<Agent> agents, AgentJson json) {
        HttpServerResponse response = exchange.response();
        response.putHeader("Content-Type", "application/json");
        if (exchange.isHead()) {
            response.end();
            return;
        }
        response.setChunked(true);
        response.exceptionHandler(gone -> {}); // a caller that goes away is no mistake
        new AgentStream(vertx, exchange, agents, json).inTurn();
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
        agents.beginPiece();
        Agent agent = agents.next();
        while (agent != null) {
            piece.appendString(first ? HEAD : ",").appendBuffer(json.of(agent).toBuffer());
            first = false;
            agent = piece.length() < PIECE_BYTES ? agents.next() : null;
        }
        if (agents.isAtEnd()) {
            response.end(pieces.last(piece.appendString(first ? HEAD + "]}" : "]}")));
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
