package dev.interlock.facts;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What one exception or answer of a client library says about a failed call: status, mark and wait. Read by the names of
 * classes and methods, so that nothing has to be on the class path. Immutable.
 *
 * @param status the HTTP status, or {@link #NO_STATUS}
 * @param mark what code, type or body say is wrong, or null
 * @param retryAfter how long the failing side asks to be left alone, longer than zero, or null
 */
public record Facts(
        int status, @Nullable ErrorMark mark, @Nullable Duration retryAfter) {
    /** In place of a status. */
    public static final int NO_STATUS = -1;

    private static final int LEAST_STATUS = 100;
    private static final int MOST_STATUS = 599;
    private static final int SERVER_ERROR = 500;

    /** Nothing is known. */
    public static final Facts NONE = new Facts(NO_STATUS, null, null);

    /** The libraries whose accessors are asked; those of others are none of our business. */
    private static final List<String> FAMILIES = List.of(
            "com.openai.",
            "com.anthropic.",
            "com.azure.",
            "com.google.genai.",
            "com.google.api.",
            "ai.koog.",
            "dev.langchain4j.",
            "feign.",
            "io.grpc.",
            "io.ktor.",
            "io.micronaut.http.",
            "io.modelcontextprotocol.",
            "jakarta.ws.rs.",
            "javax.ws.rs.",
            "okhttp3.",
            "org.apache.hc.",
            "org.apache.http.",
            "org.springframework.",
            "retrofit2.",
            "software.amazon.awssdk.");

    private static final List<String> STATUS = List.of(
            "statusCode",
            "getStatusCode",
            "getStatusCode.value",
            "getRawStatusCode",
            "rawStatusCode",
            "code",
            "getCode",
            "status",
            "getStatus",
            "getStatus.getCode",
            "getResponse.getStatusCode",
            "getResponse.getStatus",
            "getResponseInfo.statusCode",
            "getStatusLine.getStatusCode");

    private static final List<String> CODE = List.of(
            "errorType",
            "code",
            "type",
            "errorCode",
            "getErrorCode",
            "awsErrorDetails.errorCode",
            "status",
            "getStatus.getCode");

    private static final List<String> BODY = List.of(
            "body",
            "getResponseBodyAsString",
            "responseBody",
            "getResponseBody",
            "contentUTF8",
            "getValue",
            "getBody",
            "response.errorBody.source.peek.readUtf8");

    /** What has been read of an answer's body, as an object of its own. */
    private static final List<String> ANSWERED = List.of("getBody", "errorBody.source.peek.readUtf8", "body");

    /** An answer whose body has been read. */
    private static final String SPRINGS_ANSWER = "org.springframework.http.ResponseEntity";

    /** Bears the name of the circuit in the refusals of our own servers and proxies. */
    private static final String REFUSED = "interlock-refused";

    private static final List<String> HEADERS = List.of(
            "headers",
            "getHeaders",
            "getResponseHeaders",
            "responseHeaders",
            "getResponse",
            "response",
            "response.headers",
            "getResponseInfo.headers",
            "awsErrorDetails.sdkHttpResponse");

    private static final List<String> HEADER = List.of(
            "firstValue",
            "getFirst",
            "firstMatchingHeader",
            "getHeaderValue",
            "getHeaderString",
            "header",
            "values",
            "get");

    /**
     * Reads an exception or an answer of a library that is known.
     *
     * @param said the exception, one of a chain of causes, or the answer
     * @param now the wall clock's time, against which a date is calculated
     * @return what it says; {@link #NONE} if its library is not known
     */
    public static Facts of(Object said, Instant now) {
        return isOfFamily(said.getClass()) ? read(said, now) : NONE;
    }

    /**
     * Reads an answer that is a failure, by its parts.
     *
     * @param status 400 to 599
     * @param body its bytes, of which the first 8 KiB are read
     * @param headers a header's value by its name in lower case, or null where there is none
     * @param now the wall clock's time, against which a date is calculated
     * @return what it says
     */
    public static Facts ofBody(int status, byte[] body, Function<String, @Nullable String> headers, Instant now) {
        return of(status, null, begin(body), headers, now);
    }

    /** Whether a class, or one that it extends, belongs to a library that is known. */
    private static boolean isOfFamily(Class<?> type) {
        for (Class<?> each = type; each != null; each = each.getSuperclass()) {
            String name = each.getName();
            for (String family : FAMILIES) {
                if (name.startsWith(family)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Reads an answer that is a result: a body that nobody has read yet is only looked at where its client offers that. */
    static Facts ofAnswer(Object answer, Instant now) {
        int status = status(answer);
        if (status < 400) {
            Object read =
                    answer.getClass().getName().equals(SPRINGS_ANSWER) ? Accessors.follow(answer, "getBody") : null;
            Facts inBand = InBandErrors.of(status, plain(read), headers(answer), now);
            return inBand != null ? inBand : new Facts(status, null, null);
        }
        Object peeked = Accessors.peekBody(answer, ErrorMarks.LONGEST);
        String body = peeked == null ? text(answer, ANSWERED) : text(peeked, List.of("string"));
        return of(status, null, body, headers(answer), now);
    }

    /** The text at the beginning of some bytes. */
    static String begin(byte[] bytes) {
        return new String(bytes, 0, Math.min(bytes.length, ErrorMarks.LONGEST), UTF_8);
    }

    /** Brings together what was read. */
    static Facts of(
            int status,
            @Nullable ErrorMark code,
            @Nullable String body,
            Function<String, @Nullable String> headers,
            Instant now) {
        ErrorMark mark = headers.apply(REFUSED) != null ? ErrorMark.CIRCUIT_OPEN : code;
        ErrorMark said = mark == ErrorMark.CIRCUIT_OPEN ? null : ErrorMarks.ofText(body);
        boolean isBroad = mark == null || mark == ErrorMark.INVALID_REQUEST || mark == ErrorMark.SERVER_ERROR;
        if (said != null && (isBroad || said == ErrorMark.CIRCUIT_OPEN)) {
            mark = said;
        }
        Duration wait = RetryAfter.ofHeaders(headers, now);
        if (wait == null && body != null) {
            wait = RetryAfter.ofText(body);
        }
        return status == NO_STATUS && mark == null && wait == null ? NONE : new Facts(status, mark, wait);
    }

    private static Facts read(Object said, Instant now) {
        String body = text(said, BODY);
        if (body == null && said instanceof Throwable thrown) {
            body = thrown.getMessage(); // many clients put the body there
        }
        return of(status(said), code(said), body, headers(said), now);
    }

    private static int status(Object said) {
        int found = NO_STATUS;
        for (String path : STATUS) {
            if (plain(Accessors.follow(said, path)) instanceof Number number) {
                int status = number.intValue();
                if (status >= LEAST_STATUS && status <= MOST_STATUS) {
                    return status;
                }
                found = !(said instanceof Throwable) || status > MOST_STATUS && status < 1_000 ? SERVER_ERROR : found;
            }
        }
        return found;
    }

    /** The status of an answer; one that HTTP does not have is a server's error: RFC 9110, section 15. */
    static int statusOfAnswer(int status) {
        return status >= LEAST_STATUS && status <= MOST_STATUS ? status : SERVER_ERROR;
    }

    private static @Nullable ErrorMark code(Object said) {
        if (Accessors.follow(said, "getJsonRpcError.code") instanceof Integer rpc) {
            return ofJsonRpc(rpc);
        }
        for (String path : CODE) {
            Object value = plain(Accessors.follow(said, path));
            ErrorMark mark = value == null || value instanceof Number ? null : ErrorMarks.ofCode(value.toString());
            if (mark != null) {
                return mark;
            }
        }
        return null;
    }

    /** Of JSON-RPC 2.0, which MCP speaks. */
    private static @Nullable ErrorMark ofJsonRpc(int code) {
        return switch (code) {
            case -32700, -32600, -32601, -32602 -> ErrorMark.INVALID_REQUEST;
            case -32603 -> ErrorMark.SERVER_ERROR;
            default -> null;
        };
    }

    private static @Nullable String text(Object said, List<String> paths) {
        for (String path : paths) {
            String text = textOf(plain(Accessors.follow(said, path)));
            if (text != null) {
                return text;
            }
        }
        return null;
    }

    /** A body that its client has read, as a text; null for one that nobody has read, and for an object of its user's. */
    static @Nullable String textOf(@Nullable Object body) {
        if (body instanceof Map<?, ?> map) {
            return JsonText.of(map);
        }
        if (body instanceof byte[] bytes) {
            return begin(bytes);
        }
        return body != null && (body instanceof CharSequence || isJson(body)) ? body.toString() : null;
    }

    /** Values of JSON print themselves; other objects behind a body are streams that only their reader may read. */
    private static boolean isJson(Object value) {
        return value.getClass().getSimpleName().startsWith("Json");
    }

    private static Function<String, @Nullable String> headers(Object said) {
        return name -> {
            for (String holder : HEADERS) {
                Object held = plain(Accessors.follow(said, holder));
                String value = held == null ? null : header(held, name);
                if (value != null) {
                    return value;
                }
            }
            return header(said, name);
        };
    }

    private static @Nullable String header(Object held, String name) {
        if (held instanceof Map<?, ?> map) {
            return ofMap(map, name);
        }
        for (String method : HEADER) {
            String value = first(plain(Accessors.get(held, method, name)));
            if (value != null) {
                return value;
            }
        }
        Object header = Accessors.get(held, "getFirstHeader", name); // Apache's, an object of its own
        return header == null ? null : first(Accessors.get(header, "getValue"));
    }

    /** Some clients keep the names of headers as they came. */
    private static @Nullable String ofMap(Map<?, ?> headers, String name) {
        for (Map.Entry<?, ?> each : headers.entrySet()) {
            if (each.getKey() instanceof String key && key.equalsIgnoreCase(name)) {
                return first(each.getValue());
            }
        }
        return null;
    }

    private static @Nullable String first(@Nullable Object value) {
        Object one =
                value instanceof Collection<?> all ? all.stream().findFirst().orElse(null) : value;
        return one instanceof CharSequence ? one.toString() : null;
    }

    private static @Nullable Object plain(@Nullable Object value) {
        return value instanceof Optional<?> optional ? optional.orElse(null) : value;
    }
}
