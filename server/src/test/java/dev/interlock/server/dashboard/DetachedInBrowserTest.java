package dev.interlock.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.redis.RedisServer;
import dev.interlock.server.RunningServer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a person sees of a server that has lost its Redis, in a real browser. */
@Tag("heavy")
@Tag("thorough")
class DetachedInBrowserTest {
    private RedisServer redis;
    private RunningServer server;

    @BeforeEach
    void start() {
        Chromium.assumeThereIsOne();
        redis = RedisServer.start();
        server = new RunningServer(Map.of("redis-url", redis.url(), "redis-slow-after", "1s"));
        server.send("PUT", "/api/v1/policies/alone", "admin@acme", "{\"scope\":\"local\"}");
        for (String agent : List.of("planner", "alone")) {
            server.post("/api/v1/circuits/" + agent + "/outcomes", "agent@acme", "{\"outcome\":\"success\"}");
        }
        server.post("/api/v1/circuits/planner/action", "operator@acme", "{\"action\":\"open\"}");
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
            redis.close();
        }
    }

    @Test
    void a_detached_server_says_so_in_the_header_in_the_fleet_and_on_an_agents_page_until_redis_is_back() {
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("viewer@acme"))) {
            browser.see(".row[data-agent=planner]", "Open");
            assertThat(browser.count(".lost, .detached-word")).isZero();

            redis.kill();
            browser.see("[role=status] .detached", "Detached from Redis.");
            browser.see(".row[data-agent=planner] .detached-word", "detached");
            assertThat(browser.count(".row[data-agent=alone] .detached-word")).isZero();
            browser.visit("#/agents/planner").see(".state-card .detached", "This server alone counts its calls");
            browser.see("[role=status] .detached");
            browser.visit("#/agents/alone").see(".state-card");
            assertThat(browser.count(".state-card .detached")).isZero();
            Axe.judge(browser);

            redis.restart();
            browser.until("it to be gone", () -> browser.count(".detached") == 0 ? true : null);
            browser.visit("#/agents/planner").see(".state-card");
            browser.until("it to be gone", () -> browser.count(".detached") == 0 ? true : null);
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void it_can_be_read_in_light_and_dark_narrow_and_wide() {
        redis.kill();
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("operator@acme"))) {
            for (String place : List.of("", "agents/planner")) {
                browser.visit("#/" + place).see("[role=status] .detached");
                browser.see("main .detached-word");
                Looks.at(browser, place.isEmpty() ? "detached" : "detached-agent");
            }
        }
    }
}
