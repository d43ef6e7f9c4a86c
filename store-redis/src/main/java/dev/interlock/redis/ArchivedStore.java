package dev.interlock.redis;

import dev.interlock.failpoints.Failpoint;
import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitCoordination;
import dev.interlock.store.CircuitReader;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.CircuitSubscriber;
import dev.interlock.store.Durability;
import dev.interlock.store.GateStore;
import dev.interlock.store.ProbeStore;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.store.TransitionRecord;
import dev.interlock.store.UnreadableRecordException;
import dev.interlock.threads.Worker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Redis, where processes agree, and a database behind it, which outlives Redis.
 *
 * <p>A change is written to Redis. Once it is there, or is found there after its answer was lost, the database is owed
 * it; only a newer record there keeps it out. While this process is detached only overrides are owed, so that they are
 * not lost with the process; automatic moves give way on return, and would be wrong there. A thread of its own pays,
 * and brings Redis what only the database knows: a database that is away or hangs keeps nobody from agreeing. The two
 * are compared after each loss, and every five minutes: another process may have paid what it owed after the last
 * comparison, and have died.
 */
final class ArchivedStore implements CircuitStore, Pulse.Watcher {
    private static final Logger LOG = LoggerFactory.getLogger(ArchivedStore.class);
    private static final Duration AT_CLOSE = Duration.ofSeconds(2);
    private static final Duration COMPARED_EVERY = Duration.ofMinutes(5);

    private final FrontStore redis;
    private final CircuitStore archive;
    private final Debts debts;
    private final Unanswered unanswered = new Unanswered();
    private final Comparison comparison;
    private final List<CircuitSubscriber> subscribers = new CopyOnWriteArrayList<>();
    private final Worker thread = new Worker("interlock-archive", new Turns());
    private final Retry paying = new Retry();
    private final Retry comparing = new Retry();

    /** Lines of overrides that the database is owed or has, while Redis has not taken their changes. */
    private final Map<Debts.Key, Set<TransitionRecord>> ahead = new ConcurrentHashMap<>();

    private volatile boolean begun;
    private volatile boolean closed;

    ArchivedStore(FrontStore redis, CircuitStore archive) {
        this(redis, archive, new Comparison(redis, archive, COMPARED_EVERY));
    }

    /** @param comparison of these two */
    ArchivedStore(FrontStore redis, CircuitStore archive, Comparison comparison) {
        this.redis = redis;
        this.archive = archive;
        this.comparison = comparison;
        debts = new Debts(archive, thread::wake);
    }

    @Override
    public void onAttached() {
        comparison.lost();
        thread.wake();
    }

    @Override
    public void onForgotten() {
        comparison.lost();
        thread.wake();
    }

    /** Above both, where both can be asked. */
    @Override
    public long nextGeneration() {
        long generation = archive.nextGeneration();
        Failpoint.GENERATION_GIVEN.reach();
        try {
            return redis.raiseGeneration(generation);
        } catch (StoreUnavailableException detached) {
            return generation;
        }
    }

    /**
     * A process that begins while Redis is away begins with what the database has; otherwise with what Redis has, and what
     * only the database knows.
     */
    @Override
    public void readNotClosed(CircuitReader reader) {
        if (begun) {
            redis.readNotClosed(reader);
            return;
        }
        if (redis.isAttached()) {
            redis.readNotClosed(reader);
            comparison.make(reader, System.nanoTime());
        } else {
            archive.readNotClosed(reader);
        }
        begun = true;
        thread.wake();
    }

    @Override
    public @Nullable CircuitRecord find(String organization, String name) {
        CircuitRecord there = redis.find(organization, name);
        oweTaken(unanswered.found(there));
        return there;
    }

    @Override
    public List<CircuitRecord> write(Collection<CircuitChange> changes) {
        if (!redis.isAttached()) {
            oweOverrides(changes);
            Failpoint.OVERRIDE_OWED.reach();
        }
        List<CircuitRecord> inTheWay = writeToRedis(changes);
        Failpoint.AGREED.reach();
        inTheWay.forEach(record -> oweTaken(unanswered.inTheWay(record)));
        Set<Debts.Key> refused = new HashSet<>();
        inTheWay.forEach(record -> refused.add(Debts.Key.of(record)));
        List<CircuitChange> agreed = changes.stream()
                .filter(change -> !refused.contains(Debts.Key.of(change.record())))
                .toList();
        owe(agreed);
        for (CircuitChange change : agreed) {
            ahead.remove(Debts.Key.of(change.record()));
            unanswered.answered(change);
        }
        return inTheWay;
    }

    private List<CircuitRecord> writeToRedis(Collection<CircuitChange> changes) {
        try {
            return redis.write(changes);
        } catch (StoreUnavailableException away) {
            if (away.mayHaveDone()) {
                unanswered.add(changes);
            }
            throw away;
        }
    }

