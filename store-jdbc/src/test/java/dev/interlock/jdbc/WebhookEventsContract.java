package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitId;
import dev.interlock.NamePattern;
import dev.interlock.monitor.HealthFigures;
import dev.interlock.monitor.HealthIssue;
import dev.interlock.monitor.HealthSnapshot;
import dev.interlock.monitor.HealthStatus;
import dev.interlock.monitor.HealthTransition;
import dev.interlock.monitor.budgets.Budget;
import dev.interlock.monitor.budgets.BudgetRules;
import dev.interlock.monitor.budgets.BudgetStore;
import dev.interlock.monitor.budgets.Limits;
import dev.interlock.monitor.budgets.Period;
import dev.interlock.monitor.budgets.Raise;
import dev.interlock.monitor.budgets.Slice;
import dev.interlock.monitor.budgets.Spending;
import dev.interlock.monitor.budgets.Spent;
import dev.interlock.monitor.loops.Loop;
import dev.interlock.store.GateRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What webhooks hear of budgets, loops, health and stops: each once, and of many things at once one message. */
abstract class WebhookEventsContract {
    private static final Instant START = Instant.parse("2027-01-31T03:00:00Z");
    private static final Instant DAY = Instant.parse("2027-01-31T00:00:00Z");
    private static final Author ADA = new Author("ada", START);
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final long ME = 7;
    private static final long OTHER = 8;
    private static final Budget RESEARCH = new Budget(
            "acme",
            "research",
            new NamePattern("research-*"),
            false,
            Period.read("day", null),
            new Limits(100L, null, null),
            false,
            0.8,
            true);

    private Database database;
    private WebhookOutbox outbox;
    private WebhookEvents events;
    private HealthHistory health;
    private LoopEvents loops;

    abstract DatabaseSettings settings();

    @BeforeEach
    void start() {
        database = Database.open(settings());
        outbox = database.webhookOutbox();
        events = database.webhookEvents();
        health = database.openHealthHistory();
        loops = database.openLoopEvents();
        outbox.hold(ME, START, START.plusSeconds(15));
    }

    @AfterEach
    void stop() {
        health.close();
        loops.close();
        database.close();
    }

    @Test
    void ten_thousand_agents_that_become_critical_at_once_are_one_message() {
        hook("a", "health");
        for (int i = 0; i < 10_000; i++) {
            critical("agent-" + i, START);
        }
        take(START);
        assertThat(outbox.due(START, 10)).as("more may come").isEmpty();

        WebhookMessage message = due("a", START.plusSeconds(5));

        assertThat(message.kind()).isEqualTo("health.critical");
        assertThat(message.changes()).isEqualTo(10_000);
        assertThat(message.events())
                .hasSize(EventMessages.MOST_SHOWN)
                .first()
                .asString()
                .contains("\"agent_id\":\"agent-0\"");
        assertThat(events.critical("acme")).isEqualTo(10_000);
        assertThat(stored()).as("messages").isEqualTo(1);
    }

    @Test
    void the_next_message_of_a_kind_comes_a_minute_later_and_has_all_that_happened_meanwhile() {
        hook("a", "health");
        critical("one", START);
        take(START);
        deliver("a", START.plusSeconds(5));
        critical("two", START.plusSeconds(10));
        take(START.plusSeconds(10));
        critical("three", START.plusSeconds(50));
        take(START.plusSeconds(50));
        recovered("one", START.plusSeconds(51));
        take(START.plusSeconds(51));

        assertThat(outbox.due(START.plusSeconds(64), 10)).isEmpty();
        assertThat(deliver("a", START.plusSeconds(65)).changes()).isEqualTo(2);
        WebhookMessage over = deliver("a", START.plusSeconds(65));
        assertThat(over.kind()).isEqualTo("health.recovered");
        assertThat(events.critical("acme")).isEqualTo(2);
        critical("four", START.plusSeconds(300));
        take(START.plusSeconds(300));
        assertThat(deliver("a", START.plusSeconds(305)).events().get(0)).contains("four");
    }

