package dev.interlock;

import org.jspecify.annotations.Nullable;

/**
 * How an epoch began: its epoch, its first tick, and the transition that led to it. All circuits that are made anew share
 * one, without a transition.
 *
 * <p>Until its transition has been told to the listeners an origin holds on to the one before: together they are the
 * queue, in epoch order, of what is still to be told.
 */
final class Origin {
    final long epoch;
    final long ticks;

    /** How often the circuit has opened so far. */
    final int openings;

    final @Nullable StateTransition transition;

    /** The epoch before, while this epoch's transition has not been told. Only the publisher clears it. */
    volatile @Nullable Origin untold;

    private Origin(
            long epoch, long ticks, int openings, @Nullable StateTransition transition, @Nullable Origin untold) {
        this.epoch = epoch;
        this.ticks = ticks;
        this.openings = openings;
        this.transition = transition;
        this.untold = untold;
    }

    /** Of circuits made anew. */
    static Origin birth(long epoch, long ticks) {
        return new Origin(epoch, ticks, 0, null, null);
    }

    /** Of circuits that a store kept over a restart; its transition was told in an earlier life. */
    static Origin resumed(StateTransition transition, long ticks, int openings) {
        return new Origin(transition.epoch(), ticks, openings, transition, null);
    }

    /** Of an epoch that another process began. */
    Origin adopt(StateTransition transition, long now, int newOpenings) {
        return new Origin(transition.epoch(), now, newOpenings, transition, this);
    }

    Origin next(long now, StateTransition transition) {
        return new Origin(transition.epoch(), now, openings + (transition.opens() ? 1 : 0), transition, this);
    }
}
