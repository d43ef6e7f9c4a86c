package dev.interlock.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/** The page of events, and addresses that show no page. */
@Tag("heavy")
@Tag("thorough")
class EventsInBrowserTest {
    private static RunningServer server;

    @BeforeAll
    static void start() {
        Chromium.assumeThereIsOne();
        server = new RunningServer();
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void what_happened_is_shown_live_filtered_and_kept_in_the_address() {
        SampleFleet fleet = new SampleFleet(server);
        fleet.healthy("planner", 3, 0);
        fleet.send();
        order("model:atlas", "{\"action\":\"open\",\"reason\":\"The vendor is down\"}");
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("viewer@acme"))) {
            browser.visit("#/events").see(".trail li", "model:atlas");
            browser.see(".trail li", "The vendor is down");
            assertThat(browser.count(".trail li")).isEqualTo(1);

            fleet.failing("planner", "TIMEOUT", 5);
            fleet.send();
            browser.see(".trail li:first-child", "Failures in a row: timed out");
            browser.see(".trail li:first-child a", "planner");

            browser.type(".events-tools input", "model:*");
            browser.until("only the model to be left", () -> browser.count(".trail li") == 1 ? true : null);
            browser.see(".trail li a", "model:atlas");
            assertThat(browser.run("return location.hash")).isEqualTo("#/events?agent=model%3A*");

            browser.visit("#/").see("h1", "Fleet");
            browser.visit("#/events?agent=model%3A*&cause=failure_streak").see(".empty", "Nothing matches");
            browser.press("Clear");
            browser.see(".found", "2 events");
            assertThat(browser.run("return location.hash")).isEqualTo("#/events");
            browser.click(".trail li:first-child a");
            browser.see("h1", "planner");
        }
    }

    @Test
    void an_operator_stops_by_typing_the_name_and_resumes_from_the_band() {
        SampleFleet fleet = new SampleFleet(server, "halted");
        fleet.needs("planner", "model:atlas");
        fleet.healthy("planner", 3, 0);
        fleet.send();
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("operator@halted"))) {
            browser.see(".list li");
            assertThat(browser.count(".stopped")).isZero();
            browser.press("Stop …");
            browser.see(
                    "dialog .note", "All new calls of 2 agents, models, tools and keys will be refused from now on");
            browser.see("label[for=typed]", "Type the organization’s name, halted, to confirm");
            browser.type("#covers", "calls that");
            browser.see("dialog .note", "Say which ones.");
            browser.type("#pattern", "model:*");
            browser.see(
                    "dialog .note", "It covers 2 agents, models, tools and keys at the moment: model:atlas, planner");
            browser.type("#reason", "wrong answers, see https://tickets.example/7");
            browser.type("#typed", "model:atlas");
            assertThat(browser.run("return document.querySelector('dialog [type=submit]').disabled"))
                    .as("another name")
                    .isEqualTo(true);
            browser.type("#typed", Keys.chord(Keys.CONTROL, "a"), "model:*");
            browser.click("dialog [type=submit]");
            browser.see(".toast", "Stopped: model:*");
            browser.see(".toast", "Confirmed by 1 process.");
            browser.see(".stopped", "Calls that use model:* have been refused since");
            browser.see(".stopped a", "https://tickets.example/7");
            assertThat(permit("halted", "{\"depends_on\":[\"model:atlas\"]}")).isEqualTo(503);

            browser.visit("#/events").see(".stopped", "by operator");
            browser.press("Resume …");
            browser.see("dialog", "are let through again");
            browser.click("dialog [type=submit]");
            browser.see(".toast", "Resumed. Confirmed by 1 process.");
            browser.until("the band to go", () -> browser.count(".stopped") == 0 ? true : null);
            assertThat(permit("halted", "{\"depends_on\":[\"model:atlas\"]}")).isEqualTo(200);
            assertThat(browser.complaints()).isEmpty();
        }
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("viewer@halted"))) {
            browser.see(".list li");
            assertThat(browser.textOf("main")).doesNotContain("Stop …").doesNotContain("Override all");
        }
    }

    @Test
    void all_that_are_found_are_overridden_after_a_preview_and_undone_from_the_message() {
        SampleFleet fleet = new SampleFleet(server, "several");
        for (String agent : new String[] {"planner-1", "planner-2", "planner-3", "writer"}) {
            fleet.healthy(agent, 3, 0);
        }
        fleet.send();
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("operator@several"))) {
            browser.see(".list li");
            browser.type("input[type=search]", "planner");
            browser.see(".found", "3 of 4 circuits");
            browser.press("Override all 3 …");
            browser.see("dialog", "Found by planner");
            browser.see("dialog .note", "Nothing changes until an action is chosen.");
            assertThat(browser.see("dialog [type=submit]").isEnabled()).isFalse();
            browser.click("#many-action option[value=close]");
            browser.see("dialog .note", "This changes 0 of 3 circuits found.");
            browser.see("dialog [type=submit]", "Close 0 circuits");
            browser.type("#many-action", "Hold o");
            browser.see("dialog .note", "This changes 3 of 3 circuits found.");
            browser.see(".preview li", "planner-1");
            browser.see("dialog [type=submit]", "Hold 3 circuits open");
            browser.click("dialog [type=submit]");
            browser.see(".toast", "Hold open: 3 circuits.");
            browser.until(
                    "the list to say so",
                    () -> browser.textOf(".count.held .count-number").endsWith("3") ? true : null);

            server.post("/api/v1/circuits/planner-2/action", "operator@several", "{\"action\":\"close\"}");
            browser.press("Undo");
            browser.see(".toast", "Undone: 2 circuits. 1 circuit was changed since and left alone: planner-2");
            browser.until(
                    "no hold to be left",
                    () -> browser.textOf(".count.held .count-number").endsWith("0") ? true : null);
            assertThat(browser.complaints()).isEmpty();
        }
    }

    private static int permit(String organization, String body) {
        return server.post("/api/v1/circuits/planner/permits", "agent@" + organization, body)
                .statusCode();
    }

    @Test
    void what_is_wrong_now_comes_first_with_what_caused_it_and_its_story() {
        SampleFleet fleet = new SampleFleet(server, "wrong");
        fleet.needs("planner", "model:atlas");
        fleet.needs("coder", "model:atlas");
        fleet.send();
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("viewer@wrong"))) {
            browser.see(".list li");
            browser.see(".all-well", "No incident goes on.");
            assertThat(browser.count(".wrong-now")).isZero();
            assertThat(icon(browser)).isEqualTo("dashboard/icon.svg");
            browser.visit("#/incidents").see(".empty", "Nothing has gone wrong yet");
            browser.visit("#/").see("h1", "Fleet");

            fleet.failing("model:atlas", "OVERLOADED", 6);
            fleet.send();
            browser.see(".wrong-now h2", "Wrong now: 1 incident");
            browser.see(".wrong-now li", "model:atlas");
            browser.see(".wrong-now li", "2 agents depend on it");
            browser.until(
                    "the title to say how many",
                    () -> browser.run("return document.title").equals("(1) Fleet · Interlock") ? true : null);
            assertThat(icon(browser)).isEqualTo("dashboard/icon-wrong.svg");
            browser.see(".wrong-now .why", "the last: overloaded");

            fleet.failing("looper", "LOOP", 1);
            fleet.failing("coder", "TIMEOUT", 5);
            fleet.send();
            browser.see(".wrong-now h2", "Wrong now: 2 incidents");
            browser.see(".wrong-now ol > li:first-child", "model:atlas");
            browser.see(".wrong-now ol > li:last-child", "looper");
            browser.see(".wrong-now .what", "1 other circuit open");
            assertThat(browser.count(".followers")).isZero();
            browser.press("Show 1 other");
            browser.see(".followers li", "coder");
            assertThat(browser.textOf(".wrong-now"))
                    .as("what only operators may do")
                    .doesNotContain("Hold open");
            assertThat((Long) browser.run("return performance.getEntriesByType('resource').filter(each =>"
                            + " each.name.includes('/api/v1/incidents?state=live')).length"))
                    .as("the list is asked for only until the stream knows it")
                    .isLessThan(3);

            browser.click(".wrong-now ol > li:first-child .story");
            browser.until(
                    "the title to say how many on every page",
                    () -> browser.run("return document.title").equals("(2) Incident of model:atlas · Interlock")
                            ? true
                            : null);
            browser.see("h1", "Incident of model:atlas");
            browser.see(".incident-sentence", " open. 2 agents depend on the root");
            browser.see(".incident-list li", "root");
            browser.see(".trail li", "Open");
            browser.visit("#/incidents").see(".incident-list li", "has gone on for");
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void of_two_upstreams_the_one_that_refuses_more_calls_comes_first() {
        SampleFleet fleet = new SampleFleet(server, "ranked");
        fleet.needs("planner", "model:early");
        fleet.needs("coder", "model:late");
        fleet.failing("model:early", "OVERLOADED", 6);
        fleet.send();
        fleet.failing("model:late", "OVERLOADED", 6);
        fleet.send();
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("viewer@ranked"))) {
            browser.see(".wrong-now h2", "Wrong now: 2 incidents");
            browser.see(".wrong-now ol > li:first-child", "model:early");

            for (int i = 0; i < 3; i++) {
                assertThat(permit("ranked", "{\"depends_on\":[\"model:late\"]}"))
                        .isEqualTo(503);
            }

            browser.see(".wrong-now ol > li:first-child", "model:late");
            browser.see(".wrong-now ol > li:first-child .what", "3 calls refused");
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void times_are_those_of_the_browser_or_of_utc() {
        order("zoned@zones", "{\"action\":\"open\"}");
        try (Browser browser = Browser.open(server)) {
            browser.devTools("Emulation.setTimezoneOverride", Map.of("timezoneId", "Asia/Kathmandu")); // UTC+5:45
            browser.signIn(RunningServer.token("viewer@zones"));
            browser.visit("#/events").see(".bottom", "UTC+5:45");
            browser.see(".trail time");
            OffsetDateTime at = OffsetDateTime.parse(String.valueOf(
                    browser.run("return document.querySelector('.trail time').getAttribute('datetime')")));
            assertThat(browser.textOf(".trail time"))
                    .endsWith(clock(at.plusHours(5).plusMinutes(45)));
            browser.press("Show UTC");
            browser.see(".bottom", "Times are in UTC.");
            assertThat(browser.textOf(".trail time")).endsWith(clock(at));
            browser.visit("#/agents/zoned").see(".trail time", clock(at));
            browser.press("Show the time of this browser");
            browser.see(".trail time", clock(at.plusHours(5).plusMinutes(45)));
            assertThat(browser.complaints()).isEmpty();
        }
    }

    private static Object icon(Browser browser) {
        return browser.run("return document.querySelector('link[rel=icon]').getAttribute('href')");
    }

    private static String clock(OffsetDateTime at) {
        return at.format(DateTimeFormatter.ofPattern("HH:mm:ss"));
    }

    @Test
    void older_events_are_a_click_away() {
        for (int i = 0; i < 60; i++) {
            order("busy@many", "{\"action\":\"" + (i % 2 == 0 ? "open" : "close") + "\"}");
        }
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("viewer@many"))) {
            browser.visit("#/events").see(".found", "50 events, and older ones");
            browser.press("Older");
            browser.see(".found", "60 events");
            assertThat(browser.count(".trail li")).isEqualTo(60);
        }
    }

    @Test
    void an_address_without_a_page_and_one_that_is_for_others_say_so() {
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("operator@acme"))) {
            browser.visit("#/nonsense").see(".empty", "No such page");
            browser.visit("#/policies").see(".policy.built-in", "failure_threshold");
            assertThat(browser.count("main button"))
                    .as("what only admins may do")
                    .isZero();
            browser.visit("#/keys").see(".empty", "Keys are for admins; you are operator");
            browser.visit("#/changes")
                    .see(".empty", "Changes of keys, policies and webhooks are for admins; you are operator");
            browser.press("To the fleet");
            browser.see("h1", "Fleet");
        }
    }

    private static void order(String circuit, String body) {
        String[] parts = (circuit + "@acme").split("@", -1);
        assertThat(server.post("/api/v1/circuits/" + parts[0] + "/action", "operator@" + parts[1], body)
                        .statusCode())
                .isEqualTo(200);
    }
}
