package dev.interlock.server.circuits;

import dev.interlock.server.http.Problem;
import dev.interlock.server.text.Texts;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;

/** Times as callers write them. */
public final class Times {
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
}