    @Test
    void what_two_servers_find_out_of_an_agent_is_said_once() {
        hook("a", "health");
        critical("planner", START);
        critical("planner", START.plusSeconds(1));
        recovered("never-critical", START);
        take(START.plusSeconds(1));
        WebhookMessage message = deliver("a", START.plusSeconds(6));
        assertThat(message.changes()).isEqualTo(1);
        recovered("planner", START.plusSeconds(70));
        recovered("planner", START.plusSeconds(71));
        take(START.plusSeconds(71));
        assertThat(deliver("a", START.plusSeconds(76)).changes()).isEqualTo(1);
        assertThat(events.critical("acme")).isZero();
        assertThat(outbox.due(START.plusSeconds(600), 10)).isEmpty();
    }

    @Test
    void a_change_of_health_that_is_neither_is_no_event() {
        hook("a", "health");
        health.note(snapshot("planner", START), HealthTransition.Type.DEGRADING);
        health.note(snapshot("planner", START), HealthTransition.Type.RECOVERED);
        health.note(snapshot("planner", START), null);
        take(START);
        assertThat(stored()).isZero();
    }

    @Test
    void a_budget_is_reported_by_the_one_that_marks_it_with_what_was_used() {
        hook("a", "budgets");
        hook("b", "incidents", "opened");
        database.budgets().put(RESEARCH, ADA, each -> "{}");
        use("research-1");
        BudgetUsage usage = database.budgetUsage();
        assertThat(usage.mark(spending("research-1", 90), DAY, START)).isTrue();
        assertThat(usage.mark(spending("research-1", 91), DAY, START)).isFalse();
        assertThat(usage.mark(spending("research-1", 100), DAY, START)).isTrue();
        use("research-2");
        assertThat(usage.mark(spending("research-2", 120), DAY, START)).isTrue();
        take(START);

        WebhookMessage nearly = deliver("a", START.plusSeconds(5));
        assertThat(nearly.kind() + " " + nearly.about() + " " + nearly.changes())
                .isEqualTo("budget.nearly_used research 1");
        assertThat(nearly.events().get(0))
                .contains(
                        "\"agent_id\":\"research-1\"",
                        "90 of 100 tokens used in a day",
                        "\"until\":\"2027-02-01T00:00:00Z\"");
        WebhookMessage usedUp = deliver("a", START.plusSeconds(5));
        assertThat(usedUp.kind() + " " + usedUp.changes()).isEqualTo("budget.used_up 2");
        assertThat(outbox.due(START.plusSeconds(600), 10))
                .as("the other webhook")
                .isEmpty();
    }

    @Test
    void a_raise_is_an_event_and_makes_room_for_the_next_warning() {
        hook("a", "budgets");
        database.budgets().put(RESEARCH, ADA, each -> "{}");
        use("research-1");
        database.budgetUsage().mark(spending("research-1", 100), DAY, START);
        Raise raise = new Raise(
                "acme",
                "research",
                null,
                new Limits(50L, null, null),
                DAY.plusSeconds(86_400),
                "ann",
                "a report",
                START);
        database.budgets().raise(raise, each -> "{}");
        database.budgetUsage().mark(spending("research-1", 100), DAY, START);
        take(START);
        assertThat(deliver("a", START.plusSeconds(5)).kind()).isEqualTo("budget.used_up");
        WebhookMessage raised = deliver("a", START.plusSeconds(5));
        assertThat(raised.kind()).isEqualTo("budget.raised");
        assertThat(outbox.due(START.plusSeconds(64), 10)).isEmpty();
        WebhookMessage again = deliver("a", START.plusSeconds(65));
        assertThat(again.kind() + " " + again.changes())
                .as("in its order, and by itself")
                .isEqualTo("budget.used_up 1");
        assertThat(raised.events().get(0)).contains("\"tokens\":50", "\"actor\":\"ann\"", "\"reason\":\"a report\"");
    }

