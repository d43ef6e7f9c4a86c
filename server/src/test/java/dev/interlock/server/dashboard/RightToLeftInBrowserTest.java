package dev.interlock.server.dashboard;

import static dev.interlock.server.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A name, an actor and a reason that are written from right to left turn nothing next to them, as a browser lays it
 * out.
 */
@Tag("heavy")
class RightToLeftInBrowserTest {
    private static final String AGENT = "סוכן";
    private static final String ACTOR = "מפעיל";
    private static final String REASON = "תקלה";

    /** The words of an element, of each line from left to right, that are to the left of the word before them. */
    private static final String TURNED = """
        const turned = [];
        for (const root of document.querySelectorAll(arguments[0])) {
          const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
          let before = null;
          for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            for (const word of node.data.matchAll(/[^\\s\\u2066-\\u2069]+/g)) {
              const range = document.createRange();
              range.setStart(node, word.index);
              range.setEnd(node, word.index + word[0].length);
              const box = range.getBoundingClientRect();
              if (box.width === 0) continue;
              const sameLine = before && Math.abs(before.box.top - box.top) < 4 && Math.abs(before.box.height - box.height) < 4;
              if (sameLine && box.left < before.box.left) turned.push(before.word + ' | ' + word[0]);
              before = { box, word: word[0] };
            }
          }
        }
        return turned;
        """;

    @Test
    void it_turns_nothing_around_it() {
        Chromium.assumeThereIsOne();
        try (RunningServer server = new RunningServer()) {
            String key = json(server.post(
                            "/api/v1/keys",
                            "admin@acme",
                            new JsonObject()
                                    .put("name", ACTOR)
                                    .put("role", "operator")
                                    .encode()))
                    .getString("key");
            SampleFleet fleet = new SampleFleet(server);
            fleet.healthy(AGENT, 3, 0);
            fleet.failing(AGENT, "TIMEOUT", 5);
            fleet.send();
            HttpResponse<String> held =
                    server.send(HttpRequest.newBuilder(server.uri("/api/v1/circuits/%D7%A1%D7%95%D7%9B%D7%9F/action"))
                            .header("Authorization", "Bearer " + key)
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(new JsonObject()
                                    .put("action", "hold_open")
                                    .put("reason", REASON)
                                    .encode()))
                            .build());
            assertThat(held.statusCode()).isEqualTo(200);
            try (Browser browser = Browser.open(server).signIn(RunningServer.token("viewer@acme"))) {
                browser.see(".recent li", AGENT);
                assertThat(turned(browser, ".recent li")).isEmpty();
                assertThat(turned(browser, ".row")).isEmpty();
                browser.visit("#/agents/%D7%A1%D7%95%D7%9B%D7%9F").see(".trail li", REASON);
                browser.see(".facts", ACTOR);
                assertThat(turned(browser, ".facts dt, .facts dd, .facts p")).isEmpty();
                assertThat(turned(browser, ".trail li")).isEmpty();

                browser.run("document.querySelector('h1').style.unicodeBidi = 'normal';"
                        + "document.querySelector('h1').textContent = '" + AGENT + " 5 failures'");
                assertThat(turned(browser, "h1"))
                        .as("text that is not isolated")
                        .isNotEmpty();
            }
        }
    }

    private static List<?> turned(Browser browser, String selector) {
        assertThat(browser.count(selector)).as(selector).isPositive();
        return (List<?>) browser.run(TURNED.replace("arguments[0]", "'" + selector + "'"));
    }
}
