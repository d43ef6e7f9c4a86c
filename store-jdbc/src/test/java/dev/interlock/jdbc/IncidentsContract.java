package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.jdbc.Incidents.Filter;
import dev.interlock.jdbc.Incidents.Listed;
import dev.interlock.monitor.incidents.Affected;
import dev.interlock.monitor.incidents.Incident;
import dev.interlock.monitor.incidents.IncidentChange;
import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.TransitionRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Incidents, and the duty to write them, in a database. */
abstract class IncidentsContract {
    private static final Instant START = Instant.parse("2027-01-31T03:00:00Z");
    private static final Duration DUTY = Duration.ofSeconds(15);
    private static final long ME = 7;
    private static final long OTHER = 8;

    private Database database;
    private IncidentWriter writer;
    private Incidents incidents;

    abstract DatabaseSettings settings();

    @BeforeEach
    void start() {
        database = Database.open(settings());
        writer = database.incidentWriter();
        incidents = database.incidents();
    }

    @AfterEach
    void stop() {
        database.close();
    }

    @Test
    void one_process_has_the_duty_and_another_takes_it_when_it_is_over_or_given_back() {
        assertThat(writer.hold(ME, START, START.plus(DUTY))).isTrue();
        assertThat(writer.hold(OTHER, START.plusSeconds(5), START.plusSeconds(20)))
                .isFalse();
        assertThat(writer.hold(ME, START.plusSeconds(6), START.plusSeconds(21))).isTrue();
        assertThat(writer.hold(OTHER, START.plusSeconds(21), START.plusSeconds(36)))
                .isFalse();
        assertThat(writer.hold(OTHER, START.plusSeconds(22), START.plusSeconds(37)))
                .isTrue();
        assertThat(writer.hold(ME, START.plusSeconds(23), START.plusSeconds(38)))
                .isFalse();
        writer.release(ME);
        assertThat(writer.hold(ME, START.plusSeconds(24), START.plusSeconds(39)))
                .isFalse();
        writer.release(OTHER);
        assertThat(writer.hold(ME, START.plusSeconds(25), START.plusSeconds(40)))
                .isTrue();
    }

    @Test
    void who_lost_the_duty_writes_nothing() {
        writer.hold(ME, START, START.plus(DUTY));
        assertThat(write(ME, 10, incident("a", "model:a", START, null))).isTrue();
        writer.hold(OTHER, START.plusSeconds(16), START.plusSeconds(31));
        assertThat(write(ME, 20, incident("b", "model:b", START, null))).isFalse();
        assertThat(incidents.find("acme", "b")).isEmpty();
        assertThat(writer.progress(START)).isEqualTo(10);
    }

    @Test
    void who_takes_over_goes_on_where_the_last_one_was() {
        writer.hold(ME, START, START.plus(DUTY));
        Incident live = incident("a", "model:a", START, null);
        Incident ended = incident("b", "model:b", START, START.plusSeconds(60));
        Incident longAgo = incident("c", "model:c", START.minusSeconds(7_200), START.minusSeconds(3_600));
        write(ME, 42, live, ended, longAgo);
        assertThat(writer.recent(START.minusSeconds(1_800))).containsOnlyKeys("acme");
        assertThat(writer.recent(START.minusSeconds(1_800)).get("acme")).containsExactlyInAnyOrder(live, ended);
        assertThat(writer.progress(START)).isEqualTo(42);
    }

    @Test
    void who_begins_leaves_out_what_is_old() {
        database.circuits().write(List.of(change("old", START.minusSeconds(10))));
        database.circuits().write(List.of(change("new", START.plusSeconds(10))));
        TrailReader trail = writer.trail();
        trail.begin(writer.progress(START));
        assertThat(trail.peek()).map(line -> line.transition().name()).contains("new");
        assertThat(trail.next()).extracting(line -> line.transition().name()).containsExactly("new");
        trail.begin(0);
        assertThat(trail.next()).extracting(line -> line.transition().name()).containsExactly("old", "new");
        assertThat(trail.next()).isEmpty();
        assertThat(trail.peek()).isEmpty();
    }

