package dev.interlock.server.http;

import io.vertx.core.buffer.Buffer;

/** Gathers one body, reads and checks it, and goes on. */
final class BodyReader implements Incoming.Reader {
    private final Exchange exchange;
    private final Body body;
    private final Runnable next;
    private final Buffer bytes = Buffer.buffer();

    BodyReader(Exchange exchange, Body body, Runnable next) {
        this.exchange = exchange;
        this.body = body;
        this.next = next;
    }

    @Override
    public void piece(Buffer piece) {
        bytes.appendBuffer(piece);
    }

    @Override
    public void end() {
        try {
            exchange.body(body.read(bytes));
            next.run();
        } catch (Exception | StackOverflowError mistake) {
            exchange.fail(mistake);
        }
    }
}
