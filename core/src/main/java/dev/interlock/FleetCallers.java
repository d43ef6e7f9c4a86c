package dev.interlock;

import dev.interlock.store.CallerSlots;

/**
 * Callers of a circuit that other processes share: besides those of this process the ones that all together have heard
 * of, by the last answer. Without an answer, while the others cannot be asked, it knows those that it knew.
 */
final class FleetCallers extends Callers {
    private volatile long askedElsewhere;
    private volatile long failingElsewhere;
    private volatile long heard = Long.MIN_VALUE;

    FleetCallers(WindowShape shape, long now) {
        super(shape, now);
    }

    /** Takes in what holds by the tallies of all processes. */
    void hear(CallerSlots all, long now) {
        askedElsewhere = all.asked();
        failingElsewhere = all.failing();
        heard = now;
    }

    @Override
    long asked(long now) {
        return super.asked(now) | (isFresh(now) ? askedElsewhere : 0);
    }

    /** Of callers that ask here this process knows best how their calls end. */
    @Override
    long failing(long now) {
        long here = super.failing(now);
        return isFresh(now) ? here | failingElsewhere & ~super.asked(now) : here;
    }

    private boolean isFresh(long now) {
        return heard != Long.MIN_VALUE && shape.part(now) - shape.part(heard) < PARTS;
    }
}
