package dev.interlock.monitor.loops;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Texts that are the same if what they say is: JSON with its names sorted, without white space and without fields that are
 * different each time; numbers as they were written. What is no JSON, or nests deeper than 32 levels, stands for itself.
 */
final class CanonicalJson {
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(32)
                    .maxStringLength(1 << 20)
                    .maxNumberLength(1_000)
                    .build())
            .build();

    private CanonicalJson() {}

    /**
     * The canonical form of a text.
     *
     * @param text JSON, or anything else
     * @param ignored names of fields that are left out, wherever they are
     */
    static String of(String text, Set<String> ignored) {
        try (JsonParser json = JSON.createParser(text)) {
            json.nextToken();
            if (json.currentToken() == null) {
                return text.strip();
            }
            StringBuilder canonical = new StringBuilder(text.length());
            value(json, ignored, canonical);
            return json.nextToken() == null ? canonical.toString() : text.strip();
        } catch (IOException noJson) {
            return text.strip();
        }
    }

    private static void value(JsonParser json, Set<String> ignored, StringBuilder canonical) throws IOException {
        JsonToken token = json.currentToken();
        if (token == JsonToken.START_OBJECT) {
            object(json, ignored, canonical);
        } else if (token == JsonToken.START_ARRAY) {
            canonical.append('[');
            while (json.nextToken() != JsonToken.END_ARRAY) {
                value(json, ignored, canonical);
                canonical.append(',');
            }
            canonical.append(']');
        } else if (token == JsonToken.VALUE_STRING) {
            string(json.getText(), canonical);
        } else {
            canonical.append(json.getText());
        }
    }

    private static void object(JsonParser json, Set<String> ignored, StringBuilder canonical) throws IOException {
        Map<String, String> fields = new TreeMap<>();
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            if (ignored.contains(name)) {
                json.skipChildren();
            } else {
                StringBuilder value = new StringBuilder();
                value(json, ignored, value);
                fields.put(name, value.toString());
            }
        }
        canonical.append('{');
        fields.forEach((name, value) -> {
            string(name, canonical);
            canonical.append(':').append(value).append(',');
        });
        canonical.append('}');
    }

    private static void string(String text, StringBuilder canonical) {
        canonical
                .append('"')
                .append(text.replace("\\", "\\\\").replace("\"", "\\\""))
                .append('"');
    }
}
