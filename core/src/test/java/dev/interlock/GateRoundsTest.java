package dev.interlock;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.store.GateFollowers;
import dev.interlock.store.GateProcesses;
import dev.interlock.store.GateRecord;
import dev.interlock.store.GateStore;
import dev.interlock.store.GateSubscriber;
import dev.interlock.store.InMemoryCircuitStore;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.threads.Worker;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is read, written and answered in each round of the gates of a process, and when the next round is due. */
class GateRoundsTest {
    private static final String ACME = "acme";
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long FOR_EVER = Worker.Turn.UNTIL_WOKEN;

    private final ManualTimeSource time = new ManualTimeSource();
    private final GateTable table = new GateTable(new GateBoard(), time, new Timers(time), () -> {});
    private final HandGates store = new HandGates();
    private long nanos = -3_000 * MILLI;
    private final GateRounds rounds = new GateRounds(store, table, time, "own", Runnable::run, () -> nanos);

    private static final GateSubscriber NOBODY = new GateSubscriber() {
        @Override
        public void onChanged(GateRecord record) {}

        @Override
        public void onGap() {}
    };

    private GateChange put(String id) {
        return noted(table.put(Gate.ofAgents(ACME, "agent", "ann").named(id)));
    }

    private GateChange remove(String id) {
        return noted(requireNonNull(table.remove(ACME, id, new GateRecord.Removal("ann", null, time.wallTime()))));
    }

    private GateChange noted(GateRecord record) {
        GateChange change = GateChange.toWrite(record, rounds::confirmed);
        rounds.note(change);
        return change;
    }

    /** A gate that somebody else has put. */
    private GateRecord theirs(long version, String stamp) {
        return new GateRecord(
                ACME, "stop", version, stamp, "agents", "agent", "bob", null, time.wallTime(), null, null);
    }

    private static GateRecord removed(GateRecord record) {
        return record.removed(new GateRecord.Removal("bob", null, record.since()));
    }

    private static GateChange.@Nullable Fate fate(GateChange change) {
        return change.fate().toCompletableFuture().getNow(null);
    }

    private @Nullable GateRecord stored(String id) {
        return store.behind.find(ACME, id);
    }

    private @Nullable GateRecord known() {
        return table.find(new GateTable.Key(ACME, "stop"));
    }

    private boolean isObeyed(GateRecord change) {
        return store.behindProcesses()
                .obeying(change)
                .getOrDefault("own", Optional.empty())
                .isPresent();
    }

    // The beginning.

    @Test
    void at_the_beginning_it_says_that_it_lives_and_hears_of_others_before_it_reads() {
        store.behind.write(List.of(theirs(4, "a")));
        rounds.begin(NOBODY);
        assertThat(store.done).containsExactly("report", "subscribe", "read");
        assertThat(known()).isEqualTo(theirs(4, "a"));
        assertThat(rounds.isOwed()).isFalse();
        assertThat(rounds.round(false)).isEqualTo(FOR_EVER);
        assertThat(isObeyed(theirs(4, "a"))).isTrue();
    }

    @Test
    void a_store_that_is_away_at_the_beginning_is_said_to_be() {
        store.failing = () -> new StoreUnavailableException("away", null);
        assertThatThrownBy(() -> rounds.begin(NOBODY)).hasMessage("away");
    }

    // What others did.

    @Test
    void what_others_did_is_taken_in_with_the_next_round_and_obeyed() {
        rounds.onChanged(theirs(2, "b"));
        assertThat(known()).isNull();
        assertThat(rounds.round(false)).isEqualTo(FOR_EVER);
        assertThat(known()).isEqualTo(theirs(2, "b"));
        assertThat(isObeyed(theirs(2, "b"))).isTrue();
        assertThat(store.done).as("nothing is missed, nothing to be written").containsExactly("report");
    }

    @Test
    void what_is_known_already_is_obeyed_and_what_gives_way_is_not() {
        rounds.onChanged(theirs(2, "b"));
        rounds.onChanged(theirs(1, "a"));
        rounds.round(false);
        assertThat(isObeyed(theirs(2, "b"))).isTrue();
        store.behindProcesses().leave("own");
        rounds.onChanged(theirs(2, "b"));
        rounds.round(false);
        assertThat(isObeyed(theirs(2, "b"))).isTrue();
    }

    // Writing.

