package dev.interlock.monitor;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How what an agent did came out. */
public enum EntryStatus {
    /** Well. */
    SUCCESS,
    /** Not well; the entry's error kind and message say why. */
    FAILURE,
    /** Given up by its caller, which says nothing about health. */
    CANCELLED;

    private final String wireName = name().toLowerCase(Locale.ROOT);

    /**
     * The name on the wire and in the database.
     *
     * @return such as {@code success}
     */
    public String wireName() {
        return wireName;
    }

    /**
     * The status of a name on the wire.
     *
     * @param name such as {@code failure}
     * @return the status, or null if there is none of that name
     */
    public static @Nullable EntryStatus ofWireName(String name) {
        for (EntryStatus status : values()) {
            if (status.wireName.equals(name)) {
                return status;
            }
        }
        return null;
    }
}
