package dev.interlock.redis;

import dev.interlock.store.ProbeRecord;
import dev.interlock.store.ProbeStore;
import io.lettuce.core.Range;
import io.lettuce.core.ScriptOutputType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trust in circuits' probes in Redis: a hash of all circuits, and another key with which changed when. Times go by
 * Redis' clock.
 */
final class RedisProbes implements ProbeStore {
    private static final Logger LOG = LoggerFactory.getLogger(RedisProbes.class);
    private static final int BATCH = 500;

    private final RedisLink link;
    private final Keys keys;
    private final Skew skew;

    RedisProbes(RedisLink link, Keys keys, Skew skew) {
        this.link = link;
        this.keys = keys;
        this.skew = skew;
    }

    @Override
    public void read(Instant since, Consumer<ProbeRecord> reader) {
        Connected connected = link.attached();
        List<String> changed = link.await(
                connected // all at once: who changes meanwhile moves to the end of the list
                        .commands()
                        .zrangebyscore(
                                keys.trustChanged(),
                                Range.from(
                                        Range.Boundary.including((double) skew.toRedis(since)),
                                        Range.Boundary.unbounded()))
                        .toCompletableFuture());
        for (int from = 0; from < changed.size(); from += BATCH) {
            List<String> asked = changed.subList(from, Math.min(changed.size(), from + BATCH));
            link.await(connected
                            .commands()
                            .hmget(keys.trust(), asked.toArray(String[]::new))
                            .toCompletableFuture())
                    .forEach(each -> {
                        if (each.hasValue()) {
                            take(each.getKey(), each.getValue(), reader);
                        }
                    });
        }
    }

    /** One that cannot be read is reported, and keeps no other out. */
    private void take(String field, String message, Consumer<ProbeRecord> reader) {
        try {
            Map<String, String> fields = RecordCodec.fields(RecordCodec.texts(message));
            reader.accept(new ProbeRecord(
                    RecordCodec.text(fields, "organization"),
                    RecordCodec.text(fields, "name"),
                    RecordCodec.text(fields, "trusted").equals("1"),
                    RecordCodec.text(fields, "tried").equals("1"),
                    skew.fromRedis(fields.get("real_trial")),
                    Objects.requireNonNull(skew.fromRedis(fields.get("changed")))));
        } catch (RuntimeException unreadable) {
            LOG.warn(
                    "A probe in the key '{}' of Redis at {} cannot be read and is left out: {}. Maybe a newer"
                            + " version wrote it; if not, delete the field '{}'",
                    keys.trust(),
                    link.settings().place(),
                    unreadable.toString(),
                    field.replace('\n', '/'));
        }
    }

    @Override
    public void write(Collection<ProbeRecord> changes) {
        Connected connected = link.attached();
        List<CompletableFuture<Long>> answers = new ArrayList<>();
        for (ProbeRecord change : changes) {
            List<String> texts = new ArrayList<>();
            RecordCodec.put(texts, "organization", change.organization());
            RecordCodec.put(texts, "name", change.name());
            RecordCodec.put(texts, "trusted", change.trusted() ? "1" : "0");
            RecordCodec.put(texts, "tried", change.tried() ? "1" : "0");
            RecordCodec.put(texts, "real_trial", skew.toRedisText(change.realTrialAt()));
            RecordCodec.put(texts, "changed", skew.toRedisText(change.changedAt()));
            answers.add(Script.TRUST.<Long>run(
                    connected.commands(),
                    ScriptOutputType.INTEGER,
                    new String[] {keys.trust(), keys.trustChanged()},
                    change.organization() + "\n" + change.name(),
                    Long.toString(skew.toRedis(change.changedAt())),
                    RecordCodec.message(texts)));
        }
        answers.forEach(link::await);
    }

    @Override
    public void forget(Instant before) {
        link.await(Script.FORGET_TRUST.<Long>run(
                link.attached().commands(),
                ScriptOutputType.INTEGER,
                new String[] {keys.trust(), keys.trustChanged()},
                Long.toString(skew.toRedis(before))));
    }

    @Override
    public boolean isShared() {
        return true;
    }
}
