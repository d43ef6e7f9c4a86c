package dev.interlock.monitor.incidents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.TransitionRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which openings are one incident, what its root is, and when it ends. */
class IncidentTrackerTest {
    private static final Instant START = Instant.parse("2027-01-31T03:00:00Z");

    private final Map<String, Set<String>> dependencies = new HashMap<>();
    private final Set<String> failing = new HashSet<>();
    private final Map<String, Incident> incidents = new LinkedHashMap<>();
    private IncidentTracker tracker = new IncidentTracker(new Declared());
    private Instant now = START;
    private long epoch = 100;
    private int asked;

    /** All of them are active; those that are open fail, and who else is said to. */
    private final class Declared implements Topology {
        @Override
        public Set<String> dependencies(String name) {
            asked++;
            return dependencies.getOrDefault(name, Set.of());
        }

        @Override
        public Users users(String name) {
            List<String> all = dependencies.entrySet().stream()
                    .filter(each -> each.getValue().contains(name))
                    .map(Map.Entry::getKey)
                    .toList();
            return new Users(all.size(), all.size(), (int)
                    all.stream().filter(failing::contains).count());
        }
    }

    @Test
    void a_circuit_that_opens_alone_is_an_incident_of_its_own() {
        open("planner", "ERROR");
        assertThat(live()).singleElement().satisfies(incident -> {
            assertThat(incident.root()).isEqualTo("planner");
            assertThat(incident.suspected()).isFalse();
            assertThat(incident.began()).isEqualTo(START);
            assertThat(incident.affected()).extracting(Affected::name).containsExactly("planner");
            assertThat(incident.affected()).extracting(Affected::kind).containsExactly("ERROR");
        });
    }

    @Test
    void thousands_that_open_by_themselves_cost_what_each_of_them_costs() {
        int many = 3_000;
        for (int i = 0; i < many; i++) {
            open("agent-" + i, "TIMEOUT");
        }
        assertThat(live()).hasSize(many);
        assertThat(asked).as("looks at what somebody depends on").isLessThan(5 * many);
    }

    @Test
    void agents_follow_an_open_model_that_they_depend_on_whichever_opens_first() {
        agents("model:a", "one", "two", "three");
        open("one", "TIMEOUT");
        String first = live().get(0).id();
        open("model:a", "OVERLOADED");
        open("two", "TIMEOUT");
        assertThat(live()).singleElement().satisfies(incident -> {
            assertThat(incident.id()).isEqualTo(first);
            assertThat(incident.root()).isEqualTo("model:a");
            assertThat(incident.affected()).extracting(Affected::name).containsExactly("one", "model:a", "two");
        });
    }

    @Test
    void an_agent_follows_an_open_model_however_long_it_has_been_open() {
        agents("model:a", "one", "two");
        open("model:a", "OVERLOADED");
        after(Duration.ofHours(2));
        open("one", "TIMEOUT");
        assertThat(live()).hasSize(1);
        close("model:a");
        after(IncidentTracker.TOGETHER.plusSeconds(1));
        open("two", "TIMEOUT");
        assertThat(live()).hasSize(2);
    }

    @Test
    void who_says_nothing_of_why_it_fails_follows_only_where_half_of_the_others_fail() {
        agents("tool:slow", "one", "two", "three", "four");
        open("tool:slow", null);
        open("one", "ERROR");
        assertThat(live()).extracting(Incident::root).containsExactly("tool:slow", "one");
        failing.add("two");
        open("three", null);
        assertThat(live()).extracting(incident -> incident.affected().size()).containsExactly(2, 1);
    }

    @Test
    void what_an_agent_does_by_itself_joins_none() {
        agents("model:a", "one", "two", "three");
        open("model:a", "OVERLOADED");
        open("one", "LOOP");
        open("two", "BUDGET");
        open("three", "MALFORMED_OUTPUT");
        assertThat(live()).extracting(Incident::root).containsExactly("model:a", "one", "two", "three");
    }

    @Test
    void two_models_are_two_incidents_even_where_agents_use_both() {
        dependencies.put("one", Set.of("model:a", "key:x"));
        open("model:a", "OVERLOADED");
        open("key:x", "QUOTA_EXHAUSTED");
        open("one", "QUOTA_EXHAUSTED");
        assertThat(live()).extracting(Incident::root).containsExactly("model:a", "key:x");
        assertThat(live()).extracting(incident -> incident.affected().size()).containsExactly(1, 2);
    }

