package dev.interlock.redis;

import static dev.interlock.redis.StoresInMemory.line;
import static dev.interlock.redis.StoresInMemory.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitSubscriber;
import dev.interlock.store.GateRecord;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.store.TransitionRecord;
import dev.interlock.store.UnreadableRecordException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is written to Redis and to the database behind it, and when each gets what it lacks; both are in memory here. */
class FrontAndDatabaseTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    private final StoresInMemory.Front redis = new StoresInMemory.Front();
    private final StoresInMemory.Database database = new StoresInMemory.Database();
    private ArchivedStore both = new ArchivedStore(redis, database);

    @AfterEach
    void close() {
        both.close();
    }

    @Test
    void a_generation_is_above_both_and_the_databases_while_redis_is_away() {
        assertThat(both.nextGeneration()).isEqualTo(1);
        redis.generation = 7;
        assertThat(both.nextGeneration()).isEqualTo(8);
        redis.generation = 0;
        assertThat(both.nextGeneration()).isEqualTo(3);
        redis.attached = false;
        assertThat(both.nextGeneration()).isEqualTo(4);
    }

    @Test
    void a_process_begins_with_what_redis_has_and_what_only_the_database_knows() {
        CircuitRecord agreed = record("agreed", "open", 7);
        redis.kept.write(List.of(CircuitChange.of(agreed)));
        database.kept.write(List.of(
                CircuitChange.of(record("agreed", "open", 5)), CircuitChange.of(record("forgotten", "open", 5))));

        assertThat(read()).containsExactlyInAnyOrder(agreed, record("forgotten", "open", 6));
        assertThat(both.find("default", "forgotten")).isEqualTo(record("forgotten", "open", 6));
    }

    @Test
    void later_it_reads_redis_alone() {
        read();
        CircuitRecord later = record("writer", "open", 5);
        redis.kept.write(List.of(CircuitChange.of(later)));
        database.kept.write(List.of(CircuitChange.of(record("planner", "open", 5))));

        assertThat(read()).containsExactly(later);
        assertThat(both.find("default", "planner")).isNull();
        both.close();
        assertThat(database.reads).hasValue(1);
    }

    @Test
    void a_process_that_begins_while_redis_is_away_begins_with_the_database_and_brings_it_later() {
        CircuitRecord kept = record("planner", "open", 5);
        database.kept.write(List.of(CircuitChange.of(kept)));
        redis.attached = false;
        assertThat(read()).containsExactly(kept);

        Heard heard = new Heard();
        both.subscribe(heard);
        redis.attached = true;
        both.onAttached();
        soon(() -> redis.kept.find("default", "planner") != null && heard.gaps.get() == 1);
        assertThat(redis.kept.find("default", "planner")).isEqualTo(record("planner", "open", 6));
    }

    @Test
    void before_a_process_has_begun_nothing_is_compared() {
        database.kept.write(List.of(CircuitChange.of(record("planner", "open", 5))));
        both.onAttached();
        both.onForgotten();
        write(change("other", "open", 1, -1));
        soon(() -> both.durability().backlog() == 0);
        both.close();

        assertThat(database.reads).hasValue(0);
        assertThat(redis.kept.find("default", "planner")).isNull();
    }

    @Test
    void what_redis_forgets_comes_back_and_who_reads_hears_of_a_gap() {
        read();
        Heard heard = new Heard();
        both.subscribe(heard);
        database.kept.write(List.of(CircuitChange.of(record("planner", "open", 5))));
        both.onForgotten();

        soon(() -> redis.kept.find("default", "planner") != null && heard.gaps.get() == 1);
    }

    @Test
    void once_redis_is_found_again_what_only_the_database_has_is_brought() {
        read();
        idle();
        database.kept.write(List.of(CircuitChange.of(record("planner", "open", 5))));
        both.onAttached();

        soon(() -> redis.kept.find("default", "planner") != null);
    }

    @Test
    void after_a_comparison_the_next_one_waits_only_if_it_failed() {
        both.close();
        Comparison comparison = new Comparison(redis, database, Duration.ofMinutes(5));
        both = new ArchivedStore(redis, database, comparison);
        read();
        idle();
        ArchivedStore.Turns turns = both.new Turns();
        for (int reads = 2; reads <= 4; reads++) {
            comparison.lost();
            assertThat(turns.take()).isGreaterThan(Duration.ofMinutes(4).toNanos());
            assertThat(database.reads).hasValue(reads);
        }
        database.away = true;
        comparison.lost();

        assertThat(turns.take()).isBetween(1L, Duration.ofMillis(50).toNanos());
    }

    @Test
    void a_comparison_that_brings_nothing_is_no_gap() {
        read();
        Heard heard = new Heard();
        both.subscribe(heard);
        both.onForgotten();
        soon(() -> database.reads.get() == 2);
        both.close();

        assertThat(heard.gaps).hasValue(0);
    }

    @Test
    void a_comparison_that_failed_is_made_again_soon() {
        read();
        AtomicInteger failures = new AtomicInteger();
        database.whileRead = () -> {
            failures.incrementAndGet();
            throw new AssertionError("a database that fails");
        };
        database.away = true;
        database.kept.write(List.of(CircuitChange.of(record("planner", "open", 5))));
        both.onForgotten();
        soon(() -> database.reads.get() >= 3);
        database.away = false;

        soon(() -> redis.kept.find("default", "planner") != null);
        assertThat(failures).as("an Error was no end either").hasValue(1);
    }

    @Test
    void now_and_then_they_are_compared_though_nothing_is_known_to_be_lost() {
        both.close();
        both = new ArchivedStore(redis, database, new Comparison(redis, database, Duration.ofMillis(20)));
        read();
        database.kept.write(List.of(CircuitChange.of(record("planner", "open", 5))));

        soon(() -> redis.kept.find("default", "planner") != null);
        int reads = database.reads.get();
        soon(() -> database.reads.get() > reads);
    }

    @Test
    void what_the_database_cannot_read_is_reported() {
        read();
        Heard heard = new Heard();
        both.subscribe(heard);
        database.unreadable = new UnreadableRecordException("default", "broken", "it", null);
        both.onForgotten();

        soon(() -> heard.unreadable.equals(List.of("broken")));
    }

    @Test
    void what_is_agreed_comes_to_the_database_with_its_lines() {
        TransitionRecord line = line("planner", 5, null);
        write(change("planner", "open", 5, -1, line));

        assertThat(both.durability().of("default", "planner")).succeedsWithin(SOON);
        assertThat(database.kept.find("default", "planner")).isEqualTo(record("planner", "open", 5));
        assertThat(database.lines).containsExactly(line);
    }

    @Test
    void what_redis_refuses_does_not_come_to_the_database() {
        CircuitRecord refusing = record("planner", "open", 9);
        redis.kept.write(List.of(CircuitChange.of(refusing)));

        assertThat(both.write(List.of(
                        change("planner", "open", 5, 3, line("planner", 5, "open")), change("other", "open", 5, -1))))
                .containsExactly(refusing);
        assertThat(both.durability().ofAll()).succeedsWithin(SOON);
        assertThat(database.kept.find("default", "planner")).isNull();
        assertThat(database.lines).isEmpty();
        assertThat(database.kept.find("default", "other")).isNotNull();
    }

    @Test
    void an_override_while_redis_is_away_comes_to_the_database_once() {
        redis.attached = false;
        TransitionRecord override = line("planner", 5, "open");
        CircuitChange change = change("planner", "open", 5, -1, line("planner", 4, null), override);
        assertThatThrownBy(() -> write(change)).isInstanceOf(StoreUnavailableException.class);
        assertThatThrownBy(() -> write(change)).isInstanceOf(StoreUnavailableException.class);
        soon(() -> both.durability().backlog() == 0);
        assertThat(database.lines).containsExactly(override);
        assertThat(database.kept.find("default", "planner")).isEqualTo(change.record());

        redis.attached = true;
        write(change);
        soon(() -> both.durability().backlog() == 0);
        assertThat(database.lines).containsExactly(override, line("planner", 4, null));
        assertThat(redis.kept.find("default", "planner")).isEqualTo(change.record());
    }

    @Test
    void what_circuits_do_by_themselves_while_redis_is_away_does_not() {
        redis.attached = false;
        assertThatThrownBy(() -> write(change("planner", "open", 5, -1, line("planner", 5, null))))
                .isInstanceOf(StoreUnavailableException.class);

        assertThat(both.durability().backlog()).isZero();
        assertThat(database.kept.find("default", "planner")).isNull();
    }

    @Test
    void a_database_that_was_away_gets_what_it_is_owed_without_being_asked_for() {
        database.away = true;
        write(change("planner", "open", 5, -1));
        soon(() -> both.durability().isAway());
        assertThat(both.new Turns().isOwed()).isTrue();
        database.away = false;

        assertThat(both.durability().of("default", "planner")).succeedsWithin(SOON);
        assertThat(both.new Turns().isOwed()).isFalse();
        assertThat(both.durability().isAway()).isFalse();
    }

    @Test
    void what_redis_took_without_an_answer_is_in_the_database_also_where_another_process_has_gone_on_from_it() {
        CircuitChange opened = new CircuitChange(
                record("planner", "open", 5), CircuitChange.CLOSED_AND_CLEAN, List.of(line("planner", 5, null)));
        unanswered(opened);
        assertThat(database.lines).isEmpty();
        redis.kept.write(List.of(new CircuitChange(record("planner", "half_open", 6, 2), 5, List.of())));

        both.find("default", "planner");

        soon(() -> database.lines.equals(opened.transitions()));
        both.find("default", "planner");
        write(change("planner", "closed", 7, 6));
        soon(() -> hasEpoch(7));
        assertThat(database.lines).hasSize(1);
    }

    @Test
    void what_redis_did_not_take_is_not_in_the_database() {
        redis.kept.write(List.of(new CircuitChange(record("planner", "open", 10, 2), -1, List.of())));
        unanswered(new CircuitChange(
                record("planner", "open", 10), CircuitChange.CLOSED_AND_CLEAN, List.of(line("planner", 10, null))));
        both.find("default", "planner");
        write(change("planner", "closed", 11, 10));
        soon(() -> hasEpoch(11));
        assertThat(database.lines).isEmpty();
    }

    @Test
    void an_override_without_an_answer_is_owed_when_it_is_written_again_and_not_to_who_only_looks() {
        CircuitChange held = new CircuitChange(
                record("planner", "open", 5), CircuitChange.CLOSED_AND_CLEAN, List.of(line("planner", 5, "open")));
        unanswered(held);
        both.find("default", "planner");
        write(new CircuitChange(held.record(), 5, held.transitions()));
        soon(() -> hasEpoch(5));
        assertThat(database.lines).isEqualTo(held.transitions());
    }

    private void unanswered(CircuitChange change) {
        redis.losesAnswers = true;
        assertThatThrownBy(() -> both.write(List.of(change))).isInstanceOf(StoreUnavailableException.class);
        redis.losesAnswers = false;
    }

    @Test
    void a_database_that_is_away_is_not_asked_all_the_time() {
        database.away = true;
        write(change("planner", "open", 5, -1));
        soon(() -> database.writes.size() >= 3);

        assertThat(Duration.ofNanos(database.writes.get(2) - database.writes.get(0)))
                .isGreaterThanOrEqualTo(Duration.ofMillis(150));
    }

    @Test
    void closing_pays_what_is_left_and_closes_redis_alone() {
        database.away = true;
        write(change("planner", "open", 5, -1));
        soon(() -> both.durability().isAway());
        database.away = false;
        both.close();

        assertThat(database.kept.find("default", "planner")).isNotNull();
        assertThat(redis.closed).isTrue();
    }

    @Test
    void whoever_has_unsubscribed_hears_nothing_more() {
        read();
        Heard gone = new Heard();
        Heard stays = new Heard();
        both.subscribe(gone);
        both.subscribe(stays);
        write(change("planner", "open", 5, -1));
        both.unsubscribe(gone);
        write(change("planner", "open", 6, 5));
        database.kept.write(List.of(CircuitChange.of(record("other", "open", 5))));
        both.onForgotten();
        soon(() -> stays.gaps.get() == 1);

        assertThat(gone.epochs).containsExactly(5L);
        assertThat(gone.gaps).hasValue(0);
        assertThat(stays.epochs).containsExactly(5L, 6L, 6L);
    }

    @Test
    void gates_are_in_both_where_the_database_has_some() {
        GateRecord stop = new GateRecord(
                "acme", "stop", 1, "stamp", "organization", null, "ann", null, Instant.now(), null, null);
        both.gates().write(List.of(stop));
        assertThat(redis.gates().find("acme", "stop")).isEqualTo(stop);
        assertThat(Objects.requireNonNull(database.gates()).find("acme", "stop"))
                .isEqualTo(stop);

        database.hasGates = false;
        assertThat(both.gates()).isSameAs(redis.gates());
    }

    @Test
    void figures_trials_and_trust_are_redis_alone() {
        assertThat(both.coordination()).isSameAs(redis.coordination());
        assertThat(both.probes()).isSameAs(redis.probes());
    }

    /**
     * A store that begins looks whether Redis is there, and so does a turn of the thread twice; then that has nothing
     * to do.
     */
    private void idle() {
        soon(() -> redis.looks.get() == 3);
    }

    private List<CircuitRecord> read() {
        List<CircuitRecord> read = new ArrayList<>();
        both.readNotClosed(read::add);
        return read;
    }

    private void write(CircuitChange change) {
        assertThat(both.write(List.of(change))).isEmpty();
    }

    private static CircuitChange change(String name, String state, long epoch, long basis, TransitionRecord... lines) {
        return new CircuitChange(record(name, state, epoch), basis, List.of(lines));
    }

    private boolean hasEpoch(long epoch) {
        CircuitRecord there = database.kept.find("default", "planner");
        return there != null && there.epoch() == epoch;
    }

    private static void soon(Callable<Boolean> what) {
        await().atMost(SOON).pollInterval(Duration.ofMillis(1)).until(what);
    }

    /** What a subscriber heard. */
    private static final class Heard implements CircuitSubscriber {
        private final List<Long> epochs = new CopyOnWriteArrayList<>();
        private final List<String> unreadable = new CopyOnWriteArrayList<>();
        private final AtomicInteger gaps = new AtomicInteger();

        @Override
        public void onChanged(CircuitRecord record) {
            epochs.add(record.epoch());
        }

        @Override
        public void onGap() {
            gaps.incrementAndGet();
        }

        @Override
        public void onUnreadable(UnreadableRecordException why) {
            unreadable.add(why.name());
        }
    }
}
