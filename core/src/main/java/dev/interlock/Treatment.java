package dev.interlock;

/** What a circuit does with a failure of some kind. */
public enum Treatment {
    /** Counts towards the streak and the failure rate, and re-opens a half-open circuit. */
    COUNT,
    /** Counts, and opens the circuit at once. */
    TRIP,
    /**
     * The caller's own mistake, correctly refused. For an upstream it is a sign of life: in the window it is a call
     * that did not fail; as a trial it is a success, once for each caller. For an agent it is {@link #IGNORE}.
     */
    ANSWERED,
    /** Says nothing about health: changes neither streak nor rate, and gives a trial's place back. */
    IGNORE
}
