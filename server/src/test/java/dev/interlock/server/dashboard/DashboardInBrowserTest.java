package dev.interlock.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.server.ReverseProxy;
import dev.interlock.server.RunningServer;
import dev.interlock.server.outbound.Provider;
import dev.interlock.server.signin.LocalIssuer;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/** What people do with the dashboard, in a real browser against a real server. */
@Tag("heavy")
@Tag("thorough")
class DashboardInBrowserTest {
    private static RunningServer server;

    @BeforeAll
    static void start() {
        Chromium.assumeThereIsOne();
        server = new RunningServer(Map.of("outbound-hosts", "127.0.0.1"));
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void a_wrong_key_and_an_agents_key_are_refused_with_a_reason() {
        try (Browser browser = Browser.open(server)) {
            browser.visit("");
            browser.type("#key", "ik_no_such_key", Keys.ENTER);
            browser.see("[role=alert]");
            assertThat(browser.textOf("[role=alert]")).isNotBlank();
            assertThat(browser.run("return sessionStorage.length")).isEqualTo(0L);
            browser.run("document.querySelector('#key').value = ''");
            browser.type("#key", RunningServer.token("agent@refused"), Keys.ENTER);
            browser.see("[role=alert]", "This key is an agent’s");
            assertThat(browser.count(".top")).isZero();
        }
    }

    @Test
    void a_circuit_opens_live_is_held_with_a_reason_and_everybody_of_the_organization_sees_who_did_it() {
        SampleFleet fleet = new SampleFleet(server);
        fleet.healthy("planner", 3, 0);
        fleet.send();
        try (Browser first = Browser.open(server).signIn(RunningServer.token("operator@acme"));
                Browser second = Browser.open(server).signIn(RunningServer.token("viewer@acme"));
                Browser foreign = Browser.open(server).signIn(RunningServer.token("operator@other"))) {
            first.see(".count.closed .count-number", "1");
            second.visit("#/agents/planner").see(".state.closed");
            foreign.see(".empty", "No agent of other has called yet");

            fleet.failing("planner", "TIMEOUT", 5);
            fleet.send();
            first.see(".count.open .count-number", "1");
            first.see(".row", "Open");
            second.see(".facts", "5 failures in a row; the last: timed out.");
            second.see(".trail li", "Failures in a row: timed out");
            assertThat(second.count(".actions")).as("a viewer's orders").isZero();

            first.click(".row.open");
            first.press("Hold open");
            first.see("dialog", "Every call is refused until");
            first.type("#reason", "The vendor is rolling back");
            first.click("dialog button[type=submit]");
            for (Browser browser : List.of(first, second)) {
                browser.see(".state.is-held", "Held open");
                browser.see(".facts", "Held by");
                browser.see(".facts", "The vendor is rolling back");
                browser.see(".trail li", "Hold open by operator: The vendor is rolling back");
            }
            first.see(".toast", "Done, and stored.");

            foreign.visit("#/agents/planner").see(".agent-head .state", "Closed");
            foreign.see(".audit", "Nothing yet");
            assertThat(foreign.textOf("body")).doesNotContain("vendor", "timed out");

            first.press("Release");
            first.click("dialog button[type=submit]");
            second.see(".outlook", "the next call is a trial");
            second.see(".trail li", "Release by operator");
            for (Browser browser : List.of(first, second, foreign)) {
                assertThat(browser.complaints()).isEmpty();
            }
        }
    }

    @Test
    void below_a_path_of_a_reverse_proxy_the_fleet_is_live_and_a_page_of_an_agent_has_its_charts() {
        SampleFleet fleet = new SampleFleet(server);
        fleet.healthy("planner", 3, 0);
        fleet.send();
        try (ReverseProxy proxy =
                        new ReverseProxy(server.server().port(), "/teams/ai", ReverseProxy.Path.TAKEN_OFF_SILENTLY);
                Browser browser =
                        Browser.open(server).at(proxy.address("/")).signIn(RunningServer.token("operator@acme"))) {
            browser.see(".live.on", "Live");
            browser.visit("#/agents/planner").see(".agent-head .state", "Closed");
            browser.see(".uplot");
            browser.visit("#/policies").see("h1");
            assertThat(browser.run("return location.pathname")).isEqualTo("/teams/ai/");
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void a_lost_connection_is_shown_and_taken_up_again_by_itself() {
        RunningServer before = new RunningServer();
        int port = before.server().port();
        try (Browser browser = Browser.open(before).signIn(RunningServer.token("viewer@acme"))) {
            browser.see(".live.on", "Live");
            before.close();
            browser.see(".live.off", "Not live");
            browser.see(".lost", "Connection lost.");
            try (RunningServer after = new RunningServer(Map.of("port", Integer.toString(port)))) {
                SampleFleet fleet = new SampleFleet(after);
                fleet.failing("newcomer", "TIMEOUT", 5);
                fleet.send();
                browser.see(".live.on", "Live");
                browser.see(".row.open", "newcomer");
                assertThat(browser.count(".lost")).isZero();
            }
        }
    }

    @Test
    void a_key_is_made_shown_once_used_and_removed_and_its_page_signed_out() {
        try (Browser admin = Browser.open(server).signIn(RunningServer.token("admin@keys"));
                Browser visitor = Browser.open(server)) {
            admin.visit("#/keys");
            admin.press("New key");
            admin.type("#name", "Ines on call");
            admin.type("#expires", "In 90 days");
            admin.click("dialog button[type=submit]");
            String key = admin.see(".secret").getText();
            admin.press("I have kept it");
            admin.see("tbody", "Ines on call");
            admin.see("td[data-label='Last used']", "never, expires ");
            admin.press("Replace");
            admin.see("dialog", "goes on working until you remove it");
            assertThat(admin.run("return document.querySelector('#name').value"))
                    .isEqualTo("Ines on call");
            admin.press("Cancel");
            assertThat(admin.textOf("body")).doesNotContain(key);

            visitor.signIn(key);
            visitor.see(".who", "Ines on call");
            assertThat(visitor.textOf("nav")).doesNotContain("Keys");
            assertThat(visitor.run("return location.href + localStorage.length + document.cookie"))
                    .isEqualTo(server.uri("/#/") + "0");

            admin.press("Remove");
            admin.see("dialog", "stops working at once");
            admin.click("dialog button[type=submit]");
            admin.see(".empty", "No keys yet");
            visitor.see(".sign-in");
            admin.visit("#/changes").see(".found", "2 changes");
            admin.see(".trail li:first-child", "the key Ines on call");
            admin.see(".trail li:first-child", "by admin");
            assertThat(admin.textOf(".changes")).doesNotContain(key);
            assertThat(visitor.run("return sessionStorage.length")).isEqualTo(0L);
        }
    }

    @Test
    void budgets_show_what_is_used_and_what_is_stopped() {
        try (Browser viewer = Browser.open(server).signIn(RunningServer.token("viewer@spenders"))) {
            viewer.visit("#/budgets").see(".empty", "No budgets yet");
            server.send(
                    "PUT",
                    "/api/v1/budgets/research",
                    "admin@spenders",
                    "{\"pattern\":\"research-*\",\"per\":\"day\",\"zone\":\"Europe/Berlin\",\"tokens\":2000}");
            server.post(
                    "/api/v1/circuits/research-1/outcomes",
                    "agent@spenders",
                    "{\"outcome\":\"success\",\"tokens_in\":1500,\"tokens_out\":700}");
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> server.get("/api/v1/budgets", "viewer@spenders")
                            .body()
                            .contains("\"used_up\":true"));
            viewer.visit("#/policies").see("h1", "Policies");
            viewer.visit("#/budgets").see(".budget", "Each of research-*: 2,000 tokens a day in Europe/Berlin");
            viewer.see(".budget-usage li", "research-1");
            viewer.see(".budget-usage .tag", "Stopped");
            viewer.see(".budget-usage .what", "2,200 of 2,000 tokens, until");
            assertThat(viewer.run("return document.querySelector('.budget-usage meter').value"))
                    .isEqualTo(1L);
            viewer.visit("#/agents/research-1").see(".agent-budgets .what", "2,200 of 2,000 tokens, until");
            viewer.visit("#/agents/other").see("h1", "other");
            viewer.see(".state-card", "Calls are let through");
            assertThat(viewer.count(".agent-budgets")).isZero();
        }
    }

    @Test
    void a_webhook_is_added_tested_changed_and_removed_and_its_secret_is_shown_once() {
        try (Provider receiver = new Provider();
                Browser admin = Browser.open(server).signIn(RunningServer.token("admin@hooks"))) {
            admin.visit("#/webhooks").see(".empty", "No webhooks yet");
            admin.press("New webhook");
            admin.type("#webhook-name", "On call");
            admin.type("#webhook-url", "https://elsewhere.example.com/");
            admin.click("dialog button[type=submit]");
            admin.see("dialog [role=alert]", "is not on outbound-hosts");
            admin.run("document.querySelector('#webhook-url').select()");
            admin.type("#webhook-url", receiver.url("/a-secret-path"));
            admin.click("dialog button[type=submit]");
            String secret = admin.see(".secret").getText();
            assertThat(secret).startsWith("whsec_");
            admin.press("I have kept it");
            admin.see(".webhook", "Nothing has arrived yet");
            admin.press("Test");
            admin.see(".test-result", "The test arrived: the receiver answered 200.");
            admin.see(".webhook", "The last message arrived at");
            receiver.answer(410);
            admin.press("Test");
            admin.see(".test-result .bad", "410");
            admin.press("Change …");
            admin.type("#webhook-pattern", "model:*");
            admin.click("#webhook-enabled option[value=no]");
            admin.click("dialog button[type=submit]");
            admin.see(".tag.webhook-disabled", "Disabled");
            admin.see(".webhook dl", "model:*");
            assertThat(admin.textOf("main")).doesNotContain("a-secret-path", secret);
            admin.press("Remove");
            admin.see("dialog", "gets no more messages");
            admin.click("dialog button[type=submit]");
            admin.see(".empty", "No webhooks yet");
            admin.visit("#/changes?subject=webhook").see(".found", "3 changes");
            admin.see(".trail li:first-child", "the webhook On call");
        }
    }

    @Test
    void a_key_entered_in_one_tab_serves_the_others_and_who_signs_out_is_out_in_all() {
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("viewer@tabs"))) {
            browser.newTab().visit("#/agents/planner").see(".agent-head .state", "Closed");
            browser.newTab().visit("").see(".who", "tabs");
            assertThat(browser.run("return localStorage.length + document.cookie"))
                    .isEqualTo("0");
            browser.press("Sign out");
            browser.see(".sign-in");
            for (int tab = 0; tab < 2; tab++) {
                browser.tab(tab).see(".sign-in");
                assertThat(browser.run("return sessionStorage.length")).isEqualTo(0L);
            }
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void a_person_signs_in_by_an_issuer_for_all_tabs_and_no_script_sees_by_what() throws Exception {
        try (LocalIssuer issuer = new LocalIssuer();
                RunningServer signIns = new RunningServer(
                        Map.of("jwt-issuers", issuer.settings("everyone: viewer, on-call: operator")));
                Browser browser = Browser.open(signIns)) {
            signIns.send(signIns.request("/api/v1/circuits/planner/permits", null)
                    .header("Authorization", "Bearer " + RunningServer.ADMIN_KEY)
                    .POST(HttpRequest.BodyPublishers.noBody())
                    .build());
            browser.visit("#/agents/planner").see(".sign-in .button", "Sign in with Example");
            browser.press("Sign in with Example");
            browser.see(".agent-head .state", "Closed");
            browser.see(".who", "ada@example.com");
            browser.see(".live.on", "Live");
            assertThat(browser.run("return localStorage.length + sessionStorage.length + document.cookie"))
                    .isEqualTo("0");
            browser.press("Hold open");
            browser.type("#reason", "The vendor is rolling back");
            browser.click("dialog button[type=submit]");
            browser.see(".state.is-held", "Held open");

            browser.newTab().visit("").see(".who", "ada@example.com");
            browser.press("Sign out");
            browser.see(".sign-in .button");
            browser.tab(0).see(".sign-in .button");

            issuer.says(claims -> claims.claim("groups", List.of("others")));
            browser.press("Sign in with Example");
            browser.see("[role=alert]", "You are in no group that may use Interlock");
            Axe.judge(browser);
            assertThat(browser.run("return location.hash")).isEqualTo("#/");
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void a_policy_is_applied_changed_and_removed_and_mistakes_are_reported() {
        try (Browser admin = Browser.open(server).signIn(RunningServer.token("admin@policies"))) {
            admin.visit("#/policies");
            admin.see(".empty", "No policies of your own");
            admin.press("New policy");
            assertThat(placeholder(admin, "failure_threshold")).isEqualTo("3");
            admin.see("label[for=failure_threshold] code", "failure_threshold");
            admin.click("#base option[value=upstream]");
            admin.until(
                    "the base's own value",
                    () -> placeholder(admin, "failure_threshold").equals("5") ? true : null);
            assertThat(placeholder(admin, "slow_call_duration")).isEqualTo("off");
            admin.click("#base option[value=recommended]");
            admin.type("#pattern", "model:*");
            admin.see("#pattern-hint", "It covers 0 circuits now");
            admin.type("#failure_rate_threshold", "250");
            admin.type("#cooldown", "5m");
            admin.click("dialog button[type=submit]");
            admin.see("dialog [role=alert]", "failure_rate_threshold");
            admin.run("document.querySelector('#failure_rate_threshold').select()");
            admin.type("#failure_rate_threshold", "25");
            admin.type("#cooldown_max", "20m");
            admin.type("#trial_timeout", "6m");
            admin.type("#cooldowns", "QUOTA_EXHAUSTED 20m, AUTHENTICATION 90s");
            admin.type("#retry_after_min", "2s");
            admin.type("#min_callers", "3");
            admin.type("#mode", "observe");
            admin.type("#failure_kinds", "TOOL_ERROR IGNORE");
            admin.type("#cooldown_jitter", "20");
            admin.type("#upstream", "yes");
            admin.type("#alternatives", "model:small, model:large");
            admin.click("dialog button[type=submit]");
            admin.see(".cards", "model:*");
            assertThat(admin.textOf(".cards"))
                    .contains(
                            "25 %",
                            "5 min",
                            "20 min",
                            "QUOTA_EXHAUSTED 20 min, AUTHENTICATION 1 min 30 s",
                            "observe",
                            "model:small, model:large");

            admin.visit("#/agents/model%3Asmall").see(".policy", "model:*");
            admin.click("main a[href^='#/policies?pattern=']");
            admin.see("#failure_threshold");
            admin.run("document.querySelector('#failure_threshold').select()");
            admin.type("#failure_threshold", "9");
            admin.click("dialog button[type=submit]");
            admin.see(".cards dd", "9");
            JsonObject settings = RunningServer.json(server.get("/api/v1/policies/model:*", "admin@policies"))
                    .getJsonObject("settings");
            assertThat(settings.getInteger("cooldown_ms")).isEqualTo(300_000);
            assertThat(settings.getJsonObject("cooldowns_ms"))
                    .isEqualTo(new JsonObject().put("AUTHENTICATION", 90_000).put("QUOTA_EXHAUSTED", 1_200_000));
            assertThat(settings.getInteger("retry_after_min_ms")).isEqualTo(2_000);
            assertThat(settings.getInteger("min_callers")).isEqualTo(3);
            assertThat(settings.getString("mode")).isEqualTo("observe");
            assertThat(settings.getJsonObject("failure_kinds")).isEqualTo(new JsonObject().put("TOOL_ERROR", "IGNORE"));
            assertThat(settings.getDouble("cooldown_jitter")).isEqualTo(0.2);
            assertThat(settings.getBoolean("upstream")).isTrue();
            assertThat(settings.getJsonArray("alternatives")).containsExactly("model:small", "model:large");

            admin.press("Remove");
            admin.see("dialog", "None loses its state");
            admin.click("dialog button[type=submit]");
            admin.see(".empty", "No policies of your own");

            admin.visit("#/changes?subject=policy").see(".found", "3 changes");
            admin.see(".trail li:nth-child(2)", "the policy model:*");
            admin.see(".trail li:nth-child(2) .difference", "failure_threshold");
            admin.see(".trail li:nth-child(2) .difference", "3 → 9");
            admin.visit("#/").see("h1", "Fleet");
            admin.visit("#/changes?name=nothing").see(".empty", "Nothing matches");
            admin.press("Clear");
            admin.see(".found", "3 changes");
        }
    }

    private static String placeholder(Browser browser, String field) {
        return String.valueOf(browser.run("return document.getElementById(arguments[0]).placeholder", field));
    }

    /** Moves the pointer onto the first cell of the map; answers whether that says what it is. */
    private static boolean pointAtFirstCell(Browser browser) {
        browser.run("""
            const canvas = document.querySelector('.map canvas');
            const { left, top } = canvas.getBoundingClientRect();
            canvas.dispatchEvent(new MouseEvent('mousemove', { clientX: left + 6, clientY: top + 6, bubbles: true }));\
            """);
        return browser.run("return document.querySelector('.map-tip')?.textContent ?? ''")
                .toString()
                .startsWith("planner: closed");
    }

    @Test
    void a_pointer_and_a_key_may_come_before_the_map_is_drawn_for_the_first_time() {
        SampleFleet fleet = new SampleFleet(server, "early");
        fleet.healthy("planner", 1, 0);
        fleet.send();
        try (Browser browser = Browser.open(server)) {
            browser.devTools("Page.addScriptToEvaluateOnNewDocument", Map.of("source", """
                const draws = requestAnimationFrame.bind(window);
                const waiting = [];
                window.requestAnimationFrame = draw => waiting.push(draw);
                window.drawAtLast = () => {
                  window.requestAnimationFrame = draws;
                  waiting.forEach(draw => draws(draw));
                };\
                """));
            browser.signIn(RunningServer.token("operator@early")).see(".row", "planner");
            assertThat(pointAtFirstCell(browser)).isFalse();
            browser.run("document.querySelector('.map canvas').dispatchEvent("
                    + "new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }))");
            assertThat(browser.complaints()).isEmpty();
            browser.run("drawAtLast()");
            browser.until("the first cell to say what it is", () -> pointAtFirstCell(browser) ? true : null);
        }
    }

    @Test
    void a_name_that_nobody_has_heard_of_is_asked_about_before_anything_is_done() {
        SampleFleet fleet = new SampleFleet(server, "slips");
        fleet.healthy("planner", 1, 0);
        fleet.send();
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("operator@slips"))) {
            browser.see(".row", "planner");
            browser.until("the first cell to say what it is", () -> pointAtFirstCell(browser) ? true : null);
            browser.visit("#/agents/planer").see("h1", "planer");
            browser.see(".unheard", "This name is not known yet");
            browser.press("Open");
            browser.type("#reason", "Bad answers");
            browser.click("dialog button[type=submit]");
            browser.see("dialog [role=alert]", "This name is not known: nothing was done.");
            browser.see("dialog", "Names like it: planner");
            browser.see("dialog button[type=submit]", "Open all the same");
            assertThat(server.get("/api/v1/agents/planer", "viewer@slips").statusCode())
                    .isEqualTo(404);
            browser.click("dialog button[type=submit]");
            browser.see(".agent-head .state", "Open");
            browser.see(".facts", "Bad answers");
        }
    }

    @Test
    void words_of_the_search_find_what_they_mean_facets_add_them_and_the_address_keeps_them() {
        SampleFleet fleet = new SampleFleet(server, "query");
        for (String agent : List.of("planner", "coder", "writer", "critic")) {
            fleet.needs(agent, agent.equals("writer") ? "tool:mail" : "model:atlas");
        }
        fleet.called("planner", null, "billing");
        fleet.called("coder", null, "billing");
        fleet.failing("planner", "LOOP", 1);
        fleet.failing("model:atlas", "OVERLOADED", 5);
        fleet.send();
        fleet.order("writer", "hold_open", "Ticket 7", null);
        try (Browser browser = Browser.open(server, 1600, 1000, false).signIn(RunningServer.token("operator@query"))) {
            browser.see(".found", "6 circuits");
            browser.see(".count.open .count-number", "3");
            browser.until(
                    "metadata to be known", () -> browser.textOf(".facets").contains("team") ? true : null);
            for (Map.Entry<String, String> each : Map.of(
                            "kind:loop", "planner",
                            "cause:failure_streak", "model:atlas",
                            "dep:model:* -team:billing", "critic",
                            "by:operator", "writer",
                            "state:held policy:default", "writer",
                            "team=billing state:closed", "coder",
                            "model:at*", "model:atlas")
                    .entrySet()) {
                browser.run("document.querySelector('input[type=search]').select()");
                browser.type("input[type=search]", each.getKey());
                browser.see(".found", "1 of 6 circuits");
                assertThat(browser.textOf(".row-name")).as(each.getKey()).isEqualTo(each.getValue());
                assertThat(browser.textOf(".wrong-words")).isEmpty();
            }
            browser.type("input[type=search]", Keys.ESCAPE);
            browser.see(".found", "6 circuits");

            browser.type("input[type=search]", "kind:LOP");
            browser.see(".wrong-words", "kind:LOP: there is no such kind of failure. Did you mean kind:LOOP?");
            browser.see(".empty", "No circuit matches");
            browser.type("input[type=search]", Keys.ESCAPE);
            browser.type("input[type=search]", "plicy:default");
            browser.see(".wrong-words", "plicy:default finds nothing. Did you mean policy:default?");
            browser.type("input[type=search]", Keys.ESCAPE);

            assertThat(browser.textOf(".facet button[title='team=billing'] .facet-count"))
                    .isEqualTo("2");
            browser.click(".facet button[title='team=billing']");
            browser.see(".found", "2 of 6 circuits");
            browser.see(".facet button[title='team=billing'][aria-pressed=true]");
            browser.click(".facet button[title='kind:LOOP']");
            browser.see(".found", "1 of 6 circuits");
            assertThat(browser.run("return decodeURIComponent(location.hash)"))
                    .isEqualTo("#/?q=team=billing+kind:LOOP");
            browser.run("location.reload()");
            browser.see(".found", "1 of 6 circuits");
            browser.click(".facet button[title='kind:LOOP']");
            browser.see(".found", "2 of 6 circuits");
            fleet.called("critic", "The critic", "billing");
            browser.see(".found", "3 of 6 circuits");
            browser.visit("#/?q=state:held").see(".found", "1 of 6 circuits");

            browser.visit("#/?group=%3Dteam").see(".found", "6 circuits");
            browser.see(".group-head", "Without team");
            assertThat(browser.textOf(".group-head").replace('\n', ' '))
                    .contains("Models, tools and keys 2 1 open", "billing 3 1 open", "Without team 1 1 open 1 held");
            browser.click(".group-head");
            browser.see(".group-head[aria-expanded=false]", "Models, tools and keys");
            browser.click("select[aria-label='Group the map by'] option[value=kind]");
            browser.see(".group-head", "Tools");

            browser.run("document.querySelector('h1').focus()");
            browser.type("h1", "?");
            browser.see("dialog", "To the search; Escape empties it");
            browser.type("dialog", Keys.ESCAPE);
            browser.until("the help to close", () -> browser.count("dialog") == 0 ? true : null);
            browser.visit("#/events").see("h1", "Events");
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void a_server_that_wants_a_reason_gets_one() {
        try (RunningServer strict = new RunningServer(Map.of("require-reason", "true"));
                Browser browser = Browser.open(strict).signIn(RunningServer.token("operator@acme"))) {
            strict.post("/api/v1/circuits/planner/outcomes", "agent@acme", "{\"outcome\":\"success\"}");
            browser.visit("#/agents/planner").see(".agent-head .state", "Closed");
            browser.press("Hold open");
            browser.see("dialog", "This server requires one.");
            assertThat(browser.see("dialog button[type=submit]").isEnabled()).isFalse();
            browser.type("#reason", " ", Keys.chord(Keys.CONTROL, Keys.ENTER));
            assertThat(browser.see("dialog button[type=submit]").isEnabled()).isFalse();
            browser.type("#reason", "Ticket 7");
            assertThat(browser.see("dialog button[type=submit]").isEnabled()).isTrue();
            browser.type("#reason", Keys.chord(Keys.CONTROL, Keys.ENTER));
            browser.see(".facts", "Ticket 7");
            browser.see(".state.is-held", "Held open");
        }
    }

    @Test
    void names_and_reasons_are_text_whatever_they_hold() {
        String name = "<img src=x onerror=alert(1)> \"50%\" a/b?c#d & 'e'";
        new SampleFleet(server, "hostile").order(name, "open", "<script>alert(2)</script>", null);
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("operator@hostile"))) {
            browser.see(".row", name);
            browser.click(".row");
            browser.see("h1", name);
            browser.see(".facts", "<script>alert(2)</script>");
            browser.see(".trail", "<script>alert(2)</script>");
            browser.press("Close");
            browser.click("dialog button[type=submit]");
            browser.see(".agent-head .state", "Closed");
            assertThat(browser.count("main img, main script")).isZero();
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void nothing_is_asked_of_anybody_but_the_server() {
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("admin@acme"))) {
            browser.visit("#/agents/planner").see(".u-wrap");
            browser.visit("#/policies").see("h1", "Policies");
            assertThat((List<?>) browser.run(
                            "return performance.getEntriesByType('resource').map(each => new URL(each.name).origin)"))
                    .isNotEmpty()
                    .allMatch(origin -> server.uri("").toString().equals(origin));
            assertThat(browser.complaints()).isEmpty();
        }
    }
}
