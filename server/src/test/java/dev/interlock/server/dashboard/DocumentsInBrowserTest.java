package dev.interlock.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/** From the dashboard to the document that explains it, and what is read there: without a mouse, narrow, wide, at night. */
@Tag("heavy")
@Tag("thorough")
class DocumentsInBrowserTest {
    private static RunningServer server;

    @BeforeAll
    static void start() {
        Chromium.assumeThereIsOne();
        server = new RunningServer();
        new SampleFleet(server).incident();
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void a_keyboard_leads_from_the_dashboard_to_the_runbook_and_back() {
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("viewer@acme"))) {
            browser.see(".wrong-now li");
            browser.type("body", "?");
            browser.see("dialog h3");
            tabTo(browser, "Runbook");
            browser.type(":focus", Keys.ENTER);
            browser.see("h1", "Runbook");
            assertThat(browser.run("return location.pathname")).isEqualTo("/docs/operations/runbook.html");

            browser.type("body", Keys.TAB);
            assertThat(browser.textOf(":focus")).isEqualTo("Skip to the content");
            tabTo(browser, "Dashboard");
            browser.type(":focus", Keys.ENTER);
            browser.see(".wrong-now li");
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void what_is_shown_leads_to_its_page() {
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("viewer@acme"))) {
            browser.see(".wrong-now li");
            browser.click(".wrong-now .about");
            browser.see("h1", "Incidents");
            browser.visit("#/agents/billing-planner").see(".trail li");
            browser.click(".facts .about");
            browser.see("h1", "Circuit breaker");
            assertThat(browser.textOf(":target")).isEqualTo("The rules in plain words");
        }
    }

    @Test
    void who_cannot_sign_in_can_read_how_to_get_a_key() {
        try (Browser browser = Browser.open(server)) {
            browser.visit("").see("#key");
            browser.press("how to get a key");
            browser.see("h1", "Security");
            assertThat(browser.textOf(":target")).isEqualTo("The first admin key");
        }
    }

    @Test
    void axe_finds_nothing_at_all_in_light_and_dark_narrow_and_wide() {
        List<String> found = new ArrayList<>();
        try (Browser browser = Browser.open(server)) {
            for (String page :
                    List.of("", "operations/runbook.html", "server.html", "gates.html", "errors.html", "nowhere")) {
                browser.visit("docs/" + page).see("h1");
                for (int width : new int[] {380, 1_600}) {
                    browser.emulate(width, 900, false);
                    Axe.found(browser).forEach(each -> found.add(page + " at " + width + ": " + each));
                    browser.emulate(width, 900, true);
                    Axe.foundInColours(browser).forEach(each -> found.add(page + " at " + width + ", dark: " + each));
                }
            }
        }
        assertThat(found).isEmpty();
    }

    @Test
    void a_wide_table_is_moved_by_keyboard_and_no_page_is_wider_than_its_window() {
        try (Browser browser = Browser.open(server, 380, 800, false)) {
            for (String page : List.of("", "server.html", "metrics.html", "circuit-breaker.html", "api.html")) {
                browser.visit("docs/" + page).see("h1");
                for (int width : new int[] {380, 760, 1_010, 1_600}) {
                    browser.emulate(width, 800, false);
                    Looks.fits(browser, page + " at " + width);
                }
            }
            browser.emulate(380, 800, false);
            browser.visit("docs/server.html").see("h1");
            browser.run("document.querySelector('.table').focus()");
            browser.type(":focus", Keys.ARROW_RIGHT);
            browser.until(
                    "the table to move",
                    () -> (Boolean) browser.run("return document.querySelector('.table').scrollLeft > 0")
                            ? true
                            : null);
            assertThat(browser.complaints()).isEmpty();
        }
    }

    /** Presses the key as often as it takes to be there. */
    private static void tabTo(Browser browser, String text) {
        for (int i = 0; i < 30 && !browser.textOf(":focus").equals(text); i++) {
            browser.type(":focus", Keys.TAB);
        }
        assertThat(browser.textOf(":focus")).isEqualTo(text);
    }
}
