package dev.interlock;

import java.io.Serializable;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Refuses calls in front of circuits: a stop by a person, or a budget that is used up. A call is refused while any gate
 * covers it, whatever its circuits would say; the circuits themselves do not change. Immutable.
 *
 * @param organization whose calls it refuses, and nobody else's
 * @param id its name within the organization, 1 to 128 printable characters; putting another gate of the same id
 *     replaces it
 * @param covers which calls
 * @param pattern which agents, or which upstreams; null if and only if it covers the organization
 * @param author who put it, 1 to 256 characters: a person, or a part of the program, such as {@code budget}
 * @param reason why, or null; at most 1,024 characters
 * @param since when it was put; null before that
 * @param until when it ends by itself, or null for never; stores keep microseconds
 */
@Beta
public record Gate(
        String organization,
        String id,
        Covers covers,
        @Nullable NamePattern pattern,
        String author,
        @Nullable String reason,
        @Nullable Instant since,
        @Nullable Instant until)
        implements Serializable {
    private static final int ID_LENGTH = 128;

    /** The author of the gates of budgets, whose ids begin with it, too. */
    private static final String BUDGET = "budget";

    private static final String LOOP = "loop";

    /** Which calls of its organization a gate covers. */
    public enum Covers {
        /** All of them. */
        ORGANIZATION,
        /** Calls of the agents whose names match: a guard's own circuit counts, what it depends on does not. */
        AGENTS,
        /** Calls with a circuit whose name matches: the agent's, or that of something the call depends on. */
        UPSTREAM
    }

    /**
     * Checks the gate.
     *
     * @throws IllegalArgumentException if a text is empty, too long or not printable, or there is a pattern without agents
     *     or upstreams, or these without a pattern
     */
    public Gate {
        CircuitId.organization(organization);
        if (id.isBlank() || id.length() > ID_LENGTH) {
            throw new IllegalArgumentException(
                    "A gate's id must have 1 to " + ID_LENGTH + " characters, but this one has " + id.length());
        }
        int unprintable = PrintableText.unprintableAt(id);
        if (unprintable >= 0) {
            throw new IllegalArgumentException(
                    "A gate's id must be printable, but has " + PrintableText.describe(id, unprintable));
        }
        Signature.check("A gate", author, reason);
        if ((covers == Covers.ORGANIZATION) != (pattern == null)) {
            throw new IllegalArgumentException(
                    pattern == null
                            ? "A gate of " + covers.name().toLowerCase(Locale.ROOT) + " needs a pattern: of which names"
                            : "A gate of a whole organization has no pattern, but this one has '" + pattern.text()
                                    + "'");
        }
    }

    /**
     * A gate in front of all calls of an organization, with an id of its own and no end.
     *
     * @param organization whose calls
     * @param author who puts it
     * @return the gate, to be put
     * @throws IllegalArgumentException as the constructor does
     */
    public static Gate ofOrganization(String organization, String author) {
        return new Gate(organization, newId(), Covers.ORGANIZATION, null, author, null, null, null);
    }

    /**
     * A gate in front of the calls of some agents, with an id of its own and no end.
     *
     * @param organization whose calls
     * @param pattern the agents' name, or a pattern in which {@code *} stands for any characters
     * @param author who puts it
     * @return the gate, to be put
     * @throws IllegalArgumentException as the constructor does
     */
    public static Gate ofAgents(String organization, String pattern, String author) {
        return new Gate(organization, newId(), Covers.AGENTS, new NamePattern(pattern), author, null, null, null);
    }

    /**
     * A gate in front of the calls that name an upstream, with an id of its own and no end.
     *
     * @param organization whose calls
     * @param pattern the upstream's name, such as {@code model:kimi-k2}, or a pattern in which {@code *} stands for any
     *     characters
     * @param author who puts it
     * @return the gate, to be put
     * @throws IllegalArgumentException as the constructor does
     */
    public static Gate ofUpstream(String organization, String pattern, String author) {
        return new Gate(organization, newId(), Covers.UPSTREAM, new NamePattern(pattern), author, null, null, null);
    }

    /**
     * This gate under another id.
     *
     * @param newId its name within the organization
     * @return a copy
     * @throws IllegalArgumentException as the constructor does
     */
    public Gate named(String newId) {
        return new Gate(organization, newId, covers, pattern, author, reason, since, until);
    }

    /**
     * This gate with a reason.
     *
     * @param text why
     * @return a copy
     * @throws IllegalArgumentException as the constructor does
     */
    public Gate because(String text) {
        Objects.requireNonNull(text, "A reason must not be null");
        return new Gate(organization, id, covers, pattern, author, text, since, until);
    }

    /**
     * This gate with an end.
     *
     * @param end when it ends, on the wall clock as it is when the gate is put; one in the past ends at once
     * @return a copy
     */
    public Gate until(Instant end) {
        Objects.requireNonNull(end, "An end must not be null");
        return new Gate(organization, id, covers, pattern, author, reason, since, end);
    }

    /**
     * What those may know whose calls it refuses, and models that read the refusal: of a budget, which one is used up and by
     * how much. What a person gave as the reason is for people, and not in it.
     *
     * @return the reason of a budget's gate; null for any other gate
     */
    public @Nullable String reasonForCallers() {
        return author.equals(BUDGET) && id.startsWith(BUDGET + ':') ? reason : null;
    }

    /** Whether it is that of an execution in a loop. */
    boolean isOfLoop() {
        return author.equals(LOOP);
    }

    /** This gate, put at a time. */
    Gate since(Instant at) {
        return new Gate(organization, id, covers, pattern, author, reason, at, until);
    }

    private static String newId() {
        return UUID.randomUUID().toString();
    }
}
