package dev.interlock.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Makes the pictures of the documents anew, with {@code -Dinterlock.write=true}; see {@code docs/screenshots}. */
@Tag("heavy")
@EnabledIfSystemProperty(named = "interlock.write", matches = "true")
class ScreenshotTest {
    private static final Path FOLDER =
            Path.of(System.getProperty("interlock.root", "..")).resolve("docs/images");
    private static final long MOST_BYTES = 200_000;

    private record Window(String name, int width, int height) {}

    @Test
    void pictures_of_all_pages_in_light_and_dark_narrow_and_wide() throws IOException {
        Browser.assumeThereIsOne();
        Files.createDirectories(FOLDER);
        for (boolean dark : List.of(false, true)) {
            for (Window window : List.of(new Window("1600", 1600, 900), new Window("380", 380, 820))) {
                try (RunningServer server = new RunningServer();
                        Browser browser = Browser.open(server, window.width(), window.height(), dark)) {
                    pictures(server, browser, (dark ? "dark-" : "light-") + window.name());
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
        browser.settle();
        write(browser, "fleet-" + suffix);
        browser.visit("#/agents/billing-planner").see(".trail li");
        browser.see(".u-over");
        browser.settle();
        write(browser, "agent-" + suffix);
        browser.press("Hold open");
        browser.type("#reason", "The vendor is rolling back");
        write(browser, "order-" + suffix);
        browser.press("Cancel");
        browser.visit("#/policies").see(".cards li");
        write(browser, "policies-" + suffix);
        browser.visit("#/keys").see("tbody tr");
        write(browser, "keys-" + suffix);
    }

    private static void write(Browser browser, String name) throws IOException {
        byte[] picture = browser.screenshot();
        assertThat(picture.length).as("bytes of " + name).isLessThan((int) MOST_BYTES);
        Files.write(FOLDER.resolve(name + ".png"), picture);
    }
}
