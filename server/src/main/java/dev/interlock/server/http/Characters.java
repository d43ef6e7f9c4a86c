package dev.interlock.server.http;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON can spell, by escapes, texts that no UTF-8 can hold: half characters. They are refused, not passed on. */
final class Characters {
    private Characters() {}

    static void check(@Nullable Object value) {
        if (value instanceof String text) {
            checkText(text);
        } else if (value instanceof JsonArray array) {
            array.forEach(Characters::check);
        } else if (value instanceof JsonObject object) {
            for (Map.Entry<String, Object> member : object) {
                checkText(member.getKey());
                check(member.getValue());
            }
        }
    }

    private static void checkText(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw Problem.invalid(String.format(
                        Locale.ROOT,
                        "The body has the escape \\u%04x without its other half; a character beyond U+FFFF is written as"
                                + " two escapes or as UTF-8",
                        (int) c));
            }
        }
    }
}
