package dev.interlock.server.failpoints;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.checks.Faults;
import dev.interlock.failpoints.Failpoint;
import dev.interlock.server.RunningServer;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What fails between the database and the server that asked it is not left so: within seconds the server goes by what the
 * database has.
 */
@Tag("slow")
class TablesAtFailpointsTest {
    private static final String ADMIN = "admin@acme";
    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = new RunningServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void disarm() {
        for (Failpoint each : Failpoint.values()) {
            Faults.disarm(each.name());
        }
    }

    @Test
    void a_key_that_was_stored_without_an_answer_can_be_seen_and_removed() {
        failOnce(Failpoint.KEY_STORED);
        assertThat(create("unanswered").statusCode()).isEqualTo(500);

        Eventually.is("the key is listed", () -> keys().contains("unanswered"));
        String id = RunningServer.json(server.get("/api/v1/keys", ADMIN))
                .getJsonArray("keys")
                .getJsonObject(0)
                .getString("id");
        assertThat(server.send("DELETE", "/api/v1/keys/" + id, ADMIN, null).statusCode())
                .isEqualTo(204);
        assertThat(keys()).doesNotContain("unanswered");
    }

    @Test
    void a_key_that_was_removed_without_an_answer_counts_no_more_in_seconds() {
        var created = RunningServer.json(create("gone"));
        assertThat(status(created.getString("key"))).isEqualTo(200);
        failOnce(Failpoint.KEY_REMOVED);
        assertThat(server.send("DELETE", "/api/v1/keys/" + created.getString("id"), ADMIN, null)
                        .statusCode())
                .isEqualTo(500);

        Eventually.is("the key counts no more", () -> status(created.getString("key")) == 401);
        assertThat(keys()).doesNotContain("gone");
    }

    @Test
    void a_policy_that_was_stored_without_an_answer_applies_in_seconds_and_one_that_was_removed_applies_no_more() {
        failOnce(Failpoint.POLICY_STORED);
        assertThat(server.send("PUT", "/api/v1/policies/slow-*", ADMIN, "{\"cooldown\":\"30s\"}")
                        .statusCode())
                .isEqualTo(500);
        Eventually.is("the policy applies", () -> policies().contains("slow-*"));

        failOnce(Failpoint.POLICY_REMOVED);
        assertThat(server.send("DELETE", "/api/v1/policies/slow-*", ADMIN, null).statusCode())
                .isEqualTo(500);
        Eventually.is("the policy applies no more", () -> !policies().contains("slow-*"));
    }

    private static void failOnce(Failpoint point) {
        Faults.arm(point.name(), visit -> {
            if (visit == 1) {
                throw new IllegalStateException("of a test, at a failpoint");
            }
        });
    }

    private static HttpResponse<String> create(String name) {
        return server.post("/api/v1/keys", ADMIN, "{\"name\":\"" + name + "\",\"role\":\"viewer\"}");
    }

    private static String keys() {
        return server.get("/api/v1/keys", ADMIN).body();
    }

    private static String policies() {
        return server.get("/api/v1/policies", ADMIN).body();
    }

    private static int status(String key) {
        return server.send(server.request("/api/v1/me", null)
                        .header("Authorization", "Bearer " + key)
                        .build())
                .statusCode();
    }
}
