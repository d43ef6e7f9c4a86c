package dev.interlock.redis;

import dev.interlock.store.GateRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Gates as messages: the version first, by which scripts compare, then fields. Times go by Redis' clock. */
final class GateCodec {
    private final Skew skew;

    GateCodec(Skew skew) {
        this.skew = skew;
    }

    String message(GateRecord record) {
        List<String> texts = new ArrayList<>();
        texts.add(Long.toString(record.version()));
        put(texts, "organization", record.organization());
        put(texts, "id", record.id());
        put(texts, "stamp", record.stamp());
        put(texts, "covers", record.covers());
        put(texts, "pattern", record.pattern());
        put(texts, "author", record.author());
        put(texts, "reason", record.reason());
        put(texts, "since", time(record.since()));
        put(texts, "until", time(record.until()));
        GateRecord.Removal removal = record.removal();
        if (removal != null) {
            put(texts, "removed_by", removal.actor());
            put(texts, "removed_reason", removal.reason());
            put(texts, "removed_at", time(removal.at()));
        }
        return RecordCodec.message(texts);
    }

    /** The gate in a message. */
    GateRecord record(String message) {
        List<String> texts = RecordCodec.texts(message);
        Map<String, String> fields = RecordCodec.fields(texts.subList(1, texts.size()));
        String removedBy = fields.get("removed_by");
        return new GateRecord(
                text(fields, "organization"),
                text(fields, "id"),
                Long.parseLong(texts.get(0)),
                text(fields, "stamp"),
                text(fields, "covers"),
                fields.get("pattern"),
                text(fields, "author"),
                fields.get("reason"),
                Objects.requireNonNull(time(fields, "since")),
                time(fields, "until"),
                removedBy == null
                        ? null
                        : new GateRecord.Removal(
                                removedBy,
                                fields.get("removed_reason"),
                                Objects.requireNonNull(time(fields, "removed_at"))));
    }

    private @Nullable String time(@Nullable Instant instant) {
        return instant == null ? null : Long.toString(skew.toRedis(instant));
    }

    private @Nullable Instant time(Map<String, String> fields, String name) {
        String micros = fields.get(name);
        return micros == null ? null : skew.fromRedis(Long.parseLong(micros));
    }

    private static void put(List<String> fields, String name, @Nullable String value) {
        if (value != null) {
            fields.add(name);
            fields.add(value);
        }
    }

    private static String text(Map<String, String> fields, String name) {
        return Objects.requireNonNull(fields.get(name), () -> "A gate in Redis has no field '" + name + "'");
    }
}
