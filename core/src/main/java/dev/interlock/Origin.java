package dev.interlock;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * How an epoch began: its number, its first tick, and the transition that led to it. All circuits that are new share
 * one, without a transition.
 *
 * <p>Until its transition has been reported to the listeners an origin holds on to the one before: together they are the
 * queue, in epoch order, of what is still to be reported. What else follows a transition is done once: the thread that {@linkplain
 * #claim claims} it does it, and only then do listeners hear of it.
 */
final class Origin {
    private static final VarHandle FOLLOWED;
    private static final int NOT_YET = 0;
    private static final int CLAIMED = 1;
    private static final int DONE = 2;

    static {
        try {
            FOLLOWED = MethodHandles.lookup().findVarHandle(Origin.class, "followed", int.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    final long epoch;
    final long ticks;

    /** How often the circuit has opened so far. */
    final int openings;

    final @Nullable StateTransition transition;

    /** The epoch before, while this one's transition has not been reported. Only the publisher clears it. */
    volatile @Nullable Origin unreported;

    /** Whether what follows the transition has been done. */
    private volatile int followed;

    private Origin(
            long epoch, long ticks, int openings, @Nullable StateTransition transition, @Nullable Origin unreported) {
        this.epoch = epoch;
        this.ticks = ticks;
        this.openings = openings;
        this.transition = transition;
        this.unreported = unreported;
        this.followed = unreported == null ? DONE : NOT_YET;
    }

    /** Of circuits that are new. */
    static Origin birth(long epoch, long ticks) {
        return new Origin(epoch, ticks, 0, null, null);
    }

    /** Of circuits that a store kept over a restart; its transition was reported in an earlier life. */
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

    /** Whether it is for the caller to do what follows the transition; then it ends with {@link #followed(boolean)}. */
    boolean claim() {
        return followed == NOT_YET && FOLLOWED.compareAndSet(this, NOT_YET, CLAIMED);
    }

    /** Ends a claim: done, or to be claimed once more. */
    void followed(boolean done) {
        followed = done ? DONE : NOT_YET;
    }

    boolean isFollowed() {
        return followed == DONE;
    }

    /** Whether all that follows the transition has been done, and listeners have been offered it. */
    boolean isOver() {
        return followed == DONE && unreported == null;
    }
}