    @Test
    void a_loop_of_an_execution_is_one_event_no_matter_who_finds_it() {
        hook("a", "loops");
        for (LoopEvents server : List.of(loops, database.openLoopEvents())) {
            server.note(loop("planner", "run-1", START), true);
            server.note(loop("planner", "run-2", START), true);
            server.note(loop("planner", null, START), false);
            assertThat(server.flush(LONG)).isTrue();
        }
        take(START);
        WebhookMessage message = deliver("a", START.plusSeconds(5));
        assertThat(message.kind() + " " + message.changes()).isEqualTo("loop.found 3");
        assertThat(message.events().get(0))
                .contains("\"execution\":\"run-1\"", "\"refused_until\":\"2027-01-31T04:00:00Z\"");
        assertThat(message.events().get(2)).contains("\"execution\":null", "\"refused_until\":null");
    }

    @Test
    void a_stop_and_its_end_are_events_and_the_gate_of_a_budget_is_none() {
        hook("a", "stops");
        GateRecord stop = gate("stop", "ann", null);
        gates(stop, gate("budget:research:*", "budget", null));
        gates(stop); // an answer that was lost
        take(START);
        WebhookMessage began = deliver("a", START.plusSeconds(5));
        assertThat(began.kind() + " " + began.changes()).isEqualTo("stop.began 1");
        assertThat(began.events().get(0))
                .contains("\"actor\":\"ann\"", "\"covers\":\"agents\"", "\"pattern\":\"planner-*\"");
        assertThat(events.stops("acme", START)).isEqualTo(1);

        gates(new GateRecord(
                "acme",
                "stop",
                2,
                "stamp",
                "agents",
                "planner-*",
                "ann",
                "too dear",
                START,
                null,
                new GateRecord.Removal("bob", "paid", START.plusSeconds(100))));
        take(START.plusSeconds(100));
        WebhookMessage ended = deliver("a", START.plusSeconds(105));
        assertThat(ended.kind()).isEqualTo("stop.ended");
        assertThat(ended.events().get(0)).contains("\"actor\":\"bob\"", "\"reason\":\"paid\"");
        assertThat(events.stops("acme", START)).isZero();
    }

    @Test
    void a_stop_that_ends_by_itself_says_so_once_over_servers_and_restarts() {
        hook("a", "stops");
        gates(gate("stop", "ann", START.plusSeconds(600)), gate("later", "ann", START.plusSeconds(900)));
        take(START);
        assertThat(deliver("a", START.plusSeconds(5)).changes()).isEqualTo(2);
        Instant over = START.plusSeconds(601);
        events.noteEnds(START.plusSeconds(599));
        events.noteEnds(over);
        events.noteEnds(over);
        database.webhookEvents().noteEnds(over); // of another life
        take(over);
        WebhookMessage ended = deliver("a", over.plusSeconds(5));
        assertThat(ended.kind() + " " + ended.changes()).isEqualTo("stop.ended 1");
        assertThat(ended.events().get(0)).contains("\"id\":\"stop\"", "\"actor\":null");
    }

    @Test
    void a_pattern_and_a_topic_choose_what_is_heard() {
        add(new Webhook(
                "acme", "a", "n", "https://x.example/", null, Set.of("health"), "planner-*", "json", true, START));
        add(new Webhook("acme", "b", "n", "https://x.example/", null, Set.of("stops"), "*", "json", true, START));
        add(new Webhook("rival", "c", "n", "https://x.example/", null, Set.of("health"), "*", "json", true, START));
        critical("planner-1", START);
        critical("writer", START);
        take(START);
        assertThat(outbox.due(START.plusSeconds(5), 10))
                .extracting(each -> each.webhook().id())
                .containsExactly("a");
        assertThat(due("a", START.plusSeconds(5)).changes()).isEqualTo(1);
    }

    @Test
    void nothing_is_stored_where_nobody_hears_of_it() {
        hook("a", "incidents");
        add(new Webhook("acme", "off", "n", "https://x.example/", null, Set.of("health"), "*", "json", false, START));
        critical("planner", START);
        gates(gate("stop", "ann", null));
        assertThat(health.flush(LONG)).isTrue();
        assertThat(count("webhook_event")).isZero();
        hook("b", "health");
        take(START);
        assertThat(stored()).as("what happened before somebody asked").isZero();
    }

