package dev.interlock.promises;

import java.util.Locale;

/** What is looked at in production as well, since it costs nothing there: whatever breaks one of these is a defect. */
public enum Promise {
    /** The number of a circuit's epoch rises with every transition, and never comes twice. */
    EPOCHS_GROW,
    /** No half-open circuit of a process has more trials out, or out and succeeded, than its policy has places. */
    PLACES,
    /** A permit is settled once. */
    ONE_SETTLEMENT,
    /** A hold ends by a person's override or at its own end, never by a machine. */
    HOLDS,
    /** A gate ends by somebody who removes it or at its own end, never by a machine. */
    GATES,
    /** No row of one organization is read for another. */
    ORGANIZATIONS;

    /**
     * The promise as metrics and documents name it.
     *
     * @return its name in lower case
     */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
