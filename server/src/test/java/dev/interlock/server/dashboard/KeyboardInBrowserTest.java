package dev.interlock.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.interlock.server.RunningServer;
import dev.interlock.server.outbound.Provider;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/** The night of an operator on a phone's width, by keyboard alone. */
@Tag("heavy")
@Tag("thorough")
class KeyboardInBrowserTest {
    private static RunningServer server;
    private static int nights;

    /** Each test has a fleet of its own. */
    private final String organization = "night" + ++nights;

    private SampleFleet fleet;

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

    @BeforeEach
    void night() {
        fleet = new SampleFleet(server, organization);
        fleet.incident();
    }

    @Test
    void an_incident_is_opened_its_cause_read_and_its_root_held_and_released() {
        try (Browser browser = signedIn("operator")) {
            Keyboard keyboard = new Keyboard(browser);
            browser.see(".wrong-now li", "model:kimi-k2");
            keyboard.tabTo("Story of model:kimi-k2").press(Keys.ENTER).isOn("Incident of model:kimi-k2");
            keyboard.tabTo("model:kimi-k2").press(Keys.ENTER).isOn("model:kimi-k2");
            browser.see(".state-card", "failures in a row; the last: overloaded");

            keyboard.tabTo("Hold open").press(Keys.ENTER).isInDialog(true);
            browser.see("dialog .note", "Every call is refused until");
            keyboard.press(Keys.ESCAPE).isInDialog(false).isOn("Hold open");
            keyboard.press(Keys.ENTER)
                    .isInDialog(true)
                    .tabTo("#reason")
                    .press("The vendor is rolling back")
                    .send();
            browser.see(".state.is-held", "Held open");
            keyboard.isInDialog(false).isOn("Change the hold");
            keyboard.backTo("Release").press(Keys.ENTER).isInDialog(true);
            browser.see("dialog .note", "The hold ends.");
            keyboard.tabTo("#reason").press("It is back").send();
            browser.see(".outlook", "the next call is a trial");
            keyboard.isInDialog(false).tabTo("Sign out");
        }
    }

    @Test
    void all_that_are_found_are_held_after_a_preview_and_the_message_undoes_it_by_a_key() {
        try (Browser browser = signedIn("operator")) {
            Keyboard keyboard = new Keyboard(browser);
            browser.see(".list li");
            keyboard.press("/").isOn("Search").press("growth-");
            browser.see(".found", "10 of 70 circuits");
            keyboard.tabTo("Override all 10").press(Keys.ENTER).isInDialog(true);
            keyboard.backTo("#many-action").press("Hold open");
            browser.see("dialog .note", "This changes 10 of 10 circuits found.");
            keyboard.tabTo("#reason")
                    .press("Ticket 7")
                    .tabTo("Hold 10 circuits open")
                    .press(Keys.ENTER);
            browser.see(".toast", "Hold open: 10 circuits.");
            keyboard.isInDialog(false).isOn("Override all 10").press("u");
            browser.see(".toast", "Undone: 10 circuits.");
            keyboard.isOn("Override all 10").press(Keys.ESCAPE);
            browser.until("the message to go", () -> browser.count(".toast") == 0 ? true : null);
        }
    }

    @Test
    void everything_is_stopped_with_a_name_that_is_typed_and_resumed() {
        try (Browser browser = signedIn("operator")) {
            Keyboard keyboard = new Keyboard(browser);
            browser.see(".list li");
            keyboard.tabTo("Stop …").press(Keys.ENTER).isInDialog(true);
            browser.see("dialog .note", "will be refused from now on");
            keyboard.tabTo("#reason").press("Wrong answers").tabTo("#typed").press(allButLast(organization));
            assertThat(browser.see("dialog [type=submit]").isEnabled()).isFalse();
            keyboard.press(last(organization)).tabTo("Stop").press(Keys.ENTER);
            browser.see(".stopped li", "Wrong answers");
            keyboard.isInDialog(false).isOn("Stop …");
            keyboard.backTo("Resume")
                    .press(Keys.ENTER)
                    .isInDialog(true)
                    .press(Keys.ESCAPE)
                    .isInDialog(false)
                    .isOn("Resume");
            keyboard.press(Keys.ENTER).isInDialog(true).tabTo("Resume").press(Keys.ENTER);
            browser.until("the band to go", () -> browser.count(".stopped") == 0 ? true : null);
            keyboard.isInDialog(false).isOn("Fleet").tabTo("All");
        }
    }

