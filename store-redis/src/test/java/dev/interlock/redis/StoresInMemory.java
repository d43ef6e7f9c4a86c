package dev.interlock.redis;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitCoordination;
import dev.interlock.store.CircuitReader;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.CircuitSubscriber;
import dev.interlock.store.GateStore;
import dev.interlock.store.InMemoryCircuitStore;
import dev.interlock.store.ProbeStore;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.store.TransitionRecord;
import dev.interlock.store.UnreadableRecordException;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What stands for Redis and for the database behind it, where a test is about what lies between the two. */
final class StoresInMemory {
    private StoresInMemory() {}

    static CircuitRecord record(String name, String state, long epoch) {
        return record(name, state, epoch, 1);
    }

    static CircuitRecord record(String name, String state, long epoch, long writer) {
        Instant noon = Instant.parse("2026-01-01T12:00:00Z");
        return new CircuitRecord(
                "default", name, state, epoch, 0, 0, 0, 1, 0, null, noon, noon, null, false, null, null, null,
                "default", writer);
    }

    /** The line of a move; of an override if there is an action. */
    static TransitionRecord line(String name, long epoch, @Nullable String action) {
        return new TransitionRecord(
                "default",
                name,
                epoch,
                "closed",
                "open",
                Instant.EPOCH,
                action == null ? "failure_streak" : "override",
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

    /** In place of Redis: says which records it hands over and how often somebody looks whether it is there, and can be away. */
    static final class Front implements FrontStore {
        final InMemoryCircuitStore kept = new InMemoryCircuitStore();
        final List<String> handedOver = new CopyOnWriteArrayList<>();
        final CircuitCoordination coordination = (CircuitCoordination) Proxy.newProxyInstance(
                Front.class.getClassLoader(), new Class<?>[] {CircuitCoordination.class}, (self, method, arguments) -> {
                    throw new UnsupportedOperationException(method.toString());
                });
        final AtomicInteger looks = new AtomicInteger();
        volatile boolean attached = true;
        volatile boolean closed;
        volatile boolean losesAnswers;
        volatile long generation;

        /** Done once, before the next write. */
        volatile @Nullable Runnable first;

        private void reach() {
            if (!attached) {
                throw StoreUnavailableException.notAsked("Redis is away", null);
            }
        }

        @Override
        public boolean isAttached() {
            looks.incrementAndGet();
            return attached;
        }

        @Override
        public long nextGeneration() {
            return raiseGeneration(1);
        }

        @Override
        public long raiseGeneration(long least) {
            reach();
            generation = Math.max(generation + 1, least);
            return generation;
        }

        @Override
        public void readNotClosed(CircuitReader reader) {
            reach();
            kept.readNotClosed(new Noting(reader, handedOver));
        }

        @Override
        public @Nullable CircuitRecord find(String organization, String name) {
            reach();
            if (name.startsWith("unreadable")) {
                throw new UnreadableRecordException(organization, name, "it", null);
            }
            return kept.find(organization, name);
        }

        @Override
        public List<CircuitRecord> write(Collection<CircuitChange> changes) {
            reach();
            Runnable before = first;
            first = null;
            if (before != null) {
                before.run();
            }
            List<CircuitRecord> inTheWay = kept.write(changes);
            if (losesAnswers) {
                throw new StoreUnavailableException("The answer is lost", null);
            }
            return inTheWay;
        }

        @Override
        public void subscribe(CircuitSubscriber subscriber) {
            kept.subscribe(subscriber);
        }

        @Override
        public void unsubscribe(CircuitSubscriber subscriber) {
            kept.unsubscribe(subscriber);
        }

        @Override
        public CircuitCoordination coordination() {
            return coordination;
        }

        @Override
        public GateStore gates() {
            return kept.gates();
        }

        @Override
        public ProbeStore probes() {
            return kept.probes();
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    /** A database: keeps lines, says how often it is read, and can be away, or have a record that cannot be read. */
    static final class Database implements CircuitStore {
        final InMemoryCircuitStore kept = new InMemoryCircuitStore();
        final List<TransitionRecord> lines = new CopyOnWriteArrayList<>();
        final List<String> handedOver = new CopyOnWriteArrayList<>();
        final AtomicInteger reads = new AtomicInteger();

        /** When it was written to, also without success, by {@link System#nanoTime}. */
        final List<Long> writes = new CopyOnWriteArrayList<>();

        volatile boolean away;
        volatile boolean hasGates = true;

        /** Done at the end of the next time that it is read. */
        volatile Runnable whileRead = () -> {};

        volatile @Nullable UnreadableRecordException unreadable;

        private void reach() {
            if (away) {
                throw new StoreUnavailableException("The database is away", null);
            }
        }

        @Override
        public long nextGeneration() {
            reach();
            return kept.nextGeneration();
        }

        @Override
        public void readNotClosed(CircuitReader reader) {
            reads.incrementAndGet();
            reach();
            UnreadableRecordException why = unreadable;
            if (why != null) {
                reader.unreadable(why);
            }
            kept.readNotClosed(new Noting(reader, handedOver));
            Runnable last = whileRead;
            whileRead = () -> {};
            last.run();
        }

        @Override
        public @Nullable CircuitRecord find(String organization, String name) {
            reach();
            return kept.find(organization, name);
        }

        @Override
        public List<CircuitRecord> write(Collection<CircuitChange> changes) {
            writes.add(System.nanoTime());
            reach();
            List<CircuitRecord> inTheWay = kept.write(changes);
            changes.stream()
                    .filter(change -> inTheWay.stream()
                            .noneMatch(record ->
                                    record.name().equals(change.record().name())))
                    .forEach(change -> lines.addAll(change.transitions()));
            return inTheWay;
        }

        @Override
        public @Nullable GateStore gates() {
            return hasGates ? kept.gates() : null;
        }

        @Override
        public void close() {
            throw new AssertionError("It is the caller's");
        }
    }

    /** Says of which circuits a reader was handed records. */
    private record Noting(CircuitReader reader, List<String> names) implements CircuitReader {
        @Override
        public boolean wants(String organization, String name, long epoch) {
            return reader.wants(organization, name, epoch);
        }

        @Override
        public void read(CircuitRecord record) {
            names.add(record.name());
            reader.read(record);
        }

        @Override
        public void unreadable(UnreadableRecordException unreadable) {
            reader.unreadable(unreadable);
        }
    }
}
