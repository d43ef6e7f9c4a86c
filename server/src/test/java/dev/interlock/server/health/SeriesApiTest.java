package dev.interlock.server.health;

import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code GET /api/v1/agents/{id}/series}: what calls came to, a minute or an hour, over restarts. */
class SeriesApiTest {
    private static final String SERIES = "/api/v1/agents/planner/series";

    @TempDir
    Path folder;

    @Test
    void calls_failures_refusals_and_latency_are_there_at_once_and_after_a_restart() {
        Instant start = Instant.now();
        try (RunningServer server = RunningServer.on(folder)) {
            for (int i = 0; i < 6; i++) {
                outcome(server, "{\"outcome\":\"success\",\"duration_ms\":4000}");
            }
            outcome(server, "{\"outcome\":\"failure\",\"kind\":\"LOOP\"}");
            for (int i = 0; i < 3; i++) {
                assertThat(server.post("/api/v1/circuits/planner/permits", "agent@acme", "{}")
                                .statusCode())
                        .isEqualTo(503);
            }
            await().untilAsserted(() -> assertSums(server, "minute"));
            assertSums(server, "hour");
            JsonObject series = json(server.get(SERIES, "viewer@acme"));
            assertThat(series.getString("step")).isEqualTo("minute");
            Instant first =
                    Instant.parse(series.getJsonArray("points").getJsonObject(0).getString("at"));
            assertThat(first).isBetween(start.minusSeconds(60), Instant.now());
            assertThat(first.getEpochSecond() % 60).isZero();
            assertThat(series.getJsonArray("points").getJsonObject(0).getInteger("p95_ms"))
                    .isEqualTo(4000);

            assertThat(points(server, SERIES, "viewer@other")).isEmpty();
            assertThat(points(server, "/api/v1/agents/nobody/series", "viewer@acme"))
                    .isEmpty();
            String later = Instant.now().plusSeconds(3_600).toString();
            assertThat(points(server, SERIES + "?since=" + later, "viewer@acme"))
                    .isEmpty();
        }
        try (RunningServer server = RunningServer.on(folder)) {
            assertSums(server, "minute");
            assertSums(server, "hour");
        }
    }

    @Test
    void what_is_no_step_or_no_time_is_refused() {
        try (RunningServer server = RunningServer.on(folder)) {
            for (String query : new String[] {"step=second", "step=", "since=yesterday"}) {
                assertThat(server.get(SERIES + "?" + query, "viewer@acme").statusCode())
                        .as(query)
                        .isEqualTo(400);
            }
        }
    }

    private static void assertSums(RunningServer server, String step) {
        int[] sums = new int[3];
        points(server, SERIES + "?step=" + step, "viewer@acme").forEach(each -> {
            JsonObject point = (JsonObject) each;
            sums[0] += point.getInteger("calls");
            sums[1] += point.getInteger("failures");
            sums[2] += point.getInteger("refusals");
        });
        assertThat(sums).as(step).containsExactly(7, 1, 3);
    }

    private static JsonArray points(RunningServer server, String path, String caller) {
        return json(server.get(path, caller)).getJsonArray("points");
    }

    private static void outcome(RunningServer server, String body) {
        assertThat(server.post("/api/v1/circuits/planner/outcomes", "agent@acme", body)
                        .statusCode())
                .isEqualTo(200);
    }
}