    @Test
    void what_was_put_is_written_and_said_to_be_stored() {
        GateChange put = put("stop");
        CompletableFuture<Boolean> written = rounds.written().toCompletableFuture();
        assertThat(rounds.isOwed()).isTrue();
        assertThat(rounds.round(false)).isEqualTo(FOR_EVER);
        assertThat(fate(put)).isEqualTo(GateChange.Fate.STORED);
        assertThat(written).isCompletedWithValue(true);
        assertThat(rounds.isOwed()).isFalse();
        assertThat(requireNonNull(stored("stop")).version()).isEqualTo(1);
        assertThat(known()).isEqualTo(stored("stop"));
        store.done.clear();
        rounds.round(false);
        assertThat(store.done).as("once is enough").isEmpty();
    }

    @Test
    void all_that_waits_is_written_at_once_whatever_of_it_no_store_has_seen() {
        put("stop");
        rounds.round(false);
        store.done.clear();
        GateChange removed = remove("stop");
        GateChange another = put("another");
        rounds.round(false);
        assertThat(store.done).containsExactly("find another", "write 2", "report");
        assertThat(fate(removed)).isEqualTo(GateChange.Fate.STORED);
        assertThat(fate(another)).isEqualTo(GateChange.Fate.STORED);
        assertThat(requireNonNull(stored("stop")).isRemoved()).isTrue();
    }

    @Test
    void a_gate_of_an_id_that_is_stored_already_goes_above_it() {
        store.behind.write(List.of(removed(theirs(6, "long ago"))));
        GateChange put = put("stop");
        rounds.round(false);
        assertThat(fate(put)).isEqualTo(GateChange.Fate.STORED);
        assertThat(requireNonNull(stored("stop")).version()).isEqualTo(8);
        assertThat(known()).isEqualTo(stored("stop"));
    }

    @Test
    void what_was_stored_though_the_answer_was_lost_is_not_written_again() {
        GateChange put = put("stop");
        store.behind.write(List.of(put.record().withVersion(3)));
        rounds.round(false);
        assertThat(store.done).containsExactly("find stop", "report");
        assertThat(fate(put)).isEqualTo(GateChange.Fate.STORED);
        assertThat(requireNonNull(known()).version()).isEqualTo(3);
    }

    @Test
    void what_others_stored_meanwhile_is_kept() {
        put("stop");
        rounds.round(false);
        GateChange again = put("stop");
        GateRecord newer = theirs(5, "newer");
        store.behind.write(List.of(newer));
        rounds.round(false);
        assertThat(fate(again)).isEqualTo(GateChange.Fate.REPLACED);
        assertThat(known()).isEqualTo(newer);
        assertThat(rounds.isOwed()).isFalse();
    }

    @Test
    void a_removal_goes_above_another_version_of_what_it_removes_and_only_that_is_written_again() {
        GateChange put = put("stop");
        put("another");
        rounds.round(false);
        store.behind.write(List.of(requireNonNull(stored("stop")).withVersion(9)));
        GateChange removed = remove("stop");
        put("another");
        store.done.clear();
        rounds.round(false);
        assertThat(store.done).containsExactly("write 2", "write 1", "report");
        assertThat(fate(put)).isEqualTo(GateChange.Fate.STORED);
        assertThat(fate(removed)).isEqualTo(GateChange.Fate.STORED);
        assertThat(requireNonNull(stored("stop")).version()).isEqualTo(10);
        assertThat(requireNonNull(stored("stop")).isRemoved()).isTrue();
    }

    @Test
    void what_has_something_in_its_way_five_times_waits_for_the_next_round() {
        put("stop");
        rounds.round(false);
        GateRecord first = requireNonNull(stored("stop"));
        GateChange removed = remove("stop");
        store.inTheWay =
                changes -> List.of(first.withVersion(changes.iterator().next().version()));
        store.done.clear();
        assertThat(rounds.round(false)).isEqualTo(50 * MILLI);
        assertThat(store.done).filteredOn("write 1"::equals).hasSize(5);
        assertThat(fate(removed)).isNull();
        assertThat(rounds.isOwed()).isTrue();
        store.inTheWay = null;
        nanos += 50 * MILLI;
        rounds.round(false);
        assertThat(fate(removed)).isEqualTo(GateChange.Fate.STORED);
    }

    @Test
    void what_comes_while_something_is_written_is_answered_by_the_next_round() {
        GateChange first = put("stop");
        CompletableFuture<Boolean> written = rounds.written().toCompletableFuture();
        List<GateChange> meanwhile = new ArrayList<>();
        store.whileWriting = () -> meanwhile.add(put("another"));
        rounds.round(false);
        assertThat(fate(first)).isEqualTo(GateChange.Fate.STORED);
        assertThat(meanwhile)
                .singleElement()
                .satisfies(change -> assertThat(fate(change)).isNull());
        assertThat(written).isNotCompleted();
        assertThat(rounds.isOwed()).isTrue();
        rounds.round(false);
        assertThat(fate(meanwhile.get(0))).isEqualTo(GateChange.Fate.STORED);
        assertThat(written).isCompletedWithValue(true);
    }

