package dev.interlock.jdbc;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What rows of a trail must be to be shown, as SQL and the values for it; what is null does not matter. For one thread. */
final class Conditions {
    private final StringBuilder text;
    private final Map<String, Object> values = new HashMap<>();

    /** @param first what all rows must be */
    Conditions(String first) {
        text = new StringBuilder(first);
    }

    void add(String condition, String name, @Nullable Object value) {
        if (value != null) {
            text.append(" AND ").append(condition);
            values.put(name, value);
        }
    }

    /** A column is a text, or matches it if there is a {@code *} in it, for any run of characters. */
    void matching(String column, @Nullable String wanted) {
        boolean pattern = wanted != null && wanted.indexOf('*') >= 0;
        add(
                column + (pattern ? " LIKE :" + column + " ESCAPE '!'" : " = :" + column),
                column,
                wanted != null && pattern ? like(wanted) : wanted);
    }

    Map<String, Object> values() {
        return values;
    }

    @Override
    public String toString() {
        return text.toString();
    }

    private static String like(String pattern) {
        return pattern.replace("!", "!!").replace("%", "!%").replace("_", "!_").replace('*', '%');
    }
}
