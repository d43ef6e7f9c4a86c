package dev.interlock.server.traces;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.testing.trace.TestSpanData;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;

/** OpenTelemetry's own exporter of Java, and what it puts on the wire for spans that are written as OTLP's JSON. */
final class RealExporter implements AutoCloseable {
    private final List<byte[]> bodies = new CopyOnWriteArrayList<>();
    private final HttpServer server;
    private final OtlpHttpSpanExporter exporter;

    RealExporter() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/traces", exchange -> {
            bodies.add(exchange.getRequestBody().readAllBytes());
            exchange.getResponseHeaders().add("Content-Type", "application/x-protobuf");
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
        exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint("http://127.0.0.1:" + server.getAddress().getPort() + "/v1/traces")
                .setCompression("gzip")
                .build();
    }

    /** The bodies that the exporter sends for a request, inflated. */
    List<byte[]> bodies(JsonNode request) throws IOException {
        bodies.clear();
        boolean sent =
                exporter.export(spans(request)).join(30, TimeUnit.SECONDS).isSuccess();
        if (!sent) {
            throw new IOException("the exporter could not send");
        }
        List<byte[]> inflated = new ArrayList<>();
        for (byte[] body : bodies) {
            inflated.add(new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes());
        }
        return inflated;
    }

    /** Spans of OTLP's JSON as the SDK has them. */
    static List<SpanData> spans(JsonNode request) {
        List<SpanData> all = new ArrayList<>();
        for (JsonNode resource : request.path("resourceSpans")) {
            Resource from = Resource.create(attributes(resource.path("resource").path("attributes")));
            for (JsonNode scope : resource.path("scopeSpans")) {
                for (JsonNode span : scope.path("spans")) {
                    all.add(span(from, scope.path("scope").path("name").asText(), span));
                }
            }
        }
        return all;
    }

    private static SpanData span(Resource from, String scope, JsonNode span) {
        String trace = span.path("traceId").asText();
        String parent = span.path("parentSpanId").asText();
        List<EventData> events = new ArrayList<>();
        for (JsonNode event : span.path("events")) {
            events.add(EventData.create(
                    event.path("timeUnixNano").asLong(),
                    event.path("name").asText(),
                    attributes(event.path("attributes"))));
        }
        StatusCode code = StatusCode.values()[span.path("status").path("code").asInt()];
        return TestSpanData.builder()
                .setName(span.path("name").asText())
                .setKind(SpanKind.values()[span.path("kind").asInt(1) - 1])
                .setSpanContext(context(
                        trace,
                        span.path("spanId").asText(),
                        span.path("traceState").asText()))
                .setParentSpanContext(parent.isEmpty() ? SpanContext.getInvalid() : context(trace, parent, ""))
                .setResource(from)
                .setInstrumentationScopeInfo(InstrumentationScopeInfo.create(scope))
                .setStartEpochNanos(span.path("startTimeUnixNano").asLong())
                .setEndEpochNanos(span.path("endTimeUnixNano").asLong())
                .setAttributes(attributes(span.path("attributes")))
                .setEvents(events)
                .setStatus(StatusData.create(
                        code, span.path("status").path("message").asText()))
                .setHasEnded(true)
                .build();
    }

    private static SpanContext context(String trace, String span, String state) {
        TraceState written = state.isEmpty()
                ? TraceState.getDefault()
                : TraceState.builder()
                        .put(state.substring(0, state.indexOf('=')), state.substring(state.indexOf('=') + 1))
                        .build();
        return SpanContext.create(trace, span, TraceFlags.getSampled(), written);
    }

    private static Attributes attributes(JsonNode list) {
        AttributesBuilder attributes = Attributes.builder();
        for (JsonNode each : list) {
            String key = each.path("key").asText();
            JsonNode value = each.path("value");
            if (value.has("stringValue")) {
                attributes.put(key, value.get("stringValue").asText());
            } else if (value.has("boolValue")) {
                attributes.put(key, value.get("boolValue").asBoolean());
            } else if (value.has("intValue")) {
                attributes.put(key, value.get("intValue").asLong());
            } else {
                List<String> texts = new ArrayList<>();
                value.path("arrayValue")
                        .path("values")
                        .forEach(text -> texts.add(text.path("stringValue").asText()));
                attributes.put(key, texts.toArray(String[]::new));
            }
        }
        return attributes.build();
    }

    @Override
    public void close() {
        exporter.close();
        server.stop(0);
    }
}
