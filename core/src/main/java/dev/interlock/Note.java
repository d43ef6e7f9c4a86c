package dev.interlock;

import dev.interlock.store.TransitionRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What a store does not know yet of one circuit: overrides, all of them; of automatic transitions the newest, and how many
 * it has overtaken; and who waits for it. Immutable, and no larger the longer the store is away, unless people go on
 * overriding.
 *
 * @param overrides lines of the audit trail that are never skipped
 * @param automatic the newest other line, or null
 * @param fromClosed whether all this began with a circuit that was closed and clean, and not by an override
 * @param whileDetached whether some of it happened while the other processes that share the circuit could not be asked
 * @param refills whether it gives a store again what that has forgotten
 * @param asked lines of the first write that had no answer; null if none had. Whichever of several such writes the store
 *     took, it has these
 * @param waiting completed once all this is stored
 * @param since when the oldest of it was noted, by {@link System#nanoTime}
 */
record Note(
        List<TransitionRecord> overrides,
        @Nullable TransitionRecord automatic,
        boolean fromClosed,
        boolean whileDetached,
        boolean refills,
        @Nullable List<TransitionRecord> asked,
        List<CompletableFuture<Boolean>> waiting,
        long since) {
    static Note of(TransitionRecord line) {
        return line.isOverride()
                ? new Note(List.of(line), null, false, false, false, null, List.of(), System.nanoTime())
                : new Note(
                        List.of(),
                        line,
                        line.from().equals("closed"),
                        false,
                        false,
                        null,
                        List.of(),
                        System.nanoTime());
    }

    static Note of(CompletableFuture<Boolean> waiting) {
        return new Note(List.of(), null, false, false, false, null, List.of(waiting), System.nanoTime());
    }

    /** A circuit that the store has forgotten: to be written once more, with nothing new to say. */
    static Note again() {
        return new Note(List.of(), null, false, false, true, null, List.of(), System.nanoTime());
    }

    /** The same, as it happened while others could not be asked. */
    Note detached() {
        return new Note(overrides, automatic, fromClosed, true, refills, asked, waiting, since);
    }

    /** The same, after a write of it that had no answer. */
    Note withoutAnswer() {
        List<TransitionRecord> first = asked == null ? lines() : asked;
        return new Note(overrides, automatic, fromClosed, whileDetached, refills, first, waiting, since);
    }

    /** Whether a write of some of it had no answer. */
    boolean unanswered() {
        return asked != null;
    }

    /** What is left, since the store was found to have taken a write that had no answer. */
    Note taken() {
        if (asked == null) {
            return this;
        }
        List<TransitionRecord> left = new ArrayList<>(overrides);
        left.removeAll(asked);
        TransitionRecord later = automatic;
        for (TransitionRecord line : asked) {
            if (later != null && !line.isOverride()) {
                // One that has overtaken it counts it as skipped, which it is not.
                later = line.epoch() == later.epoch() ? null : later.skipping(-1 - line.skipped());
            }
        }
        return new Note(List.copyOf(left), later, false, whileDetached, false, null, waiting, since);
    }

    /** Whether it is nothing but what a shared circuit did by itself while others could not be asked. */
    boolean givesWayOnReturn() {
        return whileDetached && automatic != null && overrides.isEmpty() && !refills;
    }

    /** Whether its newest is that a trial has failed, of a circuit that was not closed before; not of a time alone. */
    boolean reopens() {
        return automatic != null
                && automatic.from().equals("half_open")
                && automatic.to().equals("open")
                && !fromClosed
                && !whileDetached;
    }

    /**
     * Whether it holds what an epoch began with, or does not say. If not, the circuit has moved between the taking of this
     * note and the reading of its state: that move is noted by itself, maybe a moment later.
     */
    boolean covers(Epoch epoch) {
        StateTransition began = epoch.origin.transition;
        return began == null
                || began.cause() == TransitionCause.ADOPTED // is never noted
                || automatic == null && overrides.isEmpty()
                || lines().stream().anyMatch(line -> line.epoch() >= began.epoch());
    }

    /** When the last override was given; only if there is one. */
    Instant lastOverrideAt() {
        return overrides.stream()
                .map(TransitionRecord::at)
                .max(Comparator.naturalOrder()) // two threads may note theirs in either order
                .orElseThrow();
    }

    /** This and what came after it, or before: two threads may note their moves in either order. */
    Note and(Note other) {
        return new Note(
                join(overrides, other.overrides),
                newer(automatic, other.automatic),
                fromClosed || other.fromClosed,
                whileDetached || other.whileDetached,
                refills || other.refills,
                asked == null ? other.asked : asked,
                join(waiting, other.waiting),
                since - other.since < 0 ? since : other.since);
    }

    /** The lines of the audit trail, the oldest first. */
    List<TransitionRecord> lines() {
        List<TransitionRecord> lines = new ArrayList<>(overrides);
        if (automatic != null) {
            lines.add(automatic);
        }
        // Repeated overrides have one epoch.
        lines.sort(Comparator.comparingLong(TransitionRecord::epoch).thenComparing(TransitionRecord::at));
        return lines;
    }

    boolean hasOverrides() {
        return !overrides.isEmpty();
    }

    private static @Nullable TransitionRecord newer(@Nullable TransitionRecord one, @Nullable TransitionRecord other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.epoch() >= other.epoch() ? one.skipping(1 + other.skipped()) : other.skipping(1 + one.skipped());
    }

    private static <T> List<T> join(List<T> one, List<T> other) {
        if (one.isEmpty() || other.isEmpty()) {
            return one.isEmpty() ? other : one;
        }
        List<T> both = new ArrayList<>(one);
        both.addAll(other);
        return List.copyOf(both);
    }
}
