package dev.interlock;

import org.jspecify.annotations.Nullable;

/** What became of a call of a circuit within another call of it; each is a bit. */
enum InnerCall {
    ADMITTED,
    REFUSED,
    FAILED;

    /** A call that one circuit has admitted, as calls within it see it. Safe for use by any thread. */
    interface Enclosing {
        /** That of the circuit's manager: inner calls of another one are none of this circuit. */
        Engine engine();

        /** Notes what became of an inner call. */
        void note(InnerCall what);

        /** Whether this call holds the place of a trial of an epoch, or of the one that comes after its cooldown. */
        boolean holdsPlace(Epoch tried, long now);

        /** Gives the place of a trial of an epoch to an inner call; null if this call holds none. */
        @Nullable
        Place lend(HalfOpenEpoch trying, long now);

        /** As {@link #lend} does, for the first trial here of a circuit that other processes try already. */
        default @Nullable Place lendFirst(Epoch cooled, TrialRules rules, long now) {
            return null;
        }

        /** Whether an inner call in another process has the place, so that no call further out has one either. */
        default boolean hasLent() {
            return false;
        }

        /** The inner call was not made: the place is this call's again, or free if that has ended. */
        void takeBack(Epoch trying, Place place);
    }

    /**
     * The place of a trial that an inner call has taken over.
     *
     * @param place the place
     * @param from the call that held it
     */
    record Loan(Place place, Enclosing from) {}

    long bit() {
        return 1L << (SHIFT + ordinal());
    }

    /** Bits from here on are notes; a permit keeps its beginning below. */
    static final int SHIFT = 60;
}
