package dev.interlock.jdbc;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something that a webhook is to hear of. Immutable.
 *
 * @param number rises with each message of an installation
 * @param id names it for its receiver; the same at each attempt
 * @param webhook who hears it
 * @param kind such as {@link #BEGAN}
 * @param about the incident's id, the circuit's name or the budget's id; empty for what sums up others
 * @param line of the audit trail; null where it is about none
 * @param changes how often a circuit opened and closed, of one that flaps; of what sums up, how many events; else 1
 * @param events of what sums up the first, each as a JSON object; else none
 * @param createdAt since when it is to be sent
 * @param attempts how often it was sent, and failed
 * @param body as it is sent; null until it was first
 */
public record WebhookMessage(
        long number,
        String id,
        Webhook webhook,
        String kind,
        String about,
        @Nullable Long line,
        int changes,
        List<String> events,
        Instant createdAt,
        int attempts,
        @Nullable String body) {
    /** An incident began. */
    public static final String BEGAN = "incident.began";

    /** An incident that had ended goes on. */
    public static final String CONTINUED = "incident.continued";

    /** An incident turned out to be part of another one. */
    public static final String MERGED = "incident.merged";

    /** An incident ended. */
    public static final String ENDED = "incident.ended";

    /** A closed circuit opened. */
    public static final String CIRCUIT_OPENED = "circuit.opened";

    /** A circuit closed. */
    public static final String CIRCUIT_CLOSED = "circuit.closed";

    /** A circuit opened and closed several times. */
    public static final String CIRCUIT_FLAPPED = "circuit.flapped";

    /** Somebody holds a circuit. */
    public static final String CIRCUIT_HELD = "circuit.held";

    /** Nobody holds a circuit any more. */
    public static final String CIRCUIT_RELEASED = "circuit.released";

    /** Most of a budget is used. */
    public static final String BUDGET_NEARLY_USED = "budget.nearly_used";

    /** All of a budget is used. */
    public static final String BUDGET_USED_UP = "budget.used_up";

    /** Somebody raised a budget. */
    public static final String BUDGET_RAISED = "budget.raised";

    /** An execution makes the same call again and again. */
    public static final String LOOP_FOUND = "loop.found";

    /** The health of an agent is critical. */
    public static final String HEALTH_CRITICAL = "health.critical";

    /** The health of an agent is critical no more. */
    public static final String HEALTH_RECOVERED = "health.recovered";

    /** Somebody stopped something, or changed a stop. */
    public static final String STOP_BEGAN = "stop.began";

    /** Somebody resumed what was stopped, or its time was over. */
    public static final String STOP_ENDED = "stop.ended";

    /** Copies the list. */
    public WebhookMessage {
        events = List.copyOf(events);
    }

    /** Which message it is, and to whom; not what it says. */
    @Override
    public String toString() {
        return id + " (" + kind + ") for " + webhook;
    }
}
