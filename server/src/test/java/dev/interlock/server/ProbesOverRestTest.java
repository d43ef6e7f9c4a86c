package dev.interlock.server;

import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.server.outbound.Provider;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Probes that a policy over REST names, made by a real server at a real provider. */
@Tag("heavy")
@Tag("thorough")
class ProbesOverRestTest {
    private static final String ADMIN = "admin@acme";
    private static final String SECRET = "sk-a-secret-of-the-provider";

    @TempDir
    private Path folder;

    private final Provider provider = new Provider();

    @BeforeEach
    void keepASecret() throws IOException {
        Files.writeString(folder.resolve("provider-key"), SECRET + "\n");
    }

    @AfterEach
    void close() {
        provider.close();
    }

    @Test
    void an_open_circuit_is_probed_in_place_of_trials_and_closes_by_trials() {
        try (RunningServer server = server()) {
            put(server, policy(request().put("suspicion", 0)));
            earnTrust(server);

            provider.answer(503);
            fail(server);
            fail(server);
            assertThat(circuit(server).getString("state")).isEqualTo("open");
            int asked = provider.requests.size();
            eventually(() -> provider.requests.size() > asked + 1);
            JsonObject bad = circuit(server);
            assertThat(bad.getString("state")).as("the cooldown is long over").isEqualTo("open");
            assertThat(permit(server).statusCode()).isEqualTo(503);
            JsonObject probe = bad.getJsonObject("probe");
            assertThat(probe.getBoolean("trusted")).isTrue();
            assertThat(probe.getBoolean("last_good")).isFalse();
            assertThat(probe.getString("last_failure")).isEqualTo("the answer's status was 503");
            assertThat(Instant.parse(probe.getString("last_at")))
                    .isBetween(Instant.now().minusSeconds(60), Instant.now());
            assertThat(probe.getString("next_at")).isNotNull();
            assertThat(probe.getString("real_trial_at")).isNotNull();

            provider.answer(200);
            succeed(server);
            succeed(server);
            assertThat(circuit(server).getString("state")).isEqualTo("closed");
            assertThat(circuit(server).getJsonObject("probe").getBoolean("trusted"))
                    .isTrue();
        }
    }

    @Test
    void a_failure_in_closed_asks_two_at_once_and_if_both_fail_the_circuit_opens() {
        try (RunningServer server = server()) {
            put(server, policy(request()));
            earnTrust(server);
            provider.answer(503);
            awaitAnInterval(server);
            int asked = provider.requests.size();
            fail(server);
            eventually(() -> circuit(server).getString("state").equals("open"));
            assertThat(circuit(server).getString("cause")).isEqualTo("probes_failed");
            assertThat(provider.requests.size() - asked).isGreaterThanOrEqualTo(2);
        }
    }

    @Test
    void a_probe_that_lies_loses_trust_when_real_calls_succeed() {
        try (RunningServer server = server()) {
            put(server, policy(request()));
            earnTrust(server);
            provider.answer(401);
            awaitAnInterval(server);
            fail(server);
            eventually(() -> circuit(server).getString("state").equals("open"));

            succeed(server);
            succeed(server);
            JsonObject closed = circuit(server);
            assertThat(closed.getString("state")).isEqualTo("closed");
            assertThat(closed.getJsonObject("probe").getBoolean("trusted")).isFalse();
            assertThat(closed.getJsonObject("probe").getString("last_failure"))
                    .isEqualTo("the answer's status was 401");

            provider.answer(200);
            eventually(() -> circuit(server).getJsonObject("probe").getBoolean("trusted"));
        }
    }