    @Test
    void what_three_have_in_common_is_suspected_if_half_of_its_users_fail_and_most_of_those_of_nothing_else() {
        for (String agent : List.of("one", "two", "three", "four")) {
            dependencies.put(agent, Set.of("model:a", "key:x"));
        }
        agents("model:a", "well");
        open("one", null);
        open("two", null);
        assertThat(live()).extracting(Incident::root).containsExactly("one", "two");
        String first = live().get(0).id();
        open("three", null);
        assertThat(live()).singleElement().satisfies(incident -> {
            assertThat(incident.id()).isEqualTo(first);
            assertThat(incident.root()).isEqualTo("key:x");
            assertThat(incident.suspected()).isTrue();
            assertThat(incident.affected()).hasSize(3);
        });
        open("four", null);
        assertThat(live())
                .singleElement()
                .extracting(incident -> incident.affected().size())
                .isEqualTo(4);
    }

    @Test
    void agents_that_fail_while_others_do_well_with_the_same_things_fail_alone() {
        agents("model:a", "one", "two", "three", "four", "five", "six", "seven");
        List.of("one", "two", "three").forEach(agent -> open(agent, null));
        assertThat(live()).extracting(Incident::root).containsExactly("one", "two", "three");
    }

    @Test
    void those_that_already_fail_show_what_it_is_before_they_open() {
        agents("model:a", "one", "two", "three");
        failing.addAll(List.of("two", "three"));
        open("one", null);
        assertThat(live()).singleElement().satisfies(incident -> {
            assertThat(incident.root()).isEqualTo("model:a");
            assertThat(incident.suspected()).isTrue();
        });
    }

    @Test
    void who_goes_on_failing_after_all_others_recovered_fails_alone() {
        agents("model:a", "one", "two", "three", "four");
        List.of("one", "two", "three", "four").forEach(agent -> open(agent, null));
        assertThat(live()).singleElement().extracting(Incident::root).isEqualTo("model:a");
        List.of("two", "three", "four").forEach(this::close);
        take("one", "half_open", "open", "trial_failed", null, null);
        assertThat(live()).extracting(Incident::root).containsExactly("model:a", "one");
        after(Incident.QUIET);
        assertThat(live()).extracting(Incident::root).containsExactly("one");
    }

    @Test
    void a_suspected_root_that_opens_is_one() {
        agents("model:a", "one", "two", "three");
        List.of("one", "two", "three").forEach(agent -> open(agent, null));
        assertThat(live().get(0).suspected()).isTrue();
        open("model:a", "SERVER_ERROR");
        assertThat(live()).singleElement().satisfies(incident -> {
            assertThat(incident.root()).isEqualTo("model:a");
            assertThat(incident.suspected()).isFalse();
        });
    }

    @Test
    void a_model_does_not_explain_what_opened_more_than_five_minutes_before() {
        agents("model:a", "one");
        open("one", "TIMEOUT");
        after(IncidentTracker.TOGETHER.plusSeconds(1));
        open("model:a", "OVERLOADED");
        assertThat(live()).extracting(Incident::root).containsExactly("one", "model:a");
    }

    @Test
    void a_model_that_opens_late_makes_one_of_several_incidents() {
        agents("model:a", "one", "two", "three", "four");
        open("one", "TIMEOUT");
        open("two", "TIMEOUT");
        assertThat(live()).hasSize(2);
        Incident first = live().get(0);
        Incident second = live().get(1);
        open("model:a", "OVERLOADED");
        assertThat(live()).extracting(Incident::id).containsExactly(first.id());
        assertThat(incidents.get(second.id()).mergedInto()).isEqualTo(first.id());
        assertThat(incidents.get(second.id()).isLive()).isFalse();
        assertThat(live().get(0).affected()).extracting(Affected::name).containsExactly("one", "two", "model:a");
        assertThat(live().get(0).root()).isEqualTo("model:a");
    }

