package dev.interlock.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import dev.interlock.server.outbound.Provider;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.awaitility.Awaitility;

/** Budgets and webhooks of an organization in the middle of its day. */
final class SampleAccounts implements AutoCloseable {
    /** What the server may send to. */
    static final String HOSTS = "127.0.0.1, hooks.slack.com, events.pagerduty.com";

    private final RunningServer server;
    private final Provider works = new Provider();
    private final Provider fails = new Provider();

    SampleAccounts(RunningServer server) {
        this.server = server;
        fails.answer(503);
    }

    /** One that is stopped for some, one for all together, one that only warns, one of long names, and one that nobody uses. */
    void budgets() {
        budget(
                "research",
                "search-*",
                "day",
                new JsonObject().put("tokens", 400_000).put("cost_usd", 12));
        budget(
                "models",
                "model:*",
                "month",
                new JsonObject().put("cost_usd", 250).put("together", true));
        budget("writers", "*-writer", "hour", new JsonObject().put("calls", 100).put("on_exceeded", "warn"));
        budget(
                "experiments-of-the-growth-team-that-nobody-cleaned-up",
                "growth-*",
                "6h",
                new JsonObject().put("tokens", 1_000_000));
        budget("night", "night-shift-*", "day", new JsonObject().put("calls", 5_000));
        String[] work = {"planner", "researcher", "summarizer", "coder", "reviewer", "triage", "translator", "writer"};
        for (int i = 0; i < work.length; i++) {
            used("search-" + work[i], "model:kimi-k2", 420_000 / (i + 1), 9.5 / (i + 1));
            used("growth-" + work[i] + "-of-the-long-experiment-" + i, "model:small-8b", 90_000 * (i + 1), 0.4);
            used("growth-" + work[i], "model:embed-3", 610_000 / (i + 2), 0.1);
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> server.get("/api/v1/budgets", "viewer@acme").body().contains("\"used_up\":true"));
    }

    /** One that works, one whose receiver fails, one that cannot be reached, and one that is switched off. */
    void webhooks() {
        String working = hook("On call, Europe", works.url("/alerts"), "json", new JsonObject());
        String failing = hook(
                "The platform team’s collector of everything that happens to models",
                fails.url("/collect"),
                "json",
                new JsonObject()
                        .put("pattern", "model:*")
                        .put("on", new JsonArray().add("incidents").add("transitions")));
        hook(
                "#ai-operations",
                "https://hooks.slack.com/services/T0/B0/XXXX",
                "slack",
                new JsonObject().put("enabled", false));
        assertThat(test(working)).contains("\"delivered\":true");
        test(failing);
        server.post(
                "/api/v1/circuits/model:embed-3/action",
                "operator@acme",
                "{\"action\":\"hold_open\",\"reason\":\"Ticket 7\"}");
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> server.get("/api/v1/webhooks", "admin@acme").body().contains("\"state\":\"failing\""));
    }

    private String test(String hook) {
        return server.send("POST", "/api/v1/webhooks/" + hook + "/test", "admin@acme", null)
                .body();
    }

    private String hook(String name, String url, String format, JsonObject more) {
        JsonObject wanted = new JsonObject()
                .put("name", name)
                .put("url", url)
                .put("format", format)
                .mergeIn(more);
        return RunningServer.json(server.post("/api/v1/webhooks", "admin@acme", wanted.encode()))
                .getString("id");
    }

    private void budget(String id, String pattern, String per, JsonObject more) {
        JsonObject wanted =
                new JsonObject().put("pattern", pattern).put("per", per).mergeIn(more);
        assertThat(server.send("PUT", "/api/v1/budgets/" + id, "admin@acme", wanted.encode())
                        .statusCode())
                .isBetween(200, 201);
    }

    /** One call of an agent to a model. */
    private void used(String agent, String model, int tokens, double dollars) {
        String circuit = "/api/v1/circuits/" + agent;
        String needs =
                new JsonObject().put("depends_on", new JsonArray().add(model)).encode();
        JsonObject permit = RunningServer.json(server.post(circuit + "/permits", "agent@acme", needs));
        JsonObject outcome = new JsonObject()
                .put("permit", permit.getString("permit"))
                .put("outcome", "success")
                .put("tokens_in", tokens)
                .put("cost_usd", dollars);
        assertThat(server.post(circuit + "/outcomes", "agent@acme", outcome.encode())
                        .statusCode())
                .isEqualTo(200);
    }

    @Override
    public void close() {
        works.close();
        fails.close();
    }
}
