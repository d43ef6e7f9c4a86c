package dev.interlock;

import java.io.Serializable;
import java.util.Locale;
import java.util.Objects;

/**
 * The name of a circuit: an organization and, within it, what is protected.
 *
 * <p>By convention a prefix says what an upstream is: {@code model:}, {@code tool:}, {@code key:}; a name without one
 * is an agent. Ids are ordered by organization, then by name. Immutable.
 *
 * @param organization who owns the circuit, 1 to 128 characters, no control characters
 * @param name what is protected, 1 to 256 characters, no control characters
 */
public record CircuitId(String organization, String name) implements Comparable<CircuitId>, Serializable {
    /** The organization of circuits that are named without one. */
    public static final String DEFAULT_ORGANIZATION = "default";

    private static final int ORGANIZATION_LENGTH = 128;
    private static final int NAME_LENGTH = 256;

    /**
     * Checks both parts.
     *
     * @throws IllegalArgumentException if a part is empty, too long or holds a control character
     */
    public CircuitId {
        check("organization", organization, ORGANIZATION_LENGTH);
        check("name", name, NAME_LENGTH);
    }

    /**
     * A circuit of the {@linkplain #DEFAULT_ORGANIZATION default organization}.
     *
     * @param name what is protected
     * @return its id
     * @throws IllegalArgumentException as the constructor does
     */
    public static CircuitId of(String name) {
        return new CircuitId(DEFAULT_ORGANIZATION, name);
    }

    /**
     * Whether the name says that agents depend on what it names: it begins with {@code model:}, {@code tool:}, {@code key:}
     * or {@code mcp:}. A policy may say so of others.
     *
     * @return false for what reads as an agent
     */
    public boolean namesUpstream() {
        return Attribution.isUpstream(name);
    }

    @Override
    public int compareTo(CircuitId other) {
        int byOrganization = organization.compareTo(other.organization);
        return byOrganization != 0 ? byOrganization : name.compareTo(other.name);
    }

    /** The name alone in the default organization, else {@code organization/name}. */
    @Override
    public String toString() {
        return organization.equals(DEFAULT_ORGANIZATION) ? name : organization + "/" + name;
    }

    /** Refuses a text that cannot be the organization of any circuit. */
    static String organization(String value) {
        check("organization", value, ORGANIZATION_LENGTH);
        return value;
    }

    private static void check(String part, String value, int longest) {
        Objects.requireNonNull(value, () -> "A circuit's " + part + " must not be null");
        if (value.isBlank()) {
            throw new IllegalArgumentException("A circuit's " + part + " must not be empty or blank");
        }
        if (value.length() > longest) {
            throw new IllegalArgumentException("A circuit's " + part + " may have at most " + longest
                    + " characters, but this one has " + value.length() + ": '" + value.substring(0, 40) + "...'");
        }
        for (int i = 0; i < value.length(); i++) {
            if (Character.isISOControl(value.charAt(i))) {
                throw new IllegalArgumentException("A circuit's " + part + " must not hold control characters, but has "
                        + String.format(Locale.ROOT, "U+%04X", (int) value.charAt(i)) + " at position " + i);
            }
        }
    }
}
