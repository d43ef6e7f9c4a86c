package dev.interlock.jdbc;

import dev.interlock.NamePattern;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where an organization wants to hear of its circuits, as it is stored. Immutable; prints neither its address nor its secret.
 *
 * @param organization whose
 * @param id names it within its organization
 * @param name for people
 * @param url where to; with some services that alone is a secret
 * @param secret signs what is sent, or is the key of the service; null if there is none
 * @param on what it hears of: {@link #INCIDENTS}, {@link #OPENED}, {@link #CLOSED}, {@link #HELD}, {@link #RELEASED}, {@link
 *     #BUDGETS}, {@link #LOOPS}, {@link #HEALTH}, {@link #STOPS}
 * @param pattern of circuits
 * @param format how messages are written
 * @param enabled whether it is sent anything
 * @param createdAt when it was made
 */
public record Webhook(
        String organization,
        String id,
        String name,
        String url,
        @Nullable String secret,
        Set<String> on,
        String pattern,
        String format,
        boolean enabled,
        Instant createdAt) {
    /** Hears of incidents: when one begins and when it ends. */
    public static final String INCIDENTS = "incidents";

    /** Hears of circuits that open and were closed. */
    public static final String OPENED = "opened";

    /** Hears of circuits that close. */
    public static final String CLOSED = "closed";

    /** Hears of circuits that somebody holds. */
    public static final String HELD = "held";

    /** Hears of circuits that nobody holds any more. */
    public static final String RELEASED = "released";

    /** Hears of budgets that are nearly used, used up or raised. */
    public static final String BUDGETS = "budgets";

    /** Hears of executions in a loop. */
    public static final String LOOPS = "loops";

    /** Hears of agents whose health becomes critical, and of those that recover. */
    public static final String HEALTH = "health";

    /** Hears of stops, and of their ends. */
    public static final String STOPS = "stops";

    private static final Set<String> OF_CIRCUITS = Set.of(OPENED, CLOSED, HELD, RELEASED);

    /** The condition of rows that hear of single circuits. */
    static final String CIRCUITS_HEARD = OF_CIRCUITS.stream()
            .map(each -> "subscription LIKE '%" + each + "%'")
            .collect(Collectors.joining(" OR "));

    /** Copies the set. */
    public Webhook {
        on = Set.copyOf(on);
    }

    /** {@return whether it hears of incidents} */
    boolean hearsOfIncidents() {
        return on.contains(INCIDENTS);
    }

    /** {@return whether it hears of single circuits} */
    boolean hearsOfCircuits() {
        return !ofCircuits().isEmpty();
    }

    /** {@return what it hears of single circuits} */
    Set<String> ofCircuits() {
        return on.stream().filter(OF_CIRCUITS::contains).collect(Collectors.toSet());
    }

    /** {@return whether it hears of a circuit of that name} */
    boolean covers(String circuit) {
        return new NamePattern(pattern).matches(circuit);
    }

    @Override
    public String toString() {
        return "webhook " + id + " of " + organization;
    }
}
