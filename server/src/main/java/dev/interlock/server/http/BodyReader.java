package dev.interlock.server.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;

/** Reads one body up to the operation's limit, whatever length the caller declared. */
final class BodyReader {
    private final Exchange exchange;
    private final Body body;
    private final Buffer bytes = Buffer.buffer();
    private boolean refused;

    BodyReader(Exchange exchange, Body body) {
        this.exchange = exchange;
        this.body = body;
    }

    /** Refuses what says of itself that it is too long, before it is sent. */
    void checkDeclaredLength() {
        String declared = exchange.request().getHeader("Content-Length");
        if (declared != null && isLonger(declared)) {
            throw tooLarge();
        }
    }

    /** Reads, checks, and goes on if all is well. */
    void read(Runnable next) {
        HttpServerRequest request = exchange.request();
        request.handler(this::add);
        request.exceptionHandler(gone -> refused = true);
        request.endHandler(end -> {
            if (!refused) {
                try {
                    exchange.body(body.read(bytes));
                } catch (Exception | StackOverflowError e) {
                    exchange.fail(e);
                    return;
                }
                next.run();
            }
        });
    }

    private void add(Buffer part) {
        if (refused) {
            return;
        }
        if (bytes.length() + part.length() > body.maxBytes()) {
            refused = true;
            exchange.fail(tooLarge());
            return;
        }
        bytes.appendBuffer(part);
    }

    private boolean isLonger(String declared) {
        try {
            return Long.parseLong(declared.strip()) > body.maxBytes();
        } catch (NumberFormatException e) {
            return false; // Vert.x refuses what is no number
        }
    }

    private Problem tooLarge() {
        return Problem.tooLarge("The body may have at most " + body.maxBytes() + " bytes");
    }
}
