package dev.interlock.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How agents are, what they did and whom they need, in a real browser against a real server. */
@Tag("heavy")
class HealthInBrowserTest {
    private static RunningServer server;

    @BeforeAll
    static void start() {
        Browser.assumeThereIsOne();
        server = new RunningServer();
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void health_is_seen_beside_the_state_filtered_by_and_live() {
        SampleFleet fleet = new SampleFleet(server, "seen");
        fleet.logged("writer", 18, 6);
        fleet.logged("editor", 12, 0);
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("viewer@seen"));
                Browser foreign = Browser.open(server).signIn(RunningServer.token("viewer@elsewhere"))) {
            browser.see(".row[data-agent=writer]");
            browser.visit("#/agents/writer").see(".health .score", "Degraded");
            browser.see(".health .score", "since");
            browser.visit("#/").see(".row[data-agent=writer]");
            assertThat(browser.count(".row .health-word, .row .mark"))
                    .as("what may pass by in a moment is no mark")
                    .isZero();
            browser.pass(Duration.ofSeconds(30));
            browser.see(".row[data-agent=writer] .health-word", "degraded");
            assertThat(browser.count(".row[data-agent=writer] .glyph .mark.degraded"))
                    .isEqualTo(1);
            assertThat(browser.count(".row[data-agent=editor] .health-word")).isZero();
            assertThat(browser.textOf(".row-name").lines()).startsWith("writer");
            choose(browser, "degraded");
            browser.see(".found", "1 of 4 agents");
            browser.see(".health-filter option[value=degraded]", "Degraded (1)");
            assertThat(browser.run("return location.hash")).isEqualTo("#/?health=degraded");
            choose(browser, "well");
            browser.see(".row-name", "editor");

            choose(browser, "critical");
            browser.see(".empty", "No agent matches");
            fleet.logged("editor", 1, 9);
            browser.visit("#/agents/editor").see(".health .score", "Critical");
            browser.visit("#/?health=critical").see(".empty", "No agent matches");
            browser.pass(Duration.ofSeconds(30));
            browser.see(".row[data-agent=editor]", "Open");
            browser.see(".row[data-agent=editor] .health-word", "critical");
            foreign.see(".empty", "No agent of elsewhere has called yet");
            assertThat(browser.complaints()).isEmpty();
            assertThat(foreign.complaints()).isEmpty();
        }
    }

    @Test
    void an_agents_page_shows_its_health_its_log_its_latency_and_why_it_opened() {
        SampleFleet fleet = new SampleFleet(server, "told");
        fleet.logged("writer", 45, 15);
        fleet.called("writer", "Writer of letters");
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("viewer@told"))) {
            browser.visit("#/agents/writer").see("h1", "Writer of letters");
            browser.see(".agent-id", "writer");
            browser.see(".health .score", "Degraded");
            browser.see(".health .issues", "15 of 60 calls failed");
            browser.see(".health .spans", "60 calls, 75 % good");
            browser.see(".rates [role=img][aria-label^='Latency of 60 calls']");
            browser.see(".logs .trail", "Failed: server error");
            browser.see(".logs .trail", "Went well");
            assertThat(browser.count(".logs .trail li")).isEqualTo(20);
            browser.press("Only failures");
            browser.until(
                    "failures alone",
                    () -> browser.count(".logs .entry.failure") == 15 && browser.count(".logs .entry.success") == 0
                            ? true
                            : null);
            browser.press("Only failures");

            fleet.logged("writer", 0, 12);
            browser.see(".agent-head .state", "Open");
            browser.see(".failures li", "server error");
            browser.see(".failures", "502 bad gateway");

            server.post(
                    "/api/v1/logs/batch",
                    "agent@told",
                    "{\"entries\":[{\"agent_id\":\"writer\",\"action_type\":\"llm_inference\",\"status\":\"failure\","
                            + "\"error_kind\":\"RATE_LIMITED\",\"retry_after_ms\":90000,\"timestamp\":\""
                            + Instant.now()
                            + "\",\"depends_on\":[\"model:m\",\"key:k\"]}]}");
            browser.visit("#/").see(".row");
            browser.visit("#/agents/writer").see(".logs .trail", "asked to wait 1 min 30 s");
            browser.see(".logs .trail", "depends on model:m, key:k");
            browser.see(".health .score", "Critical");
            browser.see(".health .changes", "From degraded to critical");
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void what_is_hit_when_a_circuit_is_open_is_seen_on_both_pages_and_live() {
        SampleFleet fleet = new SampleFleet(server, "needed");
        fleet.needs("planner", "model:kimi-k2", "tool:search");
        fleet.needs("coder", "model:kimi-k2");
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("viewer@needed"))) {
            browser.visit("#/agents/planner").see(".neighbours", "Uses 2");
            assertThat(browser.textOf(".neighbours li")).contains("model:kimi-k2", "tool:search", "Closed");
            fleet.order("model:kimi-k2", "open", "Only to see", null);
            browser.see(".neighbours li:first-child", "Open");
            browser.see(".hit", "Calls that need the open one are refused now.");
            browser.press("model:kimi-k2");
            browser.see(".neighbours h3", "Used by 2");
            browser.see(".hit", "Calls of 2 agents that need this one are refused now.");
            browser.press("coder");
            browser.see("h1", "coder");
            browser.see(".neighbours h3", "Uses 1");
            assertThat(browser.complaints()).isEmpty();
        }
    }

    private static void choose(Browser browser, String health) {
        browser.see(".health-filter");
        browser.click(".health-filter option[value=" + health + "]");
    }
}
