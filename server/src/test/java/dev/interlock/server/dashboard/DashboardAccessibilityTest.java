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
    private static RunningServer server;

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
    void axe_finds_nothing_serious_on_any_page_in_light_and_dark() {
        List<String> found = new ArrayList<>();
        try (Browser browser = Browser.open(server)) {
            browser.visit("").see("#key");
            judge(browser, "sign-in", found);
            browser.type("#key", "wrong", Keys.ENTER);
            browser.see("[role=alert]");
            judge(browser, "refused", found);
            browser.run("document.querySelector('#key').value = ''");
            browser.signIn(RunningServer.token("admin@acme")).see(".list li");
            browser.see(".wrong-now li");
            judge(browser, "fleet", found, 380, 1_600);
            browser.run("document.querySelector('.fold').ariaExpanded === 'true' ||"
                    + " document.querySelector('.fold').click()");
            browser.see(".facet button");
            browser.type("input[type=search]", "kind:LOP");
            browser.see(".wrong-words", "Did you mean");
            judge(browser, "a wrong word, and facets", found);
            browser.type("input[type=search]", Keys.ESCAPE);
            browser.press("Keys and words");
            browser.see("dialog");
            judge(browser, "help", found);
            browser.type("dialog", Keys.ESCAPE);
            browser.press("Show 1 other");
            browser.see(".followers li");
            judge(browser, "followers", found);
            browser.type("input[type=search]", "no such agent");
            browser.see(".empty");
            judge(browser, "nothing found", found);
            stopped(browser, found);
            browser.visit("#/agents/billing-planner").see(".trail li");
            browser.see(".u-wrap");
            judge(browser, "agent", found);
            browser.press("Hold open");
            browser.see("dialog");
            judge(browser, "order", found);
            browser.press("Cancel");
            browser.visit("#/agents/search-router").see(".trail li");
            judge(browser, "held agent", found);
            browser.visit("#/agents/search-planner").see(".logs .trail li");
            browser.see(".health .spans");
            browser.see(".neighbours li");
            browser.press("Only failures");
            judge(browser, "agent that logs", found);
            browser.visit("#/agents/model%3Akimi-k2").see(".hit");
            judge(browser, "model that is open", found);
            browser.visit("#/events").see(".trail li");
            judge(browser, "events", found);
            browser.visit("#/incidents").see(".incident-list li");
            judge(browser, "incidents", found);
            browser.click(".incident-list li:last-child a");
            browser.see(".trail li");
            judge(browser, "incident", found);
            browser.visit("#/nonsense").see(".empty", "mistyped");
            judge(browser, "no such page", found);
            browser.visit("#/changes").see(".difference");
            judge(browser, "changes", found);
            browser.visit("#/policies").see(".cards li");
            judge(browser, "policies", found);
            browser.press("New policy");
            browser.see("dialog");
            judge(browser, "policy", found);
            browser.press("Cancel");
            browser.visit("#/budgets").see(".budget");
            judge(browser, "budgets", found);
            browser.visit("#/webhooks").see(".webhook");
            judge(browser, "webhooks", found);
            browser.press("New webhook");
            browser.see("dialog");
            judge(browser, "new webhook", found);
            browser.press("Cancel");
            browser.visit("#/keys").see("tbody tr");
            judge(browser, "keys", found);
            browser.press("New key");
            browser.type("#name", "Somebody");
            judge(browser, "new key", found);
        }
        assertThat(found).isEmpty();
    }

    /** The dialogs that stop and override many, and the band of what is stopped, narrow and wide. */
    private static void stopped(Browser browser, List<String> found) {
        browser.visit("#/").see(".list li");
        browser.press("Stop …");
        browser.see("dialog .note", "at the moment");
        judge(browser, "stop", found);
        browser.press("Cancel");
        browser.type("input[type=search]", "billing");
        browser.click(".found button");
        browser.see(".preview li");
        judge(browser, "override all", found);
        browser.press("Cancel");
        browser.type("input[type=search]", Keys.ESCAPE);
        server.post(
                "/api/v1/actions",
                "operator@acme",
                "{\"action\":\"stop\",\"covers\":\"agents\",\"pattern\":\"nobody-*\",\"reason\":\"for the looks\"}");
        browser.see(".stopped li", "for the looks");
        judge(browser, "what is stopped", found, 380, 1_600);
        browser.press("Resume …");
        browser.see("dialog");
        judge(browser, "resume", found);
        browser.click("dialog [type=submit]");
        browser.until("the band to go", () -> browser.count(".stopped") == 0 ? true : null);
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
            browser.devTools("Page.bringToFront", Map.of());
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
            browser.see("dialog", "every call of it is refused");
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

    /** All rules in light, and in dark those that it can break. */
    private static void judge(Browser browser, String page, List<String> found, int... widths) {
        for (int width : widths) {
            browser.emulate(width, 900, false);
            Axe.serious(browser).forEach(each -> found.add(page + " at " + width + ": " + each));
            browser.emulate(width, 900, true);
            Axe.seriousColours(browser).forEach(each -> found.add(page + " at " + width + ", dark: " + each));
        }
        browser.emulate(1_280, 900, false);
    }

    private static void judge(Browser browser, String page, List<String> found) {
        judge(browser, page, found, 1_280);
    }
}
