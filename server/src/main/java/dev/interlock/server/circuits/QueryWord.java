package dev.interlock.server.circuits;

import dev.interlock.NamePattern;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One word of a query.
 *
 * @param not whether what it says must not be
 * @param field what it is about, one of {@link QueryField}; or null
 * @param key the key of the metadata that it may be about, in lower case; or null
 * @param values what the field or the metadata may be
 * @param names what the name may have
 */
record QueryWord(
        boolean not, @Nullable QueryField field, @Nullable String key, List<Value> values, List<Value> names) {

    /**
     * One of the values between commas, in lower case.
     *
     * @param text what was written, without quotes
     * @param like how it is compared if it has a star, else null
     */
    record Value(String text, @Nullable NamePattern like) {
        static Value of(String text) {
            return new Value(text, text.indexOf('*') >= 0 ? new NamePattern(text) : null);
        }

        /** Whether something is this as a whole. */
        private boolean is(String other) {
            return like == null ? text.equals(other) : like.matches(other);
        }

        /** Whether a name has this somewhere, or is like it where it has a star. */
        private boolean isIn(String name) {
            return like == null ? name.contains(text) : like.matches(name);
        }
    }

    /** Whether any of the values is this, whatever its case. */
    boolean hasValue(String other) {
        String lower = lower(other);
        return values.stream().anyMatch(value -> value.is(lower));
    }

    /** Whether a name, whatever its case, is one of those meant. */
    boolean hasName(String name) {
        String lower = lower(name);
        return names.stream().anyMatch(value -> value.isIn(lower));
    }

    /** Whether something is said of metadata with this key. */
    boolean isAbout(String other) {
        return lower(other).equals(key);
    }

    static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