    @Test
    void the_secret_goes_to_the_provider_and_is_shown_nowhere() throws SQLException {
        try (RunningServer server = server()) {
            JsonObject put = put(
                    server,
                    policy(request()
                            .put("method", "POST")
                            .put("headers", new JsonObject().put("Authorization", "Bearer ${secret:PROVIDER}"))
                            .put("body", "{\"key\":\"${secret:PROVIDER}\"}")));
            earnTrust(server);
            assertThat(provider.requests.get(0))
                    .contains("Authorization: Bearer " + SECRET + "\r\n")
                    .endsWith("{\"key\":\"" + SECRET + "\"}");
            assertThat(put.getJsonObject("settings")
                            .getJsonObject("probe")
                            .getJsonObject("headers")
                            .getString("Authorization"))
                    .isEqualTo("Bearer ${secret:PROVIDER}");
            for (String path :
                    new String[] {"/api/v1/policies", "/api/v1/policies/model:*", "/api/v1/circuits/model:a", "/metrics"
                    }) {
                assertThat(server.get(path, ADMIN).body()).doesNotContain(SECRET);
            }
            assertThat(stored()).contains("${secret:PROVIDER}").doesNotContain(SECRET);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'needed':2} | The probe cannot be carried out. probe.url is missing; a server's probe is an HTTP request",
                "{'url':'https://api.example.com/'} | the host api.example.com is not on outbound-hosts",
                "{'url':'http://10.0.0.1/'} | the host 10.0.0.1 is not on outbound-hosts",
                "{'url':'http://[::ffff:10.0.0.1]/'} | is not on outbound-hosts",
                "{'url':'http://[::1]/'} | is not on outbound-hosts",
                "{'url':'http://2130706433/'} | probe.url: must be an address such as",
                "{'url':'file:///etc/passwd'} | with the scheme https or http",
                "{'url':'http://user@127.0.0.1/'} | probe.url: must be without a credential",
                "{'url':'http://127.0.0.1/','headers':{'X':'${secret:NONE}'}} | there is no secret 'NONE' for this organization",
                "{'url':'http://127.0.0.1/','headers':{'X':'${secret:OTHERS}'}} | there is no secret 'OTHERS' for this organization",
                "{'url':'http://127.0.0.1/','headers':{'X':'${secret:ELSEWHERE}'}} | the secret 'ELSEWHERE' does not go to the host 127.0.0.1",
                "{'url':'http://127.0.0.1/','headers':{'X':'${secret:GONE}'}} | the secret 'GONE' has no value",
                "{'url':'http://127.0.0.1/','headers':{'X':'${secret:'}} | is written ${secret:NAME}",
                "{'url':'http://127.0.0.1/','headers':{'X':'a\\r\\nb'}} | probe.headers.X: must be a text",
                "{'url':'http://127.0.0.1/','timeout':'20s','interval':'10s'} | probe.timeout = 20s: must be at most probe.interval = 10s",
                "{'url':'http://127.0.0.1/','nedded':2} | probe.nedded = 2: must be called probe.needed",
                "{'url':'http://127.0.0.1/','interval':'999ms'} | probe.interval = 999ms: must be at least 1s for a request",
                "{'url':'http://127.0.0.1/','spacing':'99ms'} | probe.spacing = 99ms: must be at least 100ms for a request",
                "[] | probe = []: must be a map of settings",
                "'http://127.0.0.1/' | must be a map of settings",
            })
    void what_cannot_be_carried_out_is_refused_with_what_would_be_right(String probe, String detail) {
        try (RunningServer server = server()) {
            HttpResponse<String> answer = server.send(
                    "PUT", "/api/v1/policies/model%3A*", ADMIN, "{\"probe\":" + probe.replace('\'', '"') + "}");
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
            assertThat(json(answer).getString("detail").replace('"', '\'')).contains(detail.replace('"', '\''));
            assertThat(server.get("/api/v1/policies/model%3A*", ADMIN).statusCode())
                    .isEqualTo(404);
        }
    }

    @Test
    void all_mistakes_of_a_policy_and_its_request_are_reported_at_once() {
        try (RunningServer server = server()) {
            HttpResponse<String> answer = server.send(
                    "PUT",
                    "/api/v1/policies/a",
                    ADMIN,
                    "{\"cooldown\":\"soon\",\"probe\":{\"url\":\"ftp://x\",\"expect\":[],\"needed\":0}}");
            assertThat(json(answer).getString("detail"))
                    .contains("cooldown = soon", "probe.url: must be", "probe.expect: must be", "probe.needed = 0");
        }
    }

    @Test
    void the_built_in_policies_with_probes_need_a_request_and_keep_their_times() throws SQLException {
        try (RunningServer server = server()) {
            for (String base : new String[] {"recommended+probe", "upstream+probe"}) {
                HttpResponse<String> bare =
                        server.send("PUT", "/api/v1/policies/model%3A*", ADMIN, "{\"base\":\"" + base + "\"}");
                assertThat(json(bare).getString("detail")).contains("probe.url is missing");
                JsonObject probe = put(
                                server,
                                new JsonObject()
                                        .put("base", base)
                                        .put("probe", new JsonObject().put("url", provider.url("/"))))
                        .getJsonObject("settings")
                        .getJsonObject("probe");
                assertThat(probe.getLong("interval_ms")).isEqualTo(base.startsWith("upstream") ? 15_000 : 30_000);
                assertThat(probe.getInteger("suspicion")).isEqualTo(2);
                assertThat(probe.getString("method")).isEqualTo("GET");
                assertThat(probe.getLong("timeout_ms")).isEqualTo(5_000);
                assertThat(stored()).as("the release before does not know it").doesNotContain("suspicion");
            }
            JsonObject changed =
                    json(server.get("/api/v1/policies/model%3A*", ADMIN)).getJsonObject("settings");
            changed.getJsonObject("probe").put("suspicion", 3);
            assertThat(put(server, changed).getJsonObject("settings"))
                    .as("what is read can be put")
                    .isEqualTo(changed);
            assertThat(stored()).contains("\"suspicion\":3");
        }
    }

    @Test
    void one_that_can_be_carried_out_no_longer_is_shown_and_counts_as_none() {
        try (RunningServer server = server()) {
            put(server, policy(request()));
            earnTrust(server);
        }
        int asked = provider.requests.size();
        try (RunningServer server = RunningServer.on(folder)) {
            JsonObject policy = json(server.get("/api/v1/policies/model%3A*", ADMIN));
            assertThat(policy.getString("not_probed")).contains("the host 127.0.0.1 is not on outbound-hosts");
            assertThat(policy.getJsonObject("settings").getJsonObject("probe").getString("url"))
                    .isEqualTo(provider.url("/v1/models"));
            JsonObject circuit = circuit(server);
            assertThat(circuit.getJsonObject("probe")).isNull();
            assertThat(circuit.getString("not_probed")).contains("is not on outbound-hosts");
            assertThat(server.get("/metrics", ADMIN).body()).contains("interlock_policies_not_probed 1.0");

            fail(server);
            fail(server);
            assertThat(circuit(server).getString("state")).isEqualTo("open");
            succeed(server);
            succeed(server);
            assertThat(circuit(server).getString("state")).as("by trials").isEqualTo("closed");
        }
        assertThat(provider.requests).hasSize(asked);
    }

    @Test
    void a_secret_that_goes_takes_its_probes_with_it_until_it_comes_back() throws IOException {
        try (RunningServer server = server()) {
            put(server, policy(request().put("headers", new JsonObject().put("X-Api-Key", "${secret:PROVIDER}"))));
            Files.delete(folder.resolve("provider-key"));
            eventually(() -> circuit(server).getString("not_probed") != null);
            Files.writeString(folder.resolve("provider-key"), "another-secret-value");
            eventually(() -> circuit(server).getString("not_probed") == null);
            earnTrust(server);
            assertThat(provider.requests.get(0)).contains("another-secret-value");
        }
    }

    @Test
    void a_list_changes_with_what_a_probe_has_found() {
        try (RunningServer server = server()) {
            put(server, policy(request().put("suspicion", 0)));
            earnTrust(server);
            provider.answer(503);
            fail(server);
            fail(server);
            String opened = tag(server);
            assertThat(opened).isNotBlank();
            int asked = provider.requests.size();
            eventually(() -> provider.requests.size() > asked);
            eventually(() -> !tag(server).equals(opened));
            assertThat(circuit(server).getString("state")).isEqualTo("open");
        }
    }

    @Test
    void figures_count_the_organizations_own_probes() {
        try (RunningServer server = server()) {
            put(server, policy(request()));
            earnTrust(server);
            assertThat(server.get("/metrics", ADMIN).body())
                    .contains("interlock_probes_good_total 1.0", "interlock_probes_failed_total 0.0")
                    .contains("interlock_policies_not_probed 0.0");
            assertThat(server.get("/metrics", "admin@others").body()).contains("interlock_probes_good_total 0.0");
            provider.answer(503);
            server.post("/api/v1/circuits/model:a/action", "operator@acme", "{\"action\":\"open\"}");
            assertThat(server.get("/metrics", ADMIN).body())
                    .contains("interlock_circuit_probe_trusted{agent_id=\"model:a\"} 1");
        }
    }

    private RunningServer server() {
        String here = folder.resolve("provider-key").toString();
        JsonArray secrets = new JsonArray()
                .add(secret("PROVIDER", here, "acme", "127.0.0.1"))
                .add(secret("OTHERS", here, "others", "127.0.0.1"))
                .add(secret("ELSEWHERE", here, "acme", "api.example.com"))
                .add(secret("GONE", folder.resolve("gone").toString(), "acme", "127.0.0.1"));
        return RunningServer.on(folder, Map.of("outbound-hosts", "127.0.0.1", "outbound-secrets", secrets.encode()));
    }

    private static JsonObject secret(String name, String file, String organization, String host) {
        return new JsonObject()
                .put("name", name)
                .put("file", file)
                .put("organizations", new JsonArray().add(organization))
                .put("hosts", new JsonArray().add(host));
    }

    private JsonObject request() {
        return new JsonObject()
                .put("url", provider.url("/v1/models"))
                .put("interval", "1s")
                .put("needed", 2)
                .put("spacing", "100ms");
    }

    private static JsonObject policy(JsonObject probe) {
        return new JsonObject()
                .put("failure_threshold", 2)
                .put("cooldown", "100ms")
                .put("probe", probe);
    }

    private static JsonObject put(RunningServer server, JsonObject policy) {
        HttpResponse<String> answer = server.send("PUT", "/api/v1/policies/model%3A*", ADMIN, policy.encode());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return json(answer);
    }

    /** The first failure asks for trust, and a good call after it ends the streak. */
    private static void earnTrust(RunningServer server) {
        fail(server);
        eventually(() -> circuit(server).getJsonObject("probe").getBoolean("trusted"));
        report(server, "{\"outcome\":\"success\"}");
    }

    /** A suspicion is raised once an interval. */
    private static void awaitAnInterval(RunningServer server) {
        Instant end = Instant.now().plusMillis(1_050);
        eventually(() -> Instant.now().isAfter(end) && circuit(server) != null);
    }

    private static void fail(RunningServer server) {
        report(server, "{\"outcome\":\"failure\",\"kind\":\"SERVER_ERROR\"}");
    }

    /** A call that is let in sooner or later, and succeeds. */
    private static void succeed(RunningServer server) {
        String[] permit = new String[1];
        eventually(() -> {
            HttpResponse<String> answer = permit(server);
            permit[0] = answer.statusCode() == 200 ? json(answer).getString("permit") : null;
            return permit[0] != null;
        });
        report(server, "{\"outcome\":\"success\",\"permit\":\"" + permit[0] + "\"}");
    }

    private static void report(RunningServer server, String outcome) {
        HttpResponse<String> answer = server.post("/api/v1/circuits/model:a/outcomes", "agent@acme", outcome);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private static HttpResponse<String> permit(RunningServer server) {
        return server.post("/api/v1/circuits/model:a/permits", "agent@acme", "{}");
    }

    private static JsonObject circuit(RunningServer server) {
        return json(server.get("/api/v1/circuits/model:a", "viewer@acme"));
    }

    private static String tag(RunningServer server) {
        return server.get("/api/v1/circuits/", "viewer@acme")
                .headers()
                .firstValue("ETag")
                .orElse("");
    }

    private String stored() throws SQLException {
        try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("interlock.db"));
                ResultSet rows = database.createStatement().executeQuery("SELECT settings FROM policy")) {
            return rows.next() ? rows.getString(1) : "";
        }
    }

    private static void eventually(Callable<Boolean> condition) {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .until(condition);
    }
}
