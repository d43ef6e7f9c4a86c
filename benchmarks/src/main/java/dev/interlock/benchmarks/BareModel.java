package dev.interlock.benchmarks;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/**
 * A provider for {@link ProxyLoad}, which answers a question at once with some 600 bytes, or with as many events as the
 * header {@code x-pieces} says, {@code x-every} milliseconds apart. Prints its port, and ends with its parent.
 */
final class BareModel {
    /** One event of a stream. */
    static final String PIECE = "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"model\":\"m\","
            + "\"choices\":[{\"index\":0,\"delta\":{\"content\":\" some words\"},\"finish_reason\":null}]}\n\n";

    static final String DONE = "data: [DONE]\n\n";

    private static final Buffer WHOLE =
            Buffer.buffer("{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"model\":\"m\","
                    + "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\""
                    + "some words ".repeat(40)
                    + "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":80}}");

    private BareModel() {}

    public static void main(String[] arguments) throws Exception {
        Vertx vertx = PeerProgram.vertx();
        PeerProgram.serve(vertx, request -> request.body().onSuccess(body -> answer(vertx, request)));
    }

    private static void answer(Vertx vertx, HttpServerRequest request) {
        HttpServerResponse response = request.response();
        String pieces = request.getHeader("x-pieces");
        if (pieces == null) {
            response.putHeader("Content-Type", "application/json").end(WHOLE);
            return;
        }
        response.putHeader("Content-Type", "text/event-stream").setChunked(true);
        long every = Long.parseLong(request.getHeader("x-every"));
        next(vertx, response, Integer.parseInt(pieces), every);
    }

    private static void next(Vertx vertx, HttpServerResponse response, int left, long every) {
        if (response.closed()) {
            return;
        }
        if (left == 0) {
            response.end(DONE);
        } else if (every == 0) {
            response.write(PIECE).onSuccess(written -> next(vertx, response, left - 1, 0));
        } else {
            response.write(PIECE);
            vertx.setTimer(every, now -> next(vertx, response, left - 1, every));
        }
    }
}
