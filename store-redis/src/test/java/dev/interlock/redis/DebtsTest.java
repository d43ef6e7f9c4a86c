package dev.interlock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitReader;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.InMemoryCircuitStore;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.store.TransitionRecord;
import dev.interlock.store.UnreadableRecordException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a database that was away is owed: no more than the circuits, and all that must not be skipped. */
class DebtsTest {
    private final Paid database = new Paid();
    private final AtomicInteger woken = new AtomicInteger();
    private final Debts debts = new Debts(database, woken::incrementAndGet);

    @Test
    void of_one_circuit_only_the_newest_state_and_line_are_owed_however_long_the_database_is_away() {
        database.away = true;
        for (int epoch = 1; epoch <= 20; epoch++) {
            owe(change("planner", epoch, epoch - 1, line("planner", epoch, null)));
            assertThat(debts.pay()).isFalse();
        }
        assertThat(debts.backlog()).isEqualTo(1);
        assertThat(debts.isAway()).isTrue();
        database.away = false;
        assertThat(debts.pay()).isTrue();

        assertThat(database.epoch("planner")).isEqualTo(20);
        assertThat(database.lines).containsExactly(line("planner", 20, null).skipping(19));
        assertThat(debts.backlog()).isZero();
        assertThat(debts.isAway()).isFalse();
    }

    @Test
    void lines_of_overrides_are_never_skipped() {
        owe(change("planner", 1, -1, line("planner", 1, "open")));
        owe(change("planner", 2, 1, line("planner", 2, null)));
        owe(change("planner", 3, 2, line("planner", 3, null)));
        owe(change("planner", 4, 3, line("planner", 4, "close")));
        debts.pay();

        assertThat(database.lines)
                .containsExactly(
                        line("planner", 1, "open"), line("planner", 3, null).skipping(1), line("planner", 4, "close"));
    }

    @Test
    void who_waits_for_one_circuit_waits_for_no_other() {
        database.refused.add("poison");
        owe(change("poison", 1, -1), change("planner", 1, -1));
        CompletableFuture<Void> planner = debts.of("default", "planner").toCompletableFuture();
        CompletableFuture<Void> poison = debts.of("default", "poison").toCompletableFuture();
        CompletableFuture<Void> all = debts.ofAll().toCompletableFuture();
        assertThat(debts.pay()).isTrue();

        assertThat(planner).isCompleted();
        assertThat(poison).isNotDone();
        assertThat(all).isNotDone();
        assertThat(debts.backlog()).isEqualTo(1);
        assertThat(debts.untilDue(System.nanoTime())).isPositive();
        owe(change("critic", 1, -1));
        assertThat(debts.untilDue(System.nanoTime())).isZero();
        assertThat(debts.pay()).isTrue();
        assertThat(database.epoch("critic")).isEqualTo(1);
        assertThat(debts.of("default", "critic").toCompletableFuture()).isCompleted();
    }

    @Test
    void who_waits_while_it_is_being_paid_hears_of_it_and_a_later_debt_is_another_one() {
        List<CompletableFuture<Void>> waiting = new ArrayList<>();
        database.whilePaid = () -> {
            waiting.add(debts.of("default", "planner").toCompletableFuture());
            owe(change("planner", 2, 1));
            waiting.add(debts.of("default", "planner").toCompletableFuture());
            database.whilePaid = () -> {};
        };
        owe(change("planner", 1, -1));
        debts.pay();
        assertThat(waiting.get(0)).isCompleted();
        assertThat(waiting.get(1)).isNotDone();
        debts.pay();
        assertThat(waiting.get(1)).isCompleted();
        assertThat(database.epoch("planner")).isEqualTo(2);
    }

    @Test
    void what_is_newer_in_the_database_is_kept_and_gets_the_lines() {
        database.kept.write(List.of(CircuitChange.of(record("planner", 9))));
        owe(change("planner", 3, 2, line("planner", 3, "open")));
        debts.pay();

        assertThat(database.epoch("planner")).isEqualTo(9);
        assertThat(database.lines).containsExactly(line("planner", 3, "open"));
    }

    @Test
    void a_record_that_cannot_be_read_there_is_left_alone_and_who_waits_hears_so() {
        database.unreadable.add("planner");
        owe(change("planner", 1, -1), change("critic", 1, -1));
        CompletableFuture<Void> waiting = debts.of("default", "planner").toCompletableFuture();
        debts.pay();

        assertThat(waiting).isCompletedExceptionally();
        assertThat(debts.backlog()).isZero();
        assertThat(debts.isAway()).isFalse();
        assertThat(database.epoch("critic")).isEqualTo(1);
    }

