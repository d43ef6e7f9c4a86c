package dev.interlock;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One epoch of a circuit in one state, from which all state of the epoch hangs; the next epoch is another object. A permit
 * keeps the epoch that admitted it, so a late outcome is known by an epoch that is not the present one.
 *
 * <p>An epoch never changes its circuit. It decides, and returns the {@link Move} that it asks for; {@link Circuit}
 * makes it. What is not overridden decides nothing. Every method may be called by any thread at any time.
 */
abstract class Epoch {
    final Origin origin;

    Epoch(Origin origin) {
        this.origin = origin;
    }

    abstract CircuitState state();

    /** What the passing of time asks for once a call, an outcome without a permit, or a timer comes; null for nothing. */
    @Nullable
    Move moveAt(Policy policy, long now) {
        return null;
    }

    /** How long a call that is not admitted has to wait, in nanoseconds; 0 if it would be admitted. */
    long refusal(Policy policy, long now) {
        return 0;
    }

    /** It has begun, and everybody can see it. */
    void begun() {}

    /** A caller asks for permission, where the circuit must know its callers; it may be refused. */
    void asked(Policy policy, int slot, long now) {}

    /** Who has asked, or null while nobody needs to know. */
    @Nullable
    Callers callers() {
        return null;
    }

    /**
     * For how long a caller may not try, in nanoseconds, since its trial was the last that failed; 0 if it may.
     *
     * @param failedLast whose trial failed last in another process, as far as was heard
     */
    long heldBack(Policy policy, int slot, int failedLast, long now) {
        return 0;
    }

    /** What an outcome means here in the light of other callers. */
    Evidence weigh(Policy policy, Evidence evidence) {
        return evidence;
    }

    /** Gives a place back as if it had never been taken. */
    void giveBack(Place place) {}

    /** Takes an outcome in; null if no move follows, {@link Move#SEALED} if another object of the epoch must take it in,
     * {@link Move#ALONE} if it would trip with more callers failing. */
    @Nullable
    Move settle(Policy policy, Place place, Evidence evidence) {
        return null;
    }

    /** Takes an override; null if it changes nothing. */
    @Nullable
    Move override(ManualOverride override, Policy policy, long now, long holdEnd) {
        return null;
    }

    /** A call that began before this tick belongs to an earlier epoch. */
    long begins() {
        Trip trip = trip();
        return trip == null ? Long.MIN_VALUE : trip.ticks();
    }

    Figures figures(long now) {
        Trip trip = trip();
        return trip == null ? Figures.NONE : trip.figures();
    }

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

    /**
     * When the longest wait ends that failures of the streak have asked for, all since the last success; {@link
     * RollingWindow#NEVER} if none has.
     */
    long waitEnd() {
        return RollingWindow.NEVER;
    }

    /** Whether a call may be refused here: under a policy that only observes, not by a trip of the circuit's own. */
    final boolean refuses(Policy policy) {
        Trip trip = policy.observes ? trip() : null;
        return trip == null || isHeld() || trip.isPersons();
    }

    /** The hold in effect, or null. */
    final @Nullable Hold hold() {
        return isHeld() && origin.transition != null ? origin.transition.hold() : null;
    }

    final boolean isHeld() {
        return holdTerm() != null;
    }

    /** The term of the hold in effect, or null. */
    @Nullable
    HoldTerm holdTerm() {
        return null;
    }

    /** Closed without a hold: nothing that a fleet's reader needs to see. */
    boolean isClosedAndClean() {
        return false;
    }

    /** Whether an override would only repeat the hold that is in effect. */
    final boolean repeatsHold(ManualOverride override) {
        Hold hold = hold();
        return hold != null && Objects.equals(hold.until(), override.until());
    }
}
