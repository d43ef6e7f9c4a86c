package dev.interlock.server.incidents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.FailureKind;
import dev.interlock.ManualOverride;
import dev.interlock.ManualTimeSource;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import dev.interlock.jdbc.Author;
import dev.interlock.jdbc.Database;
import dev.interlock.jdbc.DatabaseSettings;
import dev.interlock.jdbc.Incidents.Filter;
import dev.interlock.jdbc.Postgres;
import dev.interlock.jdbc.Webhook;
import dev.interlock.monitor.AgentRegistry;
import dev.interlock.monitor.incidents.Affected;
import dev.interlock.monitor.incidents.Incident;
import dev.interlock.monitor.incidents.IncidentTracker;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keepers of several processes on one PostgreSQL, by clocks that a test moves: who writes, and what the next one goes on with. */
@Tag("slow")
class IncidentKeepersTest {
    private static final Instant START = Instant.parse("2027-01-31T03:00:00Z");
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration LOOK = Duration.ofSeconds(5);
    private static final String MODEL = "model:atlas";
    private static final List<String> AGENTS = List.of("planner", "coder", "writer");

    private final DatabaseSettings settings = Postgres.migrated();
    private final ManualTimeSource time = new ManualTimeSource(START);
    private final Deque<Life> lives = new ArrayDeque<>();

