package dev.interlock.server.permits;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.interlock.FailureKind;
import dev.interlock.server.http.StrictJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the small bodies of the hot path token by token, with the rules of the schemas {@code PermitRequest}, {@code
 * Outcome} and {@code BatchOutcome} in {@code openapi.yaml}; a test holds the two together. Safe for use by any thread.
 */
final class BodyReader {
    /** The most circuits that a call may depend on. */
    static final int MOST_DEPENDENCIES = 16;

    /** The longest time that a report may give: a year, in milliseconds. */
    static final long LONGEST_MILLIS = 31_536_000_000L;

    private static final int LONGEST_NAME = 256;
    private static final double NANOS_PER_MILLI = 1_000_000;
    private static final String A_NAME =
            "a text of 1 to " + LONGEST_NAME + " characters, not blank, without control characters";
    private static final String A_TIME = "a number of milliseconds, 0 to " + LONGEST_MILLIS;
    private static final String OUTCOMES = "success, failure or cancelled";
    private static final Map<String, FailureKind> KINDS =
            Arrays.stream(FailureKind.values()).collect(Collectors.toMap(FailureKind::name, Function.identity()));
    private static final String ALLOWED_KINDS =
            Arrays.stream(FailureKind.values()).map(FailureKind::name).collect(Collectors.joining(", "));
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(8)
                    .maxStringLength(PermitSeal.LONGEST)
                    .maxNumberLength(100)
                    .maxNameLength(256)
                    .build())
            .build();

    private BodyReader() {}

    /** What a permit is asked for; nothing is said if the body is empty. */
    static PermitRequest request(byte[] body) throws BadBodyException {
        if (body.length == 0) {
            return PermitRequest.PLAIN;
        }
        List<String> names = new ArrayList<>();
        List<String> alternatives = new ArrayList<>(0);
        @Nullable String[] parent = new @Nullable String[1];
        @Nullable String[] caller = new @Nullable String[1];
        @Nullable String[] execution = new @Nullable String[1];
        read(body, 0, body.length, (json, field) -> {
            boolean absent = json.currentToken() == JsonToken.VALUE_NULL;
            switch (field) {
                case "depends_on" -> {
                    if (!absent) {
                        dependencies(json, field, names);
                    }
                }
                case "alternatives" -> {
                    if (!absent) {
                        dependencies(json, field, alternatives);
                    }
                }
                case "parent" -> parent[0] = absent ? null : text(json, field, "a permit's text");
                case "caller" -> caller[0] = absent ? null : name(json, field);
                case "execution" -> execution[0] = absent ? null : name(json, field);
                default -> throw unknown(field, "depends_on, parent, caller, alternatives and execution");
            }
        });
        return new PermitRequest(names, parent[0], caller[0], alternatives, execution[0]);
    }

    static void dependencies(JsonParser json, String field, List<String> names) throws IOException, BadBodyException {
        String allowed = "an array of at most " + MOST_DEPENDENCIES + " names of circuits";
        if (json.currentToken() != JsonToken.START_ARRAY) {
            throw BadBodyException.of(field, value(json), allowed);
        }
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (names.size() == MOST_DEPENDENCIES) {
                throw new BadBodyException(field + ": must be " + allowed + ", but has more");
            }
            names.add(name(json, field + "[" + names.size() + "]"));
        }
    }

    /** A report of one call, whose agent the path names. */
    static Report report(byte[] body) throws BadBodyException {
        return report(body, 0, body.length, false);
    }

    /** One entry of a batch, which names its agent or has a permit. */
    static Report entry(byte[] bytes, int from, int length) throws BadBodyException {
        Report report = report(bytes, from, length, true);
        if (report.agent() == null && report.permit() == null) {
            throw new BadBodyException("agent_id: is missing; an entry must name its agent or have a permit");
        }
        return report;
    }

    private static Report report(byte[] bytes, int from, int length, boolean batch) throws BadBodyException {
        Fields fields = new Fields(batch, "");
        read(bytes, from, length, fields);
        return fields.report();
    }

    /** What to do with a field; the parser is at its value. */
    interface FieldReader {
        void read(JsonParser json, String field) throws IOException, BadBodyException;
    }

    /** Reads an object, each field once. */
    static void read(byte[] bytes, int from, int length, FieldReader reader) throws BadBodyException {
        if (StrictJson.isWide(bytes, from, length)) {
            throw new BadBodyException("the body: must be JSON in UTF-8");
        }
        try (JsonParser json = JSON.createParser(bytes, from, length)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new BadBodyException(
                        json.currentToken() == null
                                ? "the body: must be a JSON object, but there is none"
                                : "the body = " + BadBodyException.shown(value(json)) + ": must be a JSON object");
            }
            List<String> seen = new ArrayList<>(6);
            for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
                if (seen.contains(field)) {
                    throw new BadBodyException(BadBodyException.shown(field) + ": is there twice; must be given once");
                }
                seen.add(field);
                json.nextToken();
                reader.read(json, field);
            }
            if (json.nextToken() != null) {
                throw new BadBodyException("the body: must end after its JSON object, but goes on");
            }
        } catch (JsonProcessingException broken) {
            throw new BadBodyException("the body: is no JSON, " + broken.getOriginalMessage() + " at byte "
                    + Math.max(
                            0,
                            broken.getLocation() == null
                                    ? 0
                                    : broken.getLocation().getByteOffset() - from));
        } catch (IOException notUtf8) {
            throw new BadBodyException("the body: must be JSON in UTF-8");
        }
    }

    /** The fields of a report, as they come. */
    static final class Fields implements FieldReader {
        private final boolean batch;
        private final String others;
        private @Nullable String agent;
        private @Nullable String permit;
        private @Nullable String outcome;
        private @Nullable FailureKind kind;
        private long duration = -1;
        private long retryAfter = -1;
        private @Nullable String concerning;
        private @Nullable String caller;
        private final UsageFields usage = new UsageFields();

        /**
         * None yet.
         *
         * @param batch whether the body names the agent
         * @param others fields that somebody else reads, each with a comma behind it, for messages
         */
        Fields(boolean batch, String others) {
            this.batch = batch;
            this.others = others;
        }

        @Override
        public void read(JsonParser json, String field) throws IOException, BadBodyException {
            boolean absent = json.currentToken() == JsonToken.VALUE_NULL;
            switch (field) {
                case "outcome" -> outcome = text(json, field, OUTCOMES);
                case "permit" -> permit = absent ? null : text(json, field, "a text");
                case "kind" -> kind = absent ? null : kind(json, field);
                case "duration_ms" -> duration = absent ? -1 : nanos(json, field);
                case "retry_after_ms" -> retryAfter = absent ? -1 : waitNanos(json, field);
                case "concerning" -> concerning = absent ? null : name(json, field);
                case "caller" -> caller = absent ? null : name(json, field);
                case "tokens_in", "tokens_out", "tokens_cached", "cost_usd" -> usage.read(json, field);
                case "agent_id" -> {
                    if (!batch) {
                        throw new BadBodyException("agent_id: must not be in the body, since the path names the agent");
                    }
                    agent = absent ? null : name(json, field);
                }
                default ->
                    throw unknown(
                            field,
                            others
                                    + (batch ? "agent_id, " : "")
                                    + "permit, outcome, kind, duration_ms, retry_after_ms, concerning, caller, tokens_in,"
                                    + " tokens_out, tokens_cached and cost_usd");
            }
        }

        Report report() throws BadBodyException {
            return new Report(agent, permit, judged(), duration, retryAfter, concerning, caller, usage.usage());
        }

        private @Nullable FailureKind judged() throws BadBodyException {
            if (outcome == null) {
                throw new BadBodyException("outcome: is missing; must be " + OUTCOMES);
            }
            switch (outcome) {
                case "success" -> {
                    mustBeAbsent("kind", kind != null);
                    mustBeAbsent("retry_after_ms", retryAfter >= 0);
                    mustBeAbsent("concerning", concerning != null);
                    return null;
                }
                case "cancelled" -> {
                    if (kind != null && kind != FailureKind.CANCELLED) {
                        throw new BadBodyException("kind: must be CANCELLED or absent with outcome = 'cancelled'");
                    }
                    return FailureKind.CANCELLED;
                }
                case "failure" -> {
                    return kind == null ? FailureKind.ERROR : kind;
                }
                default -> throw BadBodyException.of("outcome", outcome, OUTCOMES);
            }
        }

        private static void mustBeAbsent(String field, boolean present) throws BadBodyException {
            if (present) {
                throw new BadBodyException(field + ": belongs to a failure; must be absent with outcome = 'success'");
            }
        }
    }

    private static FailureKind kind(JsonParser json, String field) throws IOException, BadBodyException {
        String text = text(json, field, "one of " + ALLOWED_KINDS);
        FailureKind kind = KINDS.get(text);
        if (kind == null) {
            throw BadBodyException.of(field, text, "one of " + ALLOWED_KINDS);
        }
        return kind;
    }

    static long nanos(JsonParser json, String field) throws IOException, BadBodyException {
        if (json.currentToken() != JsonToken.VALUE_NUMBER_INT && json.currentToken() != JsonToken.VALUE_NUMBER_FLOAT) {
            throw BadBodyException.of(field, value(json), A_TIME);
        }
        double millis = json.getDoubleValue();
        if (!(millis >= 0 && millis <= LONGEST_MILLIS)) {
            throw BadBodyException.of(field, json.getText(), A_TIME);
        }
        return (long) (millis * NANOS_PER_MILLI);
    }

    /** A wait that is longer than any other time is as long as the longest: the policy caps it further. */
    private static long waitNanos(JsonParser json, String field) throws IOException, BadBodyException {
        boolean isNumber = json.currentToken() == JsonToken.VALUE_NUMBER_INT
                || json.currentToken() == JsonToken.VALUE_NUMBER_FLOAT;
        if (isNumber && json.getDoubleValue() > LONGEST_MILLIS) {
            return LONGEST_MILLIS * (long) NANOS_PER_MILLI;
        }
        return nanos(json, field);
    }

    static String name(JsonParser json, String field) throws IOException, BadBodyException {
        return checkName(field, text(json, field, A_NAME));
    }

    /** A name that can be a circuit's. */
    static String checkName(String field, String name) throws BadBodyException {
        if (name.isBlank() || name.length() > LONGEST_NAME || !isClean(name)) {
            throw BadBodyException.of(field, name, A_NAME);
        }
        return name;
    }

    /** Whether a name can be written in UTF-8 and shown: no control character, and no half of a character. */
    private static boolean isClean(String name) {
        for (int i = 0; i < name.length(); i++) {
            char each = name.charAt(i);
            if (Character.isISOControl(each)) {
                return false;
            }
            if (Character.isSurrogate(each)) {
                if (i + 1 == name.length() || !Character.isSurrogatePair(each, name.charAt(i + 1))) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }

    private static String text(JsonParser json, String field, String allowed) throws IOException, BadBodyException {
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            throw BadBodyException.of(field, value(json), allowed);
        }
        return json.getText();
    }

    static String value(JsonParser json) throws IOException {
        JsonToken token = json.currentToken();
        if (token == JsonToken.START_ARRAY || token == JsonToken.START_OBJECT) {
            return token.asString();
        }
        return token == null ? "" : json.getText();
    }

    static BadBodyException unknown(String field, String allowed) {
        return new BadBodyException(BadBodyException.shown(field) + ": is no field here; there are " + allowed);
    }
}
