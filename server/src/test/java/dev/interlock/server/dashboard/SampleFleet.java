package dev.interlock.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;

/** Fleets to look at, brought about over the API as real ones are. */
final class SampleFleet {
    private static final List<String> WORK = List.of(
            "planner",
            "researcher",
            "summarizer",
            "coder",
            "reviewer",
            "triage",
            "translator",
            "writer",
            "extractor",
            "router");
    private static final List<String> TEAMS = List.of("billing", "support", "legal", "search", "growth", "ops");
    private static final List<String> SHARED = List.of(
            "model:kimi-k2",
            "model:small-8b",
            "model:embed-3",
            "tool:search",
            "tool:sql",
            "tool:browser",
            "tool:calendar",
            "tool:mail",
            "key:team-a",
            "key:team-b");

    private final RunningServer server;
    private final String organization;
    private final Random random = new Random(7);
    private final StringBuilder batch = new StringBuilder();

    SampleFleet(RunningServer server) {
        this(server, "acme");
    }

    SampleFleet(RunningServer server, String organization) {
        this.server = server;
        this.organization = organization;
    }

    /** Some seventy agents and what they depend on, with an incident under way. */
    void incident() {
        for (String team : TEAMS) {
            for (String work : WORK) {
                healthy(team + "-" + work, 4 + random.nextInt(20), random.nextInt(10) == 0 ? 2 : 0);
            }
        }
        SHARED.forEach(name -> healthy(name, 30 + random.nextInt(60), random.nextInt(4)));
        send();
        for (String team : TEAMS) {
            needs(team + "-planner", "model:kimi-k2", "tool:search");
            needs(team + "-researcher", "model:kimi-k2", "tool:browser");
            needs(team + "-coder", "model:small-8b", "key:team-b");
        }
        logged("search-planner", 90, 4);
        logged("legal-writer", 9, 3);
        logged("growth-router", 6, 6);
        for (String team : TEAMS) {
            WORK.forEach(work -> called(team + "-" + work, null, team));
        }
        called("search-planner", "Search planner", "search");
        policy("model:*", new JsonObject().put("base", "upstream"));
        policy("*-planner", new JsonObject().put("base", "recommended").put("cooldown", "45s"));
        failing("model:kimi-k2", "OVERLOADED", 6);
        failing("billing-planner", "TIMEOUT", 5);
        failing("support-triage", "MALFORMED_OUTPUT", 5);
        failing("legal-extractor", "LOOP", 1);
        failing("key:team-b", "QUOTA_EXHAUSTED", 1);
        send();
        order("tool:browser", "hold_open", "The vendor rolls back its release", Duration.ofHours(2));
        order("search-router", "hold_closed", "Watched by Ines during the load test", null);
        failing("support-writer", "ERROR", 5);
        send();
        order("growth-coder", "open", "Bad patches since the last prompt change", null);
    }

    /** One guarded call that goes well. */
    void needs(String agent, String... circuits) {
        String path = "/api/v1/circuits/" + encoded(agent);
        JsonObject permit = RunningServer.json(server.post(
                path + "/permits",
                "agent@" + organization,
                new JsonObject().put("depends_on", List.of(circuits)).encode()));
        JsonObject outcome =
                new JsonObject().put("permit", permit.getString("permit")).put("outcome", "success");
        assertThat(server.post(path + "/outcomes", "agent@" + organization, outcome.encode())
                        .statusCode())
                .isEqualTo(200);
    }

