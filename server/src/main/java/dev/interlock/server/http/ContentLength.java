package dev.interlock.server.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/** How long a request says that its body is. */
final class ContentLength {
    /** It does not say so, or what it says is no number, which others refuse. */
    static final long UNKNOWN = -1;

    private ContentLength() {}

    static long of(HttpServerRequest request) {
        String declared = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        try {
            return declared == null ? UNKNOWN : Long.parseLong(declared.strip());
        } catch (NumberFormatException none) {
            return UNKNOWN;
        }
    }
}
