package dev.interlock.benchmarks;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Requests with spans as an exporter sends them, OTLP in protobuf and gzip: runs of agents with three calls of a model, two
 * of tools and six spans of other kinds; each call of a model bears a prompt of 2,000 characters, one of twenty failed and
 * bears a stack trace.
 */
final class SpanBytes {
    /** Spans of a run. */
    static final int OF_A_RUN = 12;

    private static final String PROMPT = "Compare the three offers and say which is best, and why. ".repeat(35);
    private static final String STACK = "  at com.example.agent.Planner.plan(Planner.java:42)\n".repeat(40);
    private static final int LENGTH_DELIMITED = 2;
    private static final int FIXED_64 = 1;

    private final Random random;

    SpanBytes(long seed) {
        random = new Random(seed);
    }

    /** A request with this many runs, that ended just now. */
    byte[] request(int runs) {
        ByteArrayOutputStream scope = new ByteArrayOutputStream();
        for (int i = 0; i < runs; i++) {
            run(scope);
        }
        return request(scope.toByteArray());
    }

    /** A request with this many calls of a model, all failed. */
    byte[] failures(String model, int calls) {
        ByteArrayOutputStream scope = new ByteArrayOutputStream();
        for (int i = 0; i < calls; i++) {
            span(scope, bytes(16), bytes(8), null, call("chat", "gen_ai.request.model", model), "503");
        }
        return request(scope.toByteArray());
    }

    private void run(ByteArrayOutputStream scope) {
        byte[] trace = bytes(16);
        byte[] root = bytes(8);
        for (int i = 0; i < 3; i++) {
            ByteArrayOutputStream call = call("chat", "gen_ai.request.model", "kimi-k2");
            attribute(call, "gen_ai.provider.name", "moonshot");
            attribute(call, "gen_ai.response.id", "chatcmpl-" + random.nextInt());
            attribute(call, "gen_ai.input.messages", PROMPT);
            attribute(call, "gen_ai.output.messages", PROMPT);
            attribute(call, "server.address", "api.example.com");
            number(call, "gen_ai.usage.input_tokens", 900);
            number(call, "gen_ai.usage.output_tokens", 80);
            span(scope, trace, bytes(8), root, call, random.nextInt(20) == 0 ? "503" : null);
        }
        for (int i = 0; i < 2; i++) {
            ByteArrayOutputStream call = call("execute_tool", "gen_ai.tool.name", "search");
            attribute(call, "gen_ai.tool.call.arguments", PROMPT.substring(0, 200));
            span(scope, trace, bytes(8), root, call, null);
        }
        for (int i = 0; i < 6; i++) {
            ByteArrayOutputStream other = new ByteArrayOutputStream();
            attribute(other, "http.request.method", "POST");
            attribute(other, "url.full", "https://api.example.com/v1/chat/completions");
            number(other, "http.response.status_code", 200);
            span(scope, trace, bytes(8), root, other, null);
        }
        span(
                scope,
                trace,
                root,
                null,
                call("invoke_agent", "gen_ai.agent.name", "planner-" + random.nextInt(50)),
                null);
    }

    private static ByteArrayOutputStream call(String operation, String key, String name) {
        ByteArrayOutputStream attributes = new ByteArrayOutputStream();
        attribute(attributes, "gen_ai.operation.name", operation);
        attribute(attributes, key, name);
        return attributes;
    }

    private static void span(
            ByteArrayOutputStream scope,
            byte[] trace,
            byte[] id,
            byte @Nullable [] parent,
            ByteArrayOutputStream attributes,
            @Nullable String error) {
        ByteArrayOutputStream span = new ByteArrayOutputStream();
        field(span, 1, trace);
        field(span, 2, id);
        if (parent != null) {
            field(span, 4, parent);
        }
        field(span, 5, text("a span of the benchmark"));
        long end = System.currentTimeMillis() * 1_000_000;
        fixed(span, 7, end - 100_000_000);
        fixed(span, 8, end);
        if (error != null) {
            attribute(attributes, "error.type", error);
            ByteArrayOutputStream event = new ByteArrayOutputStream();
            field(event, 2, text("exception"));
            ByteArrayOutputStream noted = new ByteArrayOutputStream();
            attribute(noted, "exception.type", "openai.InternalServerError");
            attribute(noted, "exception.stacktrace", STACK);
            for (byte[] each : new byte[][] {renumbered(noted.toByteArray())}) {
                event.writeBytes(each);
            }
            field(span, 11, event.toByteArray());
            field(span, 15, new byte[] {0x18, 2});
        }
        span.writeBytes(attributes.toByteArray());
        field(scope, 2, span.toByteArray());
    }

    /** Attributes of an event are its field 3, where those of a span are its field 9. */
    private static byte[] renumbered(byte[] attributes) {
        byte[] copy = attributes.clone();
        int at = 0;
        while (at < copy.length) {
            copy[at++] = 3 << 3 | LENGTH_DELIMITED;
            int length = 0;
            int shift = 0;
            int next;
            do {
                next = copy[at++];
                length |= (next & 0x7F) << shift;
                shift += 7;
            } while (next < 0);
            at += length;
        }
        return copy;
    }

    private static byte[] request(byte[] scopeSpans) {
        ByteArrayOutputStream resource = new ByteArrayOutputStream();
        ByteArrayOutputStream attributes = new ByteArrayOutputStream();
        ByteArrayOutputStream pair = new ByteArrayOutputStream();
        field(pair, 1, text("service.name"));
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        field(value, 1, text("benchmark"));
        field(pair, 2, value.toByteArray());
        field(attributes, 1, pair.toByteArray());
        field(resource, 1, attributes.toByteArray());
        field(resource, 2, scopeSpans);
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        field(request, 1, resource.toByteArray());
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
            gzip.write(request.toByteArray());
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return zipped.toByteArray();
    }

    private static void attribute(ByteArrayOutputStream span, String key, String text) {
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        field(value, 1, text(text));
        keyValue(span, key, value.toByteArray());
    }

    private static void number(ByteArrayOutputStream span, String key, int number) {
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        value.write(3 << 3);
        varint(value, number);
        keyValue(span, key, value.toByteArray());
    }

    private static void keyValue(ByteArrayOutputStream span, String key, byte[] value) {
        ByteArrayOutputStream pair = new ByteArrayOutputStream();
        field(pair, 1, text(key));
        field(pair, 2, value);
        field(span, 9, pair.toByteArray());
    }

    private static void field(ByteArrayOutputStream into, int number, byte[] bytes) {
        into.write(number << 3 | LENGTH_DELIMITED);
        varint(into, bytes.length);
        into.writeBytes(bytes);
    }

    private static void fixed(ByteArrayOutputStream into, int number, long value) {
        into.write(number << 3 | FIXED_64);
        into.writeBytes(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array());
    }

    private static void varint(ByteArrayOutputStream into, int value) {
        int rest = value;
        while (rest > 0x7F) {
            into.write(rest & 0x7F | 0x80);
            rest >>>= 7;
        }
        into.write(rest);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }
}
