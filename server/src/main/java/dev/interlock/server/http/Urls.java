package dev.interlock.server.http;

import dev.interlock.server.text.Texts;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes request targets apart. Segments are split before they are decoded, so {@code %2F} stays inside a name; what is
 * no UTF-8 is refused instead of becoming another name.
 */
final class Urls {
    private Urls() {}

    /** The segments between the slashes, still encoded; one slash at the end makes no difference. */
    static List<String> segments(String path) {
        List<String> segments = new ArrayList<>(6);
        int start = path.startsWith("/") ? 1 : 0;
        for (int slash = path.indexOf('/', start); slash >= 0; slash = path.indexOf('/', start)) {
            segments.add(path.substring(start, slash));
            start = slash + 1;
        }
        if (start < path.length()) {
            segments.add(path.substring(start));
        }
        return segments;
    }

    /** Names and values of a query, decoded. */
    static Map<String, String> query(String query) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String pair : query.split("&", -1)) {
            if (pair.isEmpty()) {
                continue;
            }
            int equals = pair.indexOf('=');
            String name = decode(equals < 0 ? pair : pair.substring(0, equals), true);
            String value = equals < 0 ? "" : decode(pair.substring(equals + 1), true);
            if (values.put(name, value) != null) {
                throw Problem.invalid(
                        "The query parameter '" + Texts.shown(name) + "' is there twice; it may be there once");
            }
        }
        return values;
    }

    /** Decodes {@code %XX}, and {@code +} as a blank if asked. */
    static String decode(String encoded, boolean plusIsBlank) {
        boolean plain = true;
        for (int i = 0; i < encoded.length() && plain; i++) {
            char c = encoded.charAt(i);
            plain = c != '%' && c < 0x80 && !(c == '+' && plusIsBlank);
        }
        return plain ? encoded : decodeBytes(encoded, plusIsBlank);
    }

    private static String decodeBytes(String encoded, boolean plusIsBlank) {
        ByteBuffer bytes = ByteBuffer.allocate(encoded.length());
        for (int i = 0; i < encoded.length(); i++) {
            char c = encoded.charAt(i);
            if (c == '%') {
                int high = i + 2 < encoded.length() ? Character.digit(encoded.charAt(i + 1), 16) : -1;
                int low = i + 2 < encoded.length() ? Character.digit(encoded.charAt(i + 2), 16) : -1;
                if (high < 0 || low < 0) {
                    throw invalid(encoded, "a '%' in it must be followed by two hexadecimal digits");
                }
                bytes.put((byte) (high << 4 | low));
                i += 2;
            } else if (c > 0xFF) {
                throw invalid(encoded, "characters beyond ASCII must be written as UTF-8 and percent-encoded");
            } else {
                bytes.put(c == '+' && plusIsBlank ? (byte) ' ' : (byte) c);
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException e) {
            throw invalid(encoded, "characters beyond ASCII must be written as UTF-8 and percent-encoded");
        }
    }

    private static Problem invalid(String encoded, String why) {
        return Problem.invalid("The URL has '" + Texts.shown(encoded) + "' in it, which cannot be read: " + why);
    }
}
