package dev.interlock.server.http;

import dev.interlock.server.text.Texts;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.json.pointer.JsonPointer;
import io.vertx.json.schema.OutputUnit;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Turns what a JSON schema's validator found into sentences for people: where, what was wrong, what would be right.
 * All mistakes are reported at once, up to a limit.
 */
final class Complaints {
    private static final int MOST = 20;

    /** A member that may be missing if another is there. */
    private static final Pattern ALTERNATIVE = Pattern.compile("/anyOf/\\d+/required$");

    /** Keywords that only say that something below is wrong. */
    private static final Set<String> SAID_BELOW =
            Set.of("properties", "items", "prefixItems", "allOf", "anyOf", "oneOf", "if", "else");

    private final String name;
    private final JsonObject schema;
    private final @Nullable Object instance;
    private final Set<String> sentences = new LinkedHashSet<>();

    /** Members of which one would be enough, by where they are missing. */
    private final Map<String, Set<String>> alternatives = new LinkedHashMap<>();

    private Complaints(String name, JsonObject schema, @Nullable Object instance) {
        this.name = name;
        this.schema = schema;
        this.instance = instance;
    }

    /**
     * Refuses what is not valid.
     *
     * @param name what the instance is called, or empty for a body
     */
    static void throwIfAny(String name, JsonObject schema, @Nullable Object instance, OutputUnit result) {
        if (result.getValid()) {
            return;
        }
        Complaints complaints = new Complaints(name, schema, instance);
        List<OutputUnit> errors = result.getErrors();
        if (errors != null) {
            errors.stream()
                    .takeWhile(more -> complaints.sentences.size() < MOST)
                    .forEach(complaints::add);
            complaints.addAlternatives();
        }
        throw Problem.invalid(
                complaints.sentences.isEmpty()
                        ? "The " + (name.isEmpty() ? "body" : name) + " is not what openapi.yaml asks for"
                        : String.join("; ", complaints.sentences));
    }

    private void add(OutputUnit error) {
        if (error.getKeywordLocation().endsWith("/$ref")) {
            return; // what is wrong below is reported by itself
        }
        String location = error.getKeywordLocation().replace("/$ref", ""); // the schema has no references left
        String keyword = location.substring(location.lastIndexOf('/') + 1);
        if (SAID_BELOW.contains(keyword)) {
            return;
        }
        Object limit = find(schema, location);
        Object value = find(instance, error.getInstanceLocation());
        String where = where(error.getInstanceLocation());
        switch (keyword) {
            case "type" -> sentences.add(where + " must be " + types(limit) + ", but is " + described(value));
            case "enum" -> sentences.add(notOneOf(where, limit, value));
            case "required" ->
                missing(where, limit, value, ALTERNATIVE.matcher(location).find());
            case "additionalProperties" -> unknown(error, location);
            case "minLength" ->
                sentences.add(where + " must have at least " + limit + " characters, but is " + described(value));
            case "maxLength" ->
                sentences.add(where + " may have at most " + limit + " characters, but has "
                        + String.valueOf(value).length());
            case "minimum" -> sentences.add(where + " must be at least " + limit + ", but is " + described(value));
            case "maximum" -> sentences.add(where + " must be at most " + limit + ", but is " + described(value));
            case "exclusiveMinimum" ->
                sentences.add(where + " must be above " + limit + ", but is " + described(value));
            case "maxItems" -> sentences.add(where + " may have at most " + limit + " elements");
            case "minItems" -> sentences.add(where + " must have at least " + limit + " elements");
            case "format" -> sentences.add(where + " must be " + format(limit) + ", but is " + described(value));
            default -> sentences.add(where + ": " + Texts.shown(error.getError()));
        }
    }

