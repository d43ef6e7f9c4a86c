package dev.interlock.monitor.incidents;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Openings that have one cause. Immutable.
 *
 * @param id names it within its organization; stays the same over restarts and while the root becomes clearer
 * @param root the circuit that the others follow, or what they have in common
 * @param suspected whether the root is only what all have in common: its own circuit did not open
 * @param began when the first circuit opened
 * @param lastOpening when a circuit joined last
 * @param quietSince since when all of its circuits have been closed; null while one is not
 * @param ended when it ended: {@code quietSince} of one that was quiet for long enough; null while it goes on
 * @param mergedInto the incident that this one turned out to be part of; null for one of its own
 * @param affected the circuits that opened, in the order of their opening
 */
public record Incident(
        String id,
        String root,
        boolean suspected,
        Instant began,
        Instant lastOpening,
        @Nullable Instant quietSince,
        @Nullable Instant ended,
        @Nullable String mergedInto,
        List<Affected> affected) {
    /** How long all circuits are closed before an incident has ended. */
    public static final Duration QUIET = Duration.ofMinutes(5);

    /** Copies the list. */
    public Incident {
        affected = List.copyOf(affected);
    }

    /** {@return whether it goes on, or may go on any moment} */
    public boolean isLive() {
        return ended == null && mergedInto == null;
    }

    /**
     * When it ends if nothing opens until then.
     *
     * @return null while a circuit is open, and once it has ended
     */
    public @Nullable Instant endsAt() {
        return isLive() && quietSince != null ? quietSince.plus(QUIET) : null;
    }

    /**
     * Until when it lasted so far: the last closing, whether it has ended or is quiet.
     *
     * @param now the wall clock's time
     * @return {@code now} while a circuit is open
     */
    public Instant lastedUntil(Instant now) {
        Instant end = ended == null ? quietSince : ended;
        return end == null ? now : end;
    }
}
