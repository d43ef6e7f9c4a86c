package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.ProbeRecord;
import dev.interlock.store.ProbeStore;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.threads.Worker;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What each round reads, writes and forgets of the trust in probes, and when the next one comes. */
class TrustRoundsTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final Duration MONTH = Duration.ofDays(30);
    private static final CircuitId AGENT = CircuitId.of("agent");

    private final ManualTimeSource time = new ManualTimeSource();
    private final Trusts trusts = new Trusts(time);
    private final HandStore store = new HandStore();
    private long nanos = -7 * SECOND;
    private final TrustRounds rounds = new TrustRounds(store, trusts, time, () -> nanos);

    @Test
    void at_the_beginning_a_month_is_read_and_nothing_else_is_to_be_done() {
        assertThat(rounds.begin()).isFalse();
        assertThat(store.done).containsExactly("read " + time.wallTime().minus(MONTH));
        assertThat(rounds.isOwed()).isFalse();
    }

    @Test
    void once_there_is_something_to_probe_what_others_find_is_read_though_nothing_was_stored_before() {
        int[] woken = new int[1];
        trusts.onFirst(() -> woken[0]++);
        assertThat(rounds.begin()).isFalse();
        trusts.of(AGENT);
        trusts.of(CircuitId.of("another"));
        assertThat(woken).containsExactly(1);
        assertThat(rounds.round(false)).isEqualTo(10 * SECOND);
        store.kept.add(record("default", "agent"));
        nanos += 10 * SECOND;
        rounds.round(false);
        assertThat(trusts.of(AGENT).isTrusted()).isTrue();
    }

    @Test
    void what_was_stored_is_taken_over_and_read_again_now_and_then() {
        store.kept.add(record("default", "agent"));
        assertThat(rounds.begin()).isTrue();
        assertThat(trusts.of(AGENT).isTrusted()).isTrue();
        store.done.clear();
        nanos += 4 * SECOND;
        assertThat(rounds.round(false)).isEqualTo(6 * SECOND);
        assertThat(store.done).containsExactly("forget " + time.wallTime().minus(MONTH));
    }

    @Test
    void it_is_read_again_after_10_s_from_a_minute_before_the_last_time() {
        trusts.of(AGENT);
        rounds.begin();
        Instant before = time.wallTime();
        store.done.clear();
        time.advance(Duration.ofHours(1));
        nanos += 10 * SECOND - 1;
        assertThat(rounds.round(false)).isEqualTo(1);
        assertThat(store.done).doesNotContain("read " + before.minusSeconds(60));
        nanos += 1;
        assertThat(rounds.round(false)).isEqualTo(10 * SECOND);
        assertThat(store.done).contains("read " + before.minusSeconds(60));
        store.done.clear();
        Instant again = time.wallTime();
        nanos += 11 * SECOND;
        rounds.round(false);
        assertThat(store.done).containsExactly("read " + again.minusSeconds(60));
    }

    @Test
    void a_store_of_this_process_alone_is_not_read_again_nor_one_where_nothing_is_probed() {
        store.shared = false;
        trusts.of(AGENT);
        rounds.begin();
        nanos += 20 * SECOND;
        assertThat(rounds.round(false)).isEqualTo(Worker.Turn.UNTIL_WOKEN);
        assertThat(store.done).filteredOn(each -> each.startsWith("read")).hasSize(1);
        store.shared = true;
        trusts.forget(AGENT);
        assertThat(rounds.round(false)).isEqualTo(Worker.Turn.UNTIL_WOKEN);
    }

    @Test
    void what_was_noted_is_written_once() {
        rounds.begin();
        store.done.clear();
        rounds.note(trusts.of(AGENT));
        rounds.note(trusts.of(AGENT));
        assertThat(rounds.isOwed()).isTrue();
        rounds.round(false);
        assertThat(store.done).contains("write [agent]");
        assertThat(rounds.isOwed()).isFalse();
        store.done.clear();
        rounds.round(false);
        assertThat(store.done).isEmpty();
    }

    @Test
    void many_are_written_500_at_a_time_and_each_once() {
        for (int i = 0; i < 1_001; i++) {
            rounds.note(trusts.of(CircuitId.of("agent-" + i)));
        }
        rounds.round(false);
        assertThat(store.sizes).containsExactly(500, 500, 1);
        assertThat(store.written).hasSize(1_001).doesNotHaveDuplicates();
    }

    @Test
    void five_hundred_are_one_batch() {
        for (int i = 0; i < 500; i++) {
            rounds.note(trusts.of(CircuitId.of("agent-" + i)));
        }
        rounds.round(false);
        assertThat(store.sizes).containsExactly(500);
    }

    @Test
    void what_changes_while_it_is_written_is_written_again() {
        ProbedCircuit probed = trusts.of(AGENT);
        store.meanwhile = () -> rounds.note(probed);
        rounds.note(probed);
        rounds.round(false);
        assertThat(rounds.isOwed()).isTrue();
        store.meanwhile = () -> {};
        rounds.round(false);
        assertThat(store.sizes).containsExactly(1, 1);
        assertThat(rounds.isOwed()).isFalse();
    }

    @Test
    void a_store_that_is_away_is_tried_again_in_50_ms_then_100_and_nothing_is_lost() {
        rounds.note(trusts.of(AGENT));
        store.failing = new StoreUnavailableException("away", null);
        assertThat(rounds.begin()).as("to be tried again").isTrue();
        assertThat(rounds.round(false)).isEqualTo(50 * MILLI);
        int tried = store.done.size();
        nanos += 50 * MILLI - 1;
        assertThat(rounds.round(false)).isEqualTo(1);
        assertThat(store.done).as("not yet").hasSize(tried);
        nanos += 1;
        assertThat(rounds.round(false)).isEqualTo(100 * MILLI);
        assertThat(rounds.isOwed()).isTrue();
        store.failing = null;
        store.done.clear();
        nanos += 100 * MILLI;
        assertThat(rounds.round(false)).isEqualTo(10 * SECOND);
        assertThat(store.done)
                .containsExactly(
                        "read " + time.wallTime().minus(MONTH),
                        "write [agent]",
                        "forget " + time.wallTime().minus(MONTH));
    }

    @Test
    void in_the_last_round_it_is_tried_all_the_same() {
        rounds.note(trusts.of(AGENT));
        store.failing = new StoreUnavailableException("away", null);
        rounds.round(false);
        store.failing = null;
        rounds.round(true);
        assertThat(rounds.isOwed()).isFalse();
    }

    @Test
    void a_round_of_which_any_part_fails_has_failed() {
        rounds.begin();
        for (String part : List.of("write", "forget")) {
            store.failing = new StoreUnavailableException("away", null);
            store.failingPart = part;
            time.advance(Duration.ofDays(2));
            rounds.note(trusts.of(AGENT));
            assertThat(rounds.round(false)).as(part).isEqualTo(50 * MILLI);
            store.failing = null;
            nanos += SECOND;
            rounds.round(false);
        }
        store.failing = new StoreUnavailableException("away", null);
        store.failingPart = "read";
        nanos += 10 * SECOND;
        assertThat(rounds.round(false)).as("read").isEqualTo(50 * MILLI);
    }

    @Test
    void it_forgets_once_a_day_what_is_a_month_old() {
        rounds.begin();
        rounds.round(false);
        store.done.clear();
        time.advance(Duration.ofDays(1).minusNanos(1));
        rounds.round(false);
        assertThat(store.done).isEmpty();
        time.advance(Duration.ofNanos(1));
        rounds.round(false);
        assertThat(store.done).containsExactly("forget " + time.wallTime().minus(MONTH));
    }

    @Test
    void a_record_of_no_circuit_is_reported_and_keeps_no_other_out() {
        store.kept.add(record("default", ""));
        store.kept.add(record("default", "agent"));
        List<Throwable> reported = new ArrayList<>();
        Thread.currentThread().setUncaughtExceptionHandler((on, thrown) -> reported.add(thrown));
        try {
            rounds.begin();
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(null);
        }
        assertThat(reported).singleElement().isInstanceOf(IllegalArgumentException.class);
        assertThat(trusts.of(AGENT).isTrusted()).isTrue();
    }

    private ProbeRecord record(String organization, String name) {
        return new ProbeRecord(organization, name, true, false, null, time.wallTime());
    }

    /** A store that writes down what it is asked for. */
    private static final class HandStore implements ProbeStore {
        final List<ProbeRecord> kept = new ArrayList<>();
        final List<String> done = new ArrayList<>();
        final List<Integer> sizes = new ArrayList<>();
        final List<String> written = new ArrayList<>();
        Runnable meanwhile = () -> {};
        boolean shared = true;
        RuntimeException failing;
        String failingPart = "";

        private void reach(String part, String what) {
            done.add(part + " " + what);
            if (failing != null && part.contains(failingPart)) {
                throw failing;
            }
        }

        @Override
        public void read(Instant since, Consumer<ProbeRecord> reader) {
            reach("read", since.toString());
            kept.forEach(reader);
        }

        @Override
        public void write(Collection<ProbeRecord> changes) {
            List<String> names = changes.stream().map(ProbeRecord::name).toList();
            reach("write", names.toString());
            sizes.add(names.size());
            written.addAll(names);
            meanwhile.run();
        }

        @Override
        public void forget(Instant before) {
            reach("forget", before.toString());
        }

        @Override
        public boolean isShared() {
            return shared;
        }
    }
}
