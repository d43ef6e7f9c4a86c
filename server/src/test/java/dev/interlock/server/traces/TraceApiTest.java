package dev.interlock.server.traces;

import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.interlock.server.RunningServer;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.sdk.common.export.RetryPolicy;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Traces over HTTP, from real exporters and from attackers, to a real server. */
class TraceApiTest {
    private static final String AGENT = "agent@acme";
    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = new RunningServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void an_agent_that_is_only_seen_by_its_traces_opens_its_circuit() throws IOException {
        String key = key("{\"name\": \"traces\", \"role\": \"agent\", \"organization_id\": \"acme\"}");
        try (OtlpHttpSpanExporter exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint(server.uri("/v1/traces").toString())
                .setCompression("gzip")
                .addHeader("Authorization", "Bearer " + key)
                .build()) {
            Spans failing = Spans.at(Instant.now());
            for (int i = 0; i < 5; i++) {
                failing.trace(i).agent(1, 0, "seen-only", "a bug");
            }
            boolean sent = exporter.export(RealExporter.spans(new ObjectMapper().readTree(failing.toString())))
                    .join(30, TimeUnit.SECONDS)
                    .isSuccess();
            assertThat(sent).isTrue();
        }

        HttpResponse<String> circuit = server.get("/api/v1/circuits/seen-only", "viewer@acme");
        assertThat(json(circuit).getString("state")).isEqualTo("open");
        assertThat(server.post("/api/v1/circuits/seen-only/permits", AGENT, "{}")
                        .statusCode())
                .isEqualTo(503);
        await().atMost(Duration.ofSeconds(30)).until(() -> rows("seen-only").size() == 5);
    }

    /** An exporter sends again what was answered 429, as OTLP says, and its spans count once. */
    @Test
    void an_exporter_that_sends_too_much_learns_when_to_send_again_and_does() throws IOException {
        try (RunningServer slow = new RunningServer(Map.of("requests-per-second", "1", "request-burst", "1"))) {
            String key = key(slow, "{\"name\": \"traces\", \"role\": \"agent\", \"organization_id\": \"acme\"}");
            Spans failing = Spans.at(Instant.now());
            for (int i = 0; i < 4; i++) {
                failing.trace(i).agent(1, 0, "hasty", "a bug");
            }
            HttpResponse<String> answer;
            do {
                answer = post(slow, key, Spans.at(Instant.now()).toString());
            } while (answer.statusCode() == 200);
            assertThat(answer.statusCode()).isEqualTo(429);
            assertThat(answer.headers().firstValueAsLong("Retry-After").orElseThrow())
                    .isBetween(1L, 10L);
            assertThat(json(answer).getString("type")).isEqualTo("rate-limited");

            try (OtlpHttpSpanExporter exporter = OtlpHttpSpanExporter.builder()
                    .setEndpoint(slow.uri("/v1/traces").toString())
                    .addHeader("Authorization", "Bearer " + key)
                    .setRetryPolicy(RetryPolicy.builder()
                            .setMaxAttempts(5)
                            .setInitialBackoff(Duration.ofMillis(500))
                            .build())
                    .build()) {
                boolean sent = exporter.export(RealExporter.spans(new ObjectMapper().readTree(failing.toString())))
                        .join(60, TimeUnit.SECONDS)
                        .isSuccess();
                assertThat(sent).isTrue();
            }
            JsonObject circuit = json(slow.get("/api/v1/circuits/hasty", "viewer@acme"));
            assertThat(circuit.getInteger("failure_count")).isEqualTo(4);
        }
    }

