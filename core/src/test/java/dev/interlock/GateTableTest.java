package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.GateRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which of two records of one gate is kept in a process, and for how long it is remembered. */
class GateTableTest {
    private static final String ACME = "acme";
    private static final Duration DAY = Duration.ofDays(1);

    private final ManualTimeSource time = new ManualTimeSource();
    private final Timers timers = new Timers(time);
    private final GateBoard board = new GateBoard();
    private final GateTable table = new GateTable(board, time, timers, () -> {});

    private GateRecord record(long version, String stamp, Instant since, @Nullable Instant until) {
        return new GateRecord(ACME, "stop", version, stamp, "agents", "agent", "ann", null, since, until, null);
    }

    private GateRecord record(long version, String stamp) {
        return record(version, stamp, time.wallTime(), null);
    }

    private GateRecord removed(GateRecord record) {
        return record.removed(new GateRecord.Removal("bob", null, time.wallTime()));
    }

    private @Nullable GateRecord known() {
        return table.find(new GateTable.Key(ACME, "stop"));
    }

    private boolean isShut() {
        return board.covering(new CircuitId(ACME, "agent"), time.ticks()) != null;
    }

    @Test
    void a_higher_version_is_kept_and_a_lower_one_is_not() {
        assertThat(table.take(record(2, "a"))).isTrue();
        assertThat(table.take(record(1, "b"))).isFalse();
        assertThat(table.take(record(2, "a"))).isFalse();
        assertThat(table.take(record(3, "b"))).isTrue();

        assertThat(known()).isEqualTo(record(3, "b"));
    }

    @Test
    void the_same_change_under_a_higher_version_keeps_its_end_as_it_was_first_heard() {
        Instant until = time.wallTime().plusSeconds(60);
        table.take(record(1, "a", Instant.EPOCH, until));
        time.stepWallClock(Duration.ofHours(1));
        assertThat(table.take(record(2, "a", Instant.EPOCH, until))).isTrue();
        assertThat(known()).isEqualTo(record(2, "a", Instant.EPOCH, until));

        time.advance(Duration.ofSeconds(59));
        assertThat(isShut()).isTrue();
        time.advance(Duration.ofSeconds(1));
        assertThat(isShut()).isFalse();
    }

    @Test
    void what_was_removed_here_does_not_come_back_whatever_its_version() {
        table.take(record(1, "a"));
        table.take(removed(record(1, "a")));

        assertThat(table.take(record(9, "a"))).isFalse();
        assertThat(table.take(record(9, "another put"))).isTrue();
        assertThat(isShut()).isTrue();
    }

    @Test
    void what_no_store_has_seen_gives_way_to_nothing_but_itself() {
        GateRecord ours = table.put(Gate.ofAgents(ACME, "agent", "ann").named("stop"));
        assertThat(ours.version()).isEqualTo(GateRecord.UNSTORED);

        assertThat(table.take(record(5, "b"))).isFalse();
        assertThat(known()).isEqualTo(ours);
        assertThat(table.take(ours.withVersion(6))).isTrue();
        assertThat(known()).isEqualTo(ours.withVersion(6));
    }

    @Test
    void of_one_version_the_later_put_wins_and_a_removal_wins_over_both() {
        Instant now = time.wallTime();
        table.take(record(1, "b", now, null));

        assertThat(table.take(record(1, "c", now.minusSeconds(1), null))).isFalse();
        assertThat(table.take(record(1, "a", now.plusSeconds(1), null))).isTrue();
        assertThat(table.take(removed(record(0, "d", now, null)))).isTrue();
        assertThat(isShut()).isFalse();
    }

    @Test
    void ours_goes_above_what_is_in_its_way_if_no_store_has_seen_it() {
        GateRecord ours = table.put(Gate.ofAgents(ACME, "agent", "ann").named("stop"));

        GateRecord above = table.resolve(ours, record(3, "b"));

        assertThat(above).isEqualTo(ours.withVersion(4));
        assertThat(known()).isEqualTo(above);
    }

    @Test
    void our_removal_goes_above_the_put_that_it_removed() {
        table.take(record(1, "a"));
        GateRecord ours = table.remove(ACME, "stop", new GateRecord.Removal("bob", null, time.wallTime()));
        assertThat(ours).isNotNull();

        GateRecord above = table.resolve(ours, record(7, "a"));

        assertThat(above).isEqualTo(ours.withVersion(8));
        assertThat(isShut()).isFalse();
    }

    @Test
    void a_put_gives_way_to_its_own_removal_and_to_a_higher_version() {
        table.take(record(1, "a"));
        assertThat(table.resolve(record(1, "a"), removed(record(1, "a")))).isNull();
        assertThat(known()).isEqualTo(removed(record(1, "a")));
        assertThat(isShut()).isFalse();

        table.take(record(5, "b"));
        assertThat(table.resolve(record(5, "b"), record(6, "c"))).isNull();
        assertThat(known()).isEqualTo(record(6, "c"));
    }

