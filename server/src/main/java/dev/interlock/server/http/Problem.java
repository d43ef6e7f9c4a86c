package dev.interlock.server.http;

import dev.interlock.server.text.Secrets;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A refusal as RFC 9457 writes it. Thrown by handlers, or given to {@link Exchange#fail}; it has no stack trace, since
 * the caller that is refused decides how often it is made.
 *
 * <p>The detail always says what was wrong and what would be right. Not to be changed once thrown.
 */
public final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** The media type of its JSON. */
    public static final String MEDIA_TYPE = "application/problem+json";

    private final int status;
    private final String type;
    private final String title;
    private final String detail;
    private final transient Map<String, Object> members = new LinkedHashMap<>();
    private final transient Map<String, String> headers = new LinkedHashMap<>();

    /**
     * A problem of any kind.
     *
     * @param status the HTTP status, 400 to 599
     * @param type a short name of the kind, such as {@code circuit-open}; the same for all problems of a kind
     * @param title the kind in a few words
     * @param detail what was wrong with this call, and what would be right
     */
    public Problem(int status, String type, String title, String detail) {
        super(detail, null, false, false);
        this.status = status;
        this.type = type;
        this.title = title;
        this.detail = detail;
    }

    /** 400: the call says something that cannot be. */
    public static Problem invalid(String detail) {
        return new Problem(400, "invalid-request", "Invalid request", detail);
    }

    /** 401: nobody knows who calls. */
    public static Problem unauthorized(String detail) {
        return new Problem(401, "unauthorized", "Unauthorized", detail).header("WWW-Authenticate", "Bearer");
    }

    /** 403: the caller is known and may not do this. */
    public static Problem forbidden(String detail) {
        return new Problem(403, "forbidden", "Forbidden", detail);
    }

    /** 404: there is no such thing, at least not for this caller. */
    public static Problem notFound(String detail) {
        return new Problem(404, "not-found", "Not found", detail);
    }

    /** 409: it cannot be done at present. */
    public static Problem conflict(String detail) {
        return new Problem(409, "conflict", "Conflict", detail);
    }

    /** 413: the body is longer than the operation takes. */
    public static Problem tooLarge(String detail) {
        return new Problem(413, "too-large", "Content too large", detail);
    }

    /** 429: too many calls; the answer says when to retry. */
    public static Problem tooMany(String detail, long retryAfterSeconds) {
        return new Problem(429, "rate-limited", "Too many requests", detail)
                .header("Retry-After", Long.toString(retryAfterSeconds));
    }

    /** 503: something that the call needs is away; the answer says when to retry. */
    public static Problem unavailable(String detail, long retryAfterSeconds) {
        return new Problem(503, "unavailable", "Unavailable", detail)
                .header("Retry-After", Long.toString(retryAfterSeconds));
    }

    /** Adds a member of its own to the JSON. */
    public Problem with(String name, Object value) {
        members.put(name, value);
        return this;
    }

    /** Adds a header to the answer. */
    public Problem header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    /** The short name of its kind. */
    public String type() {
        return type;
    }

    /** The headers of the answer, without content type and length. */
    public Map<String, String> headers() {
        return headers;
    }

    /** The body of the answer. */
    public JsonObject json() {
        JsonObject json = new JsonObject()
                .put("type", type)
                .put("title", title)
                .put("status", status)
                .put("detail", Secrets.hidden(detail));
        members.forEach(json::put);
        return json;
    }
}
