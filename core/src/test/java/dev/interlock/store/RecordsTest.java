package dev.interlock.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What records say of themselves, and what a store does that knows of nothing more than it must. */
class RecordsTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    // Circuits.

    @Test
    void a_record_that_is_written_again_has_the_next_number_and_all_else_but_what_is_half_open_is_open() {
        CircuitRecord open = record("open");
        assertThat(open.again().epoch()).isEqualTo(8);
        assertThat(open.again())
                .usingRecursiveComparison()
                .ignoringFields("epoch")
                .isEqualTo(open);
        CircuitRecord tried = record("half_open");
        assertThat(tried.again().state()).isEqualTo("open");
        assertThat(tried.again())
                .usingRecursiveComparison()
                .ignoringFields("epoch", "state")
                .isEqualTo(tried);
        assertThat(record("closed").again().state()).isEqualTo("closed");
    }

    @Test
    void a_record_names_the_field_that_it_lacks() {
        for (String field : List.of("organization", "name", "state", "changedAt", "policy")) {
            assertThatThrownBy(() -> recordWithout(field))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessage(field);
        }
    }

    @Test
    void a_line_that_skips_more_counts_them_on() {
        TransitionRecord line = line("open");
        assertThat(line.skipping(2).skipping(3).skipped()).isEqualTo(5);
        assertThat(line.skipping(2))
                .usingRecursiveComparison()
                .ignoringFields("skipped")
                .isEqualTo(line);
        assertThat(line.isOverride()).isTrue();
        assertThat(line(null).isOverride()).isFalse();
    }

    @Test
    void slots_are_empty_if_nobody_asked_failed_or_was_answered() {
        assertThat(CallerSlots.NONE.isEmpty()).isTrue();
        assertThat(new CallerSlots(1, 0, 0).isEmpty()).isFalse();
        assertThat(new CallerSlots(0, 1, 0).isEmpty()).isFalse();
        assertThat(new CallerSlots(0, 0, 1).isEmpty()).isFalse();
    }

    // Gates.

    @Test
    void a_gate_wins_over_another_that_is_older_or_at_one_time_of_a_lower_stamp() {
        GateRecord gate = gate("b", NOON);
        assertThat(gate.standsAgainst(gate("b", NOON.minusSeconds(1)))).isTrue();
        assertThat(gate.standsAgainst(gate("a", NOON.plusSeconds(1)))).isFalse();
        assertThat(gate.standsAgainst(gate("a", NOON))).isTrue();
        assertThat(gate.standsAgainst(gate("b", NOON))).isFalse();
        assertThat(gate.standsAgainst(gate("c", NOON))).isFalse();
    }

    @Test
    void a_removal_wins_over_every_gate_and_nothing_wins_over_a_removal() {
        GateRecord older = gate("a", NOON);
        GateRecord newer = gate("b", NOON.plusSeconds(1));
        assertThat(removed(older).standsAgainst(newer)).isTrue();
        assertThat(newer.standsAgainst(removed(older))).isFalse();
        assertThat(removed(newer).standsAgainst(removed(older))).isFalse();
    }

    @Test
    void a_gate_and_its_removal_are_two_changes_and_another_version_is_none() {
        GateRecord gate = gate("a", NOON);
        assertThat(gate.isSameChange(gate.withVersion(9))).isTrue();
        assertThat(gate.withVersion(9).version()).isEqualTo(9);
        assertThat(gate.isSameChange(removed(gate))).isFalse();
        assertThat(gate.isSameChange(gate("b", NOON))).isFalse();
        assertThat(removed(gate).version()).isEqualTo(gate.version() + 1);
        assertThat(removed(gate).isRemoved()).isTrue();
    }

    // What a store, and who hears of one, need not know.

    @Test
    void a_store_lasts_at_once_and_has_nothing_more() {
        Bare store = new Bare();
        assertThat(store.durability()).isSameAs(Durability.AT_ONCE);
        assertThat(store.durability().of("default", "agent").toCompletableFuture())
                .isCompletedWithValue(null);
        assertThat(store.durability().ofAll().toCompletableFuture()).isCompletedWithValue(null);
        assertThat(store.durability().backlog()).isZero();
        assertThat(store.durability().isAway()).isFalse();
        assertThat(store.coordination()).isNull();
        assertThat(store.gates()).isNull();
        assertThat(store.probes()).isNull();
    }

    @Test
    void who_reads_wants_every_record() {
        List<CircuitRecord> read = new ArrayList<>();
        CircuitReader reader = read::add;
        assertThat(reader.wants("default", "agent", 7)).isTrue();
    }

    @Test
    void a_subscriber_takes_a_comparison_and_a_loss_for_a_gap() {
        List<String> heard = new ArrayList<>();
        CircuitSubscriber subscriber = new CircuitSubscriber() {
            @Override
            public void onChanged(CircuitRecord record) {
                throw new AssertionError(record);
            }

            @Override
            public void onGap() {
                heard.add("gap");
            }
        };
        subscriber.onReconcile();
        subscriber.onForgotten();
        subscriber.onUnreadable(new UnreadableRecordException("default", "agent", "its row", null));
        assertThat(heard).containsExactly("gap", "gap");
    }

    @Test
    void what_cannot_be_read_says_which_why_and_what_helps() {
        UnreadableRecordException noRecord = new UnreadableRecordException("acme", "agent", "its row", null);
        assertThat(noRecord)
                .hasMessage("The stored record of circuit 'acme/agent' cannot be read and is left out: it is no record."
                        + " Its circuit goes on in each process by itself. Maybe a newer version wrote it; if not,"
                        + " delete its row");
        assertThat(noRecord.organization()).isEqualTo("acme");
        assertThat(noRecord.name()).isEqualTo("agent");
        assertThat(new UnreadableRecordException("acme", "agent", "its row", new IllegalStateException("no field 'x'")))
                .hasMessageContaining("left out: no field 'x'.");
    }

    @Test
    void a_store_that_is_away_may_have_done_what_it_was_asked_unless_it_was_not_asked() {
        assertThat(new StoreUnavailableException("no answer", null).mayHaveDone())
                .isTrue();
        assertThat(StoreUnavailableException.notAsked("no connection", null).mayHaveDone())
                .isFalse();
    }

    @Test
    void one_process_in_memory_hears_of_what_is_written_until_it_leaves() {
        InMemoryCircuitStore store = new InMemoryCircuitStore();
        List<CircuitRecord> heard = new ArrayList<>();
        CircuitSubscriber subscriber = new CircuitSubscriber() {
            @Override
            public void onChanged(CircuitRecord record) {
                heard.add(record);
            }

            @Override
            public void onGap() {
                throw new AssertionError("nothing is missed");
            }
        };
        store.subscribe(subscriber);
        store.write(List.of(CircuitChange.of(record("open"))));
        store.write(List.of(CircuitChange.of(record("open"))));
        assertThat(heard).as("what was in the way is not written").hasSize(1);
        store.unsubscribe(subscriber);
        store.write(List.of(new CircuitChange(record("open").again(), 7, List.of())));
        assertThat(heard).hasSize(1);
        assertThat(store.nextGeneration()).isEqualTo(1);
        assertThat(store.nextGeneration()).isEqualTo(2);
    }

    private static CircuitRecord record(String state) {
        return new CircuitRecord(
                "acme",
                "agent",
                state,
                7,
                1,
                2,
                3,
                4,
                5,
                NOON.minusSeconds(1),
                NOON,
                NOON.minusSeconds(2),
                NOON.plusSeconds(60),
                true,
                NOON.plusSeconds(90),
                "ada",
                "rollout",
                "default",
                77,
                new OpeningRecord("failure_streak", "ERROR", null, null));
    }

    private static CircuitRecord recordWithout(String field) {
        return new CircuitRecord(
                given("organization", field),
                given("name", field),
                given("state", field),
                7,
                0,
                0,
                0,
                0,
                0,
                null,
                field.equals("changedAt") ? null : NOON,
                null,
                null,
                false,
                null,
                null,
                null,
                given("policy", field),
                77);
    }

    private static @Nullable String given(String field, String missing) {
        return field.equals(missing) ? null : field;
    }

    private static TransitionRecord line(@Nullable String action) {
        return new TransitionRecord(
                "acme",
                "agent",
                7,
                "closed",
                "open",
                NOON,
                "override",
                action,
                true,
                "ERROR",
                60_000L,
                1,
                2,
                3,
                true,
                NOON.plusSeconds(90),
                "ada",
                "rollout",
                0);
    }

    private static GateRecord gate(String stamp, Instant since) {
        return new GateRecord("acme", "stop", 3, stamp, "organization", null, "ann", null, since, null, null);
    }

    private static GateRecord removed(GateRecord gate) {
        return gate.removed(new GateRecord.Removal("bob", null, NOON.plus(Duration.ofHours(1))));
    }

    /** A store that has what it must and nothing else. */
    private static final class Bare implements CircuitStore {
        @Override
        public long nextGeneration() {
            return 1;
        }

        @Override
        public void readNotClosed(CircuitReader reader) {}

        @Override
        public @Nullable CircuitRecord find(String organization, String name) {
            return null;
        }

        @Override
        public List<CircuitRecord> write(Collection<CircuitChange> changes) {
            return List.of();
        }

        @Override
        public void close() {}
    }
}
