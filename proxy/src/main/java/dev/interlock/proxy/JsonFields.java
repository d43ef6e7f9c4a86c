package dev.interlock.proxy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds a few fields of a JSON object while its bytes arrive, and keeps nothing of the others. Refuses what two readers
 * could read differently: a field that is there twice, a second value behind the first. Whether the rest is well-formed is
 * for the upstream to say. For one thread.
 *
 * <p>A field is named by its path: {@code model}, or {@code params.name} for one of an object within. Of a field that is no
 * string the value is its text.
 */
final class JsonFields {
    private static final int LONGEST = 1_024;
    private static final JsonFactory JSON = new JsonFactory();

    private final Set<String> wanted;
    private final Map<String, String> found = new HashMap<>();
    private final Set<String> strings = new HashSet<>();
    private final ByteArrayOutputStream text = new ByteArrayOutputStream(64);

    private int depth;
    private boolean inString;
    private boolean escaped;
    private boolean hasEscape;
    private boolean isKey;
    private boolean keeps;
    private boolean begun;
    private boolean isPlain;

    /** Whether the container at depth 2 is an object. */
    private boolean isSecondObject;

    private String first = "";
    private String second = "";

    JsonFields(Set<String> wanted) {
        this.wanted = wanted;
    }

    /**
     * A field's value.
     *
     * @return null if it has not been there
     */
    @Nullable
    String get(String path) {
        return found.get(path);
    }

    /** A field's value if it is a string. */
    @Nullable
    String string(String path) {
        return strings.contains(path) ? found.get(path) : null;
    }

    /** Takes in the next bytes. */
    void feed(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            byte next = bytes[i];
            if (inString) {
                if (!keeps && !escaped) {
                    i = skip(bytes, i);
                    if (i == bytes.length) {
                        return;
                    }
                    next = bytes[i];
                }
                inString(next);
            } else {
                outside(next);
            }
        }
    }

    /** The body is whole. */
    void end() {
        if (!begun || depth > 0 || inString) {
            throw bad("its body is not a whole JSON object");
        }
    }

    private static int skip(byte[] bytes, int from) {
        int at = from;
        while (at < bytes.length && bytes[at] != '"' && bytes[at] != '\\') {
            at++;
        }
        return at;
    }

    private void inString(byte next) {
        if (escaped) {
            escaped = false;
            keep(next);
        } else if (next == '\\') {
            escaped = true;
            hasEscape = true;
            keep(next);
        } else if (next == '"') {
            inString = false;
            if (keeps) {
                endOfString();
            }
        } else {
            keep(next);
        }
    }

    private void keep(byte next) {
        if (keeps) {
            if (text.size() >= LONGEST) {
                throw bad("a name, or a field that says what is asked for, is longer than " + LONGEST + " bytes");
            }
            text.write(next);
        }
    }

    private void outside(byte next) {
        switch (next) {
            case ' ', '\t', '\r', '\n' -> endOfPlain();
            case '"' -> {
                inString = true;
                hasEscape = false;
                text.reset();
                keeps = depth == 1 || depth == 2 && isSecondObject;
                keeps = keeps && (isKey || wanted.contains(path()));
            }
            case '{', '[' -> open(next == '{');
            case '}', ']' -> {
                endOfPlain();
                depth--;
                if (depth == 1) {
                    second = "";
                    isKey = false;
                }
            }
            case ':' -> isKey = depth <= 2 ? false : isKey;
            case ',' -> {
                endOfPlain();
                isKey = depth == 1 || depth == 2 && isSecondObject || isKey;
            }
            default -> plain(next);
        }
        if (depth == 0 && !begun) {
            if (next != ' ' && next != '\t' && next != '\r' && next != '\n') {
                throw bad("its body is no JSON object");
            }
        }
    }

    private void open(boolean isObject) {
        if (depth == 0) {
            if (begun || !isObject) {
                throw bad(begun ? "its body has more than one value" : "its body is no JSON object");
            }
            begun = true;
        }
        if (depth == 1 || depth == 2 && isSecondObject) {
            note(path(), isObject ? "{}" : "[]");
        }
        depth++;
        if (depth == 1) {
            isKey = true;
        } else if (depth == 2) {
            isSecondObject = isObject;
            isKey = isObject;
        }
    }

    /** A number, true, false or null. */
    private void plain(byte next) {
        if (depth == 0) {
            throw bad(begun ? "its body has more than one value" : "its body is no JSON object");
        }
        boolean here = depth == 1 || depth == 2 && isSecondObject;
        if (here && !isKey && wanted.contains(path())) {
            if (!isPlain) {
                text.reset();
            }
            isPlain = true;
            keeps = true;
            keep(next);
        }
    }

    private void endOfPlain() {
        if (isPlain) {
            isPlain = false;
            note(path(), text.toString(StandardCharsets.UTF_8));
        }
    }

    private void endOfString() {
        String string =
                hasEscape ? decoded(text.toString(StandardCharsets.UTF_8)) : text.toString(StandardCharsets.UTF_8);
        if (!isKey) {
            note(path(), string);
            strings.add(path());
        } else if (depth == 1) {
            first = string;
        } else {
            second = string;
        }
    }

    private String path() {
        return depth == 2 ? first + "." + second : first;
    }

    private void note(String path, String value) {
        if (wanted.contains(path) && found.put(path, value) != null) {
            throw bad("its body has the field " + path + " twice");
        }
    }

    private static String decoded(String escaped) {
        try (JsonParser parser = JSON.createParser("\"" + escaped + "\"")) {
            parser.nextToken();
            return parser.getText();
        } catch (IOException broken) {
            throw bad("its body has a name with an escape that JSON does not know");
        }
    }

    private static ProxyProblem bad(String why) {
        return new ProxyProblem(400, "invalid_body", "The request cannot be judged: " + why);
    }
}
