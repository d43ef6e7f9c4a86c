package dev.interlock.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/** With a keyboard, with a screen reader's eyes, in light and dark, narrow and wide. */
@Tag("heavy")
@Tag("thorough")
class DashboardAccessibilityTest {
    /** Lets the next action be one that a process has not confirmed, as when one has just died. */
    private static final String UNCONFIRMED = """
        const own = window.fetch;
        window.fetch = async (...request) => {
          if (!String(request[0]).endsWith('/actions')) return own(...request);
          window.fetch = own;
          const answer = await own(...request);
          const json = { ...await answer.json(), not_confirmed: [
            { what: 'client', name: 'worker-7 on node-3', detail: 'It stops at its next heartbeat, within 10 s' }] };
          return new Response(JSON.stringify(json), { status: answer.status, headers: answer.headers });
        };
        """;

    private static RunningServer server;

    private final List<String> found = new ArrayList<>();

    @BeforeAll
    static void start() {
        Chromium.assumeThereIsOne();
        server = new RunningServer(Map.of("outbound-hosts", "hooks.example.com"));
        new SampleFleet(server).incident();
        server.post("/api/v1/keys", "admin@acme", "{\"name\":\"Ines on call\",\"role\":\"operator\"}");
        server.post(
                "/api/v1/webhooks",
                "admin@acme",
                "{\"name\":\"On call\",\"url\":\"https://hooks.example.com/hook\",\"pattern\":\"model:*\"}");
        server.send(
                "PUT",
                "/api/v1/budgets/research",
                "admin@acme",
                "{\"pattern\":\"search-planner\",\"per\":\"day\",\"tokens\":1000}");
        server.post(
                "/api/v1/circuits/search-planner/outcomes",
                "admin@acme",
                "{\"outcome\":\"success\",\"tokens_in\":500}");
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void axe_finds_nothing_at_sign_in_and_where_nothing_has_happened_yet() {
        try (Browser browser = Browser.open(server)) {
            browser.visit("").see("#key");
            judge(browser, "sign-in");
            browser.type("#key", "wrong", Keys.ENTER);
            browser.see("[role=alert]");
            judge(browser, "refused");
            browser.run("document.querySelector('#key').value = ''");
            browser.signIn(RunningServer.token("admin@fresh"));
            for (String page :
                    List.of("", "incidents", "events", "policies", "budgets", "keys", "webhooks", "changes")) {
                browser.visit("#/" + page).see(".empty");
                judge(browser, "empty-" + page);
            }
            browser.visit("#/nonsense").see(".empty", "mistyped");
            judge(browser, "no-such-page");
            browser.visit("#/incidents/nonsense").see(".note.bad");
            judge(browser, "no-such-incident");
            browser.visit("#/agents/nobody").see(".unheard");
            judge(browser, "no-such-agent");
            browser.press("Sign out");
            browser.signIn(RunningServer.token("viewer@fresh"));
            browser.visit("#/keys").see(".empty", "for admins");
            judge(browser, "for-admins");
        }
        assertThat(found).isEmpty();
    }

    @Test
    void axe_finds_nothing_on_the_fleets_page_and_in_its_dialogs() {
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("operator@acme"))) {
            browser.see(".list li");
            browser.see(".wrong-now li");
            judge(browser, "fleet");
            browser.press("Hold open");
            browser.see("dialog");
            judge(browser, "hold-a-root");
            browser.press("Cancel");
            browser.run("document.querySelector('.fold').ariaExpanded === 'true' ||"
                    + " document.querySelector('.fold').click()");
            browser.see(".facet button");
            browser.press("Show 1 other");
            browser.see(".followers li");
            browser.type("input[type=search]", "kind:LOP");
            browser.see(".wrong-words", "Did you mean");
            judge(browser, "a-wrong-word-facets-and-followers");
            browser.type("input[type=search]", Keys.ESCAPE);
            browser.press("Keys and words");
            browser.see("dialog");
            judge(browser, "help");
            browser.type("dialog", Keys.ESCAPE);
            browser.type("input[type=search]", "no such agent");
            browser.see(".empty");
            judge(browser, "nothing-found");
            browser.type("input[type=search]", Keys.ESCAPE);
            overridden(browser);
            stopped(browser);
        }
        assertThat(found).isEmpty();
    }

    /** The dialog that overrides many, and the message that offers to undo it. */
    private void overridden(Browser browser) {
        browser.type("input[type=search]", "ops-");
        browser.click(".found button");
        browser.see("dialog .note", "until an action is chosen");
        judge(browser, "override-none");
        browser.click("#many-action option[value=hold_closed]");
        browser.see(".preview li");
        judge(browser, "override-all");
        browser.click("dialog [type=submit]");
        browser.see(".toast button", "Undo");
        browser.run("document.querySelector('.toast button').focus()"); // it stays while it has the focus
        judge(browser, "undo");
        browser.press("Undo");
        browser.see(".toast", "Undone");
        browser.type("input[type=search]", Keys.ESCAPE);
    }

    /** The dialogs that stop and resume, and the band of what is stopped. */
    private void stopped(Browser browser) {
        browser.press("Stop …");
        browser.see("dialog .note", "from now on");
        judge(browser, "stop");
        browser.click("#covers option[value=agents]");
        browser.type("#pattern", "ops-*");
        browser.type("#reason", "for the looks");
        browser.type("#typed", "ops-*");
        browser.see("dialog .note", "10 agents, models");
        judge(browser, "stop-typed");
        browser.run(UNCONFIRMED);
        browser.click("dialog [type=submit]");
        browser.see("dialog .unconfirmed li");
        judge(browser, "stopped-not-everywhere");
        browser.click("dialog .primary");
        browser.see(".stopped li", "for the looks");
        judge(browser, "what-is-stopped");
        browser.press("Resume …");
        browser.see("dialog");
        judge(browser, "resume");
        browser.click("dialog [type=submit]");
        browser.until("the band to go", () -> browser.count(".stopped") == 0 ? true : null);
    }

    @Test
    void axe_finds_nothing_on_agents_events_and_incidents_and_in_what_acts_on_them() {
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("operator@acme"))) {
            browser.visit("#/agents/billing-planner").see(".trail li");
            browser.see(".u-wrap");
            judge(browser, "agent");
            for (String action : List.of("Close", "Hold open", "Hold closed", "Reset")) {
                browser.press(action + " …");
                browser.see("dialog");
                judge(browser, action);
                browser.press("Cancel");
            }
            browser.visit("#/agents/search-router").see(".trail li");
            judge(browser, "held-agent");
            browser.press("Change the hold");
            browser.click("#length option[value=at]");
            browser.see("#at");
            judge(browser, "another-end");
            browser.press("Cancel");
            browser.visit("#/agents/search-planner").see(".logs .trail li");
            browser.see(".health .spans");
            browser.see(".neighbours li");
            browser.see(".budget-usage");
            browser.press("Only failures");
            judge(browser, "agent-that-logs");
            browser.visit("#/agents/model%3Akimi-k2").see(".hit");
            judge(browser, "model-that-is-open");
            browser.visit("#/events").see(".trail li");
            judge(browser, "events");
            browser.visit("#/incidents").see(".incident-list li");
            judge(browser, "incidents");
            browser.click(".incident-list li:last-child a");
            browser.see(".trail li");
            judge(browser, "incident");
        }
        assertThat(found).isEmpty();
    }

    @Test
    void axe_finds_nothing_on_pages_and_in_dialogs_of_admins() {
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("admin@acme"))) {
            browser.visit("#/changes").see(".difference");
            judge(browser, "changes");
            browser.visit("#/policies").see(".cards li");
            judge(browser, "policies");
            browser.press("New policy");
            browser.see("dialog");
            judge(browser, "new-policy");
            browser.press("Cancel");
            browser.press("Change …");
            browser.see("dialog");
            browser.run("document.querySelectorAll('dialog details').forEach(each => each.open = true)");
            judge(browser, "policy");
            browser.press("Cancel");
            browser.press("Remove …");
            judge(browser, "remove-policy");
            browser.press("Cancel");
            browser.visit("#/webhooks").see(".webhook");
            browser.press("Change …");
            judge(browser, "webhook");
            browser.press("Cancel");
            browser.press("Remove …");
            judge(browser, "remove-webhook");
            browser.press("Cancel");
            browser.press("New webhook");
            browser.type("#webhook-name", "Another");
            browser.type("#webhook-url", "https://hooks.example.com/another");
            judge(browser, "new-webhook");
            browser.click("dialog [type=submit]");
            browser.see("dialog .secret");
            judge(browser, "secret-of-a-webhook");
            browser.press("I have kept it");
            browser.visit("#/keys").see("tbody tr");
            judge(browser, "keys");
            browser.press("Remove …");
            judge(browser, "remove-key");
            browser.press("Cancel");
            browser.press("Replace …");
            judge(browser, "replace-key");
            browser.press("Cancel");
            browser.press("New key");
            browser.type("#name", "Somebody");
            browser.click("#role option[value=agent]");
            browser.see("#speaks-for");
            judge(browser, "new-key");
            browser.click("dialog [type=submit]");
            browser.see("dialog .secret");
            judge(browser, "a-key");
        }
        assertThat(found).isEmpty();
    }

    @Test
    void axe_finds_nothing_on_budgets_that_are_used_up_and_webhooks_that_fail() {
        try (RunningServer busy = new RunningServer(Map.of("outbound-hosts", SampleAccounts.HOSTS));
                SampleAccounts accounts = new SampleAccounts(busy);
                Browser browser = Browser.open(busy)) {
            accounts.budgets();
            browser.signIn(RunningServer.token("admin@acme"));
            browser.visit("#/budgets").see(".budget-usage .tag", "Stopped");
            judge(browser, "budgets");
            browser.click(".budget .buttons button");
            browser.see("dialog");
            judge(browser, "raise");
            browser.press("Cancel");
            accounts.webhooks();
            browser.visit("#/webhooks").see(".note.bad", "503. What happens then");
            judge(browser, "webhooks");
        }
        assertThat(found).isEmpty();
    }

    @Test
    void a_keyboard_is_enough() {
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("operator@acme"))) {
            browser.see(".list li");
            browser.type("body", "/");
            browser.until("the search to have the focus", () -> focused(browser).equals("search") ? true : null);
            browser.type("input[type=search]", "legal-");
            browser.see(".found", "10 of 70 circuits");
            browser.run("document.querySelector('.list a').focus()");
            browser.type("a[data-agent='legal-extractor']", Keys.ARROW_DOWN, Keys.ARROW_UP, Keys.END);
            browser.until(
                    "the last row to have the focus",
                    () -> browser.run("return document.activeElement.closest('li')?.getAttribute('aria-posinset')")
                                    .equals("10")
                            ? true
                            : null);
            browser.run("document.querySelector('.map canvas').focus()");
            browser.type(".map canvas", Keys.HOME);
            browser.see(".map-caption", "model:embed-3");
            for (int i = 0; i < 11; i++) { // ten models, tools and keys come before the agents
                browser.type(".map canvas", Keys.ARROW_RIGHT);
            }
            browser.see(".map-caption", "billing-extractor");
            browser.type(".map canvas", Keys.ENTER);
            browser.see("h1", "billing-extractor");
            assertThat(browser.run("return document.activeElement.tagName")).isEqualTo("H1");

            browser.run("document.querySelector('.actions button').focus()");
            browser.type(".actions button", Keys.ENTER);
            browser.see("dialog", "From now on every call is refused");
            assertThat(browser.run("return document.activeElement.id")).isEqualTo("reason");
            browser.type("#reason", Keys.ESCAPE);
            browser.until("the dialog to close", () -> browser.count("dialog") == 0 ? true : null);
            assertThat(browser.textOf(":focus")).startsWith("Open");
        }
    }

    @Test
    void no_page_is_wider_than_the_window() {
        try (Browser browser = Browser.open(server, 380, 800, false).signIn(RunningServer.token("admin@acme"))) {
            for (String place : List.of(
                    "#/",
                    "#/events",
                    "#/incidents",
                    "#/agents/legal-extractor",
                    "#/agents/search-planner",
                    "#/policies",
                    "#/budgets",
                    "#/changes",
                    "#/webhooks",
                    "#/keys")) {
                browser.visit(place).see("h1");
                browser.see("main .card");
                for (int width : new int[] {380, 560, 760, 1_010, 1_600}) {
                    browser.emulate(width, 800, false);
                    Looks.fits(browser, place + " at " + width);
                }
                browser.emulate(380, 800, false);
            }
        }
    }

    private static String focused(Browser browser) {
        return String.valueOf(browser.run("return document.activeElement.type"));
    }

    /** Of any impact, at 380 and 1600 px, in light and dark. */
    private void judge(Browser browser, String page) {
        found.addAll(Looks.faults(browser, page));
    }
}
