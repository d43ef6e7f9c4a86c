package dev.interlock.server.sync;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.interlock.PrintableText;
import dev.interlock.server.http.Problem;
import dev.interlock.server.http.StrictJson;
import dev.interlock.server.sync.SyncRequest.OnUnreachable;
import dev.interlock.server.sync.SyncRequest.Refusals;
import dev.interlock.server.text.Texts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a client says, by the rules of the schema {@code SyncRequest}. Outcomes and entries are cut out, not read. For
 * one body.
 */
final class SyncRequestReader {
    /** The most circuits that one client watches. */
    static final int MOST_WATCHED = 1_000;

    /** The most kinds of refusals in one report. */
    static final int MOST_REFUSALS = 200;

    /** The longest time for which an answer is held back. */
    static final int LONGEST_WAIT = 25_000;

    private static final int MOST_REFUSED = 1_000_000;
    private static final long LARGEST = (1L << 53) - 1;
    private static final int LONGEST_CURSOR = 19;
    private static final int LONGEST_NAME = 128;
    private static final int LONGEST_CIRCUIT = 256;
    private static final int LONGEST_TIME = 64;
    private static final int DEEPEST = 64;

    /** Where a mark of the encoding begins, which would move what is cut out. */
    private static final byte MARK = (byte) 0xEF;