    @Test
    void what_is_stored_already_as_ours_is_taken_with_its_version() {
        table.take(record(1, "a"));

        assertThat(table.resolve(record(1, "a"), record(4, "a"))).isNull();

        assertThat(known()).isEqualTo(record(4, "a"));
        assertThat(isShut()).isTrue();
    }

    @Test
    void what_has_changed_since_it_was_written_is_not_resolved() {
        table.take(record(2, "newer"));

        assertThat(table.resolve(record(1, "a"), record(9, "b"))).isNull();

        assertThat(known()).isEqualTo(record(2, "newer"));
    }

    @Test
    void a_removed_gate_is_remembered_for_a_day_and_one_in_effect_for_as_long_as_it_lasts() {
        table.put(Gate.ofAgents(ACME, "other", "ann").named("lasting"));
        table.take(record(1, "a"));
        table.remove(ACME, "stop", new GateRecord.Removal("bob", null, time.wallTime()));

        time.advance(DAY.minusNanos(1));
        show();
        assertThat(known()).isNotNull();
        time.advance(Duration.ofNanos(1));
        show();
        assertThat(known()).isNull();
        time.advance(DAY.multipliedBy(2));
        show();
        assertThat(table.list()).extracting(Gate::id).contains("lasting");
    }

    @Test
    void one_that_has_ended_is_remembered_for_a_day_after_its_end() {
        table.take(record(1, "a", Instant.EPOCH, time.wallTime().plusSeconds(60)));

        time.advance(DAY.plusSeconds(59));
        show();
        assertThat(isShut()).isFalse();
        assertThat(known()).isNotNull();
        time.advance(Duration.ofSeconds(1));
        show();
        assertThat(known()).isNull();
    }

    @Test
    void one_timer_waits_for_the_end_of_all() {
        for (int i = 5; i > 0; i--) {
            table.put(Gate.ofAgents(ACME, "agent", "ann")
                    .named("gate-" + i)
                    .until(time.wallTime().plusSeconds(i)));
        }
        assertThat(timers.size()).isEqualTo(1);

        time.advance(Duration.ofSeconds(5));

        assertThat(timers.size()).isZero();
        assertThat(board.isEmpty()).isTrue();
    }

    @Test
    void gates_are_listed_by_age_then_by_organization_then_by_id() {
        table.put(gate("b", "y"));
        table.put(gate("b", "x"));
        table.put(gate("a", "z"));
        time.advance(Duration.ofSeconds(1));
        table.put(gate("a", "a"));

        assertThat(table.list())
                .extracting(gate -> gate.organization() + gate.id())
                .containsExactly("az", "bx", "by", "aa");
    }

    @Test
    void of_two_that_end_at_the_same_time_the_first_by_id_refuses() {
        for (String id : List.of("c", "a", "b")) {
            table.put(Gate.ofAgents(ACME, "agent", "ann").named(id));
        }

        GateBoard.Shut shut = board.covering(new CircuitId(ACME, "agent"), time.ticks());
        assertThat(shut).isNotNull();
        assertThat(shut.gate().id()).isEqualTo("a");
    }

    @Test
    void one_that_cannot_be_read_is_reported_once_it_comes() {
        List<Throwable> reported = new ArrayList<>();
        Thread thread = Thread.currentThread();
        thread.setUncaughtExceptionHandler((on, thrown) -> reported.add(thrown));
        try {
            table.take(
                    new GateRecord(ACME, "newer", 1, "a", "sessions", null, "ann", null, time.wallTime(), null, null));
        } finally {
            thread.setUncaughtExceptionHandler(null);
        }

        assertThat(reported)
                .singleElement()
                .satisfies(thrown -> assertThat(thrown).hasMessageContaining("'acme/newer' cannot be read"));
        assertThat(board.isEmpty()).isTrue();
    }

    @Test
    void each_step_leaves_the_table_to_other_threads() {
        GateRecord.Removal removal = new GateRecord.Removal("bob", null, time.wallTime());
        List<Runnable> steps = List.of(
                () -> table.put(gate(ACME, "other")),
                () -> table.take(record(1, "a")),
                () -> table.take(record(2, "a")),
                () -> table.take(record(1, "a")),
                () -> table.resolve(record(1, "b"), record(9, "c")),
                () -> table.resolve(record(2, "a"), record(3, "a")),
                () -> table.resolve(record(3, "a"), record(4, "c")),
                () -> table.remove(ACME, "none", removal),
                () -> table.remove(ACME, "stop", removal),
                () -> table.resolve(removed(record(4, "c")), record(7, "c")),
                () -> table.find(new GateTable.Key(ACME, "stop")),
                table::inEffect,
                table::list);
        for (Runnable step : steps) {
            step.run();
            assertThat(OtherThread.running(table::list)).succeedsWithin(OtherThread.LONG);
        }
    }

    private Gate gate(String organization, String id) {
        return Gate.ofAgents(organization, "agent", "ann").named(id);
    }

    /** Any change lets the table look at what is over. */
    private void show() {
        table.put(Gate.ofAgents("another", "gate", "ann").named("gate"));
    }
}
