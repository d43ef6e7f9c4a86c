package dev.interlock.replay;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/** A line of a file that may have people's texts: messages name the column and show nothing of the line. */
final class JsonLine {
    /** Lines are UTF-8: a parser that guesses takes some zeros for units of four bytes, and fails in another way. */
    static final JsonFactory UTF_8 =
            JsonFactory.builder().disable(JsonFactory.Feature.CHARSET_DETECTION).build();

    private static final ObjectMapper JSON = new ObjectMapper(UTF_8);

    private JsonLine() {}

    /** The present line as an object. */
    static JsonNode read(Lines lines) throws BadRowException {
        if (lines.isTooLong()) {
            throw new BadRowException("the line is too long: must be at most " + Lines.LONGEST + " bytes");
        }
        try {
            JsonNode node = JSON.readTree(lines.bytes(), lines.from(), lines.to() - lines.from());
            if (!node.isObject()) {
                throw new BadRowException("the line is no object: must be a JSON object");
            }
            return node;
        } catch (JsonProcessingException broken) {
            throw new BadRowException("the line is no JSON from column "
                    + broken.getLocation().getColumnNr() + " on: must be a JSON object");
        } catch (IOException impossible) {
            throw new IllegalStateException("Reading from memory failed", impossible);
        }
    }

    /** The names of the present line's object, as far as it can be read. */
    static Set<String> names(Lines lines) {
        Set<String> names = new HashSet<>();
        try (JsonParser parser =
                JSON.getFactory().createParser(lines.bytes(), lines.from(), lines.to() - lines.from())) {
            if (parser.nextToken() == JsonToken.START_OBJECT) {
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    names.add(parser.currentName());
                    parser.nextToken();
                    parser.skipChildren();
                }
            }
        } catch (IOException broken) {
            return names;
        }
        return names;
    }
}
