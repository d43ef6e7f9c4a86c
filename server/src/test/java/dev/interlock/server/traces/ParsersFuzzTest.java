package dev.interlock.server.traces;

import com.google.protobuf.ByteString;
import dev.interlock.checks.Fuzzed;
import dev.interlock.checks.Rounds;
import dev.interlock.server.http.Problem;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Traces: whatever comes is read and judged, or refused in words. */
public class ParsersFuzzTest {
    private static final Map<String, Fuzzed> PARSERS = new TreeMap<>(Map.of(
            "traces-json",
            new Fuzzed(
                    in -> taken(in, JsonSpans::read),
                    Spans.at(TraceRig.NOW)
                            .resource("service.name", "s")
                            .state("ot=th:8")
                            .model(2, 1, "Error code: 429 - try again in 20s", "gen_ai.usage.output_tokens", 7)
                            .tool(3, 1, null)
                            .agent(1, 0, "planner", "x")
                            .toString(),
                    "{\"resourceSpans\":[{\"resource\":null,\"scopeSpans\":[{\"spans\":[{\"traceId\":1,\"attributes\":{}}]}]},[]]}"),
            "traces-protobuf",
            new Fuzzed(in -> taken(decoded(in), ProtobufSpans::read), encoded())));

    /** One for all inputs, and warm before the first. */
    private static final TraceRig RIG = new TraceRig();

    static {
        RIG.json(TraceRig.KEY, Spans.at(TraceRig.NOW).model(1, 0, "x").toString());
    }

    @AfterAll
    static void close() {
        RIG.close();
    }

    @TestFactory
    Stream<DynamicTest> seeds_and_what_is_like_them() {
        return Fuzzed.tests(PARSERS);
    }

    /** Bytes that are nearly a request: some changed, left out or cut off, the same at each run. */
    @Test
    void protobuf_that_is_nearly_right() {
        byte[] right = Base64.getDecoder().decode(encoded());
        Random random = new Random(1);
        for (int i = Rounds.of(20_000, 1); i > 0; i--) {
            byte[] near =
                    Arrays.copyOf(right, right.length - (random.nextInt(4) == 0 ? random.nextInt(right.length) : 0));
            for (int change = random.nextInt(4); change > 0 && near.length > 0; change--) {
                near[random.nextInt(near.length)] = (byte) random.nextInt(256);
            }
            taken(near, ProtobufSpans::read);
        }
    }

    /** Jazzer's way in. */
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        Fuzzed.read(PARSERS, input);
    }

    /** Seeds are texts: these bytes are written as Base64, and anything else is taken as it is. */
    private static byte[] decoded(byte[] input) {
        try {
            return Base64.getDecoder().decode(input);
        } catch (IllegalArgumentException raw) {
            return input;
        }
    }

    private static void taken(byte[] input, Function<InputStream, SpanList> reader) {
        RIG.outcomes.clear();
        RIG.rows.clear();
        try {
            SpanList spans = reader.apply(new ByteArrayInputStream(input));
            RIG.intake.take(TraceRig.KEY, spans, (host, port) -> false);
            RIG.intake.sweep(true);
        } catch (Problem said) {
            if (said.status() != 400 || String.valueOf(said.getMessage()).isBlank()) {
                throw said;
            }
        }
    }

    private static String encoded() {
        Span span = Span.newBuilder()
                .setTraceId(ByteString.copyFrom(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}))
                .setSpanId(ByteString.copyFrom(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}))
                .setName("chat m")
                .setStartTimeUnixNano(TraceRig.NOW.toEpochMilli() * 1_000_000 - 1_000_000_000)
                .setEndTimeUnixNano(TraceRig.NOW.toEpochMilli() * 1_000_000)
                .addAttributes(KeyValue.newBuilder()
                        .setKey("gen_ai.request.model")
                        .setValue(AnyValue.newBuilder().setStringValue("m")))
                .addAttributes(KeyValue.newBuilder()
                        .setKey("gen_ai.usage.output_tokens")
                        .setValue(AnyValue.newBuilder().setIntValue(7)))
                .addEvents(Span.Event.newBuilder()
                        .setName("exception")
                        .addAttributes(KeyValue.newBuilder()
                                .setKey("exception.type")
                                .setValue(AnyValue.newBuilder().setStringValue("ReadTimeout"))))
                .setStatus(Status.newBuilder().setCode(Status.StatusCode.STATUS_CODE_ERROR))
                .build();
        return Base64.getEncoder()
                .encodeToString(ExportTraceServiceRequest.newBuilder()
                        .addResourceSpans(ResourceSpans.newBuilder()
                                .addScopeSpans(ScopeSpans.newBuilder().addSpans(span)))
                        .build()
                        .toByteArray());
    }
}
