package dev.interlock.server.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys over HTTP, in a real database file. */
class KeysTest {
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
    void a_key_is_shown_once_works_is_listed_without_secrets_and_ends_when_it_is_removed() {
        JsonObject made = make("admin@acme", new JsonObject().put("name", "eye").put("role", "viewer"));
        String key = made.getString("key");

        assertThat(made.getString("organization_id")).isEqualTo("acme");
        assertThat(with(key, "GET", "/api/v1/circuits/", null).statusCode()).isEqualTo(200);
        HttpResponse<String> listed = server.get("/api/v1/keys", "admin@acme");
        assertThat(listed.body()).doesNotContain(key, "hash");
        JsonArray keys = RunningServer.json(listed).getJsonArray("keys");
        assertThat(keys.stream().map(each -> ((JsonObject) each).getString("id")))
                .contains(made.getString("id"));
        JsonObject line = (JsonObject) keys.stream()
                .filter(each -> ((JsonObject) each).getString("id").equals(made.getString("id")))
                .findFirst()
                .orElseThrow();
        assertThat(line.getString("created_by")).isEqualTo("admin (token of tests)");

        String place = "/api/v1/keys/" + made.getString("id");
        assertThat(server.send("DELETE", place, "admin@globex", null).statusCode())
                .isEqualTo(404);
        assertThat(server.send("DELETE", place, "admin@acme", null).statusCode())
                .isEqualTo(204);
        HttpResponse<String> refused = with(key, "GET", "/api/v1/circuits/", null);
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.headers().firstValue("WWW-Authenticate"))
                .hasValueSatisfying(v -> assertThat(v).startsWith("Bearer"));
        assertThat(server.send("DELETE", place, "admin@acme", null).statusCode())
                .isEqualTo(404);
    }

    @Test
    void a_key_with_an_end_shows_it_and_when_it_was_used() {
        JsonObject made = make(
                "admin@ends",
                new JsonObject()
                        .put("name", "eye")
                        .put("role", "viewer")
                        .put("expires_at", "2126-01-31T18:00:00+01:00"));
        assertThat(made.getString("expires_at")).isEqualTo("2126-01-31T17:00:00Z");
        assertThat(keysOf("ends").getString("last_used_at")).isNull();

        with(made.getString("key"), "GET", "/api/v1/circuits/", null);
        assertThat(keysOf("ends").getString("expires_at")).isEqualTo("2126-01-31T17:00:00Z");
        assertThat(Instant.parse(keysOf("ends").getString("last_used_at")))
                .isAfter(Instant.parse(keysOf("ends").getString("created_at")).minusSeconds(1));
        assertThat(server.post(
                                "/api/v1/keys",
                                "admin@ends",
                                "{\"name\":\"late\",\"role\":\"viewer\",\"expires_at\":\"2026-01-01T00:00:00Z\"}")
                        .body())
                .contains("expires_at: must be later than now");
    }

    private static JsonObject keysOf(String organization) {
        return RunningServer.json(server.get("/api/v1/keys", "admin@" + organization))
                .getJsonArray("keys")
                .getJsonObject(0);
    }

    @Test
    void the_installations_admin_handles_keys_of_any_organization() {
        HttpResponse<String> made = with(
                RunningServer.ADMIN_KEY,
                "POST",
                "/api/v1/keys",
                "{\"name\": \"theirs\", \"role\": \"admin\", \"organization_id\": \"initech\"}");

        assertThat(made.statusCode()).isEqualTo(201);
        String key = RunningServer.json(made).getString("key");
        String id = RunningServer.json(made).getString("id");
        assertThat(with(key, "GET", "/api/v1/keys", null).body()).contains(id);
        assertThat(with(RunningServer.ADMIN_KEY, "GET", "/api/v1/keys?organization_id=initech", null)
                        .body())
                .contains(id, "admin (configured key)");
        assertThat(with(RunningServer.ADMIN_KEY, "GET", "/api/v1/keys", null).body())
                .doesNotContain(id);
        HttpResponse<String> itself = with(key, "DELETE", "/api/v1/keys/" + id, null);
        assertThat(itself.statusCode()).isEqualTo(409);
        assertThat(RunningServer.json(itself).getString("detail")).contains("cannot remove itself");
        assertThat(with(RunningServer.ADMIN_KEY, "DELETE", "/api/v1/keys/" + id + "?organization_id=initech", null)
                        .statusCode())
                .isEqualTo(204);
    }

    @Test
    void an_admin_of_one_organization_learns_nothing_of_another() {
        for (String organization : new String[] {"globex", "never-heard-of"}) {
            HttpResponse<String> listed = server.get("/api/v1/keys?organization_id=" + organization, "admin@acme");
            HttpResponse<String> made = server.post(
                    "/api/v1/keys",
                    "admin@acme",
                    "{\"name\": \"x\", \"role\": \"viewer\", \"organization_id\": \"" + organization + "\"}");
            assertThat(listed.statusCode()).isEqualTo(403);
            assertThat(made.statusCode()).isEqualTo(403);
            assertThat(listed.body()).doesNotContain(organization);
        }
    }

    @Test
    void what_is_wrong_is_said() {
        HttpResponse<String> role = server.post("/api/v1/keys", "admin@acme", "{\"name\": \"x\", \"role\": \"root\"}");
        HttpResponse<String> agents = server.post(
                "/api/v1/keys", "admin@acme", "{\"name\": \"x\", \"role\": \"viewer\", \"agents\": \"a*\"}");

        assertThat(role.statusCode()).isEqualTo(400);
        assertThat(RunningServer.json(role).getString("detail")).contains("viewer, operator, admin, agent");
        assertThat(agents.statusCode()).isEqualTo(400);
        assertThat(RunningServer.json(agents).getString("detail")).contains("limits keys of the role agent only");
    }

    @Test
    void keys_outlive_the_server_and_the_first_admin_key_is_reused(@TempDir Path folder) throws Exception {
        String first;
        String made;
        try (RunningServer once = RunningServer.without("admin-key", folder)) {
            first = Files.readString(folder.resolve("admin-key")).strip();
            HttpResponse<String> answer =
                    with(once, first, "POST", "/api/v1/keys", "{\"name\": \"eye\", \"role\": \"viewer\"}");
            made = RunningServer.json(answer).getString("key");
        }
        try (RunningServer again = RunningServer.without("admin-key", folder)) {
            assertThat(Files.readString(folder.resolve("admin-key")).strip()).isEqualTo(first);
            assertThat(with(again, made, "GET", "/api/v1/circuits/", null).statusCode())
                    .isEqualTo(200);
            assertThat(with(again, first, "GET", "/api/v1/keys", null).statusCode())
                    .isEqualTo(200);
            assertThat(with(again, first, "GET", "/api/v1/keys", null).body()).contains("first admin key (key ");
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String content = Files.readString(file, StandardCharsets.ISO_8859_1);
                assertThat(content).as("no key lies in %s", file.getFileName()).doesNotContain(made);
                assertThat(content.contains(first)).isEqualTo(file.endsWith("admin-key"));
            }
        }
    }

    private static JsonObject make(String caller, JsonObject wanted) {
        HttpResponse<String> made = server.post("/api/v1/keys", caller, wanted.encode());
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        return RunningServer.json(made);
    }

    private static HttpResponse<String> with(String key, String method, String path, String json) {
        return with(server, key, method, path, json);
    }

    private static HttpResponse<String> with(
            RunningServer target, String key, String method, String path, String json) {
        HttpRequest.Builder request = HttpRequest.newBuilder(target.uri(path))
                .header("Authorization", "Bearer " + key)
                .method(method, json == null ? BodyPublishers.noBody() : BodyPublishers.ofString(json));
        if (json != null) {
            request.header("Content-Type", "application/json");
        }
        return target.send(request.build());
    }
}
