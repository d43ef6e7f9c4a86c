package dev.interlock.server.circuits;

import dev.interlock.FailureKind;
import dev.interlock.TransitionCause;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The part of a query's word before the colon, with what can be after it. */
enum QueryField {
    KIND("kind of failure", "LOOP", Stream.of(FailureKind.values()).map(Enum::name)),
    CAUSE("cause", "failure_rate", causes()),
    DEP("value", "model:*", Stream.of()),
    BY("value", "ada", Stream.of()),
    POLICY("value", "default", Stream.of()),
    STATE("state", "open", Stream.of("open", "half_open", "closed", "held")),
    HEALTH("health", "critical", Stream.of("critical", "degraded", "well"));

    private final String what;
    private final String example;

    @SuppressWarnings("ImmutableEnumChecker") // Stream.toList: nobody can change it
    private final List<String> values;

    QueryField(String what, String example, Stream<String> values) {
        this.what = what;
        this.example = example;
        this.values = values.toList();
    }

    /** That a circuit goes on as it was is no cause: it keeps the one that it had. */
    private static Stream<String> causes() {
        return EnumSet.complementOf(EnumSet.of(TransitionCause.RESUMED, TransitionCause.ADOPTED)).stream()
                .map(CircuitJson::text);
    }

    /** The field of a name in lower case, or null. */
    static @Nullable QueryField of(String name) {
        return Stream.of(values())
                .filter(each -> CircuitJson.text(each).equals(name))
                .findFirst()
                .orElse(null);
    }

    /** What is wrong with a value in lower case, as it was written; or null. */
    @Nullable
    String mistake(String value, String written) {
        if (values.isEmpty()
                || value.indexOf('*') >= 0
                || values.stream().map(QueryWord::lower).anyMatch(value::equals)) {
            return null;
        }
        String near = NearestWord.of(value, values);
        return name(written) + ": there is no such " + what
                + (near == null
                        ? "; there are " + String.join(", ", values) + "."
                        : ". Did you mean " + name(near) + "?");
    }

    /** What is said of a word without a value. */
    String needed() {
        return "needs a " + what + ", such as " + name(example) + ".";
    }

    private String name(String value) {
        return CircuitJson.text(this) + ":" + value;
    }
}