    /** A change of ours that Redis had taken. */
    private void oweTaken(@Nullable CircuitChange taken) {
        if (taken != null) {
            owe(List.of(taken));
        }
    }

    private void owe(Collection<CircuitChange> agreed) {
        List<CircuitChange> changes = new ArrayList<>();
        for (CircuitChange change : agreed) {
            List<TransitionRecord> lines = notAhead(Debts.Key.of(change.record()), change.transitions());
            changes.add(new CircuitChange(change.record(), change.basis(), lines));
        }
        debts.owe(changes);
    }

    @Override
    public Durability durability() {
        return debts;
    }

    @Override
    public void subscribe(CircuitSubscriber subscriber) {
        subscribers.add(subscriber);
        redis.subscribe(subscriber);
    }

    @Override
    public void unsubscribe(CircuitSubscriber subscriber) {
        subscribers.remove(subscriber);
        redis.unsubscribe(subscriber);
    }

    /** Of both; a database that keeps none leaves them to Redis alone, and a process then starts only while it is there. */
    @Override
    public GateStore gates() {
        GateStore archived = archive.gates();
        return archived == null ? redis.gates() : new ArchivedGates(redis.gates(), archived);
    }

    /** Redis' alone: what it has forgotten is earned again within the hour. */
    @Override
    public ProbeStore probes() {
        return redis.probes();
    }

    @Override
    public CircuitCoordination coordination() {
        return redis.coordination();
    }

    /** Pays what is left if the database takes it at once, and closes Redis; the database is the caller's. */
    @Override
    public void close() {
        closed = true;
        if (debts.backlog() > 0) {
            thread.wake(); // for a thread that pays in a last turn
        }
        thread.close(AT_CLOSE);
        int left = debts.backlog();
        if (left > 0) {
            LOG.warn("The database does not have the newest state of {} circuits: it is in Redis alone", left);
        }
        redis.close();
    }

    private void oweOverrides(Collection<CircuitChange> changes) {
        List<CircuitChange> overrides = new ArrayList<>();
        for (CircuitChange change : changes) {
            Debts.Key key = Debts.Key.of(change.record());
            List<TransitionRecord> lines = notAhead(key, change.transitions()).stream()
                    .filter(TransitionRecord::isOverride)
                    .toList();
            if (!lines.isEmpty()) {
                overrides.add(new CircuitChange(change.record(), change.basis(), lines));
                ahead.computeIfAbsent(key, made -> new HashSet<>()).addAll(lines);
            }
        }
        debts.owe(overrides);
    }

    /** Lines that the database is neither owed nor has. */
    private List<TransitionRecord> notAhead(Debts.Key key, List<TransitionRecord> lines) {
        Set<TransitionRecord> there = ahead.getOrDefault(key, Set.of());
        return lines.stream().filter(line -> !there.contains(line)).toList();
    }

    /** What the thread does. */
    final class Turns implements Worker.Turn {
        @Override
        public long take() {
            if (closed) {
                well(debts::pay);
                return UNTIL_WOKEN;
            }
            if (debts.untilDue(System.nanoTime()) == 0 && paying.left(System.nanoTime()) == 0) {
                paying.ended(well(debts::pay), System.nanoTime());
            }
            if (untilCompared(System.nanoTime()) == 0 && comparing.left(System.nanoTime()) == 0) {
                comparing.ended(well(ArchivedStore.this::compare), System.nanoTime());
            }
            long now = System.nanoTime();
            long due = debts.untilDue(now);
            long wait = due == Long.MAX_VALUE ? UNTIL_WOKEN : Math.max(due, paying.left(now));
            return Math.min(wait, Math.max(untilCompared(now), comparing.left(now)));
        }

        @Override
        public boolean isOwed() {
            return debts.backlog() > 0;
        }
    }

    private interface Task {
        boolean done();
    }

    /** Whether a task did what it should; whatever it throws, there is a next time. */
    private static boolean well(Task task) {
        try {
            return task.done();
        } catch (Throwable failed) {
            if (!(failed instanceof StoreUnavailableException)) {
                LOG.warn("The database behind Redis is tried again", failed);
            }
            return false;
        }
    }

    /** How long until the two are to be compared; a process that is attached later is woken then. */
    private long untilCompared(long now) {
        return begun && redis.isAttached() ? comparison.untilDue(now) : Long.MAX_VALUE;
    }

    /** Those who read records hear of what Redis got as of any change. */
    private boolean compare() {
        AtomicInteger brought = new AtomicInteger();
        comparison.make(
                new CircuitReader() {
                    @Override
                    public void read(CircuitRecord record) {
                        brought.incrementAndGet();
                    }

                    @Override
                    public void unreadable(UnreadableRecordException unreadable) {
                        subscribers.forEach(subscriber -> subscriber.onUnreadable(unreadable));
                    }
                },
                System.nanoTime());
        if (brought.get() > 0) {
            subscribers.forEach(CircuitSubscriber::onGap);
        }
        return true;
    }
}