    private static HttpResponse<String> post(RunningServer to, String key, String body) {
        try {
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(to.uri("/v1/traces"))
                                    .header("Authorization", "Bearer " + key)
                                    .header("Content-Type", "application/json")
                                    .POST(BodyPublishers.ofString(body))
                                    .build(),
                            BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void json_is_answered_with_json_and_refused_spans_are_counted() {
        Spans spans = Spans.at(Instant.now()).resource("interlock.agent", "json-agent");
        assertThat(post(spans.model(1, 0, null).toString()).body()).isEqualTo("{}");

        spans.trace(2).model(2, 0, null).last().put("spanId", "");
        JsonObject partial = json(post(spans.toString())).getJsonObject("partialSuccess");
        assertThat(partial.getString("rejectedSpans")).isEqualTo("1");
        assertThat(partial.getString("errorMessage")).contains("pan_id must have 8 bytes");
        assertThat(post("{}").body()).isEqualTo("{}");
    }

    @Test
    void protobuf_is_answered_with_protobuf() throws Exception {
        byte[] wrong = {0x0a, 0x06, 0x12, 0x04, 0x12, 0x02, 0x2a, 0x00};
        HttpResponse<byte[]> answer = HttpClient.newHttpClient()
                .send(
                        server.request("/v1/traces", AGENT)
                                .header("Content-Type", "application/x-protobuf")
                                .POST(BodyPublishers.ofByteArray(wrong))
                                .build(),
                        BodyHandlers.ofByteArray());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/x-protobuf");
        ExportTraceServiceResponse read = ExportTraceServiceResponse.parseFrom(answer.body());
        assertThat(read.getPartialSuccess().getRejectedSpans()).isEqualTo(1);
    }

    @Test
    void only_agents_and_admins_may_send_and_another_organization_sees_nothing() {
        assertThat(server.post("/v1/traces", null, "{}").statusCode()).isEqualTo(401);
        assertThat(server.post("/v1/traces", "viewer@acme", "{}").statusCode()).isEqualTo(403);

        post(Spans.at(Instant.now())
                .trace(50)
                .resource("interlock.agent", "secret-agent")
                .model(1, 0, null)
                .toString());
        assertThat(server.get("/api/v1/agents?prefix=secret", "viewer@acme").body())
                .contains("secret-agent");
        assertThat(server.get("/api/v1/agents?prefix=secret", "viewer@other").body())
                .doesNotContain("secret-agent");
    }

    @Test
    void calls_through_this_servers_own_address_are_logged_and_feed_nothing() {
        post(Spans.at(Instant.now())
                .trace(60)
                .resource("interlock.agent", "proxied-agent")
                .model(
                        1,
                        0,
                        "x",
                        "server.address",
                        "127.0.0.1",
                        "server.port",
                        server.server().port())
                .toString());

        await().atMost(Duration.ofSeconds(30)).until(() -> rows("proxied-agent").size() == 1);
        assertThat(rows("proxied-agent").getJsonObject(0).getBoolean("guarded")).isTrue();
        assertThat(json(server.get("/api/v1/circuits/proxied-agent", "viewer@acme"))
                        .getInteger("failure_count"))
                .isZero();
    }

    @Test
    void a_bomb_of_gzip_is_stopped_while_it_inflates() throws Exception {
        byte[] zeros = new byte[1 << 20];
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            for (int i = 0; i < 64; i++) {
                gzip.write(zeros);
            }
        }
        for (String type : new String[] {"application/x-protobuf", "application/json"}) {
            assertThat(send(type, "gzip", bytes.toByteArray()).statusCode()).isEqualTo(413);
        }
        assertThat(send("application/x-protobuf", "deflate", zeros).statusCode())
                .isEqualTo(415);
        assertThat(send("application/grpc", null, zeros).statusCode()).isEqualTo(415);
        assertThat(send("application/x-protobuf", null, new byte[9 << 20]).statusCode())
                .isEqualTo(413);
    }

    @Test
    void deep_and_wide_bodies_are_read_or_refused_in_words() throws Exception {
        String deep = "{\"resourceSpans\":" + "[".repeat(100_000);
        assertThat(json(post(deep)).getString("detail")).contains("deeper than 100");
        String deepValue = "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"attributes\":[{\"key\":\"x\",\"value\":"
                + "{\"arrayValue\":{\"values\":[".repeat(2_000);
        assertThat(post(deepValue).statusCode()).isEqualTo(400);
        assertThat(send("application/x-protobuf", null, groups(200_000)).statusCode())
                .isEqualTo(400);
        assertThat(send("application/x-protobuf", null, nested(60_000)).statusCode())
                .isIn(200, 400);

        Spans wide = Spans.at(Instant.now()).trace(70).resource("interlock.agent", "wide-agent");
        Object[] many = new Object[40_000];
        for (int i = 0; i < many.length; i += 2) {
            many[i] = "attribute-" + i;
            many[i + 1] = "value";
        }
        assertThat(post(wide.model(1, 0, null, many).toString()).body()).isEqualTo("{}");
        assertThat(server.get("/api/v1/agents/wide-agent", "viewer@acme").statusCode())
                .isEqualTo(200);

        Spans countless = Spans.at(Instant.now()).trace(71);
        for (int i = 1; i <= SpanList.MOST + 5; i++) {
            countless.other(i, 0);
        }
        assertThat(post(countless.toString()).body()).contains("\"rejectedSpans\":\"5\"");
    }

    @Test
    void no_prompt_answer_or_key_is_kept_anywhere() throws Exception {
        Path folder = Files.createTempDirectory("interlock-traces");
        String planted = "PLANTED-4f1c9a";
        String metrics;
        try (RunningServer own = RunningServer.on(folder)) {
            Spans spans = Spans.at(Instant.now())
                    .resource("interlock.agent", "a")
                    .resource("process.command_args", planted)
                    .model(
                            1,
                            0,
                            planted + " said no, with the key sk-" + planted,
                            "gen_ai.input.messages",
                            planted,
                            "gen_ai.output.messages",
                            planted,
                            "input.value",
                            planted,
                            "http.request.header.authorization",
                            planted)
                    .trace(2)
                    .tool(1, 0, planted, "gen_ai.tool.call.arguments", planted, "error.type", "ask " + planted);
            spans.last()
                    .put("name", planted)
                    .put(
                            "events",
                            new JsonArray()
                                    .add(new JsonObject()
                                            .put("name", "exception")
                                            .put(
                                                    "attributes",
                                                    new JsonArray()
                                                            .add(new JsonObject()
                                                                    .put("key", "exception.message")
                                                                    .put(
                                                                            "value",
                                                                            new JsonObject()
                                                                                    .put("stringValue", planted))))));
            assertThat(own.post("/v1/traces", AGENT, spans.toString()).body()).isEqualTo("{}");
            assertThat(own.post("/v1/traces", AGENT, "{\"" + planted).body()).doesNotContain(planted);
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> json(own.get("/api/v1/agents/a/logs", "viewer@acme"))
                                    .getJsonArray("logs")
                                    .size()
                            == 2);
            assertThat(own.get("/api/v1/agents/a/logs", "viewer@acme").body()).doesNotContain(planted);
            metrics = own.get("/metrics", "viewer@acme").body();
        }
        assertThat(metrics).doesNotContain(planted);
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1))
                        .as(file.getFileName().toString())
                        .doesNotContain(planted);
            }
        }
    }

    private static byte[] groups(int deep) {
        byte[] body = new byte[deep];
        java.util.Arrays.fill(body, (byte) 0x0b);
        return body;
    }

    /** Lists within lists of one attribute. */
    private static byte[] nested(int deep) {
        byte[] inner = {};
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < Math.min(deep, 2_000); i++) {
            ByteArrayOutputStream outer = new ByteArrayOutputStream();
            outer.write(i % 2 == 0 ? 0x0a : 0x2a);
            int length = inner.length;
            while (length >= 0x80) {
                outer.write(length & 0x7f | 0x80);
                length >>>= 7;
            }
            outer.write(length);
            outer.writeBytes(inner);
            inner = outer.toByteArray();
        }
        all.writeBytes(inner);
        return all.toByteArray();
    }

    private static HttpResponse<String> post(String json) {
        return server.post("/v1/traces", AGENT, json);
    }

    private static HttpResponse<String> send(String type, String encoding, byte[] body) {
        HttpRequest.Builder request =
                server.request("/v1/traces", AGENT).header("Content-Type", type).POST(BodyPublishers.ofByteArray(body));
        if (encoding != null) {
            request.header("Content-Encoding", encoding);
        }
        return server.send(request.build());
    }

    /** Without those of transitions. */
    private static JsonArray rows(String agent) {
        JsonArray rows = new JsonArray();
        for (Object each : json(server.get("/api/v1/agents/" + agent + "/logs", "viewer@acme"))
                .getJsonArray("logs")) {
            JsonObject row = (JsonObject) each;
            if ("traces".equals(row.getJsonObject("metadata").getString("source"))) {
                rows.add(row);
            }
        }
        return rows;
    }

    private static String key(String json) {
        return key(server, json);
    }

    private static String key(RunningServer of, String json) {
        return json(of.send(HttpRequest.newBuilder(of.uri("/api/v1/keys"))
                        .header("Authorization", "Bearer " + RunningServer.ADMIN_KEY)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(json))
                        .build()))
                .getString("key");
    }
}
