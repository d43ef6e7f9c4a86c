package dev.interlock.server.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.server.RunningServer;
import java.net.http.HttpResponse;

/** A few calls of one organization that leave something in every figure: refusals, failures, trips, holds, entries. */
final class SmallLoad {
    /** Agents that are known afterwards, the model among them. */
    static final int AGENTS = 6;

    private SmallLoad() {}

    static void run(RunningServer server, String organization) {
        String agent = "agent@" + organization;
        String operator = "operator@" + organization;
        for (String name : new String[] {"planner", "writer", "reader"}) {
            settle(server, agent, name, "\"outcome\":\"success\"");
        }
        permit(server, agent, "reader", "{\"depends_on\":[\"model:kimi-k2\"]}");
        for (int i = 0; i < 5; i++) {
            settle(server, agent, "planner", "\"outcome\":\"failure\",\"kind\":\"ERROR\"");
        }
        assertThat(permit(server, agent, "planner").statusCode()).isEqualTo(503);
        act(server, operator, "model:kimi-k2", "open");
        act(server, operator, "held", "hold_open");
        assertThat(permit(server, agent, "held").statusCode()).isEqualTo(503);
        server.post("/api/v1/outcomes", agent, "[{\"agent_id\":\"writer\",\"outcome\":\"success\"}]");
        server.post("/api/v1/logs/batch", agent, """
                {"entries": [{"agent_id": "logged", "action_type": "decision", "status": "success",
                "timestamp": "2027-01-31T12:00:00Z"}]}""");
        server.get("/api/v1/agents", "viewer@" + organization);
        await().until(() -> Scrape.of(server, "viewer@" + organization)
                        .value("interlock_transitions_total", "to", "open", "cause", "override")
                >= 2); // listeners hear of moves a moment later
    }

    /** Opens a circuit that has a probe, of a provider that is not there; the server must list this machine. */
    static void openProbed(RunningServer server, String organization) {
        HttpResponse<String> policy = server.send(
                "PUT",
                "/api/v1/policies/probed",
                "admin@" + organization,
                "{\"probe\":{\"url\":\"http://127.0.0.1:1/\"}}");
        assertThat(policy.statusCode()).as(policy.body()).isEqualTo(200);
        act(server, "operator@" + organization, "probed", "open");
    }

    private static void settle(RunningServer server, String caller, String name, String outcome) {
        var given = permit(server, caller, name);
        assertThat(given.statusCode()).isEqualTo(200);
        server.post(
                "/api/v1/circuits/" + name + "/outcomes",
                caller,
                "{\"permit\":\"" + RunningServer.json(given).getString("permit") + "\"," + outcome + "}");
    }

    private static HttpResponse<String> permit(RunningServer server, String caller, String name) {
        return permit(server, caller, name, "{}");
    }

    private static HttpResponse<String> permit(RunningServer server, String caller, String name, String body) {
        return server.post("/api/v1/circuits/" + name + "/permits", caller, body);
    }

    private static void act(RunningServer server, String caller, String name, String action) {
        String path = "/api/v1/circuits/" + name.replace(":", "%3A") + "/action";
        assertThat(server.post(path, caller, "{\"action\":\"" + action + "\",\"reason\":\"of a test\"}")
                        .statusCode())
                .isIn(200, 202);
    }
}
