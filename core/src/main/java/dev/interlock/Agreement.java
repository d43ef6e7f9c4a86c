package dev.interlock;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitRecord;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The stored record of a circuit, and the epoch here that agrees with it; and who gives way to whom. Everything here is
 * decided from what is stored, what is ours and what is noted, and nothing is done: {@link Agreements} does it.
 *
 * <p>The stored record is the truth, unless something has happened here that is not written yet. Of two automatic moves
 * the first that is written wins, and the other process adopts it; an override is written again, on top of what was
 * first; a trip here wins over news that the circuit had closed elsewhere, and a trial that failed here wins over news
 * that trials have begun elsewhere. Epochs of processes need not agree: each counts upwards, above what it hears. The
 * model of the protocol decides the same (docs/model).
 *
 * @param stored the epoch of the stored record, or {@link CircuitChange#CLOSED_AND_CLEAN}
 * @param local the epoch here that agrees with it, or {@link #UNWRITTEN}
 */
record Agreement(long stored, long local) {
    /** What happens to ours, given what is stored. */
    enum Answer {
        /** Theirs wins, and ours becomes the same. */
        ADOPT,
        /** Ours wins: it begins again above theirs, and is written over it. */
        STAND,
        /** Theirs is ours, or follows it without a new epoch. */
        FOLLOW,
        /** Nothing: what happened here will be written, and then it shows who was first. */
        DROP
    }

    /** In place of a local epoch: what is stored will be written over, until then nothing agrees with it. */
    static final long UNWRITTEN = -1;

    private static final Duration CLOCKS_APART = Duration.ofMillis(250);

    /** Whether the present epoch agrees with what is stored; if not, its beginning is not written yet. */
    static boolean isSettled(@Nullable Agreement agreement, Epoch present) {
        boolean fresh = present.origin.transition == null;
        if (agreement == null) {
            return fresh;
        }
        long epoch = present.origin.epoch;
        // One that is made again after it was forgotten begins as its predecessor was stored: closed and clean.
        return agreement.local == epoch || fresh && agreement.local != UNWRITTEN && agreement.local < epoch;
    }

    /** The epoch of the stored record that an epoch builds on; null while its beginning is not written. */
    static @Nullable Long basis(@Nullable Agreement agreement, Epoch present) {
        return isSettled(agreement, present) ? (Long) storedEpoch(agreement) : null;
    }

    /** The epoch of the stored record, as far as is known. */
    static long storedEpoch(@Nullable Agreement agreement) {
        return agreement == null ? CircuitChange.CLOSED_AND_CLEAN : agreement.stored;
    }

    /**
     * Whether what is in the way was written by this process, and the answer was lost: then ours goes on from it.
     *
     * @param generation this process'
     */
    static boolean isOurs(Note note, CircuitRecord ours, CircuitRecord first, long generation) {
        return note.unanswered() && first.writer() == generation && first.epoch() <= ours.epoch();
    }

    /**
     * Another record was first where ours was to be written.
     *
     * @param note what ours is made of
     * @param ours what was not written
     * @param first what is stored
     * @param present the circuit's epoch by now
     * @param oneClock whether times of all records go by one clock
     */
    static Answer atWriting(Note note, CircuitRecord ours, CircuitRecord first, Epoch present, boolean oneClock) {
        if (isKept(note, ours, first, oneClock)) {
            return Answer.STAND;
        }
        // One that has moved again meanwhile is noted again, and meets the same record; also if ours has that already.
        boolean isNewest = present.origin.epoch == ours.epoch() && note.covers(present);
        return isNewest ? Answer.ADOPT : Answer.DROP;
    }

    private static boolean isKept(Note note, CircuitRecord ours, CircuitRecord first, boolean oneClock) {
        if (note.hasOverrides()) {
            // An override of a time when others could not be asked does not undo what was done there by one since.
            return !note.whileDetached()
                    || first.actor() == null
                    || !first.changedAt().isAfter(note.lastOverrideAt());
        }
        if (note.refills() && isOlder(first, ours.changedAt(), oneClock)) {
            return true;
        }
        if (note.reopens() && CircuitRecords.state(first) == CircuitState.HALF_OPEN) {
            return true; // a trial has failed here, which there has only begun
        }
        return note.fromClosed() && !note.whileDetached() && first.isClosedAndClean();
    }

    /**
     * A circuit that moved by itself while the others could not be asked finds what they have. Theirs wins, unless the
     * store has forgotten the circuit. Nothing is stored either if the store took what is noted, its answer was lost,
     * and it has forgotten that since. So what the store may have taken does not give way to nothing.
     *
     * @param note what ours is made of
     * @param theirs what is stored, or null for nothing
     * @param forgotten whether the store may have lost what it held
     * @param generation this process'
     */
    static Answer onReturn(
            @Nullable Agreement agreement,
            Note note,
            @Nullable CircuitRecord theirs,
            Epoch present,
            boolean forgotten,
            long generation) {
        if (theirs == null) {
            boolean lost = forgotten || note.unanswered() || storedEpoch(agreement) != CircuitChange.CLOSED_AND_CLEAN;
            return lost ? Answer.STAND : Answer.ADOPT;
        }
        boolean ours = theirs.writer() == generation && theirs.epoch() == present.origin.epoch;
        return ours ? Answer.FOLLOW : Answer.ADOPT; // it was written, but the answer was lost
    }

    /**
     * A record was heard of.
     *
     * @param read whether it was read, and so is stored now; a message may be overtaken by another
     */
    static Answer onNews(
            @Nullable Agreement agreement, CircuitRecord record, Epoch present, boolean read, boolean oneClock) {
        if (!isSettled(agreement, present)) {
            return Answer.DROP;
        }
        if (agreement == null) {
            return Answer.ADOPT;
        }
        boolean same = record.epoch() == agreement.stored;
        boolean older = record.epoch() < agreement.stored;
        boolean other = record.epoch() > agreement.stored
                || read && oneClock && (older || !CircuitRecords.isOf(record, present));
        if (!other) {
            return same ? Answer.FOLLOW : Answer.DROP;
        }
        StateTransition began = present.origin.transition;
        // The store forgot, and was filled again by one who had not heard of this.
        return began != null && isOlder(record, began.at(), oneClock) ? Answer.STAND : Answer.ADOPT;
    }

    /** A circuit is not stored that should be: the store forgot it. One that is closed need not be stored again. */
    static Answer onMissing(@Nullable Agreement agreement, Epoch present) {
        if (agreement == null || agreement.local != present.origin.epoch) {
            return Answer.DROP;
        }
        return present.isClosedAndClean() ? Answer.FOLLOW : Answer.STAND;
    }

    /** Whether a record is of an earlier time than an epoch, by more than clocks may be apart. */
    private static boolean isOlder(CircuitRecord record, Instant than, boolean oneClock) {
        return oneClock && record.changedAt().plus(CLOCKS_APART).isBefore(than);
    }
}