    private final Clock clock = new Clock() {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return time.wallTime();
        }
    };

    /** What keeps incidents in a process. One that dies is asked nothing more. */
    private final class Life implements AutoCloseable {
        final Database database = Database.open(settings);
        final CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .time(time)
                .store(database.circuits())
                .build();
        private final AgentRegistry agents = new AgentRegistry();
        final IncidentKeeper keeper = new IncidentKeeper(database.incidentWriter(), circuits, agents, clock);

        Life() {
            circuits.addListener(keeper);
            AGENTS.forEach(each -> agents.sighted(id(each), MODEL, START));
            lives.push(this);
        }

        /** Looks, a while after the time before. */
        void look() {
            time.advance(LOOK);
            keeper.step();
        }

        void fail(String name, FailureKind kind) {
            for (int i = 0; i < 5; i++) {
                Permit permit = circuits.getOrCreate(id(name)).tryAcquire();
                assertThat(permit).as("a call of %s", name).isNotNull();
                permit.fail(kind);
            }
            stored(name);
        }

        void recover(String name) {
            circuits.override(id(name), ManualOverride.of(OverrideAction.CLOSE, "ada"));
            stored(name);
        }

        /** Waits until this process knows what another one did. */
        void hears(String name, boolean open) {
            await().atMost(LONG).until(() -> circuits.snapshot(id(name)).isNotClosed() == open);
        }

        private void stored(String name) {
            assertThat(circuits.stored(id(name))
                            .toCompletableFuture()
                            .orTimeout(30, TimeUnit.SECONDS)
                            .join())
                    .isTrue();
        }

        List<Incident> all() {
            List<Incident> all = new ArrayList<>();
            database.incidents()
                    .of("acme", Filter.ALL, null, 100)
                    .forEach(each -> all.add(find(each.incident().id())));
            return all;
        }

        Incident only() {
            assertThat(all()).hasSize(1);
            return all().get(0);
        }

        Incident find(String id) {
            return database.incidents().find("acme", id).orElseThrow();
        }

        @Override
        public void close() {
            circuits.close();
            keeper.close();
            database.close();
        }
    }

    @AfterEach
    void close() {
        lives.forEach(Life::close);
    }

    @ParameterizedTest(name = "killed: {0}")
    @ValueSource(booleans = {false, true})
    void what_one_began_the_next_one_goes_on_with(boolean killed) throws SQLException {
        Life a = new Life();
        Life b = new Life();
        webhook(a);
        a.look();
        b.look();
        a.fail(MODEL, FailureKind.OVERLOADED);
        b.look();
        assertThat(b.all()).as("the duty is another's").isEmpty();
        a.look();
        Incident began = b.only();
        assertThat(began.root()).isEqualTo(MODEL);
        b.hears(MODEL, true);

        a.fail("planner", FailureKind.TIMEOUT);
        b.hears("planner", true);
        if (killed) {
            b.look();
            assertThat(b.only()).as("the duty is not over").isEqualTo(began);
            time.advance(IncidentKeeper.DUTY);
        } else {
            a.keeper.close();
            a.keeper.step();
        }
        b.look();
        Incident on = b.only();
        assertThat(on.id()).isEqualTo(began.id());
        assertThat(on.affected()).extracting(Affected::name).containsExactly(MODEL, "planner");
        assertThat(on.affected()).extracting(Affected::openings).containsExactly(1, 1);
        assertThat(on.began()).isEqualTo(began.began());

        a.hears("planner", true);
        a.look();
        assertThat(b.only())
                .as("one that was away for a while has lost the duty")
                .isEqualTo(on);
        b.recover("planner");
        b.recover(MODEL);
        b.look();
        Instant quiet = b.only().quietSince();
        assertThat(quiet).isNotNull();
        time.advance(Incident.QUIET);
        b.look();
        Incident ended = b.only();
        assertThat(ended.ended()).isEqualTo(quiet);
        b.look();
        a.look();
        assertThat(b.only()).isEqualTo(ended);
        assertThat(messages()).containsExactly("incident.began 1", "incident.ended 1");
    }

    @Test
    void two_incidents_of_one_become_one_of_the_next_when_what_they_depend_on_opens() throws SQLException {
        Life a = new Life();
        webhook(a);
        a.look();
        a.fail("planner", FailureKind.TIMEOUT);
        a.look();
        a.fail("coder", FailureKind.TIMEOUT);
        a.look();
        assertThat(a.all()).extracting(Incident::root).containsExactly("coder", "planner");
        String first = a.all().get(1).id();
        String second = a.all().get(0).id();
        a.keeper.close();

        Life b = new Life();
        b.look();
        b.fail(MODEL, FailureKind.OVERLOADED);
        b.look();
        assertThat(b.only().id()).isEqualTo(first);
        assertThat(b.only().root()).isEqualTo(MODEL);
        assertThat(b.only().affected()).extracting(Affected::name).containsExactly("planner", "coder", MODEL);
        assertThat(b.find(second).mergedInto()).isEqualTo(first);
        b.keeper.close();

        Life c = new Life();
        c.look();
        c.look();
        assertThat(c.only().affected()).hasSize(3);
        assertThat(c.find(second).mergedInto()).isEqualTo(first);
        assertThat(messages())
                .as("the start of what became part of another one was not sent yet, and is removed")
                .containsExactly("incident.began 1");
    }

    @Test
    void a_root_that_opens_again_within_half_an_hour_continues_its_incident_also_for_the_next_one() {
        Life a = new Life();
        a.look();
        a.fail(MODEL, FailureKind.OVERLOADED);
        a.look();
        String id = a.only().id();
        a.recover(MODEL);
        a.look();
        time.advance(Incident.QUIET);
        a.look();
        assertThat(a.only().isLive()).isFalse();
        a.keeper.close();

        time.advance(Duration.ofMinutes(20));
        Life b = new Life();
        b.look();
        b.fail(MODEL, FailureKind.OVERLOADED);
        b.look();
        assertThat(b.only().id()).isEqualTo(id);
        assertThat(b.only().isLive()).isTrue();
        assertThat(b.only().affected()).extracting(Affected::openings).containsExactly(2);
        b.recover(MODEL);
        b.look();
        time.advance(Incident.QUIET);
        b.look();
        b.keeper.close();

        time.advance(IncidentTracker.CONTINUES);
        Life c = new Life();
        c.look();
        c.fail(MODEL, FailureKind.OVERLOADED);
        c.look();
        assertThat(c.all()).extracting(Incident::isLive).containsExactly(true, false);
        assertThat(c.all().get(1).id()).isEqualTo(id);
    }

    /** A program with circuits of its own goes on while no server keeps incidents. */
    @Test
    void what_happened_while_nobody_kept_them_makes_the_incidents_that_it_would_have_made() {
        Life a = new Life();
        a.look();
        a.fail(MODEL, FailureKind.OVERLOADED);
        a.look();
        String first = a.only().id();
        a.recover(MODEL);
        a.look();
        Instant quiet = a.only().quietSince();
        a.keeper.close();

        Life program = new Life();
        time.advance(Duration.ofHours(1));
        program.fail(MODEL, FailureKind.OVERLOADED);
        program.recover(MODEL);
        Instant again = time.wallTime();
        time.advance(Duration.ofMinutes(20));
        program.fail(MODEL, FailureKind.OVERLOADED);
        program.recover(MODEL);
        Instant last = time.wallTime();
        time.advance(Duration.ofHours(2));

        Life b = new Life();
        b.look();
        assertThat(b.all()).hasSize(2);
        assertThat(b.find(first).ended()).isEqualTo(quiet);
        Incident second = b.all().get(0);
        assertThat(second.began()).isEqualTo(again);
        assertThat(second.ended()).isEqualTo(last);
        assertThat(second.affected()).extracting(Affected::openings).containsExactly(2);
    }

    @Test
    void one_that_ends_while_the_database_is_away_ends_all_the_same() {
        Life a = new Life();
        a.look();
        lives.remove(a);
        a.circuits.close();
        a.database.close();
        a.keeper.close();
        Life b = new Life();
        time.advance(IncidentKeeper.DUTY);
        b.fail(MODEL, FailureKind.OVERLOADED);
        b.look();
        assertThat(b.only().root()).isEqualTo(MODEL);
    }

    private static CircuitId id(String name) {
        return new CircuitId("acme", name);
    }

    private static void webhook(Life life) {
        Webhook webhook = new Webhook(
                "acme", "hook", "On call", "https://127.0.0.1/", null, Set.of("incidents"), "*", "json", true, START);
        life.database.webhooks().add(webhook, 100, new Author("ada", START), "{}");
    }

    /** Kinds of messages that wait for being sent, and how many there are of each. */
    private List<String> messages() throws SQLException {
        List<String> messages = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(settings.url());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT kind, count(*) FROM webhook_message GROUP BY kind ORDER BY kind")) {
            while (rows.next()) {
                messages.add(rows.getString(1) + " " + rows.getInt(2));
            }
        }
        return messages;
    }
}