    @Test
    void after_an_error_everything_is_still_owed() {
        database.whilePaid = () -> {
            database.whilePaid = () -> {};
            throw new AssertionError("in the database");
        };
        owe(change("planner", 1, -1));
        CompletableFuture<Void> waiting = debts.of("default", "planner").toCompletableFuture();
        try {
            debts.pay();
        } catch (AssertionError passing) {
            assertThat(debts.backlog()).isEqualTo(1);
        }
        assertThat(waiting).isNotDone();
        assertThat(debts.pay()).isTrue();
        assertThat(waiting).isCompleted();
    }

    @Test
    void whatever_is_owed_wakes_the_thread_that_pays() {
        owe(change("planner", 1, -1));
        owe(change("planner", 2, 1));
        assertThat(woken.get()).isEqualTo(2);
    }

    @Test
    void nothing_is_due_where_nothing_is_owed() {
        assertThat(debts.untilDue(System.nanoTime())).isEqualTo(Long.MAX_VALUE);
        assertThat(debts.pay()).isTrue();
        assertThat(database.sizes).isEmpty();
    }

    @Test
    void what_is_owed_again_while_it_is_being_paid_is_one_debt() {
        List<Integer> backlogs = new ArrayList<>();
        database.whilePaid = () -> {
            backlogs.add(debts.backlog());
            owe(change("planner", 2, 1));
            backlogs.add(debts.backlog());
            owe(change("critic", 1, -1));
            backlogs.add(debts.backlog());
            database.whilePaid = () -> {};
        };
        owe(change("planner", 1, -1));
        debts.pay();
        assertThat(backlogs).containsExactly(1, 1, 2);
        assertThat(debts.backlog()).isEqualTo(2);
    }

    @Test
    void what_is_owed_while_the_database_goes_away_joins_what_was_under_way() {
        database.whilePaid = () -> {
            database.whilePaid = () -> {};
            owe(change("planner", 2, 1, line("planner", 2, "close")));
            throw new StoreUnavailableException("The database has gone", null);
        };
        owe(change("planner", 1, -1, line("planner", 1, "open")));
        assertThat(debts.pay()).isFalse();
        assertThat(debts.backlog()).isEqualTo(1);
        assertThat(debts.pay()).isTrue();

        assertThat(database.epoch("planner")).isEqualTo(2);
        assertThat(database.lines).containsExactly(line("planner", 1, "open"), line("planner", 2, "close"));
    }

    @Test
    void many_are_paid_five_hundred_at_a_time() {
        for (int i = 0; i < 1_001; i++) {
            owe(change("agent-" + i, 1, -1));
        }
        assertThat(debts.pay()).isTrue();
        assertThat(database.sizes).containsExactly(500, 500, 1);
        assertThat(debts.backlog()).isZero();
    }

    @Test
    void a_database_that_is_away_is_asked_once_and_not_for_each_batch() {
        for (int i = 0; i < 1_001; i++) {
            owe(change("agent-" + i, 1, -1));
        }
        database.whilePaid = () -> {
            throw new StoreUnavailableException("The database is away", null);
        };
        assertThat(debts.pay()).isFalse();
        assertThat(database.sizes).containsExactly(500);
        assertThat(debts.backlog()).isEqualTo(1_001);
    }

    @Test
    void what_the_database_refuses_is_tried_again_by_itself_and_paid_once_it_takes_it() {
        database.refused.add("poison");
        owe(change("poison", 1, -1), change("planner", 1, -1));
        debts.pay();
        assertThat(debts.isAway()).isTrue();
        database.refused.clear();

        await().until(() -> debts.untilDue(System.nanoTime()) == 0);
        assertThat(debts.pay()).isTrue();

        assertThat(database.epoch("poison")).isEqualTo(1);
        assertThat(debts.backlog()).isZero();
        assertThat(debts.isAway()).isFalse();
    }

    @Test
    void a_database_that_goes_away_while_what_it_refuses_is_looked_for_is_away() {
        database.refused.add("poison");
        database.whilePaid = () -> database.away = true;
        owe(change("planner", 1, -1), change("poison", 1, -1));
        assertThat(debts.pay()).isFalse();
        assertThat(debts.backlog()).isEqualTo(2);
    }

