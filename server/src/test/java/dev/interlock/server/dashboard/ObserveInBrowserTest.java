package dev.interlock.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a person sees of a circuit whose policy only observes, in a real browser. */
@Tag("heavy")
class ObserveInBrowserTest {
    @Test
    void it_says_so_in_the_fleet_and_on_its_page_and_others_do_not() {
        Chromium.assumeThereIsOne();
        try (RunningServer server = new RunningServer()) {
            server.send("PUT", "/api/v1/policies/watched", "admin@acme", "{\"mode\":\"observe\"}");
            for (String agent : new String[] {"watched", "enforced"}) {
                server.post(
                        "/api/v1/circuits/" + agent + "/outcomes",
                        "agent@acme",
                        "{\"outcome\":\"failure\",\"kind\":\"LOOP\"}");
            }
            try (Browser browser = Browser.open(server).signIn(RunningServer.token("viewer@acme"))) {
                browser.see(".row[data-agent=watched] .observe-word", "observe");
                browser.see(".row[data-agent=enforced]", "Open");
                assertThat(browser.count(".row[data-agent=enforced] .observe-word"))
                        .isZero();
                browser.visit("#/agents/watched").see(".state-card .observes", "Its own trips refuse no call");
                Axe.judge(browser);
                browser.visit("#/agents/enforced").see(".state-card");
                assertThat(browser.count(".state-card .observes")).isZero();
                assertThat(browser.complaints()).isEmpty();
            }
        }
    }
}
