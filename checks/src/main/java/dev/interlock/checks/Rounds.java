package dev.interlock.checks;

/**
 * How long heavy suites are: the system property {@code interlock.rounds} says which share of a full run. A plain build
 * takes 0.03, {@code -Pthorough} takes 1, and more is better before a release.
 */
public final class Rounds {
    private Rounds() {}

    /**
     * The rounds of a suite.
     *
     * @param full of a full run
     * @param least what the suite cannot do without
     * @return the share of {@code full}, at least {@code least}
     */
    public static int of(int full, int least) {
        return (int) Math.max(least, Math.round(full * share()));
    }

    /** The share of a full run, above 0; where nothing says so, as in an IDE, that of a plain build. */
    public static double share() {
        return Double.parseDouble(System.getProperty("interlock.rounds", "0.03"));
    }
}
