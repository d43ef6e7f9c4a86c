package dev.interlock.server.circuits;

import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Hold;
import dev.interlock.NamePattern;
import dev.interlock.TransitionCause;
import dev.interlock.monitor.Agent;
import dev.interlock.monitor.HealthStatus;
import dev.interlock.server.circuits.KnownCircuits.Known;
import dev.interlock.server.http.Problem;
import dev.interlock.server.text.NearestNames;
import dev.interlock.server.text.Texts;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The words of a query: {@code kind:LOOP dep:model:* team=billing -state:open planner}. All must hold; what they mean is
 * decision 0219, and the same on the dashboard. Immutable; safe for use by any thread.
 */
public final class FleetQuery {
    /** A longer text is no query. */
    public static final int LONGEST = 1_024;

    private static final int MOST_WORDS = 20;

    /** Any run of characters but blanks; within quotes blanks, too. */
    private static final Pattern WORD = Pattern.compile("(?:[^\\s\"]|\"[^\"]*\"?)+");

    /** A word that names a field: what comes before the first colon or equals sign. */
    private static final Pattern FIELD = Pattern.compile("([^\\s\":=,]+)([:=])(.*)", Pattern.DOTALL);

    private static final Pattern VALUE = Pattern.compile("(?:[^,\"]|\"[^\"]*\"?)+");
    private static final Pattern BRACKET = Pattern.compile(" \\((?:key|token of) .*\\)$");

    private static final Map<String, List<String>> FIELDS = Map.of(
            "kind", lower(FailureKind.values()),
            "cause", lower(TransitionCause.values()),
            "state", List.of("open", "half_open", "closed", "held"),
            "health", List.of("critical", "degraded", "well"),
            "dep", List.of(),
            "by", List.of(),
            "policy", List.of());

    /**
     * One of the fleet with all that words ask for.
     *
     * @param known its circuit
     * @param agent what is known of it beside, or null
     * @param health how it was judged last; null if it was not
     */
    public record Member(
            Known known, @Nullable Agent agent, @Nullable HealthStatus health) {}

    private record Term(
            boolean not,
            @Nullable String field,
            @Nullable String key,
            List<NamePattern> values,
            List<NamePattern> names) {}

    private final List<Term> words;
    private final @Nullable NamePattern names;

    private FleetQuery(List<Term> words, @Nullable NamePattern names) {
        this.words = List.copyOf(words);
        this.names = names;
    }

    /**
     * Those whose names match a pattern to the letter.
     *
     * @param pattern a name, or a pattern in which {@code *} stands for any characters
     * @return the query
     * @throws Problem 400 if it is blank or too long
     */
    public static FleetQuery named(String pattern) {
        return new FleetQuery(List.of(), pattern(pattern));
    }

    /**
     * Those of which all words hold.
     *
     * @param text the words
     * @return the query
     * @throws Problem 400 if there is no word, there are too many, or a value is none
     */
    public static FleetQuery parse(String text) {
        if (text.length() > LONGEST) {
            throw Problem.invalid("A query may have at most " + LONGEST + " characters");
        }
        List<Term> words = new ArrayList<>();
        Matcher word = WORD.matcher(text);
        while (word.find()) {
            words.add(term(word.group()));
        }
        if (words.isEmpty()) {
            throw Problem.invalid("A query needs at least one word; the pattern * means all");
        }
        if (words.size() > MOST_WORDS) {
            throw Problem.invalid(
                    "A query may have at most " + MOST_WORDS + " words, but this one has " + words.size());
        }
        return new FleetQuery(words, null);
    }

    /**
     * Whether one of the fleet is meant.
     *
     * @param member it
     * @return whether all words hold
     */
    public boolean matches(Member member) {
        return names != null
                ? names.matches(member.known.name())
                : words.stream().allMatch(word -> isFound(member, word) != word.not);
    }

    private static Term term(String written) {
        boolean not = written.length() > 1 && written.startsWith("-");
        String word = not ? written.substring(1) : written;
        Matcher parts = FIELD.matcher(word);
        if (!parts.matches()) {
            return new Term(not, null, null, List.of(), names(word));
        }
        String field = parts.group(1).toLowerCase(Locale.ROOT);
        boolean equals = parts.group(2).equals("=");
        if (!equals && FIELDS.containsKey(field)) {
            return new Term(not, field, null, values(written, field, parts.group(3)), List.of());
        }
        return new Term(not, null, field, patterns(parts.group(3)), equals ? List.of() : names(word));
    }

