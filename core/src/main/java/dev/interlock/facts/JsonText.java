package dev.interlock.facts;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A body that its client has already read into maps and lists, as a text in which codes are whole strings again. */
final class JsonText {
    private static final int DEEPEST = 16;

    private JsonText() {}

    /** At most about as much as is {@linkplain ErrorMarks#LONGEST read}; what is nested too deep is left out. */
    static String of(Map<?, ?> body) {
        StringBuilder text = new StringBuilder();
        write(body, text, 0);
        return text.toString();
    }

    private static void write(@Nullable Object value, StringBuilder text, int depth) {
        if (depth > DEEPEST || text.length() > ErrorMarks.LONGEST) {
            return;
        }
        if (value instanceof Map<?, ?> map) {
            map.forEach((name, each) -> {
                write(String.valueOf(name), text, depth + 1);
                text.append(':');
                write(each, text, depth + 1);
                text.append(',');
            });
        } else if (value instanceof Iterable<?> all) {
            all.forEach(each -> {
                write(each, text, depth + 1);
                text.append(',');
            });
        } else if (value instanceof CharSequence string) {
            text.append('"').append(string).append('"');
        } else {
            text.append(value);
        }
    }
}
