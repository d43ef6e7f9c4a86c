package dev.interlock.server.http;

import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * A page of a list, as it is answered.
 *
 * @param json its JSON
 * @param link the header that leads to the next page, or null if this is the last
 */
public record Page(Buffer json, @Nullable String link) {
    /**
     * Answers with it.
     *
     * @param exchange the call, on its event loop
     */
    public void answer(Exchange exchange) {
        if (link != null) {
            exchange.response().putHeader("Link", link);
        }
        exchange.answer(200, "application/json", json);
    }
}