    @Test
    void a_budget_is_raised_and_a_webhook_tested() {
        server.send(
                "PUT",
                "/api/v1/budgets/research",
                "admin@" + organization,
                "{\"pattern\":\"search-*\",\"per\":\"day\",\"tokens\":1000}");
        server.post(
                "/api/v1/circuits/search-planner/outcomes",
                "agent@" + organization,
                "{\"outcome\":\"success\",\"tokens_in\":1500}");
        try (Provider receiver = new Provider();
                Browser browser = signedIn("admin")) {
            JsonObject hook = new JsonObject().put("name", "On call").put("url", receiver.url("/hook"));
            assertThat(server.post("/api/v1/webhooks", "admin@" + organization, hook.encode())
                            .statusCode())
                    .isEqualTo(201);
            Keyboard keyboard = new Keyboard(browser);
            browser.see(".list li");
            keyboard.tabTo("Budgets").press(Keys.ENTER).isOn("Budgets");
            browser.see(".budget-usage .what", "1,500 of 1,000 tokens");
            keyboard.tabTo("Raise research").press(Keys.ENTER).isInDialog(true);
            assertThat(browser.run("return document.querySelector('#raise-for').value"))
                    .isEqualTo("search-planner");
            keyboard.tabTo("#raise-tokens")
                    .press("500")
                    .tabTo("#raise-reason")
                    .press("The report is due")
                    .tabTo("Raise");
            keyboard.press(Keys.ENTER);
            browser.see(".toast", "research was raised.");
            browser.see(".budget-usage .what", "1,500 of 1,500 tokens");
            keyboard.isInDialog(false).isOn("Raise research").press(Keys.ENTER).isInDialog(true);
            keyboard.press(Keys.ESCAPE).isInDialog(false).isOn("Raise research");

            keyboard.backTo("Webhooks").press(Keys.ENTER).isOn("Webhooks");
            browser.see(".webhook");
            keyboard.tabTo("Test On call").press(Keys.ENTER);
            browser.see(".test-result", "The test arrived");
            keyboard.isOn("Test On call").tabTo("Change On call");
        }
    }

    @Test
    void what_comes_live_neither_takes_the_focus_nor_moves_what_has_it() {
        try (Browser browser = signedIn("operator")) {
            Keyboard keyboard = new Keyboard(browser);
            browser.see(".list li");
            browser.see(".wrong-now li"); // it comes a moment later, above the search
            keyboard.press("/").isOn("Search").tabTo("Filter by health").tabTo("Override all 70");
            keyboard.press(Keys.TAB, Keys.ARROW_DOWN, Keys.ARROW_DOWN);
            List<?> before = (List<?>) browser.run(WHERE);
            happens();
            browser.until("what is new, while a key is touched", () -> {
                keyboard.press(Keys.SHIFT);
                return hasHappened(browser);
            });
            isStill(before, browser.run(WHERE));
            keyboard.press("/").isOn("Search");
            browser.until(
                    "the new order once the list is left",
                    () -> browser.textOf(".list li:nth-child(-n+4)").contains("tool:mail") ? true : null);

            browser.visit("#/agents/growth-writer").see(".actions");
            keyboard.tabTo("Hold closed");
            fleet.called("growth-writer", "The writer of growth", "growth");
            browser.see("h1", "The writer of growth");
            keyboard.isOn("Hold closed");
        }
    }

    @Test
    void what_the_pointer_is_over_stays_below_it() {
        try (Browser browser = signedIn("operator")) {
            browser.see(".list li");
            browser.run("document.querySelector('.list').scrollIntoView({ block: 'center' })");
            browser.pointAt(".list li:nth-child(4) a");
            List<?> before = (List<?>) browser.run(POINTED);
            happens();
            browser.until("what is new, while the pointer trembles", () -> {
                browser.movePointer();
                return hasHappened(browser);
            });
            isStill(before, browser.run(POINTED));
        }
    }

    /** Circuits open that come first in the list, and a band appears at the top of the page. */
    private void happens() {
        fleet.failing("tool:mail", "SERVER_ERROR", 5);
        fleet.failing("ops-writer", "TIMEOUT", 5);
        fleet.send();
        String stop = "{\"action\":\"stop\",\"covers\":\"agents\",\"pattern\":\"nobody-*\",\"reason\":\"Ticket 7\"}";
        assertThat(server.post("/api/v1/actions", "operator@" + organization, stop)
                        .statusCode())
                .isEqualTo(200);
    }

    /** The same row at the same place, but for the fraction of a pixel that a browser cannot scroll by. */
    private static void isStill(List<?> before, Object after) {
        List<?> now = (List<?>) after;
        assertThat(now.get(0)).isEqualTo(before.get(0));
        assertThat(((Number) now.get(1)).doubleValue())
                .as("the place of %s", now.get(0))
                .isCloseTo(((Number) before.get(1)).doubleValue(), within(1.0));
    }

    private static Boolean hasHappened(Browser browser) {
        boolean shown = browser.textOf(".count.open .count-number").equals("10")
                && browser.textOf(".stopped").contains("Ticket 7");
        return shown ? true : null;
    }

    private static final String WHERE = """
        const focus = document.activeElement;
        return [focus.dataset.agent, focus.getBoundingClientRect().top];
        """;

    private static final String POINTED = """
        const row = [...document.querySelectorAll('.row:hover')].at(-1);
        return [row?.dataset.agent, row && row.getBoundingClientRect().top];
        """;

    private static String allButLast(String name) {
        return name.substring(0, name.length() - 1);
    }

    private static String last(String name) {
        return name.substring(name.length() - 1);
    }

    /** Signs in by keys. */
    private Browser signedIn(String role) {
        Browser browser = Browser.open(server, 380, 800, false).visit("");
        browser.see("#key");
        browser.until(
                "the field to have the focus",
                () -> browser.run("return document.activeElement.id").equals("key") ? true : null);
        return browser.keys(RunningServer.token(role + "@" + organization), Keys.ENTER);
    }
}
