package dev.interlock.server.circuits;

import dev.interlock.server.http.Problem;
import dev.interlock.server.text.Texts;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;

/** Times as callers write them. */
final class Times {
    private Times() {}

    /** Refuses what the contract's pattern lets through and is no day or hour all the same. */
    static Instant read(String name, String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw Problem.invalid(name + " must be a time as RFC 3339 writes it, such as 2027-01-31T18:00:00Z, but is '"
                    + Texts.shown(text) + "'");
        }
    }
}
