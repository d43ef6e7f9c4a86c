package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitId;
import dev.interlock.jdbc.Transitions.Line;
import dev.interlock.jdbc.WebhookOutbox.Failure;
import dev.interlock.jdbc.Webhooks.Listed;
import dev.interlock.monitor.incidents.Affected;
import dev.interlock.monitor.incidents.Incident;
import dev.interlock.monitor.incidents.IncidentChange;
import dev.interlock.store.TransitionRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Webhooks, and the outbox of what they are to hear, in a database. */
abstract class WebhooksContract {
    private static final Instant START = Instant.parse("2027-01-31T03:00:00Z");
    private static final Instant LATER = START.plusSeconds(60);
    private static final Author ADA = new Author("ada", START);
    private static final long ME = 7;
    private static final long OTHER = 8;
    private static final int MOST = 20;

    private Database database;
    private Webhooks webhooks;
    private WebhookOutbox outbox;
    private IncidentWriter incidents;
    private long lines;

    abstract DatabaseSettings settings();

    @BeforeEach
    void start() {
        database = Database.open(settings());
        webhooks = database.webhooks();
        outbox = database.webhookOutbox();
        incidents = database.incidentWriter();
        outbox.hold(ME, START, START.plusSeconds(15));
        incidents.hold(ME, START, START.plusSeconds(15));
    }

    @AfterEach
    void stop() {
        database.close();
    }

    @Test
    void a_webhook_is_read_as_it_was_stored_and_prints_neither_address_nor_secret() {
        Webhook webhook = webhook("a", Set.of("incidents", "held"));
        assertThat(outbox.isUsed()).isFalse();
        assertThat(webhooks.add(webhook, MOST, ADA, "{}")).isTrue();
        assertThat(outbox.isUsed()).isTrue();
        Listed listed = webhooks.find("acme", "a").orElseThrow();
        assertThat(listed.webhook()).isEqualTo(webhook);
        assertThat(listed.state()).isEqualTo(new WebhookState(null, null, false, null, null, 0, 0, 0));
        assertThat(webhook.toString()).doesNotContain(webhook.url(), "whsec");
        assertThat(webhooks.of("acme")).containsExactly(listed);
        assertThat(webhooks.of("other")).isEmpty();
        assertThat(webhooks.find("other", "a")).isEmpty();
    }

    @Test
    void an_organization_has_a_limit_of_its_own() {
        assertThat(webhooks.add(webhook("a", Set.of("incidents")), 1, ADA, "{}"))
                .isTrue();
        assertThat(webhooks.add(webhook("b", Set.of("incidents")), 1, ADA, "{}"))
                .isFalse();
        assertThat(webhooks.add(of("other", "b", Set.of("incidents"), "*", true), 1, ADA, "{}"))
                .isTrue();
    }

    @Test
    void changes_are_in_the_trail_of_the_administration() {
        Webhook webhook = webhook("a", Set.of("incidents"));
        webhooks.add(webhook, MOST, ADA, "{\"name\":\"one\"}");
        assertThat(webhooks.put(webhook, ADA, "{\"name\":\"one\"}", "{\"name\":\"two\"}"))
                .isTrue();
        assertThat(webhooks.put(webhook("b", Set.of("incidents")), ADA, "{}", "{}"))
                .isFalse();
        assertThat(webhooks.remove(webhook, ADA, "{\"name\":\"two\"}")).isTrue();
        assertThat(webhooks.remove(webhook, ADA, "{}")).isFalse();
        assertThat(database.administrationChanges()
                        .of("acme", AdministrationChanges.Filter.ALL, AdministrationChanges.NEWEST, 10))
                .extracting(each -> each.action() + " " + each.subject() + " " + each.name() + " " + each.before() + " "
                        + each.after())
                .containsExactly(
                        "removed webhook a {\"name\":\"two\"} null",
                        "changed webhook a {\"name\":\"one\"} {\"name\":\"two\"}",
                        "created webhook a null {\"name\":\"one\"}");
    }