    @Test
    void a_row_changes_with_its_incident_and_keeps_the_circuits_that_did_not() {
        writer.hold(ME, START, START.plus(DUTY));
        Affected model = affected("model:a", START, null, 1);
        Affected agent = affected("one", START.plusSeconds(1), null, 1);
        Incident first = incident("a", "one", START, null, agent);
        write(ME, 1, first);
        Affected closed = affected("one", START.plusSeconds(1), START.plusSeconds(9), 3);
        Incident later = new Incident(
                "a", "model:a", false, START, START.plusSeconds(2), null, null, null, List.of(model, closed));
        writer.write(ME, Map.of("acme", List.of(new IncidentChange(later, List.of(model, closed)))), 2, START);
        assertThat(incidents.find("acme", "a")).contains(later);
        writer.write(ME, Map.of("acme", List.of(new IncidentChange(later, List.of()))), 3, START);
        assertThat(incidents.find("acme", "a")).contains(later);
    }

    @Test
    void lists_are_of_one_organization_and_by_state_time_and_page() {
        writer.hold(ME, START, START.plus(DUTY));
        Incident one = incident("one", "model:a", START, START.plusSeconds(60));
        Incident two = incident("two", "model:a", START.plusSeconds(600), null);
        Incident three = incident("three", "model:b", START.plusSeconds(1_200), null);
        Incident part = new Incident("part", "x", false, START, START, null, START, "one", List.of());
        write(ME, 1, one, two, three, part);
        writer.write(
                ME, Map.of("other", List.of(new IncidentChange(incident("x", "y", START, null), List.of()))), 2, START);

        assertThat(ids(Filter.ALL, null, 10)).containsExactly("three", "two", "one");
        assertThat(ids(new Filter(true, null, null), null, 10)).containsExactly("three", "two");
        assertThat(ids(new Filter(false, null, null), null, 10)).containsExactly("one");
        assertThat(ids(new Filter(null, START.plusSeconds(61), null), null, 10)).containsExactly("three", "two");
        assertThat(ids(new Filter(null, null, START.plusSeconds(600)), null, 10))
                .containsExactly("one");
        assertThat(ids(Filter.ALL, null, 1)).containsExactly("three");
        assertThat(ids(Filter.ALL, "three", 1)).containsExactly("two");
        assertThat(ids(Filter.ALL, "one", 1)).isEmpty();
        assertThat(incidents.find("acme", "part").orElseThrow().mergedInto()).isEqualTo("one");
        assertThat(incidents.find("other", "one")).isEmpty();
        Listed listed = incidents.of("acme", Filter.ALL, null, 1).get(0);
        assertThat(listed.circuits()).isEqualTo(1);
        assertThat(listed.open()).isEqualTo(1);
    }

    @Test
    void what_ended_long_ago_goes_with_its_circuits() {
        writer.hold(ME, START, START.plus(DUTY));
        write(
                ME,
                1,
                incident("old", "model:a", START, START.plusSeconds(60)),
                incident("live", "model:b", START, null));
        assertThat(database.purge(START.plusSeconds(61))).isEqualTo(2);
        assertThat(incidents.find("acme", "old")).isEmpty();
        assertThat(incidents.find("acme", "live").orElseThrow().affected()).hasSize(1);
    }

    private List<String> ids(Filter filter, @Nullable String before, int limit) {
        return incidents.of("acme", filter, before, limit).stream()
                .map(each -> each.incident().id())
                .toList();
    }

    private boolean write(long process, long progress, Incident... some) {
        List<IncidentChange> changes = List.of(some).stream()
                .map(each -> new IncidentChange(each, each.affected()))
                .toList();
        return writer.write(process, Map.of("acme", changes), progress, START);
    }

    private static Incident incident(String id, String root, Instant began, @Nullable Instant ended) {
        return incident(id, root, began, ended, affected(root, began, ended, 1));
    }

    private static Incident incident(String id, String root, Instant began, @Nullable Instant ended, Affected circuit) {
        return new Incident(id, root, false, began, began, ended, ended, null, List.of(circuit));
    }

    private static Affected affected(String name, Instant opened, @Nullable Instant closed, int openings) {
        return new Affected(name, 5, opened, closed, openings, "TIMEOUT", "failure_streak");
    }

    private static CircuitChange change(String name, Instant at) {
        CircuitRecord record = new CircuitRecord(
                "acme",
                name,
                "open",
                7,
                5,
                0,
                5,
                1,
                0,
                at,
                at,
                at,
                at.plusSeconds(60),
                false,
                null,
                null,
                null,
                "default",
                1);
        TransitionRecord line = new TransitionRecord(
                "acme",
                name,
                7,
                "closed",
                "open",
                at,
                "failure_streak",
                null,
                false,
                "ERROR",
                60_000L,
                5,
                5,
                5,
                false,
                null,
                null,
                null,
                0);
        return new CircuitChange(record, CircuitChange.CLOSED_AND_CLEAN, List.of(line));
    }
}
