package dev.interlock.proxy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.interlock.monitor.loops.Digests;
import dev.interlock.monitor.loops.LoopCall;
import dev.interlock.monitor.loops.ToolTurn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds in a request to a model what its last turn called and what came back. The messages of OpenAI's chat, the items of its
 * responses and the blocks of Anthropic's messages say so alike: calls with an id, and results with that id behind them. Only
 * what comes after the last answer is a turn that has just ended; all before it was said by earlier requests.
 *
 * <p>Nothing is kept: who looks for loops makes digests of what this finds. For one thread.
 */
final class LastTurn {
    private static final JsonFactory JSON = new JsonFactory();

    /** Of one turn; those beyond are not looked at. */
    private static final int MOST_CALLS = 64;

    /** What is longer is there as its digest. */
    private static final int LONGEST = 1 << 16;

    private static final int LONGEST_WORD = 256;

    /** What an object within a message says, by the names of its fields; those of the three interfaces differ. */
    private static final class Said {
        @Nullable
        String type;

        @Nullable
        String role;

        @Nullable
        String id;

        @Nullable
        String name;

        @Nullable
        String arguments;

        @Nullable
        String result;

        boolean failed;
    }

    private record Begun(String name, @Nullable String arguments) {}

    private record Ended(String id, @Nullable String result, boolean failed) {}

    private final byte[] body;
    private final Instant now;
    private final Map<String, Begun> begun = new LinkedHashMap<>();
    private final List<Ended> ended = new ArrayList<>();

    /** Where the turn begins among the messages. */
    private int began;

    private int at;

    private LastTurn(byte[] body, Instant now) {
        this.body = body;
        this.now = now;
    }

    /**
     * What the last turn called.
     *
     * @param kind of the request
     * @param body the request, a JSON object
     * @param now the wall clock's time
     * @return null if it called nothing, or nothing has come back, or the body cannot be read
     */
    static @Nullable ToolTurn read(Kind kind, byte[] body, Instant now) {
        LastTurn last = new LastTurn(body, now);
        try (JsonParser json = JSON.createParser(body)) {
            if (json.nextToken() == JsonToken.START_OBJECT) {
                last.request(json, kind == Kind.RESPONSES ? "input" : "messages");
            }
        } catch (IOException unreadable) {
            return null; // for the upstream to say
        }
        return last.turn();
    }

    private @Nullable ToolTurn turn() {
        List<LoopCall> calls = new ArrayList<>();
        StringBuilder id = new StringBuilder().append(began);
        for (Ended each : ended) {
            Begun call = begun.get(each.id);
            if (call != null) {
                calls.add(new LoopCall("tool:" + call.name, call.arguments, each.result, each.failed, now, now));
                id.append('\n').append(each.id);
            }
        }
        for (LoopCall each : calls) {
            id.append('\n').append(each.tool()).append(each.arguments()).append(each.result());
        }
        return calls.isEmpty() ? null : new ToolTurn(Digests.of(id.toString()), calls);
    }

    private void request(JsonParser json, String wanted) throws IOException {
        for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            JsonToken value = json.nextToken();
            if (value == JsonToken.START_ARRAY && field.equals(wanted)) {
                for (at = 0; json.nextToken() != JsonToken.END_ARRAY; at++) {
                    message(json);
                }
            } else {
                json.skipChildren();
            }
        }
    }

    /** A message, or an item of OpenAI's responses. */
    private void message(JsonParser json) throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            json.skipChildren();
            return;
        }
        List<Said> parts = new ArrayList<>();
        Said message = said(json, parts);
        boolean isAnswer = "assistant".equals(message.role) || "function_call".equals(message.type);
        if (isAnswer && (!ended.isEmpty() || !"function_call".equals(message.type))) {
            begun.clear(); // of OpenAI's responses each call is an item of its own
            ended.clear();
            began = at;
        }
        take(message);
        parts.forEach(this::take);
    }

    private void take(Said said) {
        String id = said.id;
        if (id == null) {
            return;
        }
        boolean isResult =
                "tool".equals(said.role) || "tool_result".equals(said.type) || "function_call_output".equals(said.type);
        if (isResult) {
            if (ended.size() < MOST_CALLS) {
                ended.add(new Ended(id, said.result, said.failed));
            }
        } else if (said.name != null && begun.size() < MOST_CALLS) {
            begun.put(id, new Begun(said.name, said.arguments));
        }
    }

    /** What an object says of itself; what its lists of calls and blocks say goes among the parts, if there are any. */
    private Said said(JsonParser json, @Nullable List<Said> parts) throws IOException {
        Said said = new Said();
        for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            JsonToken value = json.nextToken();
            switch (field) {
                case "type" -> said.type = word(json);
                case "role" -> said.role = word(json);
                case "name" -> said.name = word(json);
                case "id" -> said.id = said.id == null ? word(json) : said.id;
                case "call_id", "tool_call_id", "tool_use_id" -> said.id = word(json);
                case "arguments", "input" -> said.arguments = text(json);
                case "output" -> said.result = text(json);
                case "is_error" -> said.failed = value == JsonToken.VALUE_TRUE;
                case "function" -> function(json, said);
                case "tool_calls" -> parts(json, parts);
                case "content" -> content(json, said, parts);
                default -> json.skipChildren();
            }
        }
        return said;
    }

    /** Of a result it is what came back; of another message its blocks may be calls and results. */
    private void content(JsonParser json, Said said, @Nullable List<Said> parts) throws IOException {
        boolean isResult = parts == null || "tool".equals(said.role);
        boolean mayBeResult = said.role == null && json.currentToken() == JsonToken.VALUE_STRING;
        if (isResult || mayBeResult) {
            said.result = text(json);
        } else {
            parts(json, parts);
        }
    }

    private void parts(JsonParser json, @Nullable List<Said> parts) throws IOException {
        if (parts == null || json.currentToken() != JsonToken.START_ARRAY) {
            json.skipChildren();
            return;
        }
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (json.currentToken() == JsonToken.START_OBJECT) {
                parts.add(said(json, null));
            } else {
                json.skipChildren();
            }
        }
    }

    private void function(JsonParser json, Said said) throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            json.skipChildren();
            return;
        }
        Said function = said(json, null);
        said.name = function.name;
        said.arguments = function.arguments;
    }

    /** A name or an id; null for what is none. */
    private static @Nullable String word(JsonParser json) throws IOException {
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            json.skipChildren();
            return null;
        }
        String word = json.getText();
        return word.length() <= LONGEST_WORD ? word : null;
    }

    /** What a value says: a string's text, or the JSON of anything else. */
    private @Nullable String text(JsonParser json) throws IOException {
        JsonToken value = json.currentToken();
        if (value == JsonToken.VALUE_NULL) {
            return null;
        }
        String text;
        if (value == JsonToken.START_OBJECT || value == JsonToken.START_ARRAY) {
            int from = (int) json.currentTokenLocation().getByteOffset();
            json.skipChildren();
            int to = (int) json.currentLocation().getByteOffset();
            text = new String(body, from, to - from, StandardCharsets.UTF_8);
        } else {
            text = json.getText();
        }
        return text.length() <= LONGEST ? text : Digests.of(text);
    }
}
