package dev.interlock.redis;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitCoordination;
import dev.interlock.store.CircuitReader;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.CircuitSubscriber;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.store.TransitionRecord;
import dev.interlock.store.UnreadableRecordException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Circuits in Redis or Valkey (6.2 or newer), single or Cluster, where many processes share them.
 *
 * <p>Safe for use by any thread; the methods of {@link CircuitStore} block. While this process is <em>detached</em>
 * (three answers in a row came later than 50 ms, or not at all, until ten in a row came in time) they say that the store
 * is away, and nothing that others do is heard. Times in Redis go by Redis' clock. It keeps no audit trail; a database
 * does.
 */
public final class RedisCircuitStore implements CircuitStore {
    private static final int BATCH = 500;
    private static final long CLOSED_MILLIS = Duration.ofDays(1).toMillis();
    private static final long OPEN_MILLIS = Duration.ofDays(30).toMillis();

    private final RedisLink link;
    private final Keys keys;
    private final RecordCodec codec;
    private final Changes changes;
    private final RedisCoordination coordination;
    /** The highest generation that was given here; 0 before. */
    private volatile long generation;

    private RedisCircuitStore(RedisSettings settings, InstantSource clock) {
        Skew skew = new Skew();
        keys = new Keys(settings.prefix());
        codec = new RecordCodec(skew);
        link = new RedisLink(settings, keys, skew, clock);
        changes = new Changes(link, keys, codec);
        coordination = new RedisCoordination(link, keys);
    }

    /**
     * Opens a store. Returns also when Redis cannot be reached: then it is looked for, and until it is found the store is
     * away.
     *
     * @param settings where Redis is
     * @return a store, to be closed
     */
    public static RedisCircuitStore open(RedisSettings settings) {
        return open(settings, InstantSource.system());
    }

    /**
     * Opens a store for circuits whose wall clock is another one than the system's.
     *
     * @param settings where Redis is
     * @param wallClock the wall clock of the manager's time source; how far it is off does not matter
     * @return a store, to be closed
     */
    public static RedisCircuitStore open(RedisSettings settings, InstantSource wallClock) {
        RedisCircuitStore store = new RedisCircuitStore(settings, wallClock);
        store.changes.start();
        store.link.watch(store.new GenerationKeeper());
        store.link.start();
        return store;
    }

    /**
     * This store with a database behind it: Redis is where processes agree, the database is what outlives Redis. What is
     * agreed is written to both, orders also while this process is detached; what Redis has forgotten comes back from the
     * database.
     *
     * @param archive the database's store, which is not closed
     * @return a store, to be closed in place of this one
     */
    public CircuitStore inFrontOf(CircuitStore archive) {
        ArchivedStore both = new ArchivedStore(this, archive);
        link.watch(both);
        return both;
    }

    /**
     * Marks that processes set together; kept apart from circuits, and forgotten with Redis' memory.
     *
     * @param name whose marks: another name, other marks
     * @param kept how long they are kept after the last one nearby was set; some milliseconds at least
     * @return marks that end with this store
     */
    public RedisMarks marks(String name, Duration kept) {
        return new RedisMarks(link, keys, name, kept);
    }

    /**
     * Whether this process goes by what the others say.
     *
     * @return false while Redis is away or slow
     */
    public boolean isAttached() {
        return link.isAttached();
    }

    @Override
    public long nextGeneration() {
        return raiseGeneration(1);
    }

    /**
     * Raises the generation above what Redis knows and to a least one, so that it stays above that of another store.
     *
     * @param least 1 or higher
     * @return the new generation, which no other caller gets
     * @throws StoreUnavailableException if Redis cannot be reached
     */
    public long raiseGeneration(long least) {
        long given = await(Script.GENERATION.<Long>run(
                link.attached().commands(),
                ScriptOutputType.INTEGER,
                new String[] {keys.generation()},
                Long.toString(least)));
        generation = Math.max(generation, given);
        return given;
    }

    @Override
    public void readNotClosed(CircuitReader reader) {
        RedisClusterAsyncCommands<String, String> redis = link.attached().commands();
        Set<String> organizations = await(redis.smembers(keys.organizations()).toCompletableFuture());
        for (String organization : organizations) {
            Map<String, String> index =
                    await(redis.hgetall(keys.index(organization)).toCompletableFuture());
            List<String> names = new ArrayList<>();
            index.forEach((name, epoch) -> {
                if (reader.wants(organization, name, RecordCodec.epoch(epoch))) {
                    names.add(name);
                }
            });
            for (int from = 0; from < names.size(); from += BATCH) {
                read(organization, names.subList(from, Math.min(names.size(), from + BATCH)), reader);
            }
        }
    }