    /** An element is named by its array: people do not count. */
    private static String notOneOf(String where, @Nullable Object choices, @Nullable Object value) {
        String written = plain(value);
        String guess = choices instanceof JsonArray array
                ? Texts.guess(
                        written,
                        array.stream()
                                .filter(String.class::isInstance)
                                .map(String.class::cast)
                                .toList())
                : "";
        String right = guess + (guess.isEmpty() ? "; must" : " It must") + " be one of " + listed(choices);
        String array = where.replaceFirst("\\.\\d+$", "");
        return array.equals(where)
                ? "Unknown " + last(where) + ": " + written + right
                : array + ": there is no '" + written + "'" + right;
    }

    private void missing(String where, @Nullable Object required, @Nullable Object value, boolean alternative) {
        if (required instanceof JsonArray names && value instanceof JsonObject object) {
            String before = name.isEmpty() && where.equals("The body") ? "" : where + ".";
            for (Object each : names) {
                if (object.containsKey(each.toString())) {
                    continue;
                }
                if (alternative) {
                    alternatives
                            .computeIfAbsent(before, any -> new LinkedHashSet<>())
                            .add(before + each);
                } else {
                    sentences.add(before + each + " is missing");
                }
            }
        }
    }

    private void addAlternatives() {
        alternatives
                .values()
                .forEach(names -> sentences.add(
                        names.size() == 1
                                ? names.iterator().next() + " is missing"
                                : "at least one of " + String.join(", ", names) + " must be there"));
    }

    private void unknown(OutputUnit error, String location) {
        Object properties = find(schema, location.substring(0, location.lastIndexOf('/')) + "/properties");
        Set<String> known = properties instanceof JsonObject object
                ? object.fieldNames().stream()
                        .filter(each -> !each.startsWith("__"))
                        .collect(Collectors.toCollection(LinkedHashSet::new))
                : Set.of();
        String member = last(error.getInstanceLocation()).replace("~1", "/").replace("~0", "~");
        if (known.contains(member)) {
            return; // it is known and wrong, which is reported already
        }
        String guess = Texts.guess(member, known);
        sentences.add("There is no member '" + Texts.shown(member) + "'"
                + (guess.isEmpty() ? "; allowed: " + String.join(", ", known) : guess));
    }

    private String where(String instanceLocation) {
        String path = instanceLocation.replaceFirst("^#/?", "").replace('/', '.');
        if (path.isEmpty()) {
            return name.isEmpty() ? "The body" : name;
        }
        return Texts.shown(name.isEmpty() ? path : name + "." + path);
    }

    private static String last(String path) {
        return path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('.')) + 1);
    }

    private static @Nullable Object find(@Nullable Object root, String location) {
        try {
            String pointer = location.replaceFirst("^#", "");
            return pointer.isEmpty() ? root : JsonPointer.from(pointer).queryJson(root);
        } catch (IllegalArgumentException noPointer) {
            return null;
        }
    }

    private static String types(@Nullable Object type) {
        if (type instanceof JsonArray several) {
            return several.stream().map(Complaints::types).collect(Collectors.joining(" or "));
        }
        return switch (String.valueOf(type)) {
            case "integer" -> "a whole number";
            case "object" -> "an object";
            case "array" -> "an array";
            case "null" -> "null";
            default -> "a " + type;
        };
    }

    private static String described(@Nullable Object value) {
        if (value == null) {
            return "null";
        }
        if (value instanceof JsonObject) {
            return "an object";
        }
        if (value instanceof JsonArray) {
            return "an array";
        }
        String text = Texts.shown(value.toString());
        return value instanceof String ? "'" + text + "'" : text;
    }

    private static String plain(@Nullable Object value) {
        return value instanceof String text ? Texts.shown(text) : described(value);
    }

    private static String listed(@Nullable Object choices) {
        return choices instanceof JsonArray array
                ? array.stream().map(String::valueOf).collect(Collectors.joining(", "))
                : String.valueOf(choices);
    }

    private static String format(@Nullable Object format) {
        return "date-time".equals(format)
                ? "a time as RFC 3339 writes it, such as 2027-01-31T18:00:00Z"
                : "of format " + format;
    }
}
