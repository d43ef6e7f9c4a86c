package dev.interlock.monitor;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Copies metadata: maps, lists, sets and arrays level by level, texts through a function, other objects by their own
 * text. Bounded in depth and number whatever comes, circles too. For one copy.
 */
final class Values {
    private static final int DEEPEST = 8;
    private static final int MOST = 1_000;

    private final UnaryOperator<String> texts;
    private final UnaryOperator<String> keys;
    private final boolean throwablesAsText;
    private int left = MOST;

    private Values(UnaryOperator<String> texts, UnaryOperator<String> keys, boolean throwablesAsText) {
        this.texts = texts;
        this.keys = keys;
        this.throwablesAsText = throwablesAsText;
    }

    /** What the caller may change afterwards is copied, long texts are shortened. What was thrown stays as it is. */
    static Map<String, @Nullable Object> captured(Map<String, ? extends @Nullable Object> metadata) {
        UnaryOperator<String> shorten =
                text -> text.length() <= Clip.CAPTURED ? text : String.valueOf(Clip.captured(text));
        return new Values(shorten, shorten, false).map(metadata, 0);
    }

    /** About how many characters copied metadata has. */
    static int characters(Map<String, @Nullable Object> metadata) {
        int sum = 0;
        if (!metadata.isEmpty()) {
            for (Map.Entry<String, @Nullable Object> entry : metadata.entrySet()) {
                sum += entry.getKey().length() + characters(entry.getValue());
            }
        }
        return sum;
    }

    private static int characters(@Nullable Object value) {
        if (value instanceof String text) {
            return text.length();
        }
        int sum = 16;
        if (value instanceof Map<?, ?> map) {
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                sum += String.valueOf(entry.getKey()).length() + characters(entry.getValue());
            }
        } else if (value instanceof List<?> many) {
            for (Object each : many) {
                sum += characters(each);
            }
        }
        return sum;
    }

    /** Without what must not leave. */
    static Map<String, @Nullable Object> redacted(
            Map<String, @Nullable Object> metadata, UnaryOperator<String> texts, UnaryOperator<String> keys) {
        return new Values(texts, keys, true).map(metadata, 0);
    }

    private Map<String, @Nullable Object> map(Map<?, ?> map, int depth) {
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        boolean named = throwablesAsText && isNamedValue(map);
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (--left < 0) {
                copy.put("…", "[cut: more than " + MOST + " values]");
                break;
            }
            String key = text(entry.getKey());
            Object value = entry.getValue();
            SensitiveNames.Kind kind = throwablesAsText ? SensitiveNames.kind(key) : null;
            boolean secret = kind != null && holds(kind, value) || named && "value".equalsIgnoreCase(key);
            Object clean = secret ? kind == null ? Labels.SECRET : kind.label() : value(value, depth + 1);
            copy.put(unused(copy, keys.apply(key)), clean);
        }
        return copy;
    }

    private @Nullable Object value(@Nullable Object value, int depth) {
        if (value == null || value instanceof Boolean) {
            return value;
        }
        if (value instanceof String text) {
            return texts.apply(text);
        }
        if (value instanceof Number number) {
            return number(number);
        }
        if (value instanceof Throwable thrown) {
            return throwablesAsText ? texts.apply(StackTraces.of(thrown)) : thrown;
        }
        if (depth > DEEPEST) {
            return "[cut: deeper than " + DEEPEST + " levels]";
        }
        if (value instanceof Map<?, ?> map) {
            return map(map, depth);
        }
        if (value instanceof Collection<?> many) {
            return list(many, depth);
        }
        if (value instanceof Optional<?> optional) {
            return value(optional.orElse(null), depth);
        }
        if (value.getClass().isArray() && !(value instanceof byte[])) {
            List<@Nullable Object> many = new ArrayList<>();
            for (int i = 0; i < Math.min(Array.getLength(value), MOST + 1); i++) {
                many.add(Array.get(value, i));
            }
            return list(many, depth);
        }
        return texts.apply(value instanceof byte[] bytes ? "[" + bytes.length + " bytes]" : text(value));
    }

    private List<@Nullable Object> list(Collection<?> many, int depth) {
        List<@Nullable Object> copy = new ArrayList<>();
        for (Object each : many) {
            if (--left < 0) {
                copy.add("[cut: more than " + MOST + " values]");
                break;
            }
            copy.add(value(each, depth + 1));
        }
        return copy;
    }

    /** A number stays one, unless as a text it would not leave, or is no number of JSON. */
    private Object number(Number number) {
        String text = text(number);
        if (number instanceof Double || number instanceof Float) {
            return Double.isFinite(number.doubleValue()) ? number : text;
        }
        String clean = texts.apply(text);
        return clean.equals(text) ? number : clean;
    }

    /** Whether a value is what its name announces; an empty one, or a flag, says nothing. */
    private static boolean holds(SensitiveNames.Kind kind, @Nullable Object value) {
        if (value == null || value instanceof Boolean) {
            return false;
        }
        if (kind.isNumber()) {
            return !(value instanceof Map || value instanceof Collection) && kind.fits(text(value));
        }
        return !(value instanceof String text && text.isEmpty());
    }

    /** Whether a map is one header, variable or field of a list of them: a secret name here, its value next to it. */
    private static boolean isNamedValue(Map<?, ?> map) {
        for (String name : new String[] {"name", "key", "header", "Name", "Key"}) {
            if (map.get(name) instanceof String text) {
                SensitiveNames.Kind kind = SensitiveNames.kind(text);
                if (kind != null && !kind.isNumber()) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Two keys can become the same one. */
    private static String unused(Map<String, ?> copy, String key) {
        String unused = key;
        for (int i = 2; copy.containsKey(unused); i++) {
            unused = key + " (" + i + ")";
        }
        return unused;
    }

    private static String text(@Nullable Object value) {
        try {
            return String.valueOf(value);
        } catch (RuntimeException broken) {
            return "(its text cannot be had: " + broken.getClass().getName() + ")";
        }
    }
}
