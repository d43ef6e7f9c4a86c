package dev.interlock.monitor;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.interlock.FailureKind;
import dev.interlock.PrintableText;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads one entry, to its end also if it is wrong: the first mistake is reported by {@link #entry}. */
final class EntryReader {
    private static final long MOST_MILLIS = 2_592_000_000L;
    private static final double MOST_WAIT_MILLIS = 31_536_000_000.0;
    private static final long MOST_TOKENS = (1L << 53) - 1;
    private static final double MOST_DOLLARS = 1e9;
    private static final int SHOWN = 60;
    private static final Map<String, FailureKind> KINDS =
            Arrays.stream(FailureKind.values()).collect(Collectors.toMap(FailureKind::name, Function.identity()));
    private static final String ALL_KINDS = names(FailureKind.values(), false);
    private static final String ALL_TYPES = names(ActionType.values(), true);
    private static final String ALL_STATUSES = names(EntryStatus.values(), true);
    private static final String FIELDS = "entry_id, execution_id, agent_id, action_type, action_name, input_summary,"
            + " output_summary, status, error_message, error_kind, retry_after_ms, latency_ms, token_count, input_tokens, output_tokens,"
            + " cached_tokens, cost_usd, metadata,"
            + " depends_on, caller, timestamp, guarded and permit";

    private final Set<String> seen = new HashSet<>();
    private @Nullable String problem;
    private @Nullable String entryId;
    private @Nullable String executionId;
    private @Nullable String agentId;
    private @Nullable ActionType type;
    private @Nullable String actionName;
    private @Nullable String input;
    private @Nullable String output;
    private @Nullable EntryStatus status;
    private @Nullable String errorMessage;
    private @Nullable FailureKind errorKind;
    private @Nullable Long retryAfter;
    private @Nullable Long latency;
    private @Nullable Long tokens;
    private @Nullable Double cost;
    private final Map<String, Long> split = new LinkedHashMap<>();
    private Map<String, @Nullable Object> metadata = Map.of();
    private List<String> dependsOn = List.of();
    private @Nullable String caller;
    private @Nullable Instant timestamp;
    private boolean guarded;
    private @Nullable String permit;

    /** Reads the value at which the parser is. */
    void read(JsonParser json) throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            problem = "An entry must be an object";
            json.skipChildren();
            return;
        }
        for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            json.nextToken();
            try {
                if (!seen.add(field)) {
                    throw new IllegalArgumentException(shown(field) + ": is there twice; must be given once");
                }
                field(json, field);
            } catch (IllegalArgumentException bad) {
                problem = problem == null ? bad.getMessage() : problem;
                json.skipChildren(); // of the value that was not looked into
            }
        }
    }

    /** The entry. */
    LogEntry entry() {
        if (problem != null) {
            throw new IllegalArgumentException(problem);
        }
        return LogEntry.builder(
                        needed("agent_id", agentId, "an agent's name"),
                        needed("action_type", type, "one of " + ALL_TYPES),
                        needed("timestamp", timestamp, "when it began"))
                .status(needed("status", status, "one of " + ALL_STATUSES))
                .entryId(entryId)
                .executionId(executionId)
                .actionName(actionName)
                .inputSummary(input)
                .outputSummary(output)
                .errorMessage(errorMessage)
                .errorKind(errorKind)
                .retryAfterMs(retryAfter)
                .latencyMs(latency)
                .tokenCount(tokens != null || split.isEmpty() ? tokens : (Long) EntryUsage.sum(split))
                .costUsd(cost)
                .metadata(EntryUsage.with(metadata, split))
                .dependsOn(dependsOn)
                .caller(caller)
                .guarded(guarded)
                .permit(permit)
                .build();
    }

    private void field(JsonParser json, String field) throws IOException {
        switch (field) {
            case "entry_id" -> entryId = id(json, field);
            case "execution_id" -> executionId = id(json, field);
            case "agent_id" -> agentId = id(json, field);
            case "action_type" -> type = choice(json, field, ActionType::ofWireName, ALL_TYPES);
            case "action_name" -> actionName = text(json, field);
            case "input_summary" -> input = text(json, field);
            case "output_summary" -> output = text(json, field);
            case "status" -> status = choice(json, field, EntryStatus::ofWireName, ALL_STATUSES);
            case "error_message" -> errorMessage = text(json, field);
            case "error_kind" -> errorKind = choice(json, field, KINDS::get, ALL_KINDS);
            case "retry_after_ms" -> retryAfter = rounded(capped(number(json, field, Double.MAX_VALUE)));
            case "latency_ms" -> latency = rounded(number(json, field, MOST_MILLIS));
            case "token_count" -> tokens = rounded(whole(field, number(json, field, MOST_TOKENS)));
            case EntryUsage.INPUT, EntryUsage.OUTPUT, EntryUsage.CACHED -> {
                Long count = rounded(whole(field, number(json, field, MOST_TOKENS)));
                if (count != null) {
                    split.put(field, count);
                }
            }
            case "cost_usd" -> cost = number(json, field, MOST_DOLLARS);
            case "metadata" -> metadata(json, field);
            case "depends_on" -> dependsOn = names(json, field);
            case "caller" -> caller = id(json, field);
            case "timestamp" -> timestamp = LogBatchReader.time(field, text(json, field));
            case "guarded" -> guarded = flag(json, field);
            case "permit" -> permit = text(json, field);
            default ->
                throw new IllegalArgumentException(shown(field) + ": is no field of an entry; there are " + FIELDS);
        }
    }

    private void metadata(JsonParser json, String field) throws IOException {
        if (json.currentToken() == JsonToken.START_OBJECT) {
            List<String> twice = new ArrayList<>();
            metadata = EntryJson.object(json, twice);
            if (!twice.isEmpty()) {
                throw new IllegalArgumentException(
                        field + ": has " + shown(twice.get(0)) + " twice; each name must be given once");
            }
        } else if (json.currentToken() != JsonToken.VALUE_NULL) {
            throw wrong(field, json, "an object");
        }
    }

    private static List<String> names(JsonParser json, String field) throws IOException {
        String allowed = "an array of at most " + LogEntry.MOST_DEPENDENCIES + " names of circuits";
        if (json.currentToken() == JsonToken.VALUE_NULL) {
            return List.of();
        }
        if (json.currentToken() != JsonToken.START_ARRAY) {
            throw wrong(field, json, allowed);
        }
        List<String> names = new ArrayList<>();
        IllegalArgumentException bad = null;
        while (json.nextToken() != JsonToken.END_ARRAY) { // to its end, also after a mistake
            try {
                String name = id(json, field + "[" + names.size() + "]");
                if (name == null) {
                    throw wrong(field + "[" + names.size() + "]", json, "a name");
                }
                names.add(name);
            } catch (IllegalArgumentException mistake) {
                bad = bad == null ? mistake : bad;
                json.skipChildren();
            }
        }
        if (bad != null) {
            throw bad;
        }
        if (names.size() > LogEntry.MOST_DEPENDENCIES) {
            throw new IllegalArgumentException(field + ": must be " + allowed + ", but has " + names.size());
        }
        return names;
    }

    private static boolean flag(JsonParser json, String field) throws IOException {
        return switch (json.currentToken()) {
            case VALUE_TRUE -> true;
            case VALUE_FALSE, VALUE_NULL -> false;
            default -> throw wrong(field, json, "true or false");
        };
    }

    private static @Nullable String id(JsonParser json, String field) throws IOException {
        String text = asSent(json, field);
        if (text != null && (text.isBlank() || !text.equals(clean(text)))) {
            throw wrong(field, json, "a text that is not blank, without control characters");
        }
        return text;
    }

    private static <T> @Nullable T choice(
            JsonParser json, String field, Function<String, @Nullable T> choices, String allowed) throws IOException {
        String text = text(json, field);
        T chosen = text == null ? null : choices.apply(text);
        if (text != null && chosen == null) {
            throw wrong(field, json, "one of " + allowed);
        }
        return chosen;
    }

    private static @Nullable Double number(JsonParser json, String field, double most) throws IOException {
        if (json.currentToken() == JsonToken.VALUE_NULL) {
            return null;
        }
        if (json.currentToken().isNumeric()) {
            double value = json.getDoubleValue();
            if (value >= 0 && value <= most) {
                return value;
            }
        }
        throw wrong(field, json, String.format(Locale.ROOT, "a number, 0 to %.0f", most));
    }

    private static @Nullable Double whole(String field, @Nullable Double value) {
        if (value != null && value != Math.rint(value)) {
            throw new IllegalArgumentException(field + " = " + value + ": must be a whole number");
        }
        return value;
    }

    /** A wait that is longer than any other time is as long as the longest: the policy caps it further. */
    private static @Nullable Double capped(@Nullable Double millis) {
        return millis == null ? null : (Double) Math.min(millis, MOST_WAIT_MILLIS);
    }

    private static @Nullable Long rounded(@Nullable Double value) {
        return value == null ? null : Math.round(value);
    }

    /** A text that databases can hold: half characters and NUL are replaced. */
    static @Nullable String text(JsonParser json, String field) throws IOException {
        String text = asSent(json, field);
        return text == null || field.endsWith("_id") ? text : Texts.storable(text);
    }

    private static @Nullable String asSent(JsonParser json, String field) throws IOException {
        if (json.currentToken() == JsonToken.VALUE_NULL) {
            return null;
        }
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            throw wrong(field, json, "a text");
        }
        return json.getText();
    }

    private static String clean(String text) {
        StringBuilder clean = new StringBuilder();
        Texts.storable(text)
                .codePoints()
                .filter(each -> !Character.isISOControl(each))
                .forEach(clean::appendCodePoint);
        return clean.toString();
    }

    private static IllegalArgumentException wrong(String field, JsonParser json, String allowed) throws IOException {
        JsonToken token = json.currentToken();
        String value = token == JsonToken.START_ARRAY || token == JsonToken.START_OBJECT
                ? token == JsonToken.START_ARRAY ? "an array" : "an object"
                : shown(json.getText());
        return new IllegalArgumentException(field + " = " + value + ": must be " + allowed);
    }

    private static <T> T needed(String field, @Nullable T value, String what) {
        if (value == null) {
            throw new IllegalArgumentException(field + ": is missing; must be " + what);
        }
        return value;
    }

    /** A value as it may be repeated to its sender: short, and of printable characters. */
    static String shown(String value) {
        String text = PrintableText.masked(value, '?');
        if (text.length() <= SHOWN) {
            return "'" + text + "'";
        }
        int end = Character.isHighSurrogate(text.charAt(SHOWN - 1)) ? SHOWN - 1 : SHOWN;
        return "'" + text.substring(0, end) + "…'";
    }

    private static String names(Enum<?>[] values, boolean lower) {
        return Arrays.stream(values)
                .map(each -> lower ? each.name().toLowerCase(Locale.ROOT) : each.name())
                .collect(Collectors.joining(", "));
    }
}