    @Test
    void of_two_changes_of_one_gate_the_later_one_is_written_and_the_earlier_one_replaced() {
        GateChange put = put("stop");
        GateChange removed = remove("stop");
        rounds.round(false);
        assertThat(fate(put)).isEqualTo(GateChange.Fate.REPLACED);
        assertThat(fate(removed)).isEqualTo(GateChange.Fate.STORED);
    }

    @Test
    void one_that_was_over_for_a_day_before_the_store_was_back_is_kept_by_nobody() {
        GateChange put = noted(table.put(Gate.ofAgents(ACME, "agent", "ann")
                .named("stop")
                .until(time.wallTime().plusSeconds(60))));
        time.advance(Duration.ofDays(2));
        rounds.onChanged(
                new GateRecord(ACME, "other", 1, "stamp", "agents", "agent", "bob", null, time.wallTime(), null, null));
        rounds.round(false);
        assertThat(fate(put)).isEqualTo(GateChange.Fate.UNKEPT);
        assertThat(stored("stop")).isNull();
        assertThat(rounds.isOwed()).isFalse();
    }

    @Test
    void an_executor_that_refuses_keeps_no_answer_back() {
        GateRounds full = new GateRounds(
                store,
                table,
                time,
                "own",
                task -> {
                    throw new RejectedExecutionException("full");
                },
                () -> nanos);
        CompletableFuture<Boolean> written = full.written().toCompletableFuture();
        full.round(false);
        assertThat(written).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(true);
    }

    // A store that fails.

    @Test
    void a_store_that_is_away_is_tried_again_after_twice_as_long_each_time() {
        store.failing = () -> new StoreUnavailableException("away", null);
        GateChange put = put("stop");
        CompletableFuture<Boolean> written = rounds.written().toCompletableFuture();
        assertThat(rounds.round(false)).isEqualTo(50 * MILLI);
        int tries = store.done.size();
        nanos += 50 * MILLI - 1;
        assertThat(rounds.round(false)).isEqualTo(1);
        assertThat(store.done).hasSize(tries);
        nanos += 1;
        assertThat(rounds.round(false)).isEqualTo(100 * MILLI);
        assertThat(fate(put)).isNull();
        assertThat(written).isNotCompleted();
        store.failing = null;
        nanos += 100 * MILLI;
        rounds.round(false);
        assertThat(fate(put)).isEqualTo(GateChange.Fate.STORED);
        assertThat(written).isCompletedWithValue(true);
    }

    @Test
    void the_last_round_tries_it_all_the_same_and_asks_nobody_who_obeys() {
        store.failing = () -> new StoreUnavailableException("away", null);
        GateChange put = put("stop");
        rounds.round(false);
        store.failing = null;
        store.done.clear();
        assertThat(rounds.round(true)).isEqualTo(FOR_EVER);
        assertThat(fate(put)).isEqualTo(GateChange.Fate.STORED);
        assertThat(store.done).containsExactly("find stop", "write 1");
    }

    @Test
    void a_mistake_of_the_store_is_reported_and_what_it_kept_is_written_later() {
        store.failing = () -> new IllegalStateException("broken");
        GateChange put = put("stop");
        assertThat(ReportedMessages.of(() -> assertThat(rounds.round(true)).isEqualTo(50 * MILLI)))
                .containsExactly("broken");
        assertThat(fate(put)).isNull();
        assertThat(rounds.isOwed()).isTrue();
        store.failing = null;
        rounds.round(true);
        assertThat(fate(put)).isEqualTo(GateChange.Fate.STORED);
    }

    @Test
    void one_that_is_away_is_reported_by_nobody() {
        store.failing = () -> new StoreUnavailableException("away", null);
        put("stop");
        assertThat(ReportedMessages.of(() -> rounds.round(false))).isEmpty();
    }

    @Test
    void what_cannot_be_read_keeps_nothing_from_being_written() {
        store.unreadable = true;
        rounds.onGap();
        GateChange put = put("stop");
        assertThat(rounds.round(false)).isEqualTo(50 * MILLI);
        assertThat(stored("stop")).isNotNull();
        assertThat(fate(put)).as("who is above it is not known").isNull();
        store.unreadable = false;
        nanos += 50 * MILLI;
        assertThat(rounds.round(false)).isEqualTo(FOR_EVER);
        assertThat(fate(put)).isEqualTo(GateChange.Fate.STORED);
    }

