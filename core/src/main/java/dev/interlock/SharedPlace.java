package dev.interlock;

import dev.interlock.store.GivenTrial;

/** A trial's place among all processes that share a circuit. */
final class SharedPlace extends Place {
    /** Hears once that the call of a trial has ended, or was not made. */
    interface Ending {
        void ended(boolean succeeded);
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
    void ended(boolean succeeded) {
        ending.ended(succeeded);
    }

    @Override
    void unused() {
        ending.ended(false);
    }
}
