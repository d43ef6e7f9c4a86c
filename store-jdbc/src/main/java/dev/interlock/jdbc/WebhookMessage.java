package dev.interlock.jdbc;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something that a webhook is to hear of. Immutable.
 *
 * @param number rises with each message of an installation
 * @param id names it for its receiver; the same at each attempt
 * @param webhook who hears it
 * @param kind such as {@link #BEGAN}
 * @param about the incident's id, or the circuit's name
 * @param line of the audit trail; null for an incident
 * @param changes how often a circuit opened and closed, of one that flaps; else 1
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

    /** {@return whether it is about an incident} */
    public boolean isOfIncident() {
        return line == null;
    }

    /** Which message it is, and to whom; not what it says. */
    @Override
    public String toString() {
        return id + " (" + kind + ") for " + webhook;
    }
}