    @Test
    void who_lost_the_duty_makes_no_message_and_the_next_one_makes_it_once() {
        hook("a", "health");
        critical("planner", START);
        assertThat(health.flush(LONG)).isTrue();
        assertThat(events.take(OTHER, START)).isFalse();
        assertThat(stored()).isZero();
        outbox.seize(OTHER, START.plusSeconds(15));
        assertThat(events.take(ME, START)).isFalse();
        assertThat(events.take(OTHER, START)).isTrue();
        assertThat(events.take(OTHER, START)).isTrue();
        assertThat(stored()).isEqualTo(1);
    }

    @Test
    void a_webhook_of_budgets_alone_has_the_audit_trail_looked_through_for_nobody() {
        hook("a", "budgets", "health", "loops", "stops");
        assertThat(outbox.progress()).isEmpty();
        hook("b", "budgets", "opened");
        assertThat(outbox.progress()).isPresent();
    }

    @Test
    void events_of_long_ago_are_forgotten_and_those_of_a_deleted_agent_at_once() {
        hook("a", "health");
        critical("planner", START);
        critical("writer", START.plus(Duration.ofDays(10)));
        take(START);
        assertThat(events.forget(START.plus(Duration.ofDays(31)))).isEqualTo(1);
        assertThat(count("webhook_event")).isEqualTo(1);
        database.agentDeletion().delete(new CircuitId("acme", "writer"), ADA);
        assertThat(count("webhook_event")).isZero();
    }

    private void hook(String id, String... on) {
        add(new Webhook("acme", id, "n", "https://alerts.example.com/", null, Set.of(on), "*", "json", true, START));
    }

    private void add(Webhook webhook) {
        assertThat(database.webhooks().add(webhook, 20, ADA, "{}")).isTrue();
    }

    /** Makes messages of what was stored up to now. */
    private void take(Instant now) {
        assertThat(health.flush(LONG)).isTrue();
        assertThat(events.take(ME, now)).isTrue();
    }

    private WebhookMessage due(String webhook, Instant now) {
        return outbox.due(now, 10).stream()
                .filter(each -> each.webhook().id().equals(webhook))
                .findFirst()
                .orElseThrow();
    }

    private WebhookMessage deliver(String webhook, Instant now) {
        WebhookMessage message = due(webhook, now);
        assertThat(outbox.written(message, "{}")).isTrue();
        outbox.delivered(message, now);
        return message;
    }

    private int stored() {
        return count("webhook_message");
    }

    private int count(String table) {
        return database.connections()
                .read(handle -> handle.createQuery("SELECT count(*) FROM " + table)
                        .mapTo(Integer.class)
                        .one());
    }

    private void critical(String agent, Instant at) {
        health.note(snapshot(agent, at), HealthTransition.Type.CRITICAL_FROM_HEALTHY);
    }

    private void recovered(String agent, Instant at) {
        health.note(snapshot(agent, at), HealthTransition.Type.RECOVERED_FROM_CRITICAL);
    }

    private static HealthSnapshot snapshot(String agent, Instant at) {
        HealthIssue issue = new HealthIssue(HealthIssue.Code.FAILURE_STREAK, 35, "7 failures in a row");
        return new HealthSnapshot(
                new CircuitId("acme", agent),
                at,
                20,
                HealthStatus.CRITICAL,
                at,
                List.of(issue),
                HealthFigures.NONE,
                null);
    }

    private void use(String agent) {
        database.budgetUsage()
                .add(List.of(new BudgetStore.Used("acme", "research", agent, DAY, new Spent(1, 1, 0, 0, 0))));
    }

    private static Spending spending(String agent, long tokens) {
        List<Slice> slices = List.of(new Slice(DAY, new Spent(1, tokens, 0, 0, 0), Slice.UNMARKED));
        return Spending.of(BudgetRules.NONE, RESEARCH, agent, slices, START);
    }

    private static Loop loop(String agent, @Nullable String execution, Instant at) {
        return new Loop("acme", agent, execution, "search", 3, at, at.plus(Duration.ofHours(1)));
    }

    private void gates(GateRecord... changes) {
        database.circuits().gates().write(List.of(changes));
    }

    private static GateRecord gate(String id, String author, @Nullable Instant until) {
        return new GateRecord("acme", id, 1, "stamp", "agents", "planner-*", author, "too dear", START, until, null);
    }
}
