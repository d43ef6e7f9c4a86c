package dev.interlock.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The band of what is stopped, and what pages say of agents whose calls are refused though their circuits are closed. */
@Tag("heavy")
@Tag("thorough")
class StoppedInBrowserTest {
    private static final String LINES = """
        const done = arguments[0];
        const module = name => import(new URL(`dashboard/${name}`, document.baseURI));
        Promise.all([module('vendor/htm-preact.js'), module('audit.js')]).then(([{ html, render }, { Line }]) => {
          const row = { at: '2026-01-01T00:00:00Z', to: 'open', held: false, action: null, cause: 'health', kind: null,
            actor: 'health', calls: 0, cooldown_ms: null, skipped: 0 };
          const list = document.createElement('ol');
          document.body.append(list);
          render(html`<${Line} row=${{ ...row, from: 'open', reason: 'recovered, score 100' }} />
            <${Line} row=${{ ...row, from: 'closed', reason: 'failing' }} />`, list);
          done(list.innerText);
        }, error => done(String(error)));
        """;

    /** Lets the next list of incidents say when each ends. */
    private static final String ENDS = """
        const own = window.fetch;
        window.fetch = async (...request) => {
          if (!String(request[0]).endsWith('/incidents')) return own(...request);
          const json = await (await own(...request)).json();
          return Response.json({ incidents: json.incidents.map(each => ({ ...each, ends_at: '2026-01-01T18:13:27Z' })) });
        };
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
    void a_stop_of_everything_comes_before_budgets_which_have_a_line_each() {
        usedUp("halted", "research", "search-*", "search-1", "search-2", "search-3", "search-4");
        usedUp("halted", "tiny", "writer", "writer");
        stop("halted", "{\"covers\":\"agents\",\"pattern\":\"nobody-*\",\"reason\":\"Ticket 7\"}");
        stop("halted", "{\"covers\":\"upstream\",\"pattern\":\"model:*\"}");
        stop(
                "halted",
                "{\"covers\":\"organization\",\"reason\":\"%s\"}".formatted("Wrong answers everywhere. ".repeat(9)));
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("admin@halted"))) {
            browser.see(".stopped li:first-child", "All calls of the organization halted have been refused since");
            assertThat(browser.textOf(".stopped li:first-child")).contains("Wrong answers everywhere. …");
            browser.see(".all-well", "All calls are refused: what is stopped is at the top.");
            assertThat(browser.count(".all-well svg")).as("a green dot").isZero();
            assertThat(browser.count(".stopped li")).isEqualTo(3);
            browser.see(".row", "stopped");
            Looks.at(browser, "stop-of-everything");

            browser.press("2 more");
            assertThat(browser.count(".stopped li")).isEqualTo(5);
            browser.see(
                    ".stopped li:first-child",
                    "Wrong answers everywhere. ".repeat(9).trim());
            browser.see(".stopped li:nth-child(4)", "Budget research is used up: calls of 4 agents are refused until");
            browser.see(".stopped li:nth-child(5)", "Budget tiny is used up, 1,500 of 1,000 tokens used in a");
            browser.see(".stopped li:nth-child(5)", "calls of writer are refused until");
            assertThat(browser.textOf(".stopped li:nth-child(4)")).doesNotContain("Resume");
            Looks.at(browser, "stop-of-everything-unfolded");
            browser.press("Less");
            browser.until("the budgets to fold", () -> browser.count(".stopped li") == 3 ? true : null);
            browser.press("2 more");
            browser.press("Raise …");
            browser.see("h1", "Budgets");
            browser.see("dialog h2", "Raise research");
        }
        try (Browser browser = Browser.open(server, 380, 800, false).signIn(RunningServer.token("operator@halted"))) {
            browser.see(".stopped li:first-child", "All calls of the organization halted");
            assertThat(browser.count(".stopped li")).as("on a phone").isEqualTo(2);
            browser.press("3 more");
            browser.see(".stopped li:last-child", "An admin can raise it.");
            assertThat(browser.count(".stopped .raise")).isZero();
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void the_page_of_an_agent_says_that_a_gate_refuses_its_calls() {
        usedUp("gated", "tiny", "spender", "spender");
        SampleFleet fleet = new SampleFleet(server, "gated");
        fleet.needs("reader", "model:atlas");
        fleet.needs("other", "tool:search");
        stop("gated", "{\"covers\":\"upstream\",\"pattern\":\"model:*\",\"reason\":\"Ticket 7\"}");
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("viewer@gated"))) {
            browser.see(".all-well", "Some calls are refused");
            browser.visit("#/agents/spender")
                    .see(".outlook", "The circuit is closed, but calls are refused by a gate.");
            browser.see(".refusal", "The budget tiny is used up, until");
            browser.see(".agent-state", "Refused by a gate");
            assertThat(browser.textOf(".state-card")).doesNotContain("Calls are let through");
            Looks.at(browser, "agent-behind-a-gate");

            browser.visit("#/agents/model:atlas").see(".refusal", "Stopped by operator: Ticket 7, until somebody");
            browser.visit("#/agents/reader")
                    .see(".refusal", "Calls that use model:atlas are refused by a gate: stopped by");
            browser.see(".outlook", "Calls are let through.");
            fleet.order("other", "reset", "A new tool", null);
            browser.visit("#/agents/other").see(".figures", "no calls in the last");
            assertThat(browser.count(".refusal")).isZero();
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void who_has_not_confirmed_a_stop_is_in_the_band() {
        for (String unreachable : new String[] {"local", "refuse"}) {
            JsonObject sync = new JsonObject()
                    .put("client", "client-of-sixteen-" + unreachable)
                    .put("name", "worker-" + unreachable)
                    .put("on_unreachable", unreachable)
                    .put("wait_ms", 0)
                    .put("watch", new JsonArray().add("planner"));
            assertThat(server.post("/api/v1/sync", "agent@deaf", sync.encode()).statusCode())
                    .isEqualTo(200);
        }
        stop("deaf", "{\"covers\":\"organization\"}");
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("viewer@deaf"))) {
            browser.see(".stopped .behind", "2 clients have not confirmed; 1 of them goes on.");
            browser.press("Show which");
            browser.see(".stopped .unconfirmed", "This client is not stopped");
            Looks.at(browser, "not-confirmed");
            browser.press("Hide");
            browser.until("the list to fold", () -> browser.count(".stopped .unconfirmed") == 0 ? true : null);
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void an_incident_that_has_all_closed_says_so_and_does_not_go_on() {
        SampleFleet fleet = new SampleFleet(server, "calm");
        fleet.failing("planner", "TIMEOUT", 5);
        fleet.send();
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("viewer@calm"))) {
            browser.see(".wrong-now h2", "Wrong now: 1 incident");
            fleet.order("planner", "close", "It works again", null);
            browser.see(".all-well", "All circuits of 1 incident have closed again; it ends if that lasts.");
            Looks.at(browser, "fleet-quiet");
            browser.visit("#/incidents").see(".incident-list li", "all closed since");
            browser.see(".incident-list li", "if it stays so");
            assertThat(browser.textOf(".incident-list")).doesNotContain("goes on");
            Looks.at(browser, "incidents-quiet");
            browser.click(".incident-list li a");
            browser.see(".incident-sentence", "all closed since");
            browser.run(ENDS);
            browser.visit("#/incidents").see(".incident-list li", "ends if it stays so until");
            browser.see(".incident-list li", "18:13:27");
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void a_root_that_has_closed_or_that_somebody_opened_has_a_sentence() {
        SampleFleet fleet = new SampleFleet(server, "rows");
        fleet.needs("reader", "model:atlas");
        fleet.failing("model:atlas", "OVERLOADED", 6);
        fleet.failing("reader", "TIMEOUT", 5);
        fleet.send();
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("viewer@rows"))) {
            browser.see(".wrong-now li .what", "1 other circuit open");
            fleet.order("model:atlas", "close", "It works again", null);
            browser.see(".wrong-now li .why", "It has closed again; what opened with it is still open.");
            fleet.order("model:atlas", "open", "It does not", null);
            browser.see(".wrong-now li .why", "Opened by operator: “It does not”");
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void a_raise_is_for_all_that_are_stopped_and_says_who_still_is() {
        usedUp("raised", "research", "search-*", "search-1", "search-2");
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("admin@raised"))) {
            browser.press("Raise …");
            browser.see("dialog h2", "Raise research");
            assertThat(browser.run("return document.querySelector('#raise-for').value"))
                    .as("everybody")
                    .isEqualTo("");
            browser.type("#raise-tokens", "100");
            browser.type("#raise-reason", "Ticket 7");
            browser.click("dialog [type=submit]");
            browser.see(".toast", "research was raised. It is still used up by search-1, search-2.");
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void a_line_of_the_trail_says_what_health_did() {
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("viewer@lines"))) {
            String lines = String.valueOf(browser.runLater(LINES));
            assertThat(lines.replaceAll("\\s+", " "))
                    .contains("Trials allowed early: health recovered: recovered, score 100")
                    .contains("Health critical: failing")
                    .doesNotContain("(health)");
        }
    }

    /** A budget of which each of these agents uses too much. */
    private static void usedUp(String organization, String budget, String pattern, String... agents) {
        JsonObject wanted =
                new JsonObject().put("pattern", pattern).put("per", "day").put("tokens", 1_000);
        assertThat(server.send("PUT", "/api/v1/budgets/" + budget, "admin@" + organization, wanted.encode())
                        .statusCode())
                .isBetween(200, 201);
        for (String agent : agents) {
            assertThat(server.post(
                                    "/api/v1/circuits/" + agent + "/outcomes",
                                    "agent@" + organization,
                                    "{\"outcome\":\"success\",\"tokens_in\":1500}")
                            .statusCode())
                    .isEqualTo(200);
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            String gates = server.get("/api/v1/gates", "viewer@" + organization).body();
            return gates.split("\"budget:" + budget + ':', -1).length - 1 == agents.length;
        });
    }

    private static void stop(String organization, String what) {
        JsonObject action = new JsonObject(what).put("action", "stop");
        assertThat(server.post("/api/v1/actions", "operator@" + organization, action.encode())
                        .statusCode())
                .isEqualTo(200);
    }
}
