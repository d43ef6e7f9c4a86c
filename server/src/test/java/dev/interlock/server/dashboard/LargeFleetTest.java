package dev.interlock.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Ten thousand agents in the browser: what is drawn is what can be seen. */
@Tag("heavy")
@Tag("thorough")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LargeFleetTest {
    private static final int AGENTS = 10_000;

    /** Notes when the fleet is on the screen, counted from the navigation. */
    private static final String WATCH = """
        document.addEventListener('submit', () => { window.enteredAt = performance.now(); }, true);
        const look = () => {
          const all = document.querySelector('.count.all .count-number');
          if (all?.textContent === '10,000' && document.querySelector('.list li')) {
            requestAnimationFrame(() => { window.shownAfter = performance.now(); });
          } else {
            requestAnimationFrame(look);
          }
        };
        look();
        """;

    /** Scrolls from end to end and answers how long the frames took, in milliseconds: the middle one and the 95th of 100. */
    private static final String SCROLL = """
        const done = arguments[arguments.length - 1];
        const box = document.querySelector(arguments[0]);
        const frames = [];
        let before = null;
        const step = now => {
          if (before !== null) frames.push(now - before);
          before = now;
          if (frames.length < 120) {
            box.scrollTop = box.scrollHeight * frames.length / 119;
            requestAnimationFrame(step);
          } else {
            frames.sort((one, other) => one - other);
            done({ middle: frames[60], most: frames[114] });
          }
        };
        requestAnimationFrame(step);
        """;

    /** Which counts have no room for their number. */
    private static final String TOO_NARROW = """
        return [...document.querySelectorAll('.count')].filter(each => {
          const text = document.createRange();
          const number = each.querySelector('.count-number');
          text.selectNodeContents(number);
          return text.getBoundingClientRect().right > each.getBoundingClientRect().right
            || number.scrollWidth > each.clientWidth;
        }).map(each => each.innerText).join('; ');
        """;

    /** How much faster the page's own time passes. */
    private static final int FASTER = 20;

    /** How long the dashboard is looked at, by its own time: it reads the whole list once a minute. */
    private static final Duration REST = Duration.ofSeconds(130);

    private static RunningServer server;
    private static SampleFleet fleet;

    @BeforeAll
    static void start() {
        Chromium.assumeThereIsOne();
        server = new RunningServer();
        fleet = new SampleFleet(server);
        fleet.many(AGENTS);
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    private static final int STORM_ROUNDS = 4;
    private static final int STORM_AGENTS = 300;

    private long quietAt;
    private long quietSince = System.nanoTime();

    /** On the sockets themselves, while calls go on everywhere, so that no answer is spared. */
    @Test
    void a_dashboard_at_rest_reads_little() throws IOException {
        try (CountingProxy proxy = new CountingProxy(server.server().port());
                Browser browser = Browser.open(server, 1600, 1000, false).at(proxy.address())) {
            browser.hurry(FASTER).signIn(RunningServer.token("viewer@acme"));
            browser.see(".count.all .count-number", "10,000");
            browser.until("the stream to have said all that was before", () -> isQuiet(proxy));
            long lists = answersOfLists(browser);
            long answered = proxy.answered();
            long streamed = proxy.streamed();
            assertThat(streamed).as("the fleet came by the stream").isGreaterThan(1_000_000);
            long began = System.nanoTime();
            long seconds = REST.toSeconds() / FASTER;
            for (int round = 1; round <= 3; round++) {
                fleet.calledOnce(AGENTS);
                long until = began + TimeUnit.SECONDS.toNanos(seconds * round) / 3;
                browser.until("a while", () -> System.nanoTime() > until ? true : null);
            }
            double passed = (System.nanoTime() - began) / 1e9;
            System.out.printf(
                    "%.1f s, %,d bytes of answers and %,d of the stream%n",
                    passed, proxy.answered() - answered, proxy.streamed() - streamed);
            double rate = (proxy.answered() - answered) / (passed * FASTER) + (proxy.streamed() - streamed) / passed;
            System.out.printf("A dashboard at rest reads %.0f bytes a second of 10,000 circuits%n", rate);
            assertThat(answersOfLists(browser)).as("readings of the whole list").isGreaterThan(lists);
            assertThat(rate).as("bytes a second").isLessThan(10_000);
        }
    }

    /** True once next to nothing has come for two seconds. */
    private @Nullable Boolean isQuiet(CountingProxy proxy) {
        if (proxy.streamed() - quietAt > 500) {
            quietAt = proxy.streamed();
            quietSince = System.nanoTime();
        }
        return System.nanoTime() - quietSince > 2_000_000_000L ? true : null;
    }

    private static long answersOfLists(Browser browser) {
        return (Long) browser.run("return performance.getEntriesByType('resource')"
                + ".filter(each => new URL(each.name).pathname === '/api/v1/circuits/').length");
    }

    /**
     * By the processor time of the page's own thread, which others on the machine do not lengthen. The last one: after it the
     * fleet is long not at rest.
     */
    @Test
    @Order(Integer.MAX_VALUE)
    void hundreds_of_circuits_that_change_each_second_are_followed() {
        try (Browser browser = Browser.open(server, 1600, 1000, false).signIn(RunningServer.token("viewer@acme"))) {
            browser.see(".count.all .count-number", "10,000");
            long open = openNow(browser);
            browser.devTools("Performance.enable", Map.of("timeDomain", "threadTicks"));
            double before = busySeconds(browser);
            long began = System.nanoTime();
            for (int round = 0; round < STORM_ROUNDS; round++) {
                for (int i = 0; i < STORM_AGENTS; i++) {
                    fleet.failing("agent-%05d".formatted(round * STORM_AGENTS * 2 + 2 * i + 1000), "TIMEOUT", 5);
                }
                fleet.send();
                long until = began + TimeUnit.SECONDS.toNanos(round + 1);
                browser.until("a second", () -> System.nanoTime() > until ? true : null);
            }
            long wanted = open + STORM_ROUNDS * STORM_AGENTS;
            browser.until("all to be shown", () -> openNow(browser) >= wanted ? true : null);
            System.out.printf(
                    "%,d circuits that opened in %.1f s took %.2f s of the page%n",
                    STORM_ROUNDS * STORM_AGENTS, (System.nanoTime() - began) / 1e9, busySeconds(browser) - before);
            assertThat(browser.complaints()).isEmpty();
        }
    }

    private static long openNow(Browser browser) {
        return Long.parseLong(browser.textOf(".count.open .count-number").replace(",", ""));
    }

    private static double busySeconds(Browser browser) {
        List<?> metrics = (List<?>) ((Map<?, ?>) browser.devTools("Performance.getMetrics", Map.of())).get("metrics");
        return metrics.stream()
                .map(Map.class::cast)
                .filter(each -> each.get("name").equals("TaskDuration"))
                .mapToDouble(each -> ((Number) each.get("value")).doubleValue())
                .sum();
    }

    @Test
    void ten_thousand_agents_are_shown_scrolled_searched_and_live() {
        try (Browser browser = Browser.open(server, 1600, 1000, false)) {
            browser.devTools("Page.addScriptToEvaluateOnNewDocument", Map.of("source", WATCH));
            browser.signIn(RunningServer.token("viewer@acme"));
            browser.see(".count.all .count-number", "10,000");
            browser.see(".count.open .count-number", "200");
            System.out.printf(
                    "10,000 agents are counted %.0f ms after signing in%n",
                    ((Number) browser.until(
                                    "the time of that",
                                    () -> browser.run(
                                            "return window.shownAfter && window.shownAfter - window.enteredAt")))
                            .doubleValue());

            double best = Double.MAX_VALUE;
            for (int i = 0; i < 3; i++) {
                browser.run("location.reload()");
                Number shown = browser.until(
                        "the fleet after a reload", () -> (Number) browser.run("return window.shownAfter ?? null"));
                best = Math.min(best, shown.doubleValue());
            }
            System.out.printf("10,000 agents are on the screen after %.0f ms%n", best);

            for (String box : new String[] {".map", ".list"}) {
                Map<?, ?> frames = (Map<?, ?>) browser.runLater(SCROLL, box);
                System.out.printf(
                        "%s scrolls with a frame each %.1f ms, p95 %.1f ms%n",
                        box,
                        ((Number) frames.get("middle")).doubleValue(),
                        ((Number) frames.get("most")).doubleValue());
            }
            browser.see(".list li[aria-posinset='10000']");
            assertThat(browser.count(".list li"))
                    .as("rows that are really there")
                    .isBetween(10L, 60L);
            assertThat(browser.count("canvas")).isEqualTo(1);

            browser.click(".count.open");
            browser.see(".found", "200 of 10,000 circuits");
            browser.type("input[type=search]", "agent-09957");
            browser.see(".found", "1 of 10,000 circuits");
            browser.click(".count.all");
            browser.run("document.querySelector('input[type=search]').select()");
            browser.type("input[type=search]", "agent-00003");
            browser.see(".row.closed", "agent-00003");
            fleet.failing("agent-00003", "TIMEOUT", 5);
            fleet.send();
            browser.see(".row.open", "agent-00003");
            browser.see(".count.open .count-number", "201");

            browser.click(".count.all");
            browser.emulate(380, 800, false);
            assertThat(browser.run(TOO_NARROW)).as("numbers beyond their boxes").isEqualTo("");
            assertThat(browser.run(
                            "return getComputedStyle(document.querySelector('.count.all .count-number'), '::after')"
                                    + ".content"))
                    .isEqualTo("\"10K\"");
            browser.run("document.querySelectorAll('.count-number').forEach(each => { each.classList.add('long');"
                    + " each.dataset.short = '999.9K'; })");
            assertThat(browser.run(TOO_NARROW)).as("the longest that there are").isEqualTo("");
            assertThat((Boolean) browser.run("return document.querySelector('.list-card').getBoundingClientRect().top"
                            + " < document.querySelector('.map-card').getBoundingClientRect().top"))
                    .as("on a phone the list comes before the map")
                    .isTrue();
            assertThat(browser.complaints()).isEmpty();
        }
    }
}
