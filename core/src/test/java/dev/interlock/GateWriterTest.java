package dev.interlock;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.store.GateProcesses;
import dev.interlock.store.GateRecord;
import dev.interlock.store.GateStore;
import dev.interlock.store.GateSubscriber;
import dev.interlock.store.InMemoryCircuitStore;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whatever there is to do wakes the thread of the gates; what is done then is shown by {@link GateRoundsTest}. */
class GateWriterTest {
    private static final String ACME = "acme";

    private final ManualTimeSource time = new ManualTimeSource();
    private final GateTable table = new GateTable(new GateBoard(), time, new Timers(time), () -> {});
    private final HeardGates store = new HeardGates();
    private final GateWriter writer = new GateWriter(store, table, time, "own", Runnable::run);

    @AfterEach
    void close() {
        writer.close();
    }

    private GateChange put(String id) {
        GateChange change =
                GateChange.toWrite(table.put(Gate.ofAgents(ACME, "agent", "ann").named(id)), writer::confirmed);
        writer.note(change);
        return change;
    }

    private static GateRecord theirs(String id) {
        return new GateRecord(ACME, id, 1, "stamp", "agents", "agent", "bob", null, Instant.EPOCH, null, null);
    }

    private boolean isKnown(String id) {
        return table.find(new GateTable.Key(ACME, id)) != null;
    }

    @Test
    void what_is_stored_is_known_once_it_is_started_and_obeyed_soon() {
        store.behind.write(List.of(theirs("stop")));
        writer.start();
        assertThat(isKnown("stop")).isTrue();
        GateProcesses processes = requireNonNull(store.behind.processes());
        await().until(() -> processes
                .obeying(theirs("stop"))
                .getOrDefault("own", Optional.empty())
                .isPresent());
        assertThat(writer.figures().name()).isEqualTo("interlock-gates");
        assertThat(writer.figures().failures()).isZero();
    }

    @Test
    void what_was_put_is_written() {
        GateChange put = put("stop");
        assertThat(put.end()).succeedsWithin(OtherThread.LONG).isEqualTo(GateChange.Fate.STORED);
    }

    @Test
    void what_others_did_is_taken_in_by_a_message_or_after_a_gap() {
        writer.start();
        GateSubscriber hearing = requireNonNull(store.subscriber);
        hearing.onChanged(theirs("heard"));
        await().until(() -> isKnown("heard"));
        store.behind.write(List.of(theirs("heard"), theirs("missed")));
        hearing.onGap();
        await().until(() -> isKnown("missed"));
    }

    @Test
    void who_asks_is_answered() {
        GateChange put = put("stop");
        assertThat(put.end()).succeedsWithin(OtherThread.LONG).isEqualTo(GateChange.Fate.STORED);
        assertThat(put.confirmed(OtherThread.LONG).toCompletableFuture())
                .succeedsWithin(OtherThread.LONG)
                .satisfies(confirmed -> assertThat(confirmed.confirmed()).containsExactly("own"));
        assertThat(writer.written().toCompletableFuture())
                .succeedsWithin(OtherThread.LONG)
                .isEqualTo(true);
    }

    @Test
    void once_it_is_closed_it_hears_nothing_more_and_keeps_nobody_waiting() {
        writer.start();
        writer.close();
        assertThat(store.subscriber).isNull();
        CompletableFuture<Boolean> written = writer.written().toCompletableFuture();
        assertThat(written).isCompletedWithValue(false);
        assertThat(put("stop").end()).isCompletedWithValue(GateChange.Fate.UNKEPT);
    }

    /** Gates in memory that remember who hears of them. */
    private static final class HeardGates implements GateStore {
        private final GateStore behind = new InMemoryCircuitStore().gates();
        private volatile @Nullable GateSubscriber subscriber;

        @Override
        public List<GateRecord> read(Instant now) {
            return behind.read(now);
        }

        @Override
        public @Nullable GateRecord find(String organization, String id) {
            return behind.find(organization, id);
        }

        @Override
        public List<GateRecord> write(Collection<GateRecord> changes) {
            return behind.write(changes);
        }

        @Override
        public @Nullable GateProcesses processes() {
            return behind.processes();
        }

        @Override
        public void subscribe(GateSubscriber hearing) {
            subscriber = hearing;
        }

        @Override
        public void unsubscribe(GateSubscriber hearing) {
            if (subscriber == hearing) {
                subscriber = null;
            }
        }
    }
}