    @Test
    void while_others_write_the_same_circuit_all_the_time_the_database_counts_as_away() {
        database.always = record("planner", 9);
        owe(change("planner", 1, -1));
        assertThat(debts.pay()).isFalse();
        assertThat(database.sizes).hasSize(5);
    }

    @Test
    void of_two_of_one_epoch_the_later_is_kept() {
        owe(change("planner", 3, 2, line("planner", 3, null)));
        owe(new CircuitChange(record("planner", 3, 7), 2, List.of(line("planner", 3, null, "health"))));
        database.kept.write(List.of(CircuitChange.of(record("planner", 3))));
        debts.pay();

        assertThat(Objects.requireNonNull(database.kept.find("default", "planner"))
                        .failureCount())
                .isEqualTo(7);
        assertThat(database.lines)
                .containsExactly(line("planner", 3, null, "health").skipping(1));
    }

    @Test
    void any_thread_may_owe_and_ask_after_any_other() {
        database.refused.add("poison");
        owe(change("poison", 1, -1), change("planner", 1, -1));
        debts.of("default", "planner");
        debts.ofAll();
        debts.backlog();
        debts.untilDue(System.nanoTime());
        debts.pay();

        int backlog = CompletableFuture.supplyAsync(debts::backlog)
                .orTimeout(10, TimeUnit.SECONDS)
                .join();

        assertThat(backlog).isEqualTo(1);
    }

    private void owe(CircuitChange... changes) {
        debts.owe(List.of(changes));
    }

    private static CircuitChange change(String name, long epoch, long basis, TransitionRecord... lines) {
        return new CircuitChange(record(name, epoch), basis, List.of(lines));
    }

    private static CircuitRecord record(String name, long epoch) {
        return record(name, epoch, 5);
    }

    private static CircuitRecord record(String name, long epoch, int failures) {
        return new CircuitRecord(
                "default",
                name,
                "open",
                epoch,
                failures,
                0,
                5,
                1,
                0,
                null,
                Instant.EPOCH,
                Instant.EPOCH,
                null,
                false,
                null,
                null,
                null,
                "default",
                1);
    }

    private static TransitionRecord line(String name, long epoch, @Nullable String action) {
        return line(name, epoch, action, "failure_streak");
    }

    private static TransitionRecord line(String name, long epoch, @Nullable String action, String cause) {
        return new TransitionRecord(
                "default",
                name,
                epoch,
                "closed",
                "open",
                Instant.EPOCH,
                cause,
                action,
                false,
                null,
                null,
                5,
                5,
                5,
                false,
                null,
                null,
                null,
                0);
    }

    private static final class Paid implements CircuitStore {
        private final InMemoryCircuitStore kept = new InMemoryCircuitStore();
        private final List<TransitionRecord> lines = new ArrayList<>();
        private final Set<String> refused = new HashSet<>();
        private final Set<String> unreadable = new HashSet<>();
        private boolean away;
        private final List<Integer> sizes = new ArrayList<>();
        private @Nullable CircuitRecord always;
        private Runnable whilePaid = () -> {};

        long epoch(String name) {
            return Objects.requireNonNull(kept.find("default", name)).epoch();
        }

        @Override
        public long nextGeneration() {
            return kept.nextGeneration();
        }

        @Override
        public void readNotClosed(CircuitReader reader) {
            kept.readNotClosed(reader);
        }

        @Override
        public @Nullable CircuitRecord find(String organization, String name) {
            return kept.find(organization, name);
        }

        @Override
        public List<CircuitRecord> write(Collection<CircuitChange> changes) {
            if (away) {
                throw new StoreUnavailableException("The database is away", null);
            }
            sizes.add(changes.size());
            if (always != null) {
                return List.of(always);
            }
            whilePaid.run();
            for (CircuitChange change : changes) {
                String name = change.record().name();
                if (refused.contains(name)) {
                    throw new IllegalArgumentException("Refused: " + name);
                }
                if (unreadable.contains(name)) {
                    throw new UnreadableRecordException("default", name, "it", null);
                }
            }
            List<CircuitRecord> inTheWay = kept.write(changes);
            changes.stream()
                    .filter(change -> inTheWay.stream()
                            .noneMatch(record ->
                                    record.name().equals(change.record().name())))
                    .forEach(change -> lines.addAll(change.transitions()));
            return inTheWay;
        }

        @Override
        public void close() {}
    }
}
