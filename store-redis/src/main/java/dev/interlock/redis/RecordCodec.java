package dev.interlock.redis;

import dev.interlock.store.CircuitRecord;
import dev.interlock.store.OpeningRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Records as the fields of a hash, and as one message. Times in Redis go by Redis' clock, in microseconds. */
final class RecordCodec {
    private static final char BETWEEN = '\n';
    private static final char ESCAPE = '\\';

    private final Skew skew;

    RecordCodec(Skew skew) {
        this.skew = skew;
    }

    /** With as many digits as any other, so that texts compare as numbers do. */
    static String epoch(long epoch) {
        return epoch < 0 ? Long.toString(epoch) : String.format(Locale.ROOT, "%019d", epoch);
    }

    /** An epoch as {@link #epoch(long)} wrote it; below all others if it is none. */
    static long epoch(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException none) {
            return Long.MIN_VALUE;
        }
    }

    /** Field, value, field, value, and so on; what is null is left out. */
    List<String> fields(CircuitRecord record) {
        List<String> fields = new ArrayList<>();
        put(fields, "organization", record.organization());
        put(fields, "name", record.name());
        put(fields, "state", record.state());
        put(fields, "epoch", epoch(record.epoch()));
        put(fields, "failures", Integer.toString(record.failureCount()));
        put(fields, "successes", Integer.toString(record.successCount()));
        put(fields, "consecutive", Integer.toString(record.consecutiveFailures()));
        put(fields, "openings", Integer.toString(record.openings()));
        put(fields, "failed_trials", Integer.toString(record.failedTrials()));
        put(fields, "last_failure", skew.toRedisText(record.lastFailureAt()));
        put(fields, "changed", skew.toRedisText(record.changedAt()));
        put(fields, "opened", skew.toRedisText(record.openedAt()));
        put(fields, "cooldown_until", skew.toRedisText(record.cooldownUntil()));
        put(fields, "held", record.held() ? "1" : "0");
        put(fields, "hold_until", skew.toRedisText(record.holdUntil()));
        put(fields, "actor", record.actor());
        put(fields, "reason", record.reason());
        put(fields, "policy", record.policy());
        put(fields, "writer", Long.toString(record.writer()));
        OpeningRecord opening = record.opening();
        if (opening != null) {
            put(fields, "opening_cause", opening.cause());
            put(fields, "opening_kind", opening.kind());
            put(fields, "opening_actor", opening.actor());
            put(fields, "opening_reason", opening.reason());
        }
        return fields;
    }

    /** A record from what {@link #fields} wrote, or null if there is none. */
    @Nullable
    CircuitRecord record(Map<String, String> fields) {
        if (fields.isEmpty()) {
            return null;
        }
        return new CircuitRecord(
                text(fields, "organization"),
                text(fields, "name"),
                text(fields, "state"),
                Long.parseLong(text(fields, "epoch")),
                number(fields, "failures"),
                number(fields, "successes"),
                number(fields, "consecutive"),
                number(fields, "openings"),
                number(fields, "failed_trials"),
                skew.fromRedis(fields.get("last_failure")),
                Objects.requireNonNull(skew.fromRedis(fields.get("changed"))),
                skew.fromRedis(fields.get("opened")),
                skew.fromRedis(fields.get("cooldown_until")),
                text(fields, "held").equals("1"),
                skew.fromRedis(fields.get("hold_until")),
                fields.get("actor"),
                fields.get("reason"),
                text(fields, "policy"),
                Long.parseLong(text(fields, "writer")),
                opening(fields));
    }

    private static @Nullable OpeningRecord opening(Map<String, String> fields) {
        String cause = fields.get("opening_cause");
        return cause == null
                ? null
                : new OpeningRecord(
                        cause, fields.get("opening_kind"), fields.get("opening_actor"), fields.get("opening_reason"));
    }

    @Nullable
    CircuitRecord record(List<?> fieldsAndValues) {
        return record(fields(fieldsAndValues));
    }

    static Map<String, String> fields(List<?> fieldsAndValues) {
        Map<String, String> fields = new HashMap<>();
        for (int i = 0; i + 1 < fieldsAndValues.size(); i += 2) {
            fields.put((String) fieldsAndValues.get(i), (String) fieldsAndValues.get(i + 1));
        }
        return fields;
    }

    /** Texts as one: each ends with a line feed, and one that it holds is escaped. */
    static String message(List<String> texts) {
        StringBuilder message = new StringBuilder();
        for (String text : texts) {
            for (int i = 0; i < text.length(); i++) {
                char character = text.charAt(i);
                if (character == BETWEEN) {
                    message.append(ESCAPE).append('n');
                } else if (character == ESCAPE) {
                    message.append(ESCAPE).append(ESCAPE);
                } else {
                    message.append(character);
                }
            }
            message.append(BETWEEN);
        }
        return message.toString();
    }

    static List<String> texts(String message) {
        List<String> texts = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < message.length(); i++) {
            char character = message.charAt(i);
            if (character == BETWEEN) {
                texts.add(text.toString());
                text.setLength(0);
            } else if (character == ESCAPE && i + 1 < message.length()) {
                i++;
                text.append(message.charAt(i) == 'n' ? BETWEEN : message.charAt(i));
            } else {
                text.append(character);
            }
        }
        return texts;
    }

    /** Adds a field, if it has a value. */
    static void put(List<String> fields, String name, @Nullable String value) {
        if (value != null) {
            fields.add(name);
            fields.add(value);
        }
    }

    /** A field that must be there. */
    static String text(Map<String, String> fields, String name) {
        return Objects.requireNonNull(
                fields.get(name), () -> "What Redis has is no record or gate: it has no field '" + name + "'");
    }

    private static int number(Map<String, String> fields, String name) {
        return Integer.parseInt(text(fields, name));
    }
}
