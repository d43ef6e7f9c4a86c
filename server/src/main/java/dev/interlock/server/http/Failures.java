package dev.interlock.server.http;

import dev.interlock.InvalidSettingsException;
import dev.interlock.TooManyCircuitsException;
import dev.interlock.server.security.ForbiddenException;
import dev.interlock.server.security.TooManyRequestsException;
import dev.interlock.server.security.UnauthorizedException;
import dev.interlock.server.text.Texts;
import dev.interlock.server.workers.BusyException;
import dev.interlock.store.StoreUnavailableException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers calls that cannot be carried out. Safe for use by any thread. */
final class Failures {
    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    private static final CharSequence LINK = HttpHeaders.createOptimized("Link");

    /** The document that has a part on each type of problem. */
    private static final String PAGE = "/docs/errors.html#";

    private static final long MOST_DISCARDED = 1_048_576;
    private static final long PATIENCE_MILLIS = 3_000;

    /** Answers once; what happened after an answer was sent can only be logged. */
    void answer(HttpServerRequest request, Throwable why) {
        Problem problem = problem(request, why);
        HttpServerResponse response = request.response();
        if (response.closed() || response.ended()) {
            return;
        }
        if (response.headWritten()) {
            response.reset(); // a stream that breaks off must not look whole
            return;
        }
        response.setStatusCode(problem.status()).putHeader("Content-Type", Problem.MEDIA_TYPE);
        problem.headers().forEach(response::putHeader);
        response.putHeader(LINK, "<" + BasePath.of(request) + PAGE + problem.type() + ">; rel=\"help\"");
        leaveRest(request);
        Future<Void> sent = response.end(problem.json().toBuffer());
        if (!request.isEnded() && request.version() == HttpVersion.HTTP_2) {
            sent.onComplete(done -> response.reset(0)); // so that nobody goes on sending
        }
    }

    /** Sees to it that an answer arrives although the rest of the body will not be read; of HTTP/2 its sender does. */
    static void leaveRest(HttpServerRequest request) {
        if (request.isEnded() || request.version() == HttpVersion.HTTP_2) {
            return;
        }
        boolean kept = isShort(request);
        if (!kept) { // nobody should take a connection for one to be used again that is about to close
            request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        discardRest(request, kept);
    }

    /** Whether the rest of the body will be discarded whole. */
    private static boolean isShort(HttpServerRequest request) {
        long declared = ContentLength.of(request);
        return declared >= 0 && declared - request.bytesRead() <= MOST_DISCARDED;
    }

    /** So that the caller can read the answer, and may use the connection again; but nobody may send for ever. */
    private static void discardRest(HttpServerRequest request, boolean kept) {
        request.exceptionHandler(gone -> {});
        request.endHandler(end -> {});
        Wire wire = Wire.of(request);
        boolean tooMuchWillCome = !kept && ContentLength.of(request) >= 0;
        if (!tooMuchWillCome || wire == null || !wire.passOver(request, MOST_DISCARDED)) {
            long[] discarded = new long[1];
            request.handler(rest -> {
                discarded[0] += rest.length();
                if (discarded[0] > MOST_DISCARDED) {
                    request.pause(); // to close while more comes would lose the answer that is on its way
                }
            });
            request.resume();
        }
        Context context = Vertx.currentContext();
        if (context != null) {
            context.owner().setTimer(PATIENCE_MILLIS, late -> {
                if (!request.isEnded()) {
                    request.connection().close();
                }
            });
        }
    }

    static Problem problem(HttpServerRequest request, Throwable why) {
        if (why instanceof Problem problem) {
            return problem;
        }
        if (why instanceof UnauthorizedException unauthorized) {
            return Problem.unauthorized(String.valueOf(unauthorized.getMessage()));
        }
        if (why instanceof ForbiddenException forbidden) {
            return Problem.forbidden(String.valueOf(forbidden.getMessage()));
        }
        if (why instanceof TooManyRequestsException often) {
            return Problem.tooMany(String.valueOf(often.getMessage()), often.retryAfterSeconds());
        }
        if (why instanceof BusyException busy) {
            String message = String.valueOf(busy.getMessage());
            return busy.ownFault() ? Problem.tooMany(message, 1) : Problem.unavailable(message, 5);
        }
        if (why instanceof StoreUnavailableException) {
            return Problem.unavailable("The database cannot be reached at the moment; circuits go on without it", 5);
        }
        if (why instanceof InvalidSettingsException settings) {
            return Problem.invalid(
                    settings.problems().stream().map(Texts::sentence).collect(Collectors.joining("; ")));
        }
        if (why instanceof TooManyCircuitsException full) {
            return new Problem(429, "too-many-circuits", "Too many circuits", String.valueOf(full.getMessage()))
                    .header("Retry-After", "60");
        }
        String number = Long.toHexString(ThreadLocalRandom.current().nextLong());
        LOG.atError()
                .addKeyValue("error_id", number)
                .addKeyValue("method", Texts.shown(request.method().name()))
                .setCause(why)
                .log("A call failed by a mistake of the server");
        return new Problem(
                500,
                "internal",
                "Internal error",
                "The server made a mistake, which its log explains under error_id " + number
                        + "; the call may have been carried out or not");
    }
}
