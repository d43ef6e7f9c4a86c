package dev.interlock.monitor;

/**
 * What can be set about health. Immutable.
 *
 * @param opens when health opens circuits; default {@link Opens#FAILING}
 * @param maxAgents how many agents have figures at a time, at least 1; default 50,000. One agent takes 3 to 30 kB. Others
 *     feed their circuits all the same, but are not judged
 */
public record HealthSettings(Opens opens, int maxAgents) {
    /** When health opens circuits: the setting {@code health.opens}. */
    public enum Opens {
        /** When a critical agent is failing by its circuit's own policy, over 5 minutes. */
        FAILING,
        /** When an agent becomes critical, be it only by slowness or old errors: the specification to the letter. */
        CRITICAL,
        /** Never; health is only shown. */
        NEVER
    }

    /**
     * Checks the number.
     *
     * @throws IllegalArgumentException if no agent is allowed
     */
    public HealthSettings {
        if (maxAgents < 1) {
            throw new IllegalArgumentException("maxAgents must be at least 1, but was " + maxAgents);
        }
    }

    /**
     * The defaults.
     *
     * @return opens when failing, for up to 50,000 agents
     */
    public static HealthSettings defaults() {
        return new HealthSettings(Opens.FAILING, 50_000);
    }
}