    private void read(String organization, List<String> names, CircuitReader reader) {
        RedisClusterAsyncCommands<String, String> redis = link.attached().commands();
        Map<String, CompletableFuture<Map<String, String>>> answers = new LinkedHashMap<>();
        for (String name : names) {
            answers.put(name, redis.hgetall(keys.record(organization, name)).toCompletableFuture());
        }
        answers.forEach((name, answer) -> {
            CircuitRecord record;
            try {
                record = record(organization, name, await(answer));
            } catch (UnreadableRecordException unreadable) {
                reader.unreadable(unreadable);
                return;
            }
            if (record != null && !record.isClosedAndClean()) {
                reader.read(record);
            }
        });
    }

    private @Nullable CircuitRecord record(String organization, String name, Map<String, String> fields) {
        try {
            return codec.record(fields);
        } catch (RuntimeException unreadable) {
            throw unreadable(organization, name, unreadable);
        }
    }

    private UnreadableRecordException unreadable(String organization, String name, RuntimeException why) {
        String place = "the key '" + keys.record(organization, name) + "' of Redis at "
                + link.settings().place();
        return new UnreadableRecordException(organization, name, place, why);
    }

    @Override
    public @Nullable CircuitRecord find(String organization, String name) {
        Connected connected = link.attached();
        CircuitRecord record = record(
                organization,
                name,
                await(connected
                        .commands()
                        .hgetall(keys.record(organization, name))
                        .toCompletableFuture()));
        if (record != null && !record.isClosedAndClean()) {
            // Of a Cluster the master may have forgotten that has the index, and not the one that has the record.
            List<CompletableFuture<?>> noted = new ArrayList<>();
            index(connected, record, noted);
            noted.forEach(this::await);
        }
        return record;
    }

    @Override
    public List<CircuitRecord> write(Collection<CircuitChange> toWrite) {
        List<CircuitRecord> standing = new ArrayList<>();
        List<CircuitChange> batch = new ArrayList<>();
        for (CircuitChange change : toWrite) {
            batch.add(change);
            if (batch.size() == BATCH) {
                write(batch, standing);
                batch.clear();
            }
        }
        write(batch, standing);
        return standing;
    }

    @Override
    public void subscribe(CircuitSubscriber subscriber) {
        changes.add(subscriber);
    }

    @Override
    public void unsubscribe(CircuitSubscriber subscriber) {
        changes.remove(subscriber);
    }

    @Override
    public CircuitCoordination coordination() {
        return coordination;
    }

    @Override
    public void close() {
        changes.close();
        link.close();
    }

    /** This process' tie to Redis. */
    RedisLink link() {
        return link;
    }

    /** The index is told first of what opens, and last of what closes: it may name too many circuits, never too few. */
    private void write(List<CircuitChange> batch, List<CircuitRecord> standing) {
        Connected connected = link.attached();
        List<CompletableFuture<?>> noted = new ArrayList<>();
        for (CircuitChange change : batch) {
            if (!change.record().isClosedAndClean()) {
                index(connected, change.record(), noted);
            }
        }
        noted.forEach(this::await);
        Map<CircuitChange, CompletableFuture<List<Object>>> answers = new LinkedHashMap<>();
        for (CircuitChange change : batch) {
            answers.put(change, write(connected, change));
        }
        List<CompletableFuture<?>> replicated = new ArrayList<>();
        List<CompletableFuture<?>> unindexed = new ArrayList<>();
        List<UnreadableRecordException> unreadable = new ArrayList<>();
        answers.forEach((change, answer) -> {
            CircuitRecord record = change.record();
            CircuitRecord inTheWay;
            try {
                inTheWay = codec.record(await(answer));
            } catch (StoreUnavailableException away) {
                throw away;
            } catch (RuntimeException why) {
                unreadable.add(unreadable(record.organization(), record.name(), why));
                return;
            }
            if (inTheWay != null) {
                standing.add(inTheWay);
                return;
            }
            if (isOverride(change)) {
                replicated.add(replicated(connected, keys.record(record)));
            }
            if (record.isClosedAndClean()) {
                unindexed.add(Script.UNINDEX.run(
                        connected.commands(),
                        ScriptOutputType.INTEGER,
                        new String[] {keys.index(record.organization())},
                        record.name(),
                        RecordCodec.epoch(record.epoch())));
            }
        });
        replicated.forEach(this::await);
        unindexed.forEach(this::await);
        if (!unreadable.isEmpty()) {
            throw unreadable.get(0); // all others are written, and are written once more in vain
        }
    }

