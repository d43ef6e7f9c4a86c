package dev.interlock.redis;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitCoordination;
import dev.interlock.store.CircuitReader;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.CircuitSubscriber;
import dev.interlock.store.GateStore;
import dev.interlock.store.ProbeStore;
import dev.interlock.store.StoreUnavailableException;
import io.lettuce.core.ScriptOutputType;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Circuits in Redis or Valkey (6.2 or newer), single or Cluster, where many processes share them.
 *
 * <p>Safe for use by any thread; the methods of {@link CircuitStore} block. While this process is <em>detached</em>
 * (three answers in a row came later than 50 ms, or not at all, until ten in a row came in time) they say that the store
 * is away, and nothing that others do is heard. Times in Redis go by Redis' clock. It keeps no audit trail; a database
 * does.
 */
public final class RedisCircuitStore implements FrontStore {
    private final RedisLink link;
    private final Keys keys;
    private final RedisRecords records;
    private final Changes changes;
    private final RedisCoordination coordination;
    private final RedisGates gates;
    private final RedisProbes probes;

    /** The highest generation that was given here; 0 before. */
    private volatile long generation;

    private RedisCircuitStore(RedisSettings settings, InstantSource clock) {
        Skew skew = new Skew();
        keys = new Keys(settings.prefix());
        RecordCodec codec = new RecordCodec(skew);
        link = new RedisLink(settings, keys, skew, clock);
        records = new RedisRecords(link, keys, codec);
        GateCodec gateCodec = new GateCodec(skew);
        changes = new Changes(link, keys, codec, gateCodec);
        gates = new RedisGates(link, keys, gateCodec, changes);
        probes = new RedisProbes(link, keys, skew);
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
     * agreed is written to both, overrides also while this process is detached; what Redis has forgotten comes back from the
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
    @Override
    public boolean isAttached() {
        return link.isAttached();
    }

    /**
     * How far Redis is behind.
     *
     * @return how long its last answer to the question whether it works took, or for how long it has not answered
     *     since, if that is longer
     */
    public Duration lag() {
        return link.lag();
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
    @Override
    public long raiseGeneration(long least) {
        long given = link.await(Script.GENERATION.<Long>run(
                link.attached().commands(),
                ScriptOutputType.INTEGER,
                new String[] {keys.generation()},
                Long.toString(least)));
        generation = Math.max(generation, given);
        return given;
    }

    @Override
    public void readNotClosed(CircuitReader reader) {
        records.readNotClosed(reader);
    }

    @Override
    public @Nullable CircuitRecord find(String organization, String name) {
        return records.find(organization, name);
    }

    @Override
    public List<CircuitRecord> write(Collection<CircuitChange> changes) {
        return records.write(changes);
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
    public GateStore gates() {
        return gates;
    }

    @Override
    public ProbeStore probes() {
        return probes;
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

    /** Reports to a Redis that may have forgotten it which generation was given: no later process may get it too. */
    private final class GenerationKeeper implements Pulse.Watcher {
        @Override
        public void onAttached() {
            report();
        }

        @Override
        public void onForgotten() {
            report();
        }

        private void report() {
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
