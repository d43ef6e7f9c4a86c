package dev.interlock.replay;

/** Whose circuits the calls ask. */
public enum By {
    /** The agent's alone. */
    AGENT,
    /** The target's alone: one circuit for all agents that call it. */
    TARGET,
    /** The agent's, which depends on the target's: all permits or none. */
    BOTH;

    boolean needsAgent() {
        return this != TARGET;
    }

    boolean needsTarget() {
        return this != AGENT;
    }
}
