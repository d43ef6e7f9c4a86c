package dev.interlock.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.jdbc.Postgres;
import dev.interlock.redis.Proxy;
import dev.interlock.server.RunningServer;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a person sees of a server whose database is away, in a real browser: nothing that is not known reads as none. */
@Tag("heavy")
@Tag("thorough")
class DatabaseInBrowserTest {
    private Proxy database;
    private RunningServer server;

    @BeforeEach
    void start() {
        Chromium.assumeThereIsOne();
        URI real = URI.create(Postgres.migrated().url().substring("jdbc:".length()));
        database = new Proxy(real.getPort());
        int port = URI.create(database.url()).getPort();
        String url = "jdbc:" + real.toString().replace(":" + real.getPort() + "/", ":" + port + "/");
        server = new RunningServer(Map.of("database-url", url, "shutdown-grace", "0s"));
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
            database.close();
        }
    }

    @Test
    void states_stay_live_and_what_only_the_database_knows_is_marked_as_of_when_it_was_known() {
        SampleFleet fleet = new SampleFleet(server);
        fleet.incident();
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("admin@acme"))) {
            browser.see(".wrong-now h2", "Wrong now:");
            assertThat(browser.count(".database")).isZero();
            browser.newTab().visit("#/events").see(".trail li");
            browser.tab(0);

            database.mode(Proxy.Mode.CUT);
            browser.see(".database", "The database is away since");
            browser.see(".wrong-now h2", "Wrong as of");
            fleet.failing("ops-writer", "TIMEOUT", 5);
            fleet.send();
            browser.see(".row.open[data-agent=ops-writer]");
            browser.see(".live.on", "Live");
            Looks.at(browser, "database-away");

            browser.tab(1).see(".note.bad", "What is shown is as of");
            assertThat(browser.count(".trail li")).as("events that were known").isPositive();
            for (String page : List.of("#/incidents", "#/changes", "#/webhooks", "#/events")) {
                browser.visit("#/").see(".list li");
                browser.visit(page).see("main [role=alert]");
                assertThat(browser.textOf("main"))
                        .as(page)
                        .doesNotContain("yet", "No events", "No incidents", "No changes");
            }
            browser.visit("#/agents/model%3Akimi-k2").see(".state-card");
            browser.see(".rates [role=alert]");
            browser.see(".logs [role=alert]");
            Looks.at(browser, "database-away-agent");

            database.mode(Proxy.Mode.PASS);
            browser.until("it to be gone", () -> browser.count(".database") == 0 ? true : null);
            browser.visit("#/").see(".wrong-now h2", "Wrong now:");
            browser.visit("#/incidents").see(".incident-list li");
        }
    }

    @Test
    void that_nothing_is_wrong_is_not_said_while_nobody_knows() {
        SampleFleet fleet = new SampleFleet(server, "calm");
        fleet.healthy("planner", 2, 0);
        fleet.send();
        try (Browser browser = Browser.open(server).signIn(RunningServer.token("viewer@calm"))) {
            browser.see(".all-well", "No incident goes on.");
            assertThat(browser.run("return document.title")).isEqualTo("Fleet · Interlock");
            database.mode(Proxy.Mode.CUT);
            browser.see(".all-well", "What is wrong now is not known since");
            browser.see(".all-well", "0 circuits are open.");
            assertThat(browser.run("return document.title")).isEqualTo("(?) Fleet · Interlock");
            browser.run("location.reload()");
            browser.see(".all-well", "What is wrong now is not known");
            browser.see(".database", "The database is away.");
            database.mode(Proxy.Mode.PASS);
            browser.see(".all-well", "No incident goes on.");
        }
    }
}
