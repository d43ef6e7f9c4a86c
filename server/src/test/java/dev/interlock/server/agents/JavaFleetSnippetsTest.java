package dev.interlock.server.agents;

import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.jdbc.Database;
import dev.interlock.jdbc.DatabaseSettings;
import dev.interlock.jdbc.FleetReporter;
import dev.interlock.jdbc.Postgres;
import dev.interlock.monitor.HealthMonitor;
import dev.interlock.monitor.HealthSettings;
import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A Java program on the server's database is seen there; the Java block of docs/java-fleet.md. */
class JavaFleetSnippetsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final DatabaseSettings settings = Postgres.migrated();

    @Test
    void its_agents_dependencies_health_and_series_are_shown_by_the_server() {
        try (RunningServer server = new RunningServer(Map.of("database-url", settings.url()))) {
            program();
            String caller = "viewer@default";
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(json(server.get("/api/v1/circuits/", caller))
                                    .containsKey("planner"))
                            .isTrue());
            JsonObject planner = json(server.get("/api/v1/agents/planner", caller));
            assertThat(planner.getString("state")).isEqualTo("closed");
            assertThat(planner.getJsonArray("depends_on").getJsonObject(0).getString("agent_id"))
                    .isEqualTo("model:kimi-k2");
            JsonObject health = json(server.get("/api/v1/agents/planner/health", caller));
            assertThat(health.getJsonObject("five_minutes").getInteger("calls")).isBetween(1, 20);
            JsonObject series = json(server.get("/api/v1/agents/planner/series", caller));
            assertThat(series.getJsonArray("points").stream()
                            .mapToInt(point -> ((JsonObject) point).getInteger("calls"))
                            .sum())
                    .isEqualTo(20);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(json(server.get("/api/v1/circuits/critic", caller))
                                    .getString("state"))
                            .isEqualTo("open"));
            JsonObject critic = json(server.get("/api/v1/circuits/critic", caller));
            assertThat(critic.getString("cause")).isEqualTo("failure_kind");
            assertThat(critic.getString("kind")).isEqualTo("LOOP");
            assertThat(critic.getString("carried_over")).isEqualTo("process");
        }
    }

    private void program() {
        // tag::java-fleet[]
        try (Database database = Database.open(settings);
                CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                        .store(database.circuits())
                        .build();
                HealthMonitor health = HealthMonitor.start(circuits, HealthSettings.defaults());
                FleetReporter fleet = FleetReporter.start(database, circuits, health)) {
            Guard planner = circuits.guard("planner").dependingOn("model:kimi-k2");
            fleet.add(planner); // says what its calls depend on
            work(circuits, planner);
        }
        // end::java-fleet[]
    }

    private void work(CircuitBreakerManager circuits, Guard planner) {
        for (int i = 0; i < 20; i++) {
            planner.call(() -> "a plan");
        }
        circuits.getOrCreate("critic").acquire().fail(FailureKind.LOOP);
        assertThat(circuits.flush(Duration.ofSeconds(30))).isTrue();
        try (Database other = Database.open(settings)) {
            await("until the program has reported its agents")
                    .atMost(PATIENCE)
                    .until(() -> other.agents().all(10).stream()
                            .anyMatch(agent -> agent.id().name().equals("planner")));
        }
    }
}
