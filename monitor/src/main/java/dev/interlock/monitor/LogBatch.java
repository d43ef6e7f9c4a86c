package dev.interlock.monitor;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Entries that travel together. Immutable.
 *
 * @param organization whose agents they are about; null for the receiver's own: over HTTP the key's, else the default one
 * @param sentAt when the batch was sent, by the clock of its entries, which corrects that clock; null where it is the
 *     receiver's clock, or nobody knows
 * @param entries in the order in which they were logged
 * @param sender who made the calls of entries that name no caller, such as the id of a key; null where it is their agents
 */
public record LogBatch(
        @Nullable String organization,
        @Nullable Instant sentAt,
        List<LogEntry> entries,
        @Nullable String sender) {
    /**
     * A batch of entries whose calls their agents have made, unless they name others.
     *
     * @param organization whose agents they are about, or null
     * @param sentAt when the batch was sent, or null
     * @param entries in the order in which they were logged
     */
    public LogBatch(@Nullable String organization, @Nullable Instant sentAt, List<LogEntry> entries) {
        this(organization, sentAt, entries, null);
    }

    /** Copies the list. */
    public LogBatch {
        entries = List.copyOf(entries);
    }
}
