package dev.interlock.server.circuits;

import dev.interlock.server.http.Problem;
import dev.interlock.server.text.Texts;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** Times as callers write them. */
public final class Times {
    /** Databases keep no later one. */
    private static final Instant LATEST = Instant.parse("9999-01-01T00:00:00Z");

    private Times() {}

    /**
     * Reads a time.
     *
     * @param name what it is called
     * @param text what the caller wrote
     * @return the time
     * @throws Problem if it is none
     */
    public static Instant read(String name, String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw Problem.invalid(name + " must be a time as RFC 3339 writes it, such as 2027-01-31T18:00:00Z, but is '"
                    + Texts.shown(text) + "'");
        }
    }

    /**
     * Reads a time that bounds what is looked for in the database; one that no line can have is as good as the nearest that
     * one can have.
     *
     * @param name what it is called
     * @param text what the caller wrote, or null
     * @return the time, or null if there is none
     * @throws Problem if it is no time
     */
    public static @Nullable Instant optional(String name, @Nullable String text) {
        if (text == null) {
            return null;
        }
        Instant time = read(name, text);
        return time.isBefore(Instant.EPOCH) ? Instant.EPOCH : time.isAfter(LATEST) ? LATEST : time;
    }
}
