package dev.interlock.server.failpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.failpoints.Failpoint;
import dev.interlock.jdbc.Postgres;
import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two servers on one PostgreSQL and one budget: what is reported to both adds up, the gate and a raise are there on both.
 * The one that is killed by signal 9 loses what it had not brought to the database, and nothing counts twice.
 */
@Tag("heavy")
@Tag("thorough")
class BudgetsOverKillTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String BUDGET = "/api/v1/budgets/plans";

    /** How many additions of a server are seen before it is killed. */
    private static final int ADDITIONS = 3;

    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private final Map<String, String> settings =
            Map.of("database-url", Postgres.migrated().url());

    @Test
    void one_budget_of_two_servers_is_summed_stopped_raised_and_kept() throws IOException, InterruptedException {
        Process victim = victim();
        try (BufferedReader lines = victim.inputReader();
                RunningServer server = new RunningServer(settings)) {
            String a = ServerVictim.url(lines);
            String b = server.uri("").toString();
            put(a, 1_000);
            awaitKnown(b);

            use(a, 600);
            awaitTokens(b, 600);
            assertThat(permit(b)).as("below the limit").isEqualTo(200);
            use(b, 400);
            for (String each : List.of(a, b)) {
                awaitTokens(each, 1_000);
                await().atMost(LONG).until(() -> permit(each) == 503);
            }

            raise(b, 1_000_000);
            assertThat(permit(b)).as("where it was raised").isEqualTo(200);
            await().atMost(LONG).until(() -> permit(a) == 200);

            int acknowledged = 1_000 + useUntilSeen(a, b);
            long seen = tokens(b);
            victim.destroyForcibly();
            assertThat(victim.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
            long kept = tokens(b);
            assertThat(kept).as("seen, kept, and acknowledged").isBetween(seen, (long) acknowledged);

            Process next = victim();
            try (BufferedReader itsLines = next.inputReader()) {
                String again = ServerVictim.url(itsLines);
                assertThat(tokens(again)).isEqualTo(kept);
                use(again, 1);
                awaitTokens(b, kept + 1);
            } finally {
                next.destroyForcibly();
            }
        } finally {
            victim.destroyForcibly();
        }
    }

    /** One token a call, until what it brings to the database was seen several times; how many calls that took. */
    private int useUntilSeen(String url, String other) {
        int calls = 0;
        long last = tokens(other);
        for (int additions = 0; additions < ADDITIONS; ) {
            use(url, 1);
            calls++;
            long now = tokens(other);
            assertThat(now).as("what is seen of %s more calls", calls).isLessThanOrEqualTo(1_000 + calls);
            if (now > last) {
                additions++;
                last = now;
            }
        }
        return calls;
    }

    private Process victim() throws IOException {
        return ServerVictim.start(Failpoint.ALERT_SENT, Integer.MAX_VALUE, folder, settings);
    }

    private void put(String url, int tokens) {
        String budget = "{\"pattern\": \"planner\", \"per\": \"month\", \"tokens\": " + tokens + "}";
        assertThat(send("PUT", url + BUDGET, "admin", budget).statusCode()).isEqualTo(200);
    }

    private void raise(String url, int tokens) {
        String raise = "{\"tokens\": " + tokens + ", \"reason\": \"the report is due\"}";
        assertThat(send("POST", url + BUDGET + "/raise", "admin", raise).statusCode())
                .isEqualTo(200);
    }

    /** A server reads budgets every few seconds: until it has, it counts nothing of them. */
    private void awaitKnown(String url) {
        await().atMost(LONG).until(() -> {
            use(url, 0);
            return usage(url).getInteger("calls", 0) > 0;
        });
    }

    private void use(String url, int tokens) {
        HttpResponse<String> answer = send(
                "POST",
                url + "/api/v1/circuits/planner/outcomes",
                "agent",
                "{\"outcome\": \"success\", \"tokens_out\": " + tokens + "}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private int permit(String url) {
        return send("POST", url + "/api/v1/circuits/planner/permits", "agent", "{}")
                .statusCode();
    }

    private void awaitTokens(String url, long tokens) {
        await().atMost(LONG).untilAsserted(() -> assertThat(tokens(url)).as(url).isEqualTo(tokens));
    }

    private long tokens(String url) {
        return usage(url).getLong("tokens", 0L);
    }

    private JsonObject usage(String url) {
        JsonArray usage =
                new JsonObject(send("GET", url + BUDGET, "viewer", null).body()).getJsonArray("usage");
        return usage.isEmpty() ? new JsonObject() : usage.getJsonObject(0);
    }

    private HttpResponse<String> send(String method, String url, String role, String body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .timeout(LONG)
                .header("Authorization", "Bearer " + RunningServer.token(role + "@acme"))
                .header("Content-Type", "application/json")
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .build();
        try {
            return client.send(request, BodyHandlers.ofString());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException stopped) {
            throw new IllegalStateException(stopped);
        }
    }
}