    // What may have been missed.

    @Test
    void after_a_gap_all_is_read_once() {
        put("ours");
        rounds.round(false);
        store.behind.write(List.of(theirs(3, "missed")));
        rounds.onGap();
        store.done.clear();
        rounds.round(false);
        assertThat(store.done).containsExactly("read", "report");
        assertThat(known()).isEqualTo(theirs(3, "missed"));
        assertThat(isObeyed(theirs(3, "missed"))).isTrue();
        rounds.round(false);
        assertThat(store.done).hasSize(2);
        rounds.onGap();
        rounds.round(false);
        assertThat(store.done)
                .as("what both know is neither looked for nor written")
                .containsExactly("read", "report", "read", "report");
    }

    @Test
    void what_was_removed_elsewhere_meanwhile_is_removed_here() {
        put("stop");
        rounds.round(false);
        GateRecord removal = removed(requireNonNull(stored("stop")));
        store.behind.write(List.of(removal));
        rounds.onGap();
        store.done.clear();
        rounds.round(false);
        assertThat(known()).isEqualTo(removal);
        assertThat(store.done).containsExactly("read", "find stop", "report");
    }

    @Test
    void what_the_store_has_forgotten_is_written_again() {
        put("stop");
        rounds.round(false);
        store.behind = new InMemoryCircuitStore().gates();
        rounds.onGap();
        rounds.round(false);
        assertThat(stored("stop")).isNotNull().isEqualTo(known());
        assertThat(rounds.isOwed()).isFalse();
    }

    @Test
    void what_is_stored_but_was_not_there_when_all_was_read_is_not_written_again() {
        rounds.onChanged(theirs(2, "b"));
        rounds.round(false);
        store.beforeFinding = () -> store.behind.write(List.of(theirs(2, "b")));
        rounds.onGap();
        store.done.clear();
        rounds.round(false);
        assertThat(store.done).containsExactly("read", "find stop", "report");
    }

    @Test
    void an_older_removal_that_has_come_back_is_written_over() {
        rounds.onChanged(theirs(4, "b"));
        rounds.round(false);
        store.behind.write(List.of(removed(theirs(1, "a"))));
        rounds.onGap();
        rounds.round(false);
        assertThat(stored("stop")).isEqualTo(theirs(4, "b"));
    }

    @Test
    void an_older_gate_that_has_come_back_is_written_over() {
        rounds.onChanged(theirs(4, "b"));
        rounds.round(false);
        store.behind.write(List.of(theirs(1, "a")));
        rounds.onGap();
        store.done.clear();
        rounds.round(false);
        assertThat(store.done).containsExactly("read", "write 1");
        assertThat(stored("stop")).isEqualTo(theirs(4, "b"));
    }

    @Test
    void an_older_version_of_the_same_change_is_left_as_it_is() {
        rounds.onChanged(theirs(4, "b"));
        rounds.round(false);
        store.behind.write(List.of(theirs(3, "b")));
        rounds.onGap();
        store.done.clear();
        rounds.round(false);
        assertThat(store.done).containsExactly("read", "report");
    }

    @Test
    void what_is_to_be_written_anyway_is_not_looked_for() {
        put("stop");
        rounds.round(false);
        store.behind = new InMemoryCircuitStore().gates();
        put("stop");
        rounds.onGap();
        store.done.clear();
        rounds.round(false);
        assertThat(store.done).containsExactly("read", "write 1", "report");
    }

    // Who obeys.

    @Test
    void who_obeys_a_change_is_asked_until_all_do() {
        GateChange put = put("stop");
        store.behindProcesses().report("other", Map.of());
        CompletableFuture<GateConfirmation> confirmed =
                put.confirmed(Duration.ofSeconds(9)).toCompletableFuture();
        assertThat(rounds.round(false)).isEqualTo(20 * MILLI);
        assertThat(confirmed).isNotCompleted();
        store.behindProcesses().report("other", Map.of(put.record(), GateFollowers.NONE));
        assertThat(rounds.round(false)).isEqualTo(FOR_EVER);
        assertThat(confirmed).isCompletedWithValue(new GateConfirmation(Set.of("own", "other"), Set.of(), true));
    }