    private void index(Connected connected, CircuitRecord record, List<CompletableFuture<?>> noted) {
        RedisClusterAsyncCommands<String, String> redis = connected.commands();
        noted.add(redis.sadd(keys.organizations(), record.organization()).toCompletableFuture());
        noted.add(Script.INDEX.run(
                redis,
                ScriptOutputType.INTEGER,
                new String[] {keys.index(record.organization())},
                record.name(),
                RecordCodec.epoch(record.epoch())));
    }

    private CompletableFuture<List<Object>> write(Connected connected, CircuitChange change) {
        CircuitRecord record = change.record();
        List<String> fields = codec.fields(record);
        List<String> arguments = new ArrayList<>(List.of(
                RecordCodec.epoch(change.basis()),
                RecordCodec.epoch(record.epoch()),
                record.state(),
                Long.toString(keptMillis(record)),
                keys.changes(),
                RecordCodec.message(fields)));
        arguments.addAll(fields);
        String[] both = {keys.record(record), keys.live(record)};
        return Script.WRITE.run(
                isOverride(change) ? connected.commandsFor(both[0]) : connected.commands(),
                ScriptOutputType.MULTI,
                both,
                arguments.toArray(String[]::new));
    }

    /**
     * Over the connection that wrote: Redis tells of replicas by connection. A master without any replica, such as one
     * that has just taken over from the only other one, is taken as it is.
     */
    private CompletableFuture<?> replicated(Connected connected, String key) {
        int wanted = link.settings().replicas();
        int replicas = wanted == RedisSettings.BY_KIND ? (connected.isCluster() ? 1 : 0) : wanted;
        if (replicas == 0) {
            return CompletableFuture.completedFuture(0L);
        }
        long millis = link.settings().timeout().toMillis() / 2;
        RedisClusterAsyncCommands<String, String> master = connected.commandsFor(key);
        return master.waitForReplication(replicas, millis)
                .toCompletableFuture()
                .thenCompose(reached -> reached >= replicas
                        ? CompletableFuture.completedFuture("")
                        : master.info("replication").toCompletableFuture())
                .thenAccept(replication -> {
                    if (!replication.isEmpty() && !replication.contains("connected_slaves:0")) {
                        throw new StoreUnavailableException("No replica of Redis has taken an override", null);
                    }
                });
    }

    private static boolean isOverride(CircuitChange change) {
        return change.transitions().stream().anyMatch(TransitionRecord::isOverride);
    }

    private static long keptMillis(CircuitRecord record) {
        return record.held() ? 0 : record.isClosedAndClean() ? CLOSED_MILLIS : OPEN_MILLIS;
    }

    private <T> T await(CompletableFuture<T> answer) {
        try {
            return answer.get(link.settings().timeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("Interrupted while waiting for Redis", interrupted);
        } catch (TimeoutException | ExecutionException failed) {
            throw new StoreUnavailableException(
                    "Redis at " + link.settings().place() + " did not do what it was asked: " + reason(failed), failed);
        }
    }

    private static String reason(Exception failed) {
        Throwable cause = failed.getCause();
        return cause == null ? "no answer in time" : String.valueOf(cause.getMessage());
    }

    /** Tells a Redis that may have forgotten it which generation was given: no process to come shall get it too. */
    private final class GenerationKeeper implements RedisLink.Watcher {
        @Override
        public void onAttached() {
            tell();
        }

        @Override
        public void onForgotten() {
            tell();
        }

        private void tell() {
            long given = generation;
            if (given > 0) {
                Script.KEEP_GENERATION.run(
                        link.connected().commands(),
                        ScriptOutputType.INTEGER,
                        new String[] {keys.generation()},
                        Long.toString(given));
            }
        }
    }
}
