package dev.interlock.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person sees once the server has been started again: the whole fleet, and why what is open is open. */
@Tag("heavy")
class RestartInBrowserTest {
    @TempDir
    Path folder;

    @Test
    void the_fleet_is_whole_and_says_why_what_is_open_is_open() {
        Chromium.assumeThereIsOne();
        try (RunningServer server = RunningServer.on(folder)) {
            SampleFleet fleet = new SampleFleet(server);
            for (int i = 0; i < 30; i++) {
                fleet.healthy("agent-" + i, 1, 0);
            }
            fleet.failing("agent-7", "TIMEOUT", 5);
            fleet.send();
            fleet.order("agent-8", "hold_open", "The vendor rolls back", null);
        }
        try (RunningServer server = RunningServer.on(folder);
                Browser browser = Browser.open(server).signIn(RunningServer.token("viewer@acme"))) {
            browser.see(".count.all .count-number", "30");
            browser.see(".count.open .count-number", "2");
            browser.see(".count.closed .count-number", "28");
            browser.see(".row[data-agent=agent-12]", "Closed, not called since the start");
            browser.see(".recent", "failures in a row, timed out (since before the restart)");
            Axe.judge(browser);
            browser.visit("#/agents/agent-7")
                    .see(".state-card", "5 failures in a row; the last: timed out. (since before");
            browser.visit("#/agents/agent-8").see(".state-card", "The vendor rolls back (since before the restart)");
            browser.visit("#/agents/agent-12").see(".state-card", "Not called since the start of this server");
            Axe.judge(browser);
            new SampleFleet(server).needs("agent-12");
            browser.until(
                    "a call to end that", () -> browser.textOf(".state-card").contains("Not called") ? null : true);
            assertThat(browser.complaints()).isEmpty();
        }
    }
}
