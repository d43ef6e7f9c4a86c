package dev.interlock.test;

import java.util.Locale;

/** Texts within JSON. */
final class JsonWords {
    private JsonWords() {}

    /** A text in quotes. */
    static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            switch (each) {
                case '"', '\\' -> json.append('\\').append(each);
                case '\n' -> json.append("\\n");
                default -> {
                    if (each < ' ') {
                        json.append(String.format(Locale.ROOT, "\\u%04x", (int) each));
                    } else {
                        json.append(each);
                    }
                }
            }
        }
        return json.append('"').toString();
    }
}
