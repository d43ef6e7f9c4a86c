package dev.interlock.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists are compressed for those who take that, and not sent again to those who have them. */
class ListsTest {
    private static final int AGENTS = 400;
    private static RunningServer server;

    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeAll
    static void start() {
        server = new RunningServer();
        for (int i = 0; i < AGENTS; i++) {
            succeed("agent-" + i);
        }
        server.post("/api/v1/circuits/agent-7/action", "operator@acme", "{\"action\":\"open\"}");
        await().until(() -> server.get("/api/v1/agents/agent-7/health/history", "viewer@acme")
                .body()
                .contains("\"at\"")); // agents are judged every second
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/v1/circuits/",
                "/api/v1/circuits/?limit=300",
                "/api/v1/circuits/?state=open",
                "/api/v1/agents",
                "/api/v1/agents?limit=300",
                "/api/v1/transitions",
                "/api/v1/circuits/agent-7/transitions",
                "/api/v1/agents/agent-7/logs",
                "/api/v1/agents/agent-7/health/history"
            })
    void a_list_is_not_sent_again_while_nothing_has_changed(String path) throws Exception {
        HttpResponse<byte[]> first = get(path, "gzip", null);
        assertThat(first.statusCode()).isEqualTo(200);
        String tag = tag(first);
        String plain = server.get(path, "viewer@acme").body();
        assertThat(text(first)).hasSameSizeAs(plain);

        HttpResponse<byte[]> again = get(path, "gzip", "\"other\", " + tag);
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
        assertThat(tag(again)).isEqualTo(tag);
        assertThat(get(path, null, "W/\"1-1\"").statusCode()).isEqualTo(200);
        assertThat(tag(get(path, null, null, "viewer@other"))).isNotEqualTo(tag);
    }

    @Test
    void each_change_of_a_circuit_changes_the_tag() throws Exception {
        String path = "/api/v1/circuits/";
        String before = tag(get(path, null, null));
        succeed("agent-3");
        String counted = tag(get(path, null, null));
        assertThat(counted).isNotEqualTo(before);
        server.post("/api/v1/circuits/agent-3/action", "operator@acme", "{\"action\":\"hold_closed\"}");
        String held = tag(get(path, null, null));
        assertThat(held).isNotEqualTo(counted);
        succeed("a-new-agent");
        assertThat(tag(get(path, null, null))).isNotEqualTo(held);
    }

    @ParameterizedTest
    @CsvSource({
        "gzip, true",
        "'br, GZIP;q=0.5', true",
        "*, true",
        "'gzip;q=0', false",
        "'gzip; q=0.000', false",
        "identity, false",
        "gzipped, false"
    })
    void only_who_takes_gzip_gets_it(String accepted, boolean compressed) throws Exception {
        for (String path : new String[] {"/api/v1/circuits/", "/api/v1/agents", "/api/v1/circuits/?limit=300"}) {
            HttpResponse<byte[]> answer = get(path, accepted, null);
            assertThat(answer.headers().firstValue("Content-Encoding").isPresent())
                    .as(path)
                    .isEqualTo(compressed);
            assertThat(answer.headers().firstValue("Vary")).hasValue("Accept-Encoding, Authorization");
            assertThat(new JsonObject(text(answer)).isEmpty()).isFalse();
        }
    }

    @Test
    void a_fleet_is_a_tenth_as_long_when_it_is_compressed() throws Exception {
        HttpResponse<byte[]> answer = get("/api/v1/circuits/", "gzip", null);
        assertThat(new JsonObject(text(answer)).size()).isGreaterThanOrEqualTo(AGENTS);
        assertThat(answer.body().length * 10).isLessThan(text(answer).length());
    }

    private static void succeed(String agent) {
        assertThat(server.post("/api/v1/circuits/" + agent + "/outcomes", "agent@acme", "{\"outcome\":\"success\"}")
                        .statusCode())
                .isEqualTo(200);
    }

    private HttpResponse<byte[]> get(String path, String accepted, String known) throws Exception {
        return get(path, accepted, known, "viewer@acme");
    }

    private HttpResponse<byte[]> get(String path, String accepted, String known, String caller) throws Exception {
        HttpRequest.Builder request = server.request(path, caller);
        if (accepted != null) {
            request.header("Accept-Encoding", accepted);
        }
        if (known != null) {
            request.header("If-None-Match", known);
        }
        return client.send(request.build(), BodyHandlers.ofByteArray());
    }

    private static String tag(HttpResponse<?> answer) {
        return answer.headers().firstValue("ETag").orElseThrow();
    }

    private static String text(HttpResponse<byte[]> answer) throws IOException {
        boolean compressed = answer.headers().firstValue("Content-Encoding").isPresent();
        try (GZIPInputStream gzip = compressed ? new GZIPInputStream(new ByteArrayInputStream(answer.body())) : null) {
            return new String(gzip == null ? answer.body() : gzip.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
