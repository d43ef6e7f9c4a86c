package dev.interlock;

import dev.interlock.store.GivenTrial;
import dev.interlock.store.TrialEnd;

/** A trial's place among all processes that share a circuit. */
final class SharedPlace extends Place {
    /** Hears once that the call of a trial has ended, or was not made. */
    interface Ending {
        void ended(boolean succeeded, int failedCaller);
    }

    private final GivenTrial given;
    private final Ending ending;

    SharedPlace(long end, GivenTrial given, Ending ending) {
        super(end);
        this.given = given;
        this.ending = ending;
    }

    @Override
    GivenTrial given() {
        return given;
    }

    @Override
    void ended(boolean succeeded, int failedCaller) {
        ending.ended(succeeded, failedCaller);
    }

    @Override
    void unused() {
        ending.ended(false, TrialEnd.NOBODY);
    }
}
