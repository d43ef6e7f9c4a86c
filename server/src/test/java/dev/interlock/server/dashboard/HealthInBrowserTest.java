package dev.interlock.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How agents are, what they did and whom they need, in a real browser against a real server. */
@Tag("heavy")
@Tag("thorough")
class HealthInBrowserTest {
    /** Collects what is written on each canvas since it was cleared; those are the axes that bear times. */
    private static final String WRITTEN = """
        const written = new Map();
        const pen = CanvasRenderingContext2D.prototype;
        const { clearRect, fillText } = pen;
        pen.clearRect = function (...box) {
          written.set(this.canvas, []);
          return clearRect.apply(this, box);
        };
        pen.fillText = function (text, ...place) {
          written.get(this.canvas)?.push(text);
          return fillText.apply(this, [text, ...place]);
        };
        window.axes = () => [...written].filter(([canvas]) => canvas.isConnected && canvas.closest('.plot'))
          .map(([, texts]) => texts.filter(text => /^\\d\\d:\\d\\d|[A-Z][a-z]{2}/.test(text)))
          .filter(texts => texts.length > 0);
        """;

    private static RunningServer server;

    @BeforeAll
    static void start() {
        Chromium.assumeThereIsOne();
        server = new RunningServer();
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void health_is_seen_next_to_the_state_filtered_by_and_live() {
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
            browser.see(".found", "1 of 4 circuits");
            browser.see(".health-filter option[value=degraded]", "Degraded (1)");
            assertThat(browser.run("return location.hash")).isEqualTo("#/?health=degraded");
            choose(browser, "well");
            browser.see(".row-name", "editor");

            choose(browser, "critical");
            browser.see(".empty", "No circuit matches");
            fleet.logged("editor", 1, 9);
            browser.visit("#/agents/editor").see(".health .score", "Critical");
            browser.visit("#/?health=critical").see(".empty", "No circuit matches");
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
        SampleFleet fleet = new SampleFleet(server, "news");
        fleet.logged("writer", 45, 15);
        fleet.called("writer", "Writer of letters");
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("viewer@news"))) {
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
                    "agent@news",
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
    void charts_have_a_range_that_the_address_keeps_and_axes_that_repeat_no_time() {
        SampleFleet fleet = new SampleFleet(server, "charted");
        fleet.healthy("newcomer", 1, 0);
        fleet.send();
        try (Browser browser = Browser.open(server)) {
            browser.devTools("Page.addScriptToEvaluateOnNewDocument", Map.of("source", WRITTEN));
            browser.signIn(RunningServer.token("viewer@charted"));
            browser.visit("#/agents/newcomer").see(".rates .readout", "In the last hour: 1 call");
            List<?> axes = browser.until("axes with times", () -> {
                List<?> found = (List<?>) browser.run("return window.axes()");
                return found.size() < 2 ? null : found;
            });
            assertThat(axes)
                    .allSatisfy(times -> assertThat((List<?>) times)
                            .as("times of one axis")
                            .hasSizeGreaterThan(2)
                            .doesNotHaveDuplicates()
                            .allMatch(time -> String.valueOf(time).matches("\\d\\d:\\d\\d|\\d+ \\w+|\\w+ \\d+")));

            fleet.logged("writer", 12, 3);
            browser.visit("#/agents/writer").see(".rates .readout", "In the last hour: 15 calls, 3 failed");
            assertThat(pressed(browser)).isEqualTo("1 h");
            for (String range : List.of("24 h", "30 d")) {
                browser.press(range);
                browser.see(".rates .readout", "15 calls, 3 failed");
                assertThat(pressed(browser)).isEqualTo(range);
                assertThat(browser.run("return location.hash"))
                        .isEqualTo("#/agents/writer?range=" + range.replace(" ", ""));
            }
            browser.see(".rates .readout", "In the last 30 days");
            browser.visit("#/").see(".row");
            browser.visit("#/agents/writer?range=24h").see(".rates .readout", "In the last 24 hours: 15 calls");
            assertThat(pressed(browser)).isEqualTo("24 h");
            browser.press("1 h");
            browser.see(".rates .readout", "In the last hour");
            assertThat(browser.run("return location.hash")).isEqualTo("#/agents/writer");
            assertThat(browser.complaints()).isEmpty();
        }
    }

    private static String pressed(Browser browser) {
        return browser.textOf(".ranges [aria-pressed=true]");
    }

    @Test
    void where_health_and_state_differ_the_page_says_why() {
        SampleFleet fleet = new SampleFleet(server, "differing");
        fleet.logged("calm", 15, 0);
        fleet.order("calm", "open", "See https://tickets.example/7.", null);
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("viewer@differing"))) {
            browser.visit("#/agents/calm").see(".health .score", "Healthy");
            browser.see(".health .beside", "Its circuit is open all the same");
            browser.see(".facts q a", "https://tickets.example/7");
            assertThat(browser.run("return document.querySelector('.facts q a').getAttribute('href')"))
                    .as("without the full stop")
                    .isEqualTo("https://tickets.example/7");
            assertThat(browser.textOf(".facts q")).isEqualTo("See https://tickets.example/7.");
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

            assertThat(server.send(
                                    "PUT",
                                    "/api/v1/policies/tool:search",
                                    "admin@needed",
                                    "{\"base\":\"upstream\",\"cooldown\":\"1s\"}")
                            .statusCode())
                    .isEqualTo(200);
            fleet.order("tool:search", "open", "Only for a moment", null);
            browser.visit("#/agents/tool%3Asearch")
                    .see(".hit", "Calls of 1 agent need this one: the next is a trial, and the others are refused");
            assertThat(browser.complaints()).isEmpty();
        }
    }

    private static void choose(Browser browser, String health) {
        browser.see(".health-filter");
        browser.click(".health-filter option[value=" + health + "]");
    }
}