    private static List<NamePattern> values(String written, String field, String text) {
        List<String> possible = FIELDS.getOrDefault(field, List.of());
        List<NamePattern> values = patterns(text);
        if (values.isEmpty()) {
            throw Problem.invalid(Texts.shown(written) + " needs a value"
                    + (possible.isEmpty() ? "" : ", such as " + field + ":" + possible.get(0)));
        }
        for (NamePattern value : values) {
            if (!possible.isEmpty() && value.text().indexOf('*') < 0 && !possible.contains(value.text())) {
                List<String> near = NearestNames.of(value.text(), possible.stream());
                throw Problem.invalid(field + ":" + Texts.shown(value.text()) + ": there is no such " + field
                        + (near.isEmpty()
                                ? "; there are " + String.join(", ", possible)
                                : ". Did you mean " + field + ":" + near.get(0) + "?"));
            }
        }
        return values;
    }

    /** A name has the text somewhere, or is like it where that has a star. */
    private static List<NamePattern> names(String text) {
        return split(text)
                .map(value -> pattern(value.indexOf('*') >= 0 ? value : "*" + value + "*"))
                .toList();
    }

    private static List<NamePattern> patterns(String text) {
        return split(text).map(FleetQuery::pattern).toList();
    }

    private static Stream<String> split(String text) {
        return VALUE.matcher(text)
                .results()
                .map(each -> each.group().replace("\"", "").toLowerCase(Locale.ROOT))
                .filter(value -> !value.isBlank());
    }

    private static NamePattern pattern(String text) {
        try {
            return new NamePattern(text);
        } catch (IllegalArgumentException wrong) {
            throw Problem.invalid(String.valueOf(wrong.getMessage()));
        }
    }

    private static boolean isFound(Member member, Term word) {
        if (word.field != null) {
            return has(member, word.field).anyMatch(text -> anyMatches(word.values, text));
        }
        if (anyMatches(word.names, member.known.name())) {
            return true;
        }
        return word.key != null && member.agent != null && isDescribed(member.agent, word.key, word.values);
    }

    private static boolean isDescribed(Agent agent, String key, Collection<NamePattern> values) {
        return agent.metadata().entrySet().stream()
                .anyMatch(each -> each.getKey().equalsIgnoreCase(key) && anyMatches(values, each.getValue()));
    }

    private static boolean anyMatches(Collection<NamePattern> patterns, String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        return patterns.stream().anyMatch(pattern -> pattern.matches(lower));
    }

    /** What one of the fleet has of a field. */
    private static Stream<String> has(Member member, String field) {
        CircuitSnapshot circuit = member.known.circuit();
        Hold hold = circuit.hold();
        Why why = Why.of(circuit);
        return switch (field) {
            case "kind" -> Stream.ofNullable(why.kind());
            case "cause" -> Stream.ofNullable(why.cause());
            case "policy" -> Stream.of(circuit.policy());
            case "state" ->
                hold == null ? Stream.of(state(circuit.state())) : Stream.of(state(circuit.state()), "held");
            case "health" -> Stream.of(health(member.health));
            case "dep" -> member.agent == null ? Stream.empty() : member.agent.dependencies().stream();
            default ->
                Stream.of(Stream.ofNullable(why.actor()), Stream.ofNullable(hold == null ? null : hold.actor()))
                        .flatMap(actor -> actor)
                        .flatMap(
                                actor -> Stream.of(actor, BRACKET.matcher(actor).replaceFirst("")));
        };
    }

    private static String state(CircuitState state) {
        return CircuitJson.text(state);
    }

    private static String health(@Nullable HealthStatus status) {
        return status == HealthStatus.CRITICAL || status == HealthStatus.DEGRADED ? CircuitJson.text(status) : "well";
    }

    private static List<String> lower(Enum<?>[] constants) {
        return Stream.of(constants).map(CircuitJson::text).toList();
    }
}
