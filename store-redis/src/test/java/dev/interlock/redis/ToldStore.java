package dev.interlock.redis;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitCoordination;
import dev.interlock.store.CircuitReader;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.CircuitSubscriber;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.store.UnreadableRecordException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A store that reports line by line what it is asked, what it answers, and of what it reports: what docs/model says of the
 * lines of a history.
 */
final class ToldStore implements CircuitStore {
    /** Takes a line: what, and what belongs to it. */
    interface Told {
        void tell(String what, Object... more);
    }

    private static final String UNKNOWN = "unknown";

    private final CircuitStore store;
    private final Told told;
    private final @Nullable CircuitCoordination coordination;

    ToldStore(CircuitStore store, Told told) {
        this.store = store;
        this.told = told;
        CircuitCoordination shared = store.coordination();
        this.coordination = shared == null ? null : new ToldCoordination(shared, told);
        told.tell("opens");
    }

    /** Epoch, state, whether it is held and by whom, the process that wrote it, and since when. */
    static String words(CircuitRecord record) {
        return String.join(
                " ",
                Long.toString(record.epoch()),
                record.state(),
                record.held() ? "held" : "free",
                record.actor() == null ? "-" : record.actor(),
                Long.toString(record.writer()),
                micros(record.changedAt()));
    }

    static String micros(Instant at) {
        return Long.toString(ChronoUnit.MICROS.between(Instant.EPOCH, at));
    }

    @Override
    public long nextGeneration() {
        long generation = store.nextGeneration();
        told.tell("generation", generation);
        return generation;
    }

    @Override
    public void readNotClosed(CircuitReader reader) {
        told.tell("reads");
        boolean read = false;
        try {
            store.readNotClosed(new CircuitReader() {
                @Override
                public boolean wants(String organization, String name, long epoch) {
                    return reader.wants(organization, name, epoch);
                }

                @Override
                public void read(CircuitRecord record) {
                    told.tell("read", record.name(), words(record));
                    reader.read(record);
                }

                @Override
                public void unreadable(UnreadableRecordException unreadable) {
                    told.tell("unreadable", unreadable.name());
                    reader.unreadable(unreadable);
                }
            });
            read = true;
        } finally {
            told.tell("all-read", read ? "ok" : UNKNOWN);
        }
    }

    @Override
    public @Nullable CircuitRecord find(String organization, String name) {
        told.tell("finds", name);
        String answer = UNKNOWN;
        try {
            CircuitRecord found = store.find(organization, name);
            answer = found == null ? "nothing" : words(found);
            return found;
        } finally {
            told.tell("found", name, answer);
        }
    }

    @Override
    public List<CircuitRecord> write(Collection<CircuitChange> changes) {
        changes.forEach(change -> told.tell("writes", change.record().name(), change.basis(), words(change.record())));
        Map<String, String> answers = new HashMap<>();
        changes.forEach(change -> answers.put(change.record().name(), UNKNOWN));
        try {
            List<CircuitRecord> standing = store.write(changes);
            answers.replaceAll((name, unknown) -> "ok");
            standing.forEach(record -> answers.put(record.name(), "stands " + words(record)));
            return standing;
        } catch (StoreUnavailableException away) {
            answers.replaceAll((name, unknown) -> away.mayHaveDone() ? UNKNOWN : "unasked");
            throw away;
        } finally {
            answers.forEach((name, answer) -> told.tell("wrote", name, answer));
        }
    }

    @Override
    public void subscribe(CircuitSubscriber subscriber) {
        store.subscribe(new CircuitSubscriber() {
            @Override
            public void onChanged(CircuitRecord record) {
                told.tell("hears", record.name(), words(record));
                subscriber.onChanged(record);
            }

            @Override
            public void onGap() {
                subscriber.onGap();
            }

            @Override
            public void onReconcile() {
                subscriber.onReconcile();
            }

            @Override
            public void onUnreadable(UnreadableRecordException unreadable) {
                subscriber.onUnreadable(unreadable);
            }

            @Override
            public void onForgotten() {
                told.tell("forgetting");
                subscriber.onForgotten();
                told.tell("forgotten");
            }
        });
    }

    @Override
    public @Nullable CircuitCoordination coordination() {
        return coordination;
    }

    @Override
    public void close() {
        store.close();
    }
}
