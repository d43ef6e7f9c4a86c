package dev.interlock.store;

/**
 * Callers of a circuit, distinguished by 64 slots of their hash; a bit is a slot. Immutable.
 *
 * <p>In a tally a slot that is both failing and answered had a success last; one that is neither had no outcome since the
 * tally before. In an answer it is what holds by the tallies of all processes within the window.
 *
 * @param asked who asked for permission to make a call
 * @param failing whose last outcome was a failure
 * @param answered whose last outcome was their own mistake, correctly refused
 */
public record CallerSlots(long asked, long failing, long answered) {
    /** No callers. */
    public static final CallerSlots NONE = new CallerSlots(0, 0, 0);

    /**
     * Whether there is nothing in it.
     *
     * @return true if no slot is set
     */
    public boolean isEmpty() {
        return (asked | failing | answered) == 0;
    }
}
