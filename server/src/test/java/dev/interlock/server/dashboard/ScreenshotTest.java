package dev.interlock.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.openqa.selenium.Keys;

/** Makes the pictures of the documents again, with {@code -Dinterlock.write=true}; see {@code docs/screenshots}. */
@Tag("heavy")
@EnabledIfSystemProperty(named = "interlock.write", matches = "true")
class ScreenshotTest {
    private static final Path FOLDER =
            Path.of(System.getProperty("interlock.root", "..")).resolve("docs/images");
    private static final long MOST_BYTES = 230_000;

    private record Window(String name, int width, int height) {}

    private interface Photographer {
        void take(RunningServer server, Browser browser, String suffix) throws IOException;
    }

    @Test
    void pictures_of_all_pages_in_light_and_dark_narrow_and_wide() throws IOException {
        everywhere(ScreenshotTest::pictures);
    }

    @Test
    void pictures_of_budgets_and_webhooks_in_light_and_dark_narrow_and_wide() throws IOException {
        everywhere(ScreenshotTest::accounts);
    }

    private static void everywhere(Photographer photographer) throws IOException {
        Chromium.assumeThereIsOne();
        Files.createDirectories(FOLDER);
        for (boolean dark : List.of(false, true)) {
            for (Window window : List.of(new Window("1600", 1600, 900), new Window("380", 380, 820))) {
                try (RunningServer server = new RunningServer(Map.of("outbound-hosts", SampleAccounts.HOSTS));
                        Browser browser = Browser.open(server, window.width(), window.height(), dark)) {
                    photographer.take(server, browser, (dark ? "dark-" : "light-") + window.name());
                }
            }
        }
    }

    private static void pictures(RunningServer server, Browser browser, String suffix) throws IOException {
        browser.visit("").see("#key");
        write(browser, "sign-in-" + suffix);
        new SampleFleet(server).incident();
        server.post("/api/v1/keys", "admin@acme", "{\"name\":\"Ines on call\",\"role\":\"operator\"}");
        server.post(
                "/api/v1/keys",
                "admin@acme",
                "{\"name\":\"billing fleet\",\"role\":\"agent\",\"agents\":\"billing-*\"}");
        browser.signIn(RunningServer.token("admin@acme"));
        browser.see(".count.open .count-number", "8");
        browser.see(".list li");
        browser.see(".wrong-now .what", "depend on it");
        browser.settle();
        write(browser, "fleet-" + suffix);
        stopped(server, browser, suffix);
        browser.visit("#/agents/search-planner").see(".u-over");
        decline(server, browser);
        write(browser, "agent-" + suffix);
        browser.press("Hold open");
        browser.type("#reason", "The vendor is rolling back");
        write(browser, "order-" + suffix);
        browser.press("Cancel");
        browser.visit("#/events").see(".trail li");
        write(browser, "events-" + suffix);
        browser.visit("#/policies").see(".cards li");
        write(browser, "policies-" + suffix);
        browser.visit("#/keys").see("tbody tr");
        write(browser, "keys-" + suffix);
        server.send("PUT", "/api/v1/policies/model:%2A", "admin@acme", "{\"base\":\"upstream\",\"cooldown\":\"45s\"}");
        browser.visit("#/changes").see(".difference");
        write(browser, "changes-" + suffix);
        incidents(server, browser, suffix);
    }

    /** What goes on, and the story of a model that two agents followed and that somebody holds open since. */
    private static void incidents(RunningServer server, Browser browser, String suffix) throws IOException {
        for (String team : List.of("billing", "growth", "legal")) {
            server.post(
                    "/api/v1/circuits/" + team + "-researcher/permits",
                    "agent@acme",
                    "{\"depends_on\":[\"model:kimi-k2\"]}");
        }
        new SampleFleet(server).order("model:kimi-k2", "hold_open", "The vendor is rolling back", Duration.ofHours(1));
        browser.visit("#/incidents").see(".incident-list li", "3 calls refused");
        write(browser, "incidents-" + suffix);
        browser.click(".incident-list li:last-child a");
        browser.see(".trail li", "The vendor is rolling back");
        write(browser, "incident-" + suffix);
    }

    /** Budgets in all their states, the dialog that raises one, and webhooks that work and that do not. */
    private static void accounts(RunningServer server, Browser browser, String suffix) throws IOException {
        try (SampleAccounts accounts = new SampleAccounts(server)) {
            accounts.budgets();
            browser.signIn(RunningServer.token("admin@acme"));
            browser.visit("#/budgets").see(".budget-usage .tag", "Stopped");
            browser.settle();
            write(browser, "budgets-" + suffix);
            browser.click(".budget .buttons button");
            browser.type("#raise-tokens", "500000");
            browser.type("#raise-reason", "The report is due today");
            write(browser, "raise-" + suffix);
            browser.press("Cancel");
            accounts.webhooks();
            browser.visit("#/webhooks").see(".webhook", "The last attempt failed");
            browser.see(".webhook", "The last message arrived at");
            browser.settle();
            write(browser, "webhooks-" + suffix);
        }
    }

    /** The dialogs that stop and that override all that are found, and the band of what is stopped. */
    private static void stopped(RunningServer server, Browser browser, String suffix) throws IOException {
        browser.press("Stop …");
        browser.type("#covers", "calls that");
        browser.type("#pattern", "model:*");
        browser.type("#reason", "Wrong answers since the release");
        browser.type("#typed", "model:*");
        browser.see("dialog .note", "calls that use it");
        write(browser, "stop-" + suffix);
        browser.press("Cancel");
        browser.type("input[type=search]", "state:open");
        browser.click(".found button");
        browser.click("#many-action option[value=close]");
        browser.see(".preview li");
        write(browser, "override-all-" + suffix);
        browser.press("Cancel");
        browser.type("input[type=search]", Keys.ESCAPE);
        server.post(
                "/api/v1/actions",
                "operator@acme",
                "{\"action\":\"stop\",\"covers\":\"upstream\",\"pattern\":\"model:*\",\"reason\":\"Wrong answers since"
                        + " the release\"}");
        browser.see(".stopped li");
        browser.run("window.scrollTo(0, 0)");
        browser.settle();
        write(browser, "stopped-" + suffix);
        browser.press("Resume …");
        browser.click("dialog [type=submit]");
        browser.until("the band to go", () -> browser.count(".stopped") == 0 ? true : null);
        browser.until("the message to go", () -> browser.count(".toast") == 0 ? true : null);
    }

    /** An agent that fails more and more while somebody looks, until it opens. */
    private static void decline(RunningServer server, Browser browser) {
        SampleFleet fleet = new SampleFleet(server);
        for (int failures = 0; failures < 4; failures++) {
            String before = browser.textOf(".figures");
            fleet.healthy("search-planner", 2, failures > 1 ? 2 : failures);
            fleet.send();
            browser.until("new figures", () -> browser.textOf(".figures").equals(before) ? null : true);
        }
        fleet.failing("search-planner", "TIMEOUT", 3);
        fleet.send();
        browser.see(".trail li", "Failures in a row: timed out");
        String open = browser.see(".plot").getDomAttribute("aria-label");
        browser.until(
                "the plot to go on",
                () -> open.equals(browser.see(".plot").getDomAttribute("aria-label")) ? null : true);
    }

    private static void write(Browser browser, String name) throws IOException {
        byte[] picture = browser.screenshot();
        assertThat(picture.length).as("bytes of " + name).isLessThan((int) MOST_BYTES);
        Files.write(FOLDER.resolve(name + ".png"), picture);
    }
}