    @Test
    void an_incident_is_one_message_at_the_start_and_one_at_the_end() {
        webhooks.add(webhook("a", Set.of("incidents")), MOST, ADA, "{}");
        webhooks.add(webhook("b", Set.of("opened")), MOST, ADA, "{}");
        write(incident("i", null, null));
        write(incident("i", null, null));
        assertThat(outbox.due(START, 10))
                .as("what it is shows in the first seconds")
                .isEmpty();
        assertThat(kinds()).containsExactly("incident.began i");
        write(incident("i", START, null));
        write(incident("i", START, null));
        assertThat(all()).containsExactly("incident.began i", "incident.ended i");
    }

    @Test
    void one_that_goes_on_after_its_end_begins_and_ends_again() {
        webhooks.add(webhook("a", Set.of("incidents")), MOST, ADA, "{}");
        write(incident("i", null, null));
        write(incident("i", START, null));
        write(incident("i", null, null));
        write(incident("i", LATER, null));
        assertThat(all())
                .containsExactly("incident.began i", "incident.ended i", "incident.continued i", "incident.ended i");
    }

    @Test
    void one_that_becomes_part_of_another_before_anybody_heard_of_it_is_never_sent() {
        webhooks.add(webhook("a", Set.of("incidents")), MOST, ADA, "{}");
        write(incident("i", null, null));
        write(incident("i", START, "j"));
        write(incident("i", START, "j"));
        assertThat(all()).isEmpty();
    }

    @Test
    void one_that_becomes_part_of_another_when_it_was_announced_says_so_once() {
        webhooks.add(webhook("a", Set.of("incidents")), MOST, ADA, "{}");
        write(incident("i", null, null));
        WebhookMessage began = outbox.due(LATER, 10).get(0);
        assertThat(outbox.written(began, "{}")).isTrue();
        write(incident("i", START, "j"));
        write(incident("i", START, "j"));
        outbox.delivered(began, LATER);
        assertThat(all()).containsExactly("incident.merged i");
    }

    @Test
    void a_pattern_looks_at_all_circuits_of_an_incident_and_who_is_disabled_hears_the_end_of_what_he_heard_begin() {
        webhooks.add(of("acme", "models", Set.of("incidents"), "model:*", true), MOST, ADA, "{}");
        Webhook planners = of("acme", "planners", Set.of("incidents"), "planner", true);
        webhooks.add(planners, MOST, ADA, "{}");
        write(incident("i", null, null));
        assertThat(all()).containsExactly("incident.began i");
        write(incident("i", null, null, "model:x", "planner"));
        assertThat(all()).containsExactly("incident.began i", "incident.began i");
        Webhook disabled = of("acme", "planners", Set.of("incidents"), "planner", false);
        webhooks.put(disabled, ADA, "{}", "{}");
        write(incident("i", START, null, "model:x", "planner"));
        write(incident("later", null, null, "model:x", "planner"));
        webhooks.put(planners, ADA, "{}", "{}");
        assertThat(webhooks.find("acme", "planners").orElseThrow().state().waiting())
                .isEqualTo(2);
    }

    @Test
    void a_circuit_is_reported_as_it_opens_closes_is_held_and_released_and_a_failed_trial_is_not() {
        webhooks.add(webhook("a", Set.of("opened", "closed", "held", "released")), MOST, ADA, "{}");
        take(
                line("x", "closed", "open", null),
                line("x", "open", "half_open", null),
                line("x", "half_open", "open", null),
                line("x", "half_open", "closed", null),
                line("y", "closed", "open", "hold_open"),
                line("y", "open", "open", "release"),
                line("z", "closed", "open", "open"));
        assertThat(all())
                .containsExactly(
                        "circuit.opened x",
                        "circuit.closed x",
                        "circuit.held y",
                        "circuit.released y",
                        "circuit.opened z");
    }

    @Test
    void a_webhook_hears_of_its_words_and_its_names_alone() {
        webhooks.add(of("acme", "a", Set.of("opened"), "x*", true), MOST, ADA, "{}");
        webhooks.add(of("acme", "b", Set.of("opened"), "*", false), MOST, ADA, "{}");
        webhooks.add(of("other", "c", Set.of("opened"), "*", true), MOST, ADA, "{}");
        take(
                line("x", "closed", "open", "hold_open"),
                line("x", "open", "closed", "close"),
                line("y", "closed", "open", null));
        assertThat(all()).as("who does not ask for holds hears that it opened").containsExactly("circuit.opened x");
    }

