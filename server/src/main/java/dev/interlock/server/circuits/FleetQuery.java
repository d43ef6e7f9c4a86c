package dev.interlock.server.circuits;

import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.Hold;
import dev.interlock.NamePattern;
import dev.interlock.monitor.Agent;
import dev.interlock.monitor.HealthStatus;
import dev.interlock.server.circuits.KnownCircuits.Known;
import dev.interlock.server.http.Problem;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The words of a query: {@code kind:LOOP dep:model:* team=billing -state:open planner}. All must hold; what they mean is
 * decision 0219, and the same on the dashboard. Immutable; safe for use by any thread.
 */
public final class FleetQuery {
    /** A longer text is no query. */
    public static final int LONGEST = QueryReading.LONGEST;

    private static final Pattern BRACKET = Pattern.compile(" \\((?:key|token of) .*\\)\\z", Pattern.DOTALL);

    /**
     * One of the fleet with all that words ask for.
     *
     * @param known its circuit
     * @param agent what else is known of it, or null
     * @param health how it was judged last; null if it was not
     */
    public record Member(
            Known known, @Nullable Agent agent, @Nullable HealthStatus health) {}

    private final List<QueryWord> words;
    private final @Nullable NamePattern names;

    private FleetQuery(List<QueryWord> words, @Nullable NamePattern names) {
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
     * The circuits that match all words.
     *
     * @param text the words
     * @return the query
     * @throws Problem 400 if there is no word, or with what is wrong and at which column
     */
    public static FleetQuery parse(String text) {
        QueryReading reading = QueryReading.of(text);
        if (!reading.mistakes().isEmpty()) {
            throw Problem.invalid(reading.mistakes().stream()
                    .map(mistake -> "At column " + mistake.column() + ": " + mistake.text())
                    .collect(Collectors.joining(" ")));
        }
        if (reading.words().isEmpty()) {
            throw Problem.invalid("A query needs at least one word; the pattern * means all");
        }
        return new FleetQuery(reading.words(), null);
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
                : words.stream().allMatch(word -> isFound(member, word) != word.not());
    }

    private static NamePattern pattern(String text) {
        try {
            return new NamePattern(text);
        } catch (IllegalArgumentException wrong) {
            throw Problem.invalid(String.valueOf(wrong.getMessage()));
        }
    }

    private static boolean isFound(Member member, QueryWord word) {
        QueryField field = word.field();
        if (field != null) {
            return has(member, field).anyMatch(word::hasValue);
        }
        return word.hasName(member.known.name()) || (member.agent != null && isDescribed(member.agent, word));
    }

    private static boolean isDescribed(Agent agent, QueryWord word) {
        return agent.metadata().entrySet().stream()
                .anyMatch(each -> word.isAbout(each.getKey()) && word.hasValue(each.getValue()));
    }

    /** What one of the fleet has of a field. */
    private static Stream<String> has(Member member, QueryField field) {
        CircuitSnapshot circuit = member.known.circuit();
        Hold hold = circuit.hold();
        Why why = Why.of(circuit);
        return switch (field) {
            case KIND -> Stream.ofNullable(why.kind());
            case CAUSE -> Stream.ofNullable(why.cause());
            case POLICY -> Stream.of(circuit.policy());
            case STATE -> hold == null ? Stream.of(state(circuit.state())) : Stream.of(state(circuit.state()), "held");
            case HEALTH -> Stream.of(health(member.health));
            case DEP -> member.agent == null ? Stream.empty() : member.agent.dependencies().stream();
            case BY ->
                Stream.concat(Stream.ofNullable(why.actor()), Stream.ofNullable(hold == null ? null : hold.actor()))
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
}
