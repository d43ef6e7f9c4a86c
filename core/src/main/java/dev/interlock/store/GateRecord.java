package dev.interlock.store;

import java.time.Instant;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * A gate as it lies in a store, also one that was removed: plain values, times by the wall clock. Immutable.
 *
 * @param organization whose calls it refuses
 * @param id its name within the organization
 * @param version rises with each change of the gate of this id, from 1
 * @param stamp names the put that made the gate what it is; a removal keeps that of what it removed
 * @param covers {@code organization}, {@code agents} or {@code upstream}; those of a newer version are carried
 * @param pattern which agents, or which upstreams; null where it covers the organization
 * @param author who put it, such as a person or {@code budget}
 * @param reason the reason given, or null
 * @param since when it was put
 * @param until when it ends by itself, or null for never
 * @param removal who removed it; null if it was not removed
 */
public record GateRecord(
        String organization,
        String id,
        long version,
        String stamp,
        String covers,
        @Nullable String pattern,
        String author,
        @Nullable String reason,
        Instant since,
        @Nullable Instant until,
        @Nullable Removal removal) {
    /** The version of a gate that no store has seen: it is put above whatever is stored under its id. */
    public static final long UNSTORED = 0;

    /**
     * That a gate was removed. Immutable.
     *
     * @param actor who removed it
     * @param reason the reason given, or null
     * @param at when
     */
    public record Removal(String actor, @Nullable String reason, Instant at) {}

    /**
     * Whether somebody removed it.
     *
     * @return false if nobody did, also once it has ended by itself
     */
    public boolean isRemoved() {
        return removal != null;
    }

    /**
     * Whether this is the same change as another record, whatever their versions.
     *
     * @param other a record of the same id
     * @return true if both are the same put, or the removal of the same put
     */
    public boolean isSameChange(GateRecord other) {
        return stamp.equals(other.stamp) && isRemoved() == other.isRemoved();
    }

    /**
     * Which of two changes of one version wins, everywhere: a removal, and of two gates the one that was put later.
     *
     * @param other another change of the same id and version
     * @return true if this one wins; of two removals neither wins over the other
     */
    public boolean standsAgainst(GateRecord other) {
        return !other.isRemoved()
                && (isRemoved()
                        || Comparator.comparing(GateRecord::since)
                                        .thenComparing(GateRecord::stamp)
                                        .compare(this, other)
                                > 0);
    }

    /**
     * The same change as another version.
     *
     * @param other its number
     * @return a copy
     */
    public GateRecord withVersion(long other) {
        return new GateRecord(organization, id, other, stamp, covers, pattern, author, reason, since, until, removal);
    }

    /**
     * What is left of this gate once it is removed: a record of the next version.
     *
     * @param by who removed it, why and when
     * @return a copy
     */
    public GateRecord removed(Removal by) {
        return new GateRecord(organization, id, version + 1, stamp, covers, pattern, author, reason, since, until, by);
    }
}
