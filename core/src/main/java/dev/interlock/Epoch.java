package dev.interlock;

import org.jspecify.annotations.Nullable;

/**
 * One epoch of a circuit in one state: a fresh object each time, from which all state of the epoch hangs. A permit keeps
 * the epoch that admitted it, so a late outcome falls on an epoch that nobody looks at any more.
 *
 * <p>A epoch does not know its circuit. It decides, and returns what it movees for; {@link CircuitBreaker} moves.
 * Every method may be called by any thread at any time.
 */
abstract class Epoch {
    final Origin origin;

    Epoch(Origin origin) {
        this.origin = origin;
    }

    abstract CircuitState state();

    /** What the passing of time asks for once a call, or an outcome without a permit, comes; null to stay. */
    abstract @Nullable Move moveAt(Policy policy, long now);

    /** A trial's place, or null if there is none; closed admits unasked, others only when {@link #wishAt} has no move. */
    @Nullable
    Place admit(Policy policy, long now) {
        return null;
    }

    /** How long a call that is not admitted shall wait, in nanoseconds; 0 if it would be admitted. */
    abstract long refusal(Policy policy, long now);

    /** Gives a place back as if it had never been taken. */
    void giveBack(Place place) {}

    /** Takes an outcome in; null to stay. */
    abstract @Nullable Move settle(Policy policy, Place place, Evidence evidence);

    /** Takes an order; null if it changes nothing. */
    abstract @Nullable Move override(ManualOverride override, Policy policy, long now, long holdEnd);

    /** A call that began before this tick belongs to an earlier epoch. */
    abstract long begins();

    abstract Figures figures(long now);

    /** When and why it opened; null in closed. */
    @Nullable
    Trip trip() {
        return null;
    }

    /** The tick of the last failure that counted, or {@link RollingWindow#NEVER}. */
    long lastFailure() {
        Trip trip = trip();
        return trip == null ? RollingWindow.NEVER : trip.lastFailure();
    }

    /** The hold in force, or null. */
    final @Nullable Hold hold() {
        return isHeld() && origin.transition != null ? origin.transition.hold() : null;
    }

    final boolean isHeld() {
        return holdTerm() != null;
    }

    /** The term of the hold in force, or null. */
    @Nullable
    HoldTerm holdTerm() {
        return null;
    }

    /** Closed without a hold: nothing that a fleet's reader needs to see. */
    boolean isClosedAndClean() {
        return false;
    }

    /** Whether an order would only repeat the hold that is in force. */
    final boolean repeatsHold(ManualOverride override) {
        Hold hold = hold();
        return hold != null && java.util.Objects.equals(hold.until(), override.until());
    }
}
