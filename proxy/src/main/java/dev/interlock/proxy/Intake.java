package dev.interlock.proxy;

import dev.interlock.monitor.Shares;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Takes in the body of one request: within the limits, looked through as it comes. On its event loop only. */
final class Intake {
    private final HttpServerRequest request;
    private final Shares room;
    private final String organization;
    private final @Nullable JsonFields fields;
    private final BooleanSupplier isStillKnown;
    private Buffer body = Buffer.buffer(0);
    private boolean isCopied;
    private long held;
    private boolean over;

    /**
     * An intake that has not begun.
     *
     * @param room bytes that may be held, shared among organizations
     * @param organization whose bytes these are
     * @param fields finds what is asked for, or null if nobody looks
     * @param isStillKnown whether the caller would still be let in
     */
    Intake(
            HttpServerRequest request,
            Shares room,
            String organization,
            @Nullable JsonFields fields,
            BooleanSupplier isStillKnown) {
        this.request = request;
        this.room = room;
        this.organization = organization;
        this.fields = fields;
        this.isStillKnown = isStillKnown;
    }

    /**
     * Begins to read.
     *
     * @param whole given the body, once
     * @param failed given why it was not taken, once
     * @param gone the caller has given up, and no answer would arrive
     */
    void start(Consumer<Buffer> whole, Consumer<ProxyProblem> failed, Runnable gone) {
        long declared = declared();
        if (declared > ProxySettings.LONGEST_BODY) {
            over = true;
            failed.accept(tooLong());
            return;
        }
        request.handler(piece -> {
            if (!over) {
                try {
                    take(piece);
                } catch (ProxyProblem bad) {
                    stop();
                    failed.accept(bad);
                }
            }
        });
        request.exceptionHandler(cut -> {
            if (!over) {
                stop();
                gone.run();
            }
        });
        request.endHandler(end -> {
            if (!over) {
                over = true;
                try {
                    if (fields != null) {
                        fields.end();
                    }
                } catch (ProxyProblem bad) {
                    release();
                    failed.accept(bad);
                    return;
                }
                whole.accept(body);
            }
        });
        request.resume();
    }

    /** The body is needed no more. */
    void release() {
        over = true;
        body = Buffer.buffer(0);
        room.give(organization, held);
        held = 0;
    }

    private void take(Buffer piece) {
        if (body.length() + (long) piece.length() > ProxySettings.LONGEST_BODY) {
            throw tooLong();
        }
        if (!isStillKnown.getAsBoolean()) {
            throw new ProxyProblem(
                    401, "invalid_api_key", "The key was removed, or the token has ended, while the request arrived");
        }
        if (!room.take(organization, piece.length())) {
            throw new ProxyProblem(
                    429,
                    "too_much_under_way",
                    "The requests under way of this organization are too large together; retry in a moment",
                    1);
        }
        held += piece.length();
        if (fields != null) {
            fields.feed(piece.getBytes());
        }
        if (body.length() == 0) {
            body = piece; // as most come, in one
            return;
        }
        if (!isCopied) {
            isCopied = true;
            body = Buffer.buffer(2 * (int) held).appendBuffer(body);
        }
        body.appendBuffer(piece);
    }

    private void stop() {
        release();
    }

    private long declared() {
        String declared = request.getHeader("content-length");
        try {
            return declared == null ? 0 : Long.parseLong(declared.strip());
        } catch (NumberFormatException none) {
            return 0;
        }
    }

    private static ProxyProblem tooLong() {
        return new ProxyProblem(
                413,
                "request_too_large",
                "The body is longer than " + ProxySettings.LONGEST_BODY / (1024 * 1024) + " MiB, which is the most");
    }
}
