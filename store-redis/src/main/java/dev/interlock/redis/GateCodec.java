package dev.interlock.redis;

import dev.interlock.store.GateRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Gates as messages: the version first, by which scripts compare, then fields. Times go by Redis' clock. */
final class GateCodec {
    private final Skew skew;

    GateCodec(Skew skew) {
        this.skew = skew;
    }

    String message(GateRecord record) {
        List<String> texts = new ArrayList<>();
        texts.add(Long.toString(record.version()));
        RecordCodec.put(texts, "organization", record.organization());
        RecordCodec.put(texts, "id", record.id());
        RecordCodec.put(texts, "stamp", record.stamp());
        RecordCodec.put(texts, "covers", record.covers());
        RecordCodec.put(texts, "pattern", record.pattern());
        RecordCodec.put(texts, "author", record.author());
        RecordCodec.put(texts, "reason", record.reason());
        RecordCodec.put(texts, "since", skew.toRedisText(record.since()));
        RecordCodec.put(texts, "until", skew.toRedisText(record.until()));
        GateRecord.Removal removal = record.removal();
        if (removal != null) {
            RecordCodec.put(texts, "removed_by", removal.actor());
            RecordCodec.put(texts, "removed_reason", removal.reason());
            RecordCodec.put(texts, "removed_at", skew.toRedisText(removal.at()));
        }
        return RecordCodec.message(texts);
    }

    /** The gate in a message. */
    GateRecord record(String message) {
        List<String> texts = RecordCodec.texts(message);
        Map<String, String> fields = RecordCodec.fields(texts.subList(1, texts.size()));
        String removedBy = fields.get("removed_by");
        return new GateRecord(
                RecordCodec.text(fields, "organization"),
                RecordCodec.text(fields, "id"),
                Long.parseLong(texts.get(0)),
                RecordCodec.text(fields, "stamp"),
                RecordCodec.text(fields, "covers"),
                fields.get("pattern"),
                RecordCodec.text(fields, "author"),
                fields.get("reason"),
                Objects.requireNonNull(skew.fromRedis(fields.get("since"))),
                skew.fromRedis(fields.get("until")),
                removedBy == null
                        ? null
                        : new GateRecord.Removal(
                                removedBy,
                                fields.get("removed_reason"),
                                Objects.requireNonNull(skew.fromRedis(fields.get("removed_at")))));
    }
}
