package com.openai.errors;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Exceptions whose package is that of a known library, with the accessors that such libraries have. */
public final class StandIns {
    private StandIns() {}

    /** As the SDKs have it: accessors of plain values. */
    public static class Service extends RuntimeException {
        private final int status;
        private final @Nullable String code;
        private final String body;
        private final Map<String, List<String>> headers;

        public Service(int status, @Nullable String code, String body, Map<String, List<String>> headers) {
            this.status = status;
            this.code = code;
            this.body = body;
            this.headers = headers;
        }

        public int statusCode() {
            return status;
        }

        public Optional<String> code() {
            return Optional.ofNullable(code);
        }

        /** Some accessors throw where a body lacks a field. */
        public Optional<String> type() {
            throw new IllegalStateException("`type` is not set");
        }

        public String body() {
            return body;
        }

        public Headers headers() {
            return new Headers(headers);
        }
    }

    /** Headers that are looked up by a method with a text. */
    public record Headers(Map<String, List<String>> all) {
        public List<String> values(String name) {
            return all.getOrDefault(name, List.of());
        }
    }

    /** As Azure has it: status and headers are those of a response. */
    public static class WithResponse extends RuntimeException {
        public Response getResponse() {
            return new Response();
        }
    }

    /** What {@link WithResponse} holds. */
    public static class Response {
        public int getStatusCode() {
            return 429;
        }

        public @Nullable String getHeaderValue(String name) {
            return name.equals("retry-after-ms") ? "1500" : null;
        }
    }

    /** As gRPC has it: a status whose code is an enum. */
    public static class WithEnum extends RuntimeException {
        public Status getStatus() {
            return new Status();
        }
    }

    /** What {@link WithEnum} holds. */
    public static class Status {
        public Code getCode() {
            return Code.UNAVAILABLE;
        }
    }

    /** What {@link Status} holds. */
    public enum Code {
        UNAVAILABLE
    }

    /** A class that nobody but its package sees, of a public one. */
    public static Service hidden() {
        return new Hidden();
    }

    private static final class Hidden extends Service {
        Hidden() {
            super(503, null, "", Map.of());
        }
    }

    /** What others see of {@link #behindAnInterface()}. */
    public interface Described {
        int statusCode();
    }

    /** A class that nobody but its package sees, of a public interface. */
    public static Object behindAnInterface() {
        return new Behind();
    }

    private static class Behind implements Described {
        @Override
        public int statusCode() {
            return 418;
        }
    }

    /** Says all in its message, which here ends with the body. */
    public static class Spoken extends RuntimeException {
        public Spoken(@Nullable String message) {
            super(message);
        }
    }

    /** Its body is a value of JSON and no text, its headers are a map. */
    public static class OfJson extends RuntimeException {
        public JsonNode body() {
            return new JsonNode("{\"code\":\"insufficient_quota\"}");
        }

        public Map<String, Object> headers() {
            return Map.of("retry-after", List.of("7", "8"), "x-request-id", 5);
        }
    }

    /** Prints itself as JSON. */
    public record JsonNode(String text) {
        @Override
        public String toString() {
            return text;
        }
    }

    /** Its body is a map. */
    public static class OfMap extends RuntimeException {
        public Map<String, String> body() {
            return Map.of("message", "please try again in 5s");
        }
    }

    /** Its body is a stream, which only its reader may read. */
    public static class OfStream extends RuntimeException {
        public Object body() {
            return new Object() {
                @Override
                public String toString() {
                    return "\"insufficient_quota\"";
                }
            };
        }
    }

    /** Methods that are no accessors, together with some that are. */
    public static class Mixed {
        public int asked;

        public static int ofClass() {
            return 1;
        }

        public void nothing() {
            asked++;
        }

        public int number() {
            return 7;
        }

        public String header(String name) {
            return "header " + name;
        }

        public String header(int place) {
            return "place " + place;
        }

        public String header(String name, String otherwise) {
            return name + otherwise;
        }

        public String all(String... names) {
            return "all " + names.length;
        }

        public String broken(String name) {
            throw new IllegalStateException(name);
        }
    }
}
