package dev.interlock.redis;

import dev.interlock.failpoints.Failpoint;
import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitReader;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.store.TransitionRecord;
import dev.interlock.store.UnreadableRecordException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Records of circuits in Redis, and the index that names those which are not closed and clean. One record that cannot be
 * read keeps no other from being read or written. For use by any thread; everything here blocks.
 */
final class RedisRecords {
    private static final int BATCH = 500;
    private static final long CLOSED_MILLIS = Duration.ofDays(1).toMillis();
    private static final long OPEN_MILLIS = Duration.ofDays(30).toMillis();

    private final RedisLink link;
    private final Keys keys;
    private final RecordCodec codec;

    RedisRecords(RedisLink link, Keys keys, RecordCodec codec) {
        this.link = link;
        this.keys = keys;
        this.codec = codec;
    }

    void readNotClosed(CircuitReader reader) {
        RedisClusterAsyncCommands<String, String> redis = link.attached().commands();
        Set<String> organizations =
                link.await(redis.smembers(keys.organizations()).toCompletableFuture());
        for (String organization : organizations) {
            Map<String, String> index =
                    link.await(redis.hgetall(keys.index(organization)).toCompletableFuture());
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
                record = record(organization, name, link.await(answer));
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

    @Nullable
    CircuitRecord find(String organization, String name) {
        Connected connected = link.attached();
        CircuitRecord record = record(
                organization,
                name,
                link.await(connected
                        .commands()
                        .hgetall(keys.record(organization, name))
                        .toCompletableFuture()));
        if (record != null && !record.isClosedAndClean()) {
            // Of a Cluster the master may have forgotten that has the index, and not the one that has the record.
            List<CompletableFuture<?>> noted = new ArrayList<>();
            index(connected, record, noted);
            noted.forEach(link::await);
        }
        return record;
    }

    List<CircuitRecord> write(Collection<CircuitChange> toWrite) {
        Connected connected = link.attached(); // once: after the first batch Redis has been asked
        List<CircuitRecord> blocking = new ArrayList<>();
        List<CircuitChange> batch = new ArrayList<>();
        for (CircuitChange change : toWrite) {
            batch.add(change);
            if (batch.size() == BATCH) {
                write(connected, batch, blocking);
                batch.clear();
            }
        }
        write(connected, batch, blocking);
        return blocking;
    }

    /** What opens is in the index first, and what closes leaves it last: it may name too many circuits, never too few. */
    private void write(Connected connected, List<CircuitChange> batch, List<CircuitRecord> blocking) {
        List<CompletableFuture<?>> noted = new ArrayList<>();
        for (CircuitChange change : batch) {
            if (!change.record().isClosedAndClean()) {
                index(connected, change.record(), noted);
            }
        }
        noted.forEach(link::await);
        Failpoint.INDEXED.reach();
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
                inTheWay = codec.record(link.await(answer));
            } catch (StoreUnavailableException away) {
                throw away;
            } catch (RuntimeException why) {
                unreadable.add(unreadable(record.organization(), record.name(), why));
                return;
            }
            if (inTheWay != null) {
                blocking.add(inTheWay);
                return;
            }
            Failpoint.RECORD_WRITTEN.reach();
            if (isOverride(change)) {
                replicated.add(Replicas.taken(connected, link.settings(), keys.record(record)));
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
        replicated.forEach(link::await);
        unindexed.forEach(link::await);
        if (!unreadable.isEmpty()) {
            throw unreadable.get(0); // all others are written, and are written once more for nothing
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
                isOverride(change) ? connected.overridesOf(both[0]) : connected.commands(),
                ScriptOutputType.MULTI,
                both,
                arguments.toArray(String[]::new));
    }

    private static boolean isOverride(CircuitChange change) {
        return change.transitions().stream().anyMatch(TransitionRecord::isOverride);
    }

    private static long keptMillis(CircuitRecord record) {
        return record.held() ? 0 : record.isClosedAndClean() ? CLOSED_MILLIS : OPEN_MILLIS;
    }
}