    /** What was suspected is quiet; one opens once more, alone at first, then others do. */
    @Test
    void a_circuit_of_two_incidents_that_become_one_is_open_in_it_also_for_who_takes_over() {
        agents("model:a", "one", "two", "three", "four");
        List.of("one", "two", "three", "four").forEach(agent -> open(agent, null));
        List.of("one", "two", "three", "four").forEach(this::close);
        String first = live().get(0).id();
        open("one", null);
        long again = epoch;
        assertThat(live()).extracting(Incident::root).containsExactly("model:a", "one");
        failing.add("three");
        open("two", null);
        assertThat(live()).singleElement().satisfies(incident -> {
            assertThat(incident.id()).isEqualTo(first);
            assertThat(incident.affected().get(0).name()).isEqualTo("one");
            assertThat(incident.affected().get(0).openings()).isEqualTo(2);
            assertThat(incident.affected().get(0).closedAt()).isNull();
        });
        List<Incident> before = live();
        tracker = new IncidentTracker(new Declared());
        tracker.restore(before);
        long last = epoch;
        epoch = again - 1;
        open("one", null);
        epoch = last;
        assertThat(tracker.takeChanges()).as("a line that counted").isEmpty();
        close("two");
        after(Incident.QUIET);
        assertThat(live()).as("one is still open").hasSize(1);
        close("one");
        after(Incident.QUIET);
        assertThat(live()).isEmpty();
    }

    @Test
    void an_agent_that_depends_on_an_agent_follows_it() {
        dependencies.put("chief", Set.of("worker"));
        dependencies.put("worker", Set.of("model:a"));
        open("chief", "TIMEOUT");
        open("worker", "TIMEOUT");
        open("model:a", "OVERLOADED");
        assertThat(live()).singleElement().extracting(Incident::root).isEqualTo("model:a");
    }

    @Test
    void it_ends_when_all_have_been_closed_for_five_minutes_and_its_root_continues_it_within_thirty() {
        agents("model:a", "one");
        open("model:a", "OVERLOADED");
        open("one", "OVERLOADED");
        String id = live().get(0).id();
        close("model:a");
        after(Incident.QUIET);
        assertThat(live()).hasSize(1);
        Instant quiet = now;
        close("one");
        after(Incident.QUIET.minusSeconds(1));
        assertThat(live()).singleElement().extracting(Incident::quietSince).isEqualTo(quiet);
        after(Duration.ofSeconds(1));
        assertThat(live()).isEmpty();
        assertThat(incidents.get(id).ended()).isEqualTo(quiet);
        after(Duration.ofMinutes(20));
        open("model:a", "OVERLOADED");
        assertThat(live()).singleElement().satisfies(incident -> {
            assertThat(incident.id()).isEqualTo(id);
            assertThat(incident.ended()).isNull();
            assertThat(incident.affected())
                    .filteredOn(each -> each.name().equals("model:a"))
                    .extracting(Affected::openings)
                    .containsExactly(2);
        });
        close("model:a");
        after(Incident.QUIET.plus(IncidentTracker.CONTINUES).plusSeconds(1));
        open("model:a", "OVERLOADED");
        assertThat(live()).singleElement().extracting(Incident::id).isNotEqualTo(id);
    }

    @Test
    void until_it_has_ended_it_has_lasted_until_the_last_circuit_closed() {
        open("model:a", "OVERLOADED");
        after(Duration.ofSeconds(54));
        assertThat(live().get(0).lastedUntil(now)).isEqualTo(now);
        assertThat(live().get(0).endsAt()).isNull();
        Instant closed = now;
        close("model:a");
        after(Duration.ofMinutes(4));
        assertThat(live().get(0).lastedUntil(now)).isEqualTo(closed);
        assertThat(live().get(0).endsAt()).isEqualTo(closed.plus(Incident.QUIET));
        after(Duration.ofMinutes(1));
        Incident ended = incidents.values().iterator().next();
        assertThat(ended.ended()).isEqualTo(closed);
        assertThat(ended.lastedUntil(now)).isEqualTo(closed);
        assertThat(ended.endsAt()).isNull();
    }

    @Test
    void a_root_that_opens_again_while_what_it_depends_on_is_open_joins_that() {
        agents("model:a", "one", "two");
        open("one", "OVERLOADED");
        String own = live().get(0).id();
        close("one");
        after(Duration.ofMinutes(8));
        open("model:a", "OVERLOADED");
        open("one", "OVERLOADED");
        assertThat(live()).singleElement().satisfies(incident -> {
            assertThat(incident.root()).isEqualTo("model:a");
            assertThat(incident.affected()).extracting(Affected::name).containsExactly("model:a", "one");
        });
        assertThat(incidents.get(own).ended()).isEqualTo(START);

        close("one");
        open("one", "OVERLOADED");
        assertThat(live()).singleElement().extracting(Incident::root).isEqualTo("model:a");
        close("one");
        close("model:a");
        after(Duration.ofMinutes(6));
        open("one", "OVERLOADED");
        assertThat(live()).singleElement().satisfies(incident -> {
            assertThat(incident.id())
                    .as("its own goes on, with nothing else open")
                    .isEqualTo(own);
            assertThat(incident.root()).isEqualTo("one");
        });
    }

