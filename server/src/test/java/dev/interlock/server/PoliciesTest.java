package dev.interlock.server;

import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.settings.PolicySettings;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PoliciesTest {
    private static final String ADMIN = "admin@acme";

    @Test
    void a_policy_is_in_effect_at_once_and_after_a_restart_and_for_nobody_else(@TempDir Path folder) {
        try (RunningServer server = RunningServer.on(folder)) {
            HttpResponse<String> put = server.send(
                    "PUT", "/api/v1/policies/model%3A*", ADMIN, "{\"base\":\"recommended\",\"cooldown\":\"5m\"}");
            assertThat(put.statusCode()).as(put.body()).isEqualTo(200);
            assertThat(json(put).getString("pattern")).isEqualTo("model:*");
            assertThat(json(put).getLong("version")).isEqualTo(1);
            assertThat(json(put).getJsonObject("settings").getLong("cooldown_ms"))
                    .isEqualTo(300_000);
            assertThat(json(server.get("/api/v1/circuits/model:a", "viewer@acme"))
                            .getString("policy"))
                    .isEqualTo("model:*");
            assertThat(json(server.get("/api/v1/circuits/model:a", "viewer@others"))
                            .getString("policy"))
                    .isEqualTo("default");
        }
        try (RunningServer server = RunningServer.on(folder)) {
            assertThat(json(server.get("/api/v1/circuits/model:a", "viewer@acme"))
                            .getString("policy"))
                    .isEqualTo("model:*");
            server.post("/api/v1/circuits/model:a/action", "operator@acme", "{\"action\":\"open\"}");
            assertThat(json(server.get("/api/v1/circuits/model:a", "viewer@acme"))
                            .getLong("retry_after_ms"))
                    .isBetween(200_000L, 330_000L);
            assertThat(json(server.send("PUT", "/api/v1/policies/model%3A*", ADMIN, "{}"))
                            .getLong("version"))
                    .isEqualTo(2);
        }
    }

    @Test
    void viewers_read_every_setting_and_how_many_circuits_follow_each() {
        try (RunningServer server = new RunningServer()) {
            server.send("PUT", "/api/v1/policies/model%3A*", ADMIN, "{\"base\":\"upstream\"}");
            server.send("PUT", "/api/v1/policies/model%3Aa*", ADMIN, "{\"cooldown\":\"5m\"}");
            for (String agent : new String[] {"model:a1", "model:b", "model:c", "planner"}) {
                server.post("/api/v1/circuits/" + agent + "/outcomes", "agent@acme", "{\"outcome\":\"success\"}");
            }
            JsonObject list = json(server.get("/api/v1/policies", "viewer@acme"));
            assertThat(list.getJsonArray("policies").stream()
                            .map(each -> ((JsonObject) each).getString("pattern") + " "
                                    + ((JsonObject) each).getInteger("circuits")))
                    .as("each circuit once, by the pattern that it follows")
                    .containsExactly("model:a* 1", "model:* 2");
            assertThat(list.getJsonObject("default").getInteger("circuits")).isEqualTo(1);
            assertThat(list.getJsonObject("built_in").fieldNames())
                    .containsExactlyInAnyOrderElementsOf(PolicySettings.builtInNames());
            assertThat(list.getJsonObject("built_in").getJsonObject("upstream").getInteger("failure_threshold"))
                    .isEqualTo(CircuitBreakerConfig.upstream().failureThreshold());
            assertThat(list.getJsonObject("default").getJsonObject("settings").fieldNames())
                    .as("every setting")
                    .containsExactlyElementsOf(PolicySettings.write(CircuitBreakerConfig.defaults())
                            .keySet());
            JsonObject one = json(server.get("/api/v1/policies/model%3A*", "viewer@acme"));
            assertThat(one.getInteger("circuits")).isEqualTo(2);
            assertThat(one.getJsonObject("settings").getInteger("min_callers")).isEqualTo(2);
            assertThat(server.send("PUT", "/api/v1/policies/x", "operator@acme", "{}")
                            .statusCode())
                    .isEqualTo(403);
        }
    }

    @Test
    void what_is_stored_names_no_new_setting_that_has_its_default(@TempDir Path folder) throws SQLException {
        try (RunningServer server = RunningServer.on(folder)) {
            server.send("PUT", "/api/v1/policies/old", ADMIN, "{\"failure_threshold\":7}");
            server.send("PUT", "/api/v1/policies/new", ADMIN, "{\"mode\":\"observe\",\"alternatives\":[\"old\"]}");
        }
        Map<String, String> stored = new HashMap<>();
        try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("interlock.db"));
                ResultSet rows = database.createStatement().executeQuery("SELECT pattern, settings FROM policy")) {
            while (rows.next()) {
                stored.put(rows.getString(1), rows.getString(2));
            }
        }
        assertThat(stored.get("old"))
                .contains("failure_threshold")
                .doesNotContain("mode", "min_callers", "upstream", "cooldowns", "retry_after_min", "alternatives");
        assertThat(stored.get("new")).contains("\"mode\":\"observe\"").doesNotContain("min_callers");
        try (RunningServer server = RunningServer.on(folder)) {
            JsonObject settings =
                    json(server.get("/api/v1/policies/new", ADMIN)).getJsonObject("settings");
            assertThat(settings.getString("mode")).isEqualTo("observe");
            assertThat(settings.getJsonArray("alternatives")).containsExactly("old");
        }
    }

    @Test
    void a_probe_that_nothing_can_carry_out_is_refused_with_the_reason() {
        try (RunningServer server = new RunningServer()) {
            for (String settings : new String[] {"{\"base\":\"upstream+probe\"}", "{\"probe\":{\"needed\":2}}"}) {
                var answer = server.send("PUT", "/api/v1/policies/probed", ADMIN, settings);

                assertThat(answer.statusCode()).isEqualTo(400);
                assertThat(json(answer).getString("detail"))
                        .startsWith("The probe cannot be carried out. probe.url is missing;");
            }
            assertThat(server.send(
                                    "PUT",
                                    "/api/v1/policies/probed",
                                    ADMIN,
                                    "{\"base\":\"upstream+probe\",\"probe\":null}")
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void policies_are_listed_the_most_specific_first_and_removed() {
        try (RunningServer server = new RunningServer()) {
            for (String pattern : new String[] {"*", "model:*", "model:kimi"}) {
                server.send("PUT", "/api/v1/policies/" + pattern, ADMIN, "{}");
            }
            JsonArray all = json(server.get("/api/v1/policies", ADMIN)).getJsonArray("policies");
            assertThat(all.stream().map(each -> ((JsonObject) each).getString("pattern")))
                    .containsExactly("model:kimi", "model:*", "*");
            assertThat(json(server.get("/api/v1/policies", "admin@others")).getJsonArray("policies"))
                    .isEmpty();
            assertThat(server.get("/api/v1/policies/*", "admin@others").statusCode())
                    .isEqualTo(404);
            assertThat(server.send("DELETE", "/api/v1/policies/*", "admin@others", null)
                            .statusCode())
                    .isEqualTo(404);
            assertThat(server.send("DELETE", "/api/v1/policies/*", ADMIN, null).statusCode())
                    .isEqualTo(204);
            assertThat(server.get("/api/v1/policies/*", ADMIN).statusCode()).isEqualTo(404);
        }
    }

    @Test
    void all_mistakes_of_a_policy_are_reported_at_once_and_nothing_is_changed() {
        try (RunningServer server = new RunningServer()) {
            HttpResponse<String> answer = server.send(
                    "PUT",
                    "/api/v1/policies/a",
                    ADMIN,
                    "{\"failure_treshold\":3,\"cooldown\":\"soon\",\"success_threshold\":99}");
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(json(answer).getString("detail"))
                    .contains("failure_treshold = 3", "failure_threshold", "cooldown = soon", "success_threshold = 99");
            assertThat(server.get("/api/v1/policies/a", ADMIN).statusCode()).isEqualTo(404);
        }
    }
}
