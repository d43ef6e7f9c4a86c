package dev.interlock.store;

/**
 * How a trial ended. Immutable.
 *
 * @param succeeded whether a call was made and succeeded
 * @param needed how many successes close the circuit
 * @param failedCaller the slot, 0 to 63, of the caller whose call failed; {@link #NOBODY} if it did not, or is not known
 */
public record TrialEnd(boolean succeeded, int needed, int failedCaller) {
    /** In place of a caller's slot. */
    public static final int NOBODY = -1;

    /**
     * An end without a known caller.
     *
     * @param succeeded whether a call was made and succeeded
     * @param needed how many successes close the circuit
     * @return the end
     */
    public static TrialEnd of(boolean succeeded, int needed) {
        return new TrialEnd(succeeded, needed, NOBODY);
    }
}