    @Test
    void one_that_flaps_is_reported_once_and_then_summed_up() {
        webhooks.add(webhook("a", Set.of("opened", "closed")), MOST, ADA, "{}");
        take(line("x", "closed", "open", null), line("x", "half_open", "closed", null));
        for (int i = 0; i < 10; i++) {
            take(line("x", "closed", "open", null), line("x", "half_open", "closed", null));
        }
        assertThat(all()).containsExactly("circuit.opened x", "circuit.closed x");
        Instant end = START.plus(CircuitMessages.FLAPS);
        List<WebhookMessage> summed = new ArrayList<>();
        for (WebhookMessage each = first(end); each != null; each = first(end)) {
            summed.add(each);
            outbox.delivered(each, end);
        }
        assertThat(summed).extracting(WebhookMessage::kind).last().isEqualTo("circuit.flapped");
        assertThat(summed.get(2).changes()).isEqualTo(20);
        assertThat(summed.get(2).line()).isEqualTo(lines);
        outbox.take(ME, List.of(line("x", "closed", "open", null)), lines, end.plusSeconds(10));
        assertThat(first(end.plusSeconds(11)))
                .as("the next sum comes five minutes later")
                .isNull();
        assertThat(first(end.plusSeconds(311)).kind()).isEqualTo("circuit.flapped");
    }

