package dev.interlock;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Finds what a scenario says that no runner understands: a word that is unknown, or a value that is none. */
final class ScenarioWords {
    static final Set<String> CALLS = Set.of("call", "begin");
    private static final Set<String> ENDINGS = Set.of("call", "end", "record");
    private static final Set<String> OVERRIDES =
            Set.of("open", "close", "reset", "hold_open", "hold_closed", "release", "probe_now");
    private static final Set<String> OUTCOMES = new TreeSet<>(Set.of("success", "failure", "ignored"));
    private static final Set<String> STATES = new TreeSet<>(Set.of("closed", "open", "half_open"));
    private static final Set<String> STEP = new TreeSet<>(Set.of(
            "at_ms",
            "do",
            "outcome",
            "repeat",
            "ref",
            "kind",
            "took_ms",
            "failure_retry_after_ms",
            "caller",
            "parent",
            "expect"));
    private static final Set<String> EXPECT =
            new TreeSet<>(Set.of("admitted", "state", "retry_after_ms", "transitions"));

    /** All words of steps, and the values of those words that have few. */
    static final Set<String> ALL = union(CALLS, ENDINGS, OVERRIDES, Set.of("read"), OUTCOMES, STATES, STEP, EXPECT);

    private final String file;
    private final List<String> problems = new ArrayList<>();
    private final Set<String> refs = new HashSet<>();
    private String where = "";
    private long clock;

    @SafeVarargs
    private static Set<String> union(Collection<String>... words) {
        return Arrays.stream(words).flatMap(Collection::stream).collect(Collectors.toCollection(TreeSet::new));
    }

    private ScenarioWords(String file) {
        this.file = file;
    }

    /** What is wrong, each with the file, the step and the word; settings are checked by those who read them. */
    static List<String> problems(String file, JsonNode scenario) {
        ScenarioWords words = new ScenarioWords(file);
        words.check(scenario);
        return words.problems;
    }

    private void check(JsonNode scenario) {
        where = file;
        scenario.fields().forEachRemaining(field -> {
            boolean known = field.getKey().equals("policy") || field.getKey().equals("steps");
            if (!known && !field.getValue().isTextual()) {
                problem(field.getKey(), "unknown, and no text");
            }
        });
        if (!scenario.path("policy").isObject()) {
            problem("policy", "must be a map of settings");
        }
        if (!scenario.path("steps").isArray() || scenario.path("steps").isEmpty()) {
            problem("steps", "must be a list of steps");
        }
        int number = 0;
        for (JsonNode step : scenario.path("steps")) {
            where = file + ", step " + ++number;
            step(step);
        }
    }

    private void step(JsonNode step) {
        unknown(step, STEP);
        String verb = step.path("do").asText();
        if (!verb.equals("read") && !CALLS.contains(verb) && !ENDINGS.contains(verb) && !OVERRIDES.contains(verb)) {
            problem("do", "unknown: '" + verb + "'");
            return;
        }
        long at = whole(step, "at_ms", true);
        if (at < clock) {
            problem("at_ms", "must not be before the step before, but is " + at);
        }
        clock = Math.max(clock, at);
        whole(step, "took_ms", false);
        whole(step, "failure_retry_after_ms", false);
        whole(step, "repeat", false);
        if (ENDINGS.contains(verb)) {
            oneOf(step, "outcome", OUTCOMES, true);
        }
        if (step.has("kind")) {
            Set<String> kinds = new TreeSet<>();
            Arrays.stream(FailureKind.values()).map(Enum::name).forEach(kinds::add);
            oneOf(step, "kind", kinds, true);
        }
        refs(step, verb);
        JsonNode expect = step.path("expect");
        unknown(expect, EXPECT);
        oneOf(expect, "state", STATES, false);
        whole(expect, "retry_after_ms", false);
        whole(expect, "transitions", false);
        if (expect.has("admitted") && !(expect.path("admitted").isBoolean() && CALLS.contains(verb))) {
            problem("admitted", "must be true or false, of a call or begin");
        }
    }

    private void refs(JsonNode step, String verb) {
        String ref = step.path("ref").asText();
        if (verb.equals("begin")) {
            if (ref.isEmpty()) {
                problem("ref", "must name the permit that is kept");
            }
            refs.add(ref);
        } else if (verb.equals("end") && !refs.contains(ref)) {
            problem("ref", "unknown permit: '" + ref + "'");
        }
        if (step.has("parent")
                && !(CALLS.contains(verb) && refs.contains(step.path("parent").asText()))) {
            problem("parent", "must be the ref of a permit that was begun, of a call or begin");
        }
        if (step.has("caller") && !step.path("caller").isTextual()) {
            problem("caller", "must be a name");
        }
    }

    private void unknown(JsonNode node, Set<String> known) {
        node.fieldNames().forEachRemaining(word -> {
            if (!known.contains(word)) {
                problem(word, "unknown word; known are " + String.join(", ", known));
            }
        });
    }

    private void oneOf(JsonNode node, String word, Set<String> values, boolean needed) {
        if ((needed || node.has(word)) && !values.contains(node.path(word).asText())) {
            problem(
                    word,
                    "must be one of " + String.join(", ", values) + ", but is '"
                            + node.path(word).asText().toLowerCase(Locale.ROOT) + "'");
        }
    }

    private long whole(JsonNode node, String word, boolean needed) {
        JsonNode value = node.path(word);
        if (needed || node.has(word)) {
            if (!value.isIntegralNumber() || value.asLong() < 0) {
                problem(word, "must be a whole number that is not negative, but is " + value);
            }
        }
        return value.asLong();
    }

    private void problem(String word, String what) {
        problems.add(where + ": " + word + ": " + what);
    }
}