    @Test
    void where_a_store_knows_no_processes_it_is_alone_and_its_gates_are_stored() {
        store.knowsProcesses = false;
        GateRounds unknown = new GateRounds(store, table, time, "own", Runnable::run, () -> nanos);
        unknown.begin(NOBODY);
        GateChange put =
                GateChange.toWrite(table.put(Gate.ofAgents(ACME, "agent", "ann").named("stop")), unknown::confirmed);
        unknown.note(put);
        unknown.onChanged(
                new GateRecord(ACME, "other", 1, "stamp", "agents", "x", "bob", null, Instant.EPOCH, null, null));
        assertThat(unknown.round(false)).isEqualTo(FOR_EVER);
        assertThat(fate(put)).isEqualTo(GateChange.Fate.STORED);
        assertThat(put.confirmed(Duration.ofSeconds(9)).toCompletableFuture())
                .isCompletedWithValue(new GateConfirmation(Set.of("own"), Set.of(), false));
        unknown.end();
        assertThat(store.done).doesNotContain("report", "leave");
    }

    // The end.

    @Test
    void at_the_end_all_who_wait_are_answered_and_it_leaves() {
        store.failing = () -> new StoreUnavailableException("away", null);
        GateChange put = put("stop");
        CompletableFuture<Boolean> written = rounds.written().toCompletableFuture();
        CompletableFuture<GateConfirmation> confirmed =
                put.confirmed(Duration.ofSeconds(9)).toCompletableFuture();
        rounds.round(true);
        assertThat(written).isNotCompleted();
        store.failing = null;
        rounds.end();
        assertThat(fate(put)).isEqualTo(GateChange.Fate.UNKEPT);
        assertThat(written).isCompletedWithValue(false);
        assertThat(confirmed).isCompletedWithValue(GateObedience.alone("own"));
        assertThat(store.done).endsWith("leave");
    }

    @Test
    void who_asks_after_the_end_is_answered_at_once() {
        rounds.end();
        GateChange put = put("stop");
        assertThat(fate(put)).isEqualTo(GateChange.Fate.UNKEPT);
        assertThat(rounds.written().toCompletableFuture()).isCompletedWithValue(false);
        assertThat(put.confirmed(Duration.ofSeconds(9)).toCompletableFuture())
                .isCompletedWithValue(GateObedience.alone("own"));
    }

    /** Gates in memory of which a test sees what is asked of them, and lets them fail. */
    private static final class HandGates implements GateStore, GateProcesses {
        private final List<String> done = new ArrayList<>();
        private GateStore behind = new InMemoryCircuitStore().gates();
        private @Nullable Supplier<RuntimeException> failing;
        private boolean unreadable;
        private boolean knowsProcesses = true;
        private @Nullable Runnable whileWriting;
        private @Nullable Runnable beforeFinding;
        private @Nullable InTheWay inTheWay;

        /** What is in the way of changes. */
        private interface InTheWay {
            List<GateRecord> of(Collection<GateRecord> changes);
        }

        private GateProcesses behindProcesses() {
            return requireNonNull(behind.processes());
        }

        private void reach(String what) {
            done.add(what);
            if (failing != null) {
                throw failing.get();
            }
        }

        @Override
        public List<GateRecord> read(Instant now) {
            reach("read");
            if (unreadable) {
                throw new StoreUnavailableException("unreadable", null);
            }
            return behind.read(now);
        }

        @Override
        public @Nullable GateRecord find(String organization, String id) {
            reach("find " + id);
            if (beforeFinding != null) {
                beforeFinding.run();
            }
            return behind.find(organization, id);
        }

        @Override
        public List<GateRecord> write(Collection<GateRecord> changes) {
            reach("write " + changes.size());
            Runnable meanwhile = whileWriting;
            whileWriting = null;
            if (meanwhile != null) {
                meanwhile.run();
            }
            return inTheWay == null ? behind.write(changes) : inTheWay.of(changes);
        }

        @Override
        public @Nullable GateProcesses processes() {
            return knowsProcesses ? this : null;
        }

        @Override
        public void subscribe(GateSubscriber subscriber) {
            done.add("subscribe");
        }

        @Override
        public void report(String process, Map<GateRecord, GateFollowers> obeyed) {
            reach("report");
            behindProcesses().report(process, obeyed);
        }

        @Override
        public Duration every() {
            return Duration.ZERO;
        }

        @Override
        public void leave(String process) {
            reach("leave");
            behindProcesses().leave(process);
        }

        @Override
        public Map<String, Optional<GateFollowers>> obeying(GateRecord change) {
            reach("obeying");
            return behindProcesses().obeying(change);
        }
    }
}
