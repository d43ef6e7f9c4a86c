package dev.interlock.redis;

import dev.interlock.store.GateProcesses;
import dev.interlock.store.GateRecord;
import dev.interlock.store.GateStore;
import dev.interlock.store.GateSubscriber;
import io.lettuce.core.ScriptOutputType;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gates in Redis, all in one hash, which is read whole: they are few. One that has ended, or was removed, is forgotten
 * after some days, when no process can have an older version of it any more that it still has to write.
 */
final class RedisGates implements GateStore {
    private static final Logger LOG = LoggerFactory.getLogger(RedisGates.class);
    private static final Duration REMEMBERED = Duration.ofDays(7);

    private final RedisLink link;
    private final Keys keys;
    private final GateCodec codec;
    private final Changes changes;
    private final RedisGateProcesses processes;

    RedisGates(RedisLink link, Keys keys, GateCodec codec, Changes changes) {
        this.link = link;
        this.keys = keys;
        this.codec = codec;
        this.changes = changes;
        this.processes = new RedisGateProcesses(link, keys);
    }

    @Override
    public List<GateRecord> read(Instant now) {
        Connected connected = link.attached();
        Map<String, String> all =
                link.await(connected.commands().hgetall(keys.gates()).toCompletableFuture());
        List<GateRecord> inEffect = new ArrayList<>();
        all.forEach((field, message) -> {
            GateRecord record = readable(field, message);
            if (record == null) {
                return;
            }
            Instant over = over(record);
            if (over == null || !record.isRemoved() && over.isAfter(now)) {
                inEffect.add(record);
            } else if (over.plus(REMEMBERED).isBefore(now)) {
                Script.FORGET_GATE.run(
                        connected.commands(), ScriptOutputType.INTEGER, new String[] {keys.gates()}, field, message);
            }
        });
        return inEffect;
    }

    @Override
    public @Nullable GateRecord find(String organization, String id) {
        String field = field(organization, id);
        String message =
                link.await(link.attached().commands().hget(keys.gates(), field).toCompletableFuture());
        return message == null ? null : readable(field, message);
    }

    @Override
    public List<GateRecord> write(Collection<GateRecord> toWrite) {
        Connected connected = link.attached();
        List<GateRecord> inTheWay = new ArrayList<>();
        for (GateRecord record : toWrite) {
            String stored = link.await(Script.GATE.<String>run(
                    connected.overridesOf(keys.gates()),
                    ScriptOutputType.VALUE,
                    new String[] {keys.gates()},
                    field(record.organization(), record.id()),
                    Long.toString(record.version()),
                    codec.message(record),
                    keys.gateChanges()));
            if (stored != null) {
                inTheWay.add(codec.record(stored));
            }
        }
        if (inTheWay.size() < toWrite.size()) {
            link.await(Replicas.taken(connected, link.settings(), keys.gates()));
        }
        return inTheWay;
    }

    @Override
    public GateProcesses processes() {
        return processes;
    }

    @Override
    public void subscribe(GateSubscriber subscriber) {
        changes.add(subscriber);
    }

    @Override
    public void unsubscribe(GateSubscriber subscriber) {
        changes.remove(subscriber);
    }

    /** When it was removed, or ends; null if it is in effect without an end. */
    private static @Nullable Instant over(GateRecord record) {
        GateRecord.Removal removal = record.removal();
        return removal == null ? record.until() : removal.at();
    }

    /** One that cannot be read is reported, and keeps no other out. */
    private @Nullable GateRecord readable(String field, String message) {
        try {
            return codec.record(message);
        } catch (RuntimeException unreadable) {
            LOG.warn(
                    "A gate in the key '{}' of Redis at {} cannot be read and is left out: {}. Maybe a newer version"
                            + " wrote it; if not, delete the field '{}'",
                    keys.gates(),
                    link.settings().place(),
                    unreadable.toString(),
                    field.replace('\n', '/'));
            return null;
        }
    }

    private static String field(String organization, String id) {
        return organization + "\n" + id;
    }
}