    /** Calls of the last four minutes that only the agent log shows, failures among them at even distances. */
    void logged(String agent, int successes, int failures) {
        int all = successes + failures;
        JsonArray entries = new JsonArray();
        for (int i = 0; i < all; i++) {
            boolean fails = (i + 1) * failures / all > i * failures / all;
            Instant at = Instant.now().minusSeconds(240L * (all - i) / all + 2);
            int took = 400 + random.nextInt(900) + (i > all * 2 / 3 ? 700 : 0);
            JsonObject entry = new JsonObject()
                    .put("execution_id", agent + "-" + i / 3)
                    .put("agent_id", agent)
                    .put("action_type", i % 3 == 2 ? "tool_call" : "llm_inference")
                    .put("action_name", i % 3 == 2 ? "search" : "kimi-k2")
                    .put("status", fails ? "failure" : "success")
                    .put("latency_ms", took)
                    .put("timestamp", at.toString());
            if (fails) {
                entry.put("error_kind", "SERVER_ERROR").put("error_message", "502 bad gateway");
            } else if (i % 3 != 2) {
                entry.put("token_count", took / 2).put("cost_usd", took * 0.000_002);
            }
            entries.add(entry);
        }
        JsonObject batch = new JsonObject().put("entries", entries);
        JsonObject taken =
                RunningServer.json(server.post("/api/v1/logs/batch", "agent@" + organization, batch.encode()));
        assertThat(taken.getInteger("accepted")).as(taken.encode()).isEqualTo(all);
    }

    /** What people call an agent. */
    void called(String agent, String name) {
        register(agent, new JsonObject().put("display_name", name));
    }

    /** What people call an agent, or null, and whose it is. */
    void called(String agent, String name, String team) {
        register(agent, new JsonObject().put("display_name", name).put("metadata", new JsonObject().put("team", team)));
    }

    private void register(String agent, JsonObject body) {
        assertThat(server.send("PUT", "/api/v1/agents/" + encoded(agent), "operator@" + organization, body.encode())
                        .statusCode())
                .isEqualTo(200);
    }

    /** Many agents, one in fifty of them open. */
    void many(int agents) {
        for (int i = 0; i < agents; i++) {
            String name = "agent-%05d".formatted(i);
            if (i % 50 == 7) {
                failing(name, "TIMEOUT", 5);
            } else {
                healthy(name, 1, 0);
            }
            if (i % 2_000 == 1_999) {
                send();
            }
        }
        send();
    }

    /** One more good call of each of these that is not open. */
    void calledOnce(int agents) {
        for (int i = 0; i < agents; i++) {
            if (i % 50 != 7) {
                healthy("agent-%05d".formatted(i), 1, 0);
            }
            if (i % 2_000 == 1_999) {
                send();
            }
        }
        send();
    }

    void healthy(String agent, int successes, int failures) {
        for (int i = 0; i < failures; i++) {
            outcome(agent, "\"failure\",\"kind\":\"SERVER_ERROR\"");
        }
        for (int i = 0; i < successes; i++) {
            outcome(agent, "\"success\"");
        }
    }

    void failing(String agent, String kind, int failures) {
        for (int i = 0; i < failures; i++) {
            outcome(agent, "\"failure\",\"kind\":\"" + kind + '"');
        }
    }

    void send() {
        JsonObject taken = RunningServer.json(server.send(server.request("/api/v1/outcomes", "agent@" + organization)
                .header("Content-Type", "application/x-ndjson")
                .POST(BodyPublishers.ofString(batch.toString()))
                .build()));
        assertThat(taken.getInteger("refused")).as(taken.encode()).isZero();
        batch.setLength(0);
    }

    void order(String agent, String action, String reason, Duration length) {
        JsonObject order = new JsonObject().put("action", action).put("reason", reason);
        if (length != null) {
            order.put("until", Instant.now().plus(length).toString());
        }
        String path = "/api/v1/circuits/" + encoded(agent) + "/action";
        assertThat(server.post(path, "operator@" + organization, order.encode()).statusCode())
                .isEqualTo(200);
    }

    private void policy(String pattern, JsonObject settings) {
        String path = "/api/v1/policies/" + encoded(pattern);
        assertThat(server.send("PUT", path, "admin@" + organization, settings.encode())
                        .statusCode())
                .isEqualTo(200);
    }

    private static String encoded(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private void outcome(String agent, String rest) {
        batch.append("{\"agent_id\":\"")
                .append(agent)
                .append("\",\"outcome\":")
                .append(rest)
                .append("}\n");
    }
}
