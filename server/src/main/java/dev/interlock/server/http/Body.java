package dev.interlock.server.http;

import dev.interlock.server.text.Texts;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Validator;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the body of an operation must be.
 *
 * @param required whether a call must have one
 * @param mediaTypes what it may be written as, in lower case
 * @param maxBytes how long it may be
 * @param schema what its JSON must be
 * @param validator judges it by that
 */
record Body(boolean required, Set<String> mediaTypes, int maxBytes, JsonObject schema, Validator validator) {

    /** Refuses another media type than those of the contract; none at all is taken for the first. */
    void checkMediaType(@Nullable String contentType) {
        if (contentType == null) {
            return;
        }
        int semicolon = contentType.indexOf(';');
        String given = (semicolon < 0 ? contentType : contentType.substring(0, semicolon))
                .strip()
                .toLowerCase(Locale.ROOT);
        if (!mediaTypes.contains(given)) {
            throw new Problem(
                    415,
                    "unsupported-media-type",
                    "Unsupported media type",
                    "The body is declared as '" + Texts.shown(contentType) + "'; it must be "
                            + String.join(" or ", mediaTypes));
        }
    }

    /** Reads and checks a body. Null if there is none and need not be one. */
    @Nullable
    Object read(Buffer bytes) {
        if (bytes.length() == 0) {
            if (required) {
                throw Problem.invalid("The body is missing; it must be JSON");
            }
            return null;
        }
        Object value;
        try {
            value = Json.decodeValue(bytes);
        } catch (DecodeException e) {
            throw Problem.invalid("The body is no JSON: " + reason(e));
        }
        if (bytes.toString(StandardCharsets.ISO_8859_1).contains("\\u")) {
            Characters.check(value);
        }
        Complaints.throwIfAny("", schema, value, validator.validate(value));
        return value;
    }

    /** The first line, in which the parser tells what it found where. */
    private static String reason(DecodeException e) {
        String message = String.valueOf(e.getMessage()).replaceFirst("^Failed to decode: ?", "");
        return Texts.shown(message.lines().findFirst().orElse("it cannot be read"));
    }
}
