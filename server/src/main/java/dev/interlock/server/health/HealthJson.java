package dev.interlock.server.health;

import dev.interlock.CircuitId;
import dev.interlock.monitor.HealthFigures;
import dev.interlock.monitor.HealthIssue;
import dev.interlock.monitor.HealthSnapshot;
import dev.interlock.monitor.HealthStatus;
import dev.interlock.monitor.HealthTransition;
import dev.interlock.server.circuits.CircuitJson;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Health as the API writes it. */
public final class HealthJson {
    /** The score of an agent that was never judged. */
    public static final int UNKNOWN_SCORE = 100;

    private HealthJson() {}

    /**
     * The word for an agent's health.
     *
     * @param snapshot the agent, or null if it was never judged
     * @return such as {@code degraded}
     */
    public static String status(@Nullable HealthSnapshot snapshot) {
        return CircuitJson.text(snapshot == null ? HealthStatus.UNKNOWN : snapshot.status());
    }

    /**
     * An agent's score.
     *
     * @param snapshot the agent, or null if it was never judged
     * @return 0 to 100
     */
    public static int score(@Nullable HealthSnapshot snapshot) {
        return snapshot == null ? UNKNOWN_SCORE : snapshot.score();
    }

    /**
     * The stream's {@code health_update}.
     *
     * @param snapshot the agent
     * @return a new object
     */
    public static JsonObject update(HealthSnapshot snapshot) {
        return new JsonObject()
                .put("agent_id", snapshot.agent().name())
                .put("status", status(snapshot))
                .put("since", CircuitJson.text(snapshot.since()))
                .put("score", snapshot.score())
                .put("issues", issues(snapshot))
                .put("at", CircuitJson.text(snapshot.at()));
    }

    /**
     * The stream's {@code health_transition}.
     *
     * @param transition what happened
     * @return a new object
     */
    public static JsonObject transition(HealthTransition transition) {
        HealthSnapshot snapshot = transition.snapshot();
        return new JsonObject()
                .put("agent_id", snapshot.agent().name())
                .put("type", transition.type().wireName())
                .put("from", CircuitJson.text(transition.from()))
                .put("to", status(snapshot))
                .put("score", snapshot.score())
                .put("issues", issues(snapshot))
                .put("at", CircuitJson.text(snapshot.at()));
    }

    /** The schema {@code Health} of the contract. */
    static JsonObject of(CircuitId agent, @Nullable HealthSnapshot snapshot) {
        HealthFigures figures = snapshot == null ? HealthFigures.NONE : snapshot.figures();
        HealthFigures since = snapshot == null ? null : snapshot.sinceOpening();
        return new JsonObject()
                .put("agent_id", agent.name())
                .put("status", status(snapshot))
                .put("since", snapshot == null ? null : CircuitJson.text(snapshot.since()))
                .put("score", score(snapshot))
                .put("issues", snapshot == null ? new JsonArray() : issues(snapshot))
                .put("at", snapshot == null ? null : CircuitJson.text(snapshot.at()))
                .put("five_minutes", fiveMinutes(figures))
                .put("hour", calls(figures.hourCalls(), figures.hourFailures()))
                .put("consecutive_failures", figures.streak())
                .put("since_opening", since == null ? null : fiveMinutes(since));
    }

    private static JsonArray issues(HealthSnapshot snapshot) {
        JsonArray issues = new JsonArray();
        for (HealthIssue issue : snapshot.issues()) {
            issues.add(
                    new JsonObject().put("code", CircuitJson.text(issue.code())).put("detail", issue.text()));
        }
        return issues;
    }

    private static JsonObject fiveMinutes(HealthFigures figures) {
        Duration p95 = figures.p95();
        return calls(figures.calls(), figures.failures()).put("p95_ms", p95 == null ? null : p95.toMillis());
    }

    private static JsonObject calls(long calls, long failures) {
        return new JsonObject()
                .put("calls", calls)
                .put("failures", failures)
                .put("success_rate", calls == 0 ? null : (double) (calls - failures) / calls);
    }
}
