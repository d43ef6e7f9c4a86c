package dev.interlock.server.http;

import dev.interlock.server.security.Caller;
import dev.interlock.server.security.UnauthorizedException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One call and its answer. Used on its event loop only. */
public final class Exchange {
    private static final String JSON = "application/json";

    private final HttpServerRequest request;
    private final Operation operation;
    private final Map<String, String> path = new HashMap<>(4);
    private final Failures failures;
    private final Door door;
    private Map<String, String> query = Map.of();
    private @Nullable Caller caller;
    private @Nullable Object body;

    Exchange(HttpServerRequest request, Operation operation, Failures failures, Door door) {
        this.request = request;
        this.operation = operation;
        this.failures = failures;
        this.door = door;
    }

    /** The request itself. */
    public HttpServerRequest request() {
        return request;
    }

    /** The response itself, for answers that are no JSON. */
    public HttpServerResponse response() {
        return request.response();
    }

    /** The {@code operationId} of the contract. */
    public String operationId() {
        return operation.id();
    }

    /**
     * Who calls.
     *
     * @throws IllegalStateException if the operation is open to all
     */
    public Caller caller() {
        if (caller == null) {
            throw new IllegalStateException("Operation " + operation.id() + " knows no caller");
        }
        return caller;
    }

    /**
     * A parameter of the path, decoded: {@code %2F} has become a slash within it.
     *
     * @param name as in the contract
     */
    public String path(String name) {
        return Objects.requireNonNull(path.get(name), name);
    }

    /**
     * A parameter of the query, decoded and valid.
     *
     * @param name as in the contract
     * @return null if the call has none
     */
    public @Nullable String query(String name) {
        return query.get(name);
    }

    /**
     * The body, which the contract found valid.
     *
     * @return an empty object if there is none
     * @throws ClassCastException if the contract allows other bodies than objects
     */
    public JsonObject body() {
        return body == null ? new JsonObject() : (JsonObject) body;
    }

    /**
     * Reads the body of a raw operation.
     *
     * @param reader makes something of it
     * @return to hold it up
     * @throws IllegalStateException if the contract has no body here
     */
    public Incoming receive(Incoming.Reader reader) {
        Body expected = operation.body();
        if (expected == null) {
            throw new IllegalStateException("Operation " + operation.id() + " has no body");
        }
        return new Incoming(this, expected, reader).start();
    }

    /**
     * How many bytes of its media type the call says that it will bring.
     *
     * @return 0 if it does not say so, or they are encoded
     */
    public long declaredLength() {
        return request.headers().contains(HttpHeaders.CONTENT_ENCODING) ? 0 : Math.max(0, ContentLength.of(request));
    }

    /** Whether the caller would still be let in; to be asked again by whatever takes long. */
    public boolean isStillKnown() {
        return caller == null || door.isStillKnown(caller);
    }

    void mustStillBeKnown() {
        if (!isStillKnown()) {
            throw new UnauthorizedException(
                    "The key was removed, or the token has ended, while the request was under way");
        }
    }

    /** Whether the answer is a head alone, which {@link #answer} sees to by itself. */
    public boolean isHead() {
        return request.method().equals(HttpMethod.HEAD);
    }

    /** Answers with JSON. */
    public void answer(int status, JsonObject json) {
        answer(status, JSON, json.toBuffer());
    }

    /** Answers with JSON and 200. */
    public void answer(JsonObject json) {
        answer(200, json);
    }

    /** Answers with anything. */
    public void answer(int status, String contentType, Buffer content) {
        HttpServerResponse response = request.response();
        if (!response.ended() && !response.closed()) {
            response.setStatusCode(status)
                    .putHeader("Content-Type", contentType)
                    .end(content);
        }
    }

    /** Answers 204, without content. */
    public void answerNothing() {
        if (!response().ended() && !response().closed()) {
            response().setStatusCode(204).end();
        }
    }

    /**
     * Answers with a refusal: a {@link Problem} as it is, anything else as a mistake of the server that only its log
     * explains.
     */
    public void fail(Throwable why) {
        failures.answer(request, why);
    }

    /**
     * The caller has been let in. For operations that see to their callers themselves.
     *
     * @param known who it is
     */
    public void admitted(Caller known) {
        caller = known;
        Wire wire = Wire.of(request);
        if (wire != null) {
            wire.becomesKnown();
        }
    }

    void path(String name, String value) {
        path.put(name, value);
    }

    void query(Map<String, String> values) {
        query = values;
    }

    void body(@Nullable Object read) {
        body = read;
    }
}
