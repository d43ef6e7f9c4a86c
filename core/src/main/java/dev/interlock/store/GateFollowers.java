package dev.interlock.store;

import java.util.Objects;

/**
 * How the followers of a process follow a change of a gate. Followers hear of gates through the process and decide by
 * themselves, such as the clients of a server. Immutable.
 *
 * @param confirmed how many have said that they obey it
 * @param missing how many have not
 * @param details who is missing, in words of the process for others of its kind; empty if it has nothing to say
 */
public record GateFollowers(int confirmed, int missing, String details) {
    /** The process has no followers. */
    public static final GateFollowers NONE = new GateFollowers(0, 0, "");

    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException if a count is below zero
     */
    public GateFollowers {
        Objects.requireNonNull(details, "details must not be null");
        if (confirmed < 0 || missing < 0) {
            throw new IllegalArgumentException(
                    "Counts of followers must not be below 0, but are " + confirmed + " and " + missing);
        }
    }
}