    /** Who takes the duty over begins with lines that counted already. */
    @Test
    void lines_that_a_sum_speaks_of_are_not_reported_once_more_when_they_are_read_again() {
        webhooks.add(webhook("a", Set.of("opened", "closed")), MOST, ADA, "{}");
        List<Line> read = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            read.add(line("x", "closed", "open", null));
            read.add(line("x", "open", "closed", null));
        }
        outbox.take(ME, read, lines, START);
        List<String> said = all();
        assertThat(said).containsExactly("circuit.opened x", "circuit.closed x");
        outbox.take(ME, read, lines, START.plusSeconds(1));
        assertThat(all()).isEqualTo(said);
        Instant end = START.plus(CircuitMessages.FLAPS);
        outbox.delivered(first(end), end);
        outbox.delivered(first(end), end);
        assertThat(first(end).kind()).isEqualTo("circuit.flapped");
        assertThat(first(end).changes()).isEqualTo(4);
    }

    @Test
    void a_line_is_stored_once_and_only_by_who_has_the_duty() {
        webhooks.add(webhook("a", Set.of("opened", "closed")), MOST, ADA, "{}");
        Line opened = line("x", "closed", "open", null);
        assertThat(outbox.take(ME, List.of(opened), 41, START)).isTrue();
        assertThat(outbox.take(ME, List.of(opened), 41, START)).isTrue();
        assertThat(all()).containsExactly("circuit.opened x");
        assertThat(outbox.progress()).hasValue(41);
        assertThat(outbox.hold(OTHER, START.plusSeconds(14), START.plusSeconds(29)))
                .isFalse();
        assertThat(outbox.hold(OTHER, START.plusSeconds(16), START.plusSeconds(31)))
                .isTrue();
        assertThat(outbox.take(ME, List.of(line("y", "closed", "open", null)), 42, START))
                .isFalse();
        assertThat(all()).containsExactly("circuit.opened x");
    }

    @Test
    void nobody_looks_through_the_trail_while_nobody_hears_of_circuits() {
        assertThat(outbox.progress()).isEmpty();
        webhooks.add(webhook("a", Set.of("incidents")), MOST, ADA, "{}");
        assertThat(outbox.progress()).isEmpty();
        webhooks.add(webhook("b", Set.of("incidents", "held")), MOST, ADA, "{}");
        assertThat(outbox.progress()).hasValue(0);
    }

    @Test
    void of_a_webhook_one_message_is_due_and_of_a_subject_in_the_order_of_what_happened() {
        webhooks.add(webhook("a", Set.of("opened", "closed")), MOST, ADA, "{}");
        webhooks.add(webhook("b", Set.of("opened")), MOST, ADA, "{}");
        take(line("x", "closed", "open", null), line("y", "closed", "open", null), line("x", "open", "closed", null));
        List<WebhookMessage> due = outbox.due(START, 10);
        assertThat(due).extracting(each -> each.webhook().id()).containsExactlyInAnyOrder("a", "b");
        assertThat(outbox.due(START, 1)).hasSize(1);
        WebhookMessage bad = due.stream()
                .filter(each -> each.webhook().id().equals("a"))
                .findFirst()
                .orElseThrow();
        outbox.failed(bad, new Failure("it answered 400", LATER, false), START);
        assertThat(of("a", START)).as("others go on").isEqualTo("circuit.opened y");
        outbox.delivered(only("a", START), START);
        assertThat(of("a", START))
                .as("what closed is not reported before it opened")
                .isNull();
        assertThat(of("a", LATER)).isEqualTo("circuit.opened x");
        assertThat(only("a", LATER).attempts()).isEqualTo(1);
        outbox.delivered(only("a", LATER), LATER);
        assertThat(of("a", LATER)).isEqualTo("circuit.closed x");
    }

    @Test
    void who_does_not_answer_is_left_alone_then_dead_and_comes_back_with_what_waits() {
        Webhook webhook = webhook("a", Set.of("opened"));
        webhooks.add(webhook, MOST, ADA, "{}");
        take(line("x", "closed", "open", null), line("y", "closed", "open", null));
        WebhookMessage first = first(START);
        outbox.failed(first, new Failure("no connection was accepted", LATER, true), START);
        assertThat(first(START)).isNull();
        assertThat(state("a"))
                .isEqualTo(new WebhookState(START, LATER, false, null, "no connection was accepted", 0, 2, 0));
        outbox.failed(first(LATER), new Failure("it answered 410", null, true), LATER);
        assertThat(first(LATER.plusSeconds(1_000_000))).isNull();
        assertThat(state("a")).isEqualTo(new WebhookState(START, null, true, null, "it answered 410", 0, 1, 1));
        assertThat(outbox.dead(webhook, 10))
                .extracting(each -> each.kind() + " " + each.about() + " " + each.error())
                .containsExactly("circuit.opened x it answered 410");
        assertThat(outbox.totals()).containsExactly(new WebhookOutbox.Totals("acme", 1, 1, 1));
        outbox.reached(webhook, LATER);
        assertThat(first(LATER).about()).isEqualTo("y");
        outbox.delivered(first(LATER), LATER);
        assertThat(state("a")).isEqualTo(new WebhookState(null, null, false, LATER, null, 0, 0, 1));
    }

    @Test
    void a_message_that_cannot_be_delivered_by_its_own_fault_kills_no_webhook() {
        webhooks.add(webhook("a", Set.of("opened")), MOST, ADA, "{}");
        take(line("x", "closed", "open", null), line("y", "closed", "open", null));
        outbox.failed(first(START), new Failure("it answered 400", null, false), START);
        assertThat(first(START).about()).isEqualTo("y");
        assertThat(state("a").dead()).isFalse();
        assertThat(state("a").deadMessages()).isEqualTo(1);
    }

    @Test
    void what_a_message_says_stays_unless_there_is_more_to_say_by_then() {
        webhooks.add(webhook("a", Set.of("opened", "closed")), MOST, ADA, "{}");
        take(line("x", "closed", "open", null), line("x", "open", "closed", null), line("x", "closed", "open", null));
        Instant end = START.plus(CircuitMessages.FLAPS);
        outbox.delivered(first(end), end);
        outbox.delivered(first(end), end);
        WebhookMessage flaps = first(end);
        take(line("x", "open", "closed", null));
        assertThat(outbox.written(flaps, "{}")).isFalse();
        assertThat(outbox.written(first(end), "{\"changes\":2}")).isTrue();
        assertThat(first(end).body()).isEqualTo("{\"changes\":2}");
        take(line("x", "closed", "open", null));
        assertThat(first(end).changes()).as("what is under way is not changed").isEqualTo(2);
    }

    @Test
    void so_many_may_wait_and_what_is_left_out_is_counted() {
        webhooks.add(webhook("a", Set.of("opened")), MOST, ADA, "{}");
        take(LongStream.rangeClosed(1, Outbox.MOST_WAITING + 3L)
                .mapToObj(number -> line("c" + number, "closed", "open", null))
                .toArray(Line[]::new));
        assertThat(state("a").waiting()).isEqualTo(Outbox.MOST_WAITING);
        assertThat(state("a").leftOut()).isEqualTo(3);
    }

    @Test
    void what_arrived_long_ago_is_forgotten_and_what_waits_is_not() {
        webhooks.add(webhook("a", Set.of("opened", "incidents")), MOST, ADA, "{}");
        take(line("x", "closed", "open", null), line("y", "closed", "open", null));
        outbox.delivered(first(START), START);
        assertThat(outbox.forget(START.plusSeconds(60))).isZero();
        assertThat(outbox.forget(START.plus(Duration.ofHours(2)))).isEqualTo(1);
        assertThat(outbox.forget(START.plus(Duration.ofDays(1_000)))).isZero();
        assertThat(first(START).about()).isEqualTo("y");
    }

    @Test
    void what_was_to_be_said_of_an_agent_goes_with_its_data() {
        webhooks.add(webhook("a", Set.of("opened")), MOST, ADA, "{}");
        take(line("x", "closed", "open", null), line("y", "closed", "open", null));
        assertThat(database.agentDeletion()
                        .delete(new CircuitId("acme", "x"), ADA)
                        .others())
                .isEqualTo(1);
        assertThat(all()).containsExactly("circuit.opened y");
    }

    private void write(Incident incident) {
        incidents.write(ME, Map.of("acme", List.of(new IncidentChange(incident, List.of()))), 1, START);
    }

    private void take(Line... some) {
        assertThat(outbox.take(ME, List.of(some), lines, START)).isTrue();
    }

    private Line line(String name, String from, String to, @Nullable String action) {
        lines++;
        return new Line(
                lines,
                new TransitionRecord(
                        "acme",
                        name,
                        lines,
                        from,
                        to,
                        START,
                        action == null ? "failure_streak" : "override",
                        action,
                        false,
                        null,
                        null,
                        0,
                        0,
                        0,
                        false,
                        null,
                        null,
                        null,
                        0));
    }

    private WebhookState state(String id) {
        return webhooks.find("acme", id).orElseThrow().state();
    }

    private @Nullable WebhookMessage first(Instant now) {
        return outbox.due(now, 10).stream().findFirst().orElse(null);
    }

    private WebhookMessage only(String webhook, Instant now) {
        return outbox.due(now, 10).stream()
                .filter(each -> each.webhook().id().equals(webhook))
                .findFirst()
                .orElseThrow();
    }

    private @Nullable String of(String webhook, Instant now) {
        return outbox.due(now, 10).stream()
                .filter(each -> each.webhook().id().equals(webhook))
                .findFirst()
                .map(each -> each.kind() + " " + each.about())
                .orElse(null);
    }

    private List<String> kinds() {
        return outbox.due(LATER, 10).stream()
                .map(each -> each.kind() + " " + each.about())
                .toList();
    }

    /** All that waits and is due a minute after the start, in the order of what happened. */
    private List<String> all() {
        return database.connections()
                .read(handle -> handle.createQuery("SELECT kind, subject FROM webhook_message"
                                + " WHERE state = 'waiting' AND kind <> 'circuit.flapped' ORDER BY id")
                        .map((row, context) -> row.getString("kind") + " "
                                + row.getString("subject").replaceFirst("^[a-z]+:", ""))
                        .list());
    }

    private static Webhook webhook(String id, Set<String> on) {
        return of("acme", id, on, "*", true);
    }

    private static Webhook of(String organization, String id, Set<String> on, String pattern, boolean enabled) {
        return new Webhook(
                organization,
                id,
                "On call",
                "https://alerts.example.com/secret-path",
                "whsec_AAAA",
                on,
                pattern,
                "json",
                enabled,
                START);
    }

    private static Incident incident(
            String id, @Nullable Instant ended, @Nullable String mergedInto, String... circuits) {
        List<Affected> affected = (circuits.length == 0 ? List.of("model:x") : List.of(circuits))
                .stream()
                        .map(name -> new Affected(name, 1, START, null, 1, null, "failure_streak"))
                        .toList();
        return new Incident(id, "model:x", false, START, START, null, ended, mergedInto, affected);
    }
}
