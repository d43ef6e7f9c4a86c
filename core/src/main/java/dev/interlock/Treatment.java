package dev.interlock;

/** What a circuit does with a failure of some kind. */
public enum Treatment {
    /** Counts towards the streak and the failure rate, and re-opens a half-open circuit. */
    COUNT,
    /** Counts, and opens the circuit at once. */
    TRIP,
    /** Says nothing about health: leaves streak and rate, and gives a trial's place back. */
    IGNORE
}
