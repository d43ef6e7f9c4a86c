package dev.interlock.server.http;

import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * A page of a list, as it is answered: made on a worker, since to compress a long one takes a while. Immutable; safe for use
 * by any thread.
 */
public final class Page {
    /** What is shorter is sent as it is. */
    private static final int LONG = 2_048;

    private final Buffer json;
    private final @Nullable Buffer compressed;
    private final @Nullable String link;
    private final String tag;

    /**
     * A page.
     *
     * @param json its JSON
     * @param link the header that leads to the next page, or null if this is the last
     */
    public Page(Buffer json, @Nullable String link) {
        this.json = json;
        this.compressed = json.length() < LONG ? null : Answers.gzip(json);
        this.link = link;
        this.tag = new Fingerprint().entry(json.toString()).with(link).tag();
    }

    /**
     * Answers with it, or with 304 to who has it already.
     *
     * @param exchange the call, on its event loop
     */
    public void answer(Exchange exchange) {
        if (Answers.has(exchange, tag)) {
            return;
        }
        if (link != null) {
            exchange.response().putHeader("Link", "<" + BasePath.of(exchange.request()) + link.substring(1));
        }
        Buffer body = json;
        if (compressed != null && Answers.takesGzip(exchange.request())) {
            Answers.saysGzip(exchange);
            body = compressed;
        }
        exchange.answer(200, "application/json", body);
    }
}
