package dev.interlock.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.ReverseProxy;
import dev.interlock.server.RunningServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a person sees where the server, or its stream, cannot be reached from the beginning, in a real browser. */
@Tag("heavy")
@Tag("thorough")
class ConnectionInBrowserTest {
    private static final int FASTER = 8;

    private static RunningServer server;
    private ReverseProxy proxy;

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

    @BeforeEach
    void between() {
        proxy = new ReverseProxy(server.server().port(), "", ReverseProxy.Path.KEPT);
    }

    @AfterEach
    void close() {
        proxy.close();
    }

    @Test
    void before_anything_is_known_the_page_says_that_the_server_cannot_answer_and_tries_again_by_itself() {
        try (Browser browser = Browser.open(server).hurry(FASTER).at(proxy.address("/"))) {
            proxy.refuse(502, ConnectionInBrowserTest::isApi);
            browser.visit("").see(".empty", "The server cannot answer");
            assertThat(browser.count(".sign-in, .top")).isZero();
            proxy.refuseNothing();
            browser.signIn(RunningServer.token("operator@acme")).see(".count.all .count-number", "70");

            proxy.refuse(503, ConnectionInBrowserTest::isApi);
            browser.run("location.reload()");
            browser.see(".empty", "The server cannot answer");
            browser.see(".empty", "Nothing is known of the fleet yet. It is tried again by itself");
            assertThat(browser.run("return document.title")).isEqualTo("The server cannot answer · Interlock");
            assertThat(browser.textOf("body")).doesNotContain("has called yet", "No incident goes on");
            Looks.at(browser, "unreachable");
            proxy.refuseNothing();
            browser.see(".count.all .count-number", "70");

            proxy.refuse(502, path -> isApi(path) && !path.equals("/api/v1/me"));
            browser.run("location.reload()");
            browser.see("main .empty", "The server cannot answer");
            browser.see(".top");
            assertThat(browser.count(".count, .wrong-now, .all-well")).isZero();
            browser.see(".lost", "It is not known whether anything is stopped");
            Looks.at(browser, "no-snapshot");
            proxy.refuseNothing();
            browser.see(".count.all .count-number", "70");
            browser.see(".live.on", "Live");
            browser.until(
                    "all to be known again", () -> browser.count(".lost") == 0 ? true : null); // stops are read apart
        }
    }

    @Test
    void a_server_that_is_gone_is_another_thing_than_one_that_knows_no_agent() {
        RunningServer gone = new RunningServer();
        try (Browser browser = Browser.open(gone).hurry(FASTER).signIn(RunningServer.token("viewer@nobody"))) {
            browser.see(".empty", "No agent of nobody has called yet");
            browser.visit("#/events").see("h1", "Events");
            gone.close();
            browser.see(".lost", "Connection lost.");
            browser.visit("#/").see("h1", "Fleet");
            browser.see(".lost", "What you see is how it was at");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "403, /api/v1/stream/tickets, The live stream is refused: The server answered 403.",
        "503, /api/v1/stream/tickets, The live stream is refused: The server answered 503.",
        "426, /api/v1/stream, a proxy on the way may not pass on WebSockets",
        "403, /api/v1/stream, a proxy on the way may not pass on WebSockets"
    })
    void where_the_stream_is_refused_the_page_reads_the_fleet_again_and_again_and_says_so(
            int status, String refused, String reason) {
        String organization = "polled-" + status + refused.length();
        SampleFleet fleet = new SampleFleet(server, organization);
        fleet.healthy("planner", 3, 0);
        fleet.healthy("critic", 3, 0);
        fleet.send();
        fleet.needs("planner", "model:atlas");
        fleet.called("planner", null, "billing");
        try (Browser browser = Browser.open(server).hurry(FASTER).at(proxy.address("/"))) {
            proxy.refuse(status, refused::equals);
            browser.signIn(RunningServer.token("operator@" + organization));
            browser.see(".count.all .count-number", "3");
            browser.see(".polled", "No live updates.");
            browser.see(".polled", reason);
            browser.see(".polled", "The fleet is read every 5 s instead");
            browser.see(".live", "Every 5 s");
            browser.see(".all-well", "No incident goes on.");
            browser.type("input[type=search]", "dep:model:atlas team=billing");
            browser.see(".found", "1 of 3 circuits");
            browser.run("location.hash = '#/'");
            fleet.failing("critic", "TIMEOUT", 5);
            fleet.send();
            browser.see(".row.open", "critic");
            browser.see(".count.open .count-number", "1");
            browser.see(".wrong-now .root", "critic");
            browser.visit("#/agents/critic").see(".trail li", "Failures in a row: timed out");
            browser.see(".polled");
            if (refused.endsWith("stream") && status == 426) {
                browser.visit("#/").see(".polled");
                browser.see(".row.open");
                Looks.at(browser, "polled");
            }
            proxy.refuseNothing();
            browser.see(".live.on", "Live");
            browser.until("the line to be gone", () -> browser.count(".lost") == 0 ? true : null);
        }
    }

    @Test
    void while_neither_the_stream_nor_reading_works_the_page_says_as_of_when_it_is() {
        try (Browser browser = Browser.open(server).hurry(FASTER).at(proxy.address("/"))) {
            proxy.refuse(403, "/api/v1/stream/tickets"::equals);
            browser.signIn(RunningServer.token("operator@acme")).see(".polled", "No live updates.");
            proxy.refuse(502, ConnectionInBrowserTest::isApi);
            browser.see(".lost", "Connection lost. What you see is how it was at");
            browser.see(".live.off", "Not live");
            assertThat(browser.textOf(".count.all .count-number")).isEqualTo("70");
            proxy.refuse(403, "/api/v1/stream/tickets"::equals);
            browser.see(".polled", "No live updates.");
        }
    }

    private static boolean isApi(String path) {
        return path.startsWith("/api/");
    }
}
