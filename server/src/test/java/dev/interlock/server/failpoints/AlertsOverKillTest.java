package dev.interlock.server.failpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.checks.Rounds;
import dev.interlock.failpoints.Failpoint;
import dev.interlock.server.RunningServer;
import dev.interlock.server.outbound.Provider;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server is killed by signal 9 when a receiver has answered a message and nothing is noted of that. Each opening that
 * was acknowledged is reported, by the next life at the latest, and what is reported twice has one id.
 */
@Tag("heavy")
@Tag("thorough")
class AlertsOverKillTest {
    private static final Map<String, String> SETTINGS = Map.of("outbound-hosts", "127.0.0.1");
    private static final int LIVES = Rounds.of(20, 1);
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Pattern ID = Pattern.compile("(?i)^webhook-id: (\\S+)$", Pattern.MULTILINE);
    private static final Pattern AGENT = Pattern.compile("\"agent_id\":\"([^\"]+)\"");

    @TempDir
    Path folder;

    private final Provider receiver = new Provider();
    private final HttpClient client = HttpClient.newHttpClient();
    private final Set<String> acknowledged = new TreeSet<>();

    @AfterEach
    void close() {
        receiver.close();
    }

    @Test
    void what_was_stored_arrives_and_what_comes_twice_has_one_id() throws IOException, InterruptedException {
        for (int life = 0; life < LIVES; life++) {
            liveAndDie(life);
        }
        assertThat(acknowledged).isNotEmpty();
        try (RunningServer next = RunningServer.on(folder, SETTINGS)) {
            await().atMost(LONG).until(() -> ids().keySet().containsAll(acknowledged));
            assertThat(next.get("/api/v1/webhooks", "admin@acme").body()).contains("\"left_out\":0");
        }
        Map<String, Set<String>> ids = ids();
        assertThat(ids).allSatisfy((agent, own) -> assertThat(own).as(agent).hasSize(1));
        assertThat(receiver.requests)
                .as("what was under way when it was killed is sent again")
                .hasSizeGreaterThan(ids.size());
    }

    private void liveAndDie(int life) throws IOException, InterruptedException {
        Process victim = ServerVictim.start(Failpoint.ALERT_SENT, 3, folder, SETTINGS);
        try (BufferedReader lines = victim.inputReader()) {
            String url = ServerVictim.url(lines);
            if (life == 0) {
                assertThat(post(url + "/api/v1/webhooks", "admin", """
                        {"name": "on call", "on": ["opened"], "url": "%s"}""".formatted(receiver.url("/"))))
                        .isEqualTo(201);
            }
            for (int i = 0; victim.isAlive(); i++) {
                String agent = "agent-" + life + "-" + i;
                if (post(url + "/api/v1/circuits/" + agent + "/action", "operator", "{\"action\": \"open\"}") == 200) {
                    acknowledged.add(agent);
                }
            }
        }
        assertThat(victim.waitFor()).isEqualTo(128 + 9);
    }

    /** The status; 0 if the server died meanwhile. */
    private int post(String url, String role, String body) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .timeout(LONG)
                .header("Authorization", "Bearer " + RunningServer.token(role + "@acme"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
        try {
            HttpResponse<Void> answer = client.send(request, BodyHandlers.discarding());
            return answer.statusCode();
        } catch (IOException died) {
            return 0;
        }
    }

    /** The ids of the messages about each agent. */
    private Map<String, Set<String>> ids() {
        Map<String, Set<String>> ids = new HashMap<>();
        for (String request : receiver.requests) {
            Matcher id = ID.matcher(request);
            Matcher agent = AGENT.matcher(request);
            assertThat(id.find() && agent.find()).as(request).isTrue();
            ids.computeIfAbsent(agent.group(1), fresh -> new HashSet<>()).add(id.group(1));
        }
        return ids;
    }
}