    @Test
    void a_root_that_fails_by_itself_continues_its_own() {
        agents("model:a", "one", "two");
        open("one", "LOOP");
        String own = live().get(0).id();
        close("one");
        after(Duration.ofMinutes(1));
        open("model:a", "OVERLOADED");
        open("one", "LOOP");
        assertThat(live()).extracting(Incident::id).contains(own).hasSize(2);
    }

    @Test
    void a_failed_trial_is_another_opening_of_the_same() {
        open("model:a", "OVERLOADED");
        take("model:a", "open", "half_open", "cooldown_over", null, null);
        take("model:a", "half_open", "open", "trial_failed", "OVERLOADED", null);
        assertThat(live())
                .singleElement()
                .satisfies(incident -> assertThat(incident.affected())
                        .extracting(Affected::openings)
                        .containsExactly(2));
    }

    @Test
    void what_a_person_opens_is_no_incident_and_what_a_person_closes_has_closed() {
        take("model:a", "closed", "open", "override", null, "hold_open");
        assertThat(live()).isEmpty();
        open("model:b", "OVERLOADED");
        take("model:b", "open", "closed", "override", null, "close");
        after(Incident.QUIET);
        assertThat(live()).isEmpty();
    }

    @Test
    void a_line_counts_once() {
        open("model:a", "OVERLOADED");
        long last = epoch;
        epoch--;
        open("model:a", "OVERLOADED");
        assertThat(epoch).isEqualTo(last);
        assertThat(live().get(0).affected().get(0).openings()).isEqualTo(1);
    }

    @Test
    void a_tracker_that_takes_over_goes_on_with_the_same_incidents() {
        agents("model:a", "one", "two", "three");
        open("one", null);
        open("two", null);
        List<Incident> before = live();
        tracker = new IncidentTracker(new Declared());
        tracker.restore(before);
        assertThat(tracker.live()).isEqualTo(before);
        assertThat(tracker.takeChanges()).isEmpty();
        open("three", null);
        assertThat(live()).singleElement().satisfies(incident -> {
            assertThat(incident.id()).isEqualTo(before.get(0).id());
            assertThat(incident.root()).isEqualTo("model:a");
        });
    }

    @Test
    void only_what_changed_is_written() {
        agents("model:a", "one", "two");
        open("model:a", "OVERLOADED");
        open("one", "ERROR");
        tracker.takeChanges();
        open("two", "ERROR");
        assertThat(tracker.takeChanges())
                .singleElement()
                .satisfies(change ->
                        assertThat(change.circuits()).extracting(Affected::name).containsExactly("two"));
        assertThat(tracker.takeChanges()).isEmpty();
    }

    private void agents(String dependency, String... names) {
        for (String name : names) {
            Collection<String> all = new ArrayList<>(dependencies.getOrDefault(name, Set.of()));
            all.add(dependency);
            dependencies.put(name, Set.copyOf(all));
        }
    }

    private void open(String name, @Nullable String kind) {
        take(name, "closed", "open", "failure_streak", kind, null);
    }

    private void close(String name) {
        take(name, "half_open", "closed", "trials_succeeded", null, null);
    }

    private void after(Duration time) {
        now = now.plus(time);
        tracker.advance(now);
        keep(tracker.takeChanges());
    }

    private List<Incident> live() {
        keep(tracker.takeChanges());
        assertThat(tracker.hasLive()).isEqualTo(!tracker.live().isEmpty());
        return tracker.live();
    }

    private void keep(List<IncidentChange> changes) {
        changes.forEach(each -> incidents.put(each.incident().id(), each.incident()));
    }

    private void take(
            String name, String from, String to, String cause, @Nullable String kind, @Nullable String action) {
        if (to.equals("open")) {
            failing.add(name);
        } else if (to.equals("closed")) {
            failing.remove(name);
        }
        tracker.take(new TransitionRecord(
                "acme", name, ++epoch, from, to, now, cause, action, false, kind, null, 0, 0, 0, false, null, null,
                null, 0));
    }
}
