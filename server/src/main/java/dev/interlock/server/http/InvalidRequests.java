package dev.interlock.server.http;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.http.HttpServerRequest;

/** Answers what is no HTTP request, and closes its connection. */
final class InvalidRequests {
    private InvalidRequests() {}

    static void answer(HttpServerRequest request) {
        Problem problem = problem(request.decoderResult().cause());
        request.response()
                .setStatusCode(problem.status())
                .putHeader("Content-Type", Problem.MEDIA_TYPE)
                .putHeader("Connection", "close")
                .end(problem.json().toBuffer())
                .onComplete(sent -> request.connection().close());
    }

    private static Problem problem(Throwable why) {
        if (why instanceof TooLongHttpLineException) {
            return new Problem(414, "uri-too-long", "URI too long", "The request line may have at most 8192 bytes");
        }
        if (why instanceof TooLongHttpHeaderException) {
            return new Problem(
                    431, "headers-too-large", "Headers too large", "The headers may have at most 16384 bytes");
        }
        if (why instanceof AmbiguousRequestException ambiguous) {
            return Problem.invalid(String.valueOf(ambiguous.getMessage()));
        }
        return Problem.invalid("This is no HTTP request: its request line or headers cannot be read");
    }
}
