package dev.interlock.monitor;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Metadata as JSON, for stores that keep it as a text. */
public final class EntryJson {
    private static final JsonFactory JSON = new JsonFactory();

    private EntryJson() {}

    /**
     * Writes metadata.
     *
     * @param metadata texts, numbers, booleans, nulls, lists and maps of them; another object's own text is taken
     * @return a JSON object
     */
    public static String write(Map<String, ? extends @Nullable Object> metadata) {
        if (metadata.isEmpty()) {
            return "{}";
        }
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            write(json, metadata);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible); // memory has no such errors
        }
        return text.toString();
    }

    /**
     * Reads metadata.
     *
     * @param json a JSON object
     * @return what it says
     * @throws IllegalArgumentException if it is none
     */
    public static Map<String, @Nullable Object> read(String json) {
        if (json.equals("{}")) {
            return Map.of();
        }
        try (JsonParser parser = JSON.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("Metadata must be a JSON object");
            }
            return object(parser, new ArrayList<>());
        } catch (IOException broken) {
            throw new IllegalArgumentException("Metadata must be a JSON object", broken);
        }
    }

    static void write(JsonGenerator json, @Nullable Object value) throws IOException {
        if (value instanceof Map<?, ?> map) {
            json.writeStartObject();
            for (Map.Entry<?, ?> each : map.entrySet()) {
                json.writeFieldName(String.valueOf(each.getKey()));
                write(json, each.getValue());
            }
            json.writeEndObject();
        } else if (value instanceof Collection<?> many) {
            json.writeStartArray();
            for (Object each : many) {
                write(json, each);
            }
            json.writeEndArray();
        } else if (value instanceof Number number && Double.isFinite(number.doubleValue())) {
            json.writeNumber(number.toString());
        } else if (value instanceof Boolean flag) {
            json.writeBoolean(flag);
        } else if (value == null) {
            json.writeNull();
        } else {
            json.writeString(value.toString());
        }
    }

    /** The object at whose beginning a parser is; the first name that an object has twice is added to a list. */
    static Map<String, @Nullable Object> object(JsonParser json, List<String> twice) throws IOException {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            String storable = Texts.storable(name);
            if (twice.isEmpty() && map.containsKey(storable)) {
                twice.add(storable);
            }
            json.nextToken();
            map.put(storable, value(json, twice));
        }
        return map;
    }

    private static @Nullable Object value(JsonParser json, List<String> twice) throws IOException {
        return switch (json.currentToken()) {
            case START_OBJECT -> object(json, twice);
            case START_ARRAY -> {
                List<@Nullable Object> list = new ArrayList<>();
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    list.add(value(json, twice));
                }
                yield list;
            }
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> json.getNumberValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            default -> Texts.storable(json.getText());
        };
    }
}