    private static final Pattern CLIENT = Pattern.compile("[A-Za-z0-9_-]{16,64}");
    private static final String A_CIRCUIT =
            "a text of 1 to " + LONGEST_CIRCUIT + " characters, not blank, without control characters";
    private static final Set<String> FIELDS = Set.of(
            "client",
            "name",
            "on_unreachable",
            "generation",
            "cursor",
            "watch",
            "watch_number",
            "wait_ms",
            "batch",
            "outcomes",
            "refusals",
            "entries",
            "sent_at",
            "leaving");
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxStringLength(1 << 20)
                    .maxNumberLength(100)
                    .maxNameLength(1_024)
                    .build())
            .build();

    private final byte[] body;
    private final JsonParser json;
    private final Set<String> seen = new HashSet<>();
    private @Nullable String client;
    private @Nullable String name;
    private OnUnreachable onUnreachable = OnUnreachable.LOCAL;
    private long generation;
    private long cursor = -1;
    private @Nullable List<String> watch;
    private long watchNumber;
    private int waitMillis;
    private long batch;
    private byte @Nullable [] outcomes;
    private final List<Refusals> refusals = new ArrayList<>();
    private boolean hasRefusals;
    private byte @Nullable [] entries;
    private @Nullable String sentAt;
    private boolean leaving;

    private SyncRequestReader(byte[] body, JsonParser json) {
        this.body = body;
        this.json = json;
    }

    /**
     * Reads a body.
     *
     * @throws Problem 400 if it is none; says which field, what it held and what may be there
     */
    static SyncRequest read(byte[] body) {
        if (StrictJson.isWide(body, 0, body.length) || body.length > 0 && body[0] == MARK) {
            throw Problem.invalid("The body must be JSON in UTF-8");
        }
        try (JsonParser json = JSON.createParser(body)) {
            SyncRequestReader reader = new SyncRequestReader(body, json);
            reader.fields();
            return reader.request();
        } catch (JsonProcessingException broken) {
            throw Problem.invalid("The body is no JSON: " + Texts.shown(String.valueOf(broken.getOriginalMessage())));
        } catch (IOException notUtf8) {
            throw Problem.invalid("The body must be JSON in UTF-8");
        }
    }

    private void fields() throws IOException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw Problem.invalid(
                    "The body must be a JSON object, such as {\"client\": \"…\", \"watch\": [\"planner\"]}");
        }
        for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            if (!seen.add(field)) {
                throw Problem.invalid(Texts.shown(field) + ": is there twice; must be given once");
            }
            mustBeKnown(field);
            if (json.nextToken() != JsonToken.VALUE_NULL) {
                read(field);
            }
        }
        if (json.nextToken() != null) {
            throw Problem.invalid("The body must end after its JSON object, but goes on");
        }
    }

    private static void mustBeKnown(String field) {
        if (!FIELDS.contains(field)) {
            throw Problem.invalid("'" + Texts.shown(field) + "' is no field here; there are "
                    + String.join(", ", FIELDS.stream().sorted().toList()));
        }
    }

    private void read(String field) throws IOException {
        switch (field) {
            case "client" -> client = clientId(field);
            case "name" -> name = printable(field);
            case "on_unreachable" -> onUnreachable = onUnreachable(field);
            case "generation" -> generation = whole(field, 0, LARGEST);
            case "cursor" -> cursor = cursor(field);
            case "watch" -> watch = watch(field);
            case "watch_number" -> watchNumber = whole(field, 1, LARGEST);
            case "wait_ms" -> waitMillis = (int) whole(field, 0, LONGEST_WAIT);
            case "batch" -> batch = whole(field, 1, LARGEST);
            case "outcomes" -> outcomes = array(field);
            case "refusals" -> {
                hasRefusals = true;
                refusals(field);
            }
            case "entries" -> entries = array(field);
            case "leaving" -> leaving = truth(field);
            default -> sentAt = text(field, LONGEST_TIME, "a time such as \"2027-02-01T18:00:00Z\"");
        }
    }

    private String clientId(String field) throws IOException {
        String allowed = "16 to 64 random letters, digits, - and _";
        String id = text(field, LONGEST_CIRCUIT, allowed);
        if (!CLIENT.matcher(id).matches()) {
            throw bad(field, id, allowed);
        }
        return id;
    }

    private String printable(String field) throws IOException {
        String allowed = "1 to " + LONGEST_NAME + " printable characters";
        String read = text(field, LONGEST_NAME, allowed);
        if (read.isBlank() || PrintableText.unprintableAt(read) >= 0) {
            throw bad(field, read, allowed);
        }
        return read;
    }

    private OnUnreachable onUnreachable(String field) throws IOException {
        String allowed = "local, allow or refuse";
        String read = text(field, LONGEST_CIRCUIT, allowed);
        return Arrays.stream(OnUnreachable.values())
                .filter(each -> each.name().toLowerCase(Locale.ROOT).equals(read))
                .findFirst()
                .orElseThrow(() -> bad(field, read, allowed));
    }

    private long cursor(String field) throws IOException {
        String allowed = "the cursor of an answer, as it was";
        String read = text(field, LONGEST_CIRCUIT, allowed);
        if (read.isEmpty()
                || read.length() >= LONGEST_CURSOR
                || !read.chars().allMatch(each -> each >= '0' && each <= '9')) {
            throw bad(field, read, allowed);
        }
        return Long.parseLong(read);
    }

    private List<String> watch(String field) throws IOException {
        mustBeArray(field, MOST_WATCHED + " names of circuits");
        Set<String> names = new HashSet<>();
        List<String> read = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            String at = field + "[" + read.size() + "]";
            if (read.size() == MOST_WATCHED) {
                throw Problem.invalid(field + ": may have at most " + MOST_WATCHED
                        + " names of circuits; watch those that this process uses");
            }
            String circuit = circuit(at);
            if (!names.add(circuit)) {
                throw Problem.invalid(at + " = '" + Texts.shown(circuit) + "': is there twice; must be given once");
            }
            read.add(circuit);
        }
        return read;
    }

    private void refusals(String field) throws IOException {
        mustBeArray(field, MOST_REFUSALS + " objects with agent_id, circuit and count");
        while (json.nextToken() != JsonToken.END_ARRAY) {
            String at = field + "[" + refusals.size() + "]";
            if (refusals.size() == MOST_REFUSALS) {
                throw Problem.invalid(
                        field + ": may have at most " + MOST_REFUSALS + " elements; send more in another" + " report");
            }
            refusals.add(refusal(at));
        }
    }

    private Refusals refusal(String at) throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw bad(at, value(), "an object with agent_id, circuit and count");
        }
        String agent = null;
        String circuit = null;
        long count = 0;
        for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            String place = at + "." + Texts.shown(field);
            json.nextToken();
            switch (field) {
                case "agent_id" -> agent = circuit(place);
                case "circuit" -> circuit = circuit(place);
                case "count" -> count = whole(place, 1, MOST_REFUSED);
                default -> throw Problem.invalid(place + ": is no field here; there are agent_id, circuit and count");
            }
        }
        if (agent == null || circuit == null || count == 0) {
            throw Problem.invalid(at + ": must have agent_id, circuit and count");
        }
        return new Refusals(agent, circuit, (int) count);
    }

    /** Cuts an array out of the body; that it is whole and well formed is seen on the way. */
    private byte[] array(String field) throws IOException {
        mustBeArray(field, "1000 objects");
        int from = (int) json.currentTokenLocation().getByteOffset();
        json.skipChildren();
        return Arrays.copyOfRange(body, from, (int) json.currentLocation().getByteOffset());
    }

    private void mustBeArray(String field, String of) throws IOException {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            throw bad(field, value(), "an array of at most " + of);
        }
    }

    private String circuit(String field) throws IOException {
        String read = text(field, LONGEST_CIRCUIT, A_CIRCUIT);
        if (read.isBlank() || !isClean(read)) {
            throw bad(field, read, A_CIRCUIT);
        }
        return read;
    }

    /** No control character, and no half of a character. */
    private static boolean isClean(String text) {
        return text.codePoints()
                .noneMatch(each -> Character.isISOControl(each) || Character.getType(each) == Character.SURROGATE);
    }

    private long whole(String field, long least, long most) throws IOException {
        String allowed = "a whole number, " + least + " to " + most;
        if (json.currentToken() != JsonToken.VALUE_NUMBER_INT
                || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
            throw bad(field, value(), allowed);
        }
        long read = json.getLongValue();
        if (read < least || read > most) {
            throw bad(field, json.getText(), allowed);
        }
        return read;
    }

    private boolean truth(String field) throws IOException {
        if (!json.currentToken().isBoolean()) {
            throw bad(field, value(), "true or false");
        }
        return json.getBooleanValue();
    }

    private String text(String field, int longest, String allowed) throws IOException {
        if (json.currentToken() != JsonToken.VALUE_STRING || json.getTextLength() > longest) {
            throw bad(field, value(), allowed);
        }
        return json.getText();
    }

    private String value() throws IOException {
        JsonToken token = json.currentToken();
        return token == null || token.isStructStart() ? String.valueOf(token) : json.getText();
    }

    private static Problem bad(String field, String value, String allowed) {
        return Problem.invalid(field + " = '" + Texts.shown(value) + "': must be " + allowed);
    }

    private SyncRequest request() {
        String id = client;
        if (id == null) {
            throw Problem.invalid(
                    "client: is missing; must be 16 to 64 random letters, digits, - and _, the same as long"
                            + " as the process lives");
        }
        if (watchNumber > 0 && watch == null) {
            throw Problem.invalid("watch: is missing; watch_number says which of the client's lists comes with it");
        }
        boolean reports = outcomes != null || entries != null || hasRefusals;
        if (reports && batch == 0) {
            throw Problem.invalid(
                    "batch: is missing; a report with outcomes, refusals or entries has a number, 1 for the"
                            + " first of this client");
        }
        if (leaving && batch > 0) {
            throw Problem.invalid("leaving: comes alone, once the last report has its receipt; send batch before it");
        }
        return new SyncRequest(
                id,
                name,
                onUnreachable,
                generation,
                cursor,
                watch,
                watchNumber,
                waitMillis,
                batch,
                outcomes,
                refusals,
                entries,
                sentAt,
                leaving);
    }
}
