package dev.interlock.server.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.interlock.server.text.Texts;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON that all readers read alike: in UTF-8, one value, no name twice in an object, no half characters. What is
 * not is a {@link Problem} that says where. Safe for use by any thread.
 */
public final class StrictJson {
    private static final int DEEPEST = 100;

    /** How many members and elements a body may have in all; none of the contract comes near. */
    static final int MOST_VALUES = 1_000;

    private static final int BYTE_ORDER_MARK = 0xFEFF;
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
            .build();

    private final JsonParser json;
    private int values;

    private StrictJson(JsonParser json) {
        this.json = json;
    }

    /**
     * Reads one value.
     *
     * @param bytes UTF-8; a byte order mark before it is left out
     * @return a JSON object or array of Vert.x, a text, a number, a boolean or null
     * @throws Problem 400, if it is not strict JSON
     */
    public static @Nullable Object read(Buffer bytes) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.getBytes()))
                    .toString();
        } catch (CharacterCodingException other) {
            throw Problem.invalid("The body is no JSON: it is not in UTF-8");
        }
        boolean marked = !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK;
        Object value = read(marked ? text.substring(1) : text);
        if (text.contains("\\u")) {
            Characters.check(value);
        }
        return value;
    }

    private static @Nullable Object read(String text) {
        try (JsonParser json = JSON.createParser(text)) {
            if (json.nextToken() == null) {
                throw Problem.invalid("The body is no JSON: there is nothing in it");
            }
            Object value = new StrictJson(json).value();
            if (json.nextToken() != null) {
                throw Problem.invalid("The body is no JSON: it goes on after its value");
            }
            return value;
        } catch (JsonProcessingException broken) {
            throw Problem.invalid("The body is no JSON: " + Texts.shown(broken.getOriginalMessage()));
        } catch (IOException impossible) { // a text has no such errors
            throw new IllegalStateException(impossible);
        }
    }

    private @Nullable Object value() throws IOException {
        if (++values > MOST_VALUES) {
            throw Problem.invalid("The body has more than " + MOST_VALUES + " members and elements");
        }
        return switch (json.currentToken()) {
            case START_OBJECT -> object();
            case START_ARRAY -> {
                List<@Nullable Object> list = new ArrayList<>();
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    list.add(value());
                }
                yield new JsonArray(list);
            }
            case VALUE_NUMBER_INT -> json.getNumberValue();
            case VALUE_NUMBER_FLOAT -> json.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            default -> json.getText();
        };
    }

    private JsonObject object() throws IOException {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            if (map.containsKey(name)) {
                throw Problem.invalid("The body has '" + Texts.shown(place()) + "' twice; it may be there once");
            }
            json.nextToken();
            map.put(name, value());
        }
        return new JsonObject(map);
    }

    /** Where the parser is, as in {@code metadata.teams[2].name}; only a mistake is worth the time. */
    private String place() {
        StringBuilder place = new StringBuilder();
        for (JsonStreamContext at = json.getParsingContext(); at != null && !at.inRoot(); at = at.getParent()) {
            place.insert(0, at.inArray() ? "[" + at.getCurrentIndex() + "]" : "." + at.getCurrentName());
        }
        return place.length() > 0 && place.charAt(0) == '.' ? place.substring(1) : place.toString();
    }

    /**
     * Whether JSON of at least two bytes is written in units of more than a byte, or begins with a mark of such: readers
     * that guess would read it. A text in UTF-8 that begins with an ASCII character never is.
     */
    public static boolean isWide(byte[] bytes, int from, int length) {
        return length >= 2
                && (bytes[from] == 0
                        || bytes[from + 1] == 0
                        || bytes[from] == (byte) 0xFE
                        || bytes[from] == (byte) 0xFF);
    }
}
