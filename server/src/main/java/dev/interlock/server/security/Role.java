package dev.interlock.server.security;

import java.util.Locale;

/**
 * What a caller may do. Viewer, operator and admin include each other in this order; agent is apart and may only
 * make agents' calls: permits, outcomes and logs. An admin may make those too.
 */
public enum Role {
    /** Reads circuits, agents, health, transitions, metrics and the stream of its organization. */
    VIEWER,
    /** Reads, and opens, closes, resets, holds and releases circuits. */
    OPERATOR,
    /** May do everything in its organization, policies and keys included. */
    ADMIN,
    /** Takes permits, reports outcomes and sends logs; reads nothing. */
    AGENT;

    /**
     * Whether a caller of this role may do what needs another.
     *
     * @param needed the role that a call asks for
     * @return true if this role is that one or includes it
     */
    public boolean may(Role needed) {
        if (this == ADMIN || this == needed) {
            return true;
        }
        return needed == VIEWER && this == OPERATOR;
    }

    /**
     * The role as keys, tokens and answers write it.
     *
     * @return the name in lower case
     */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads a role; only the exact words count, in lower case.
     *
     * @param text for example {@code viewer}
     * @return the role
     * @throws IllegalArgumentException if it is none; the message names the four
     */
    public static Role of(String text) {
        for (Role role : values()) {
            if (role.text().equals(text)) {
                return role;
            }
        }
        throw new IllegalArgumentException("A role must be viewer, operator, admin or agent");
    }
}
