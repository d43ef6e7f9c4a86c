package dev.interlock;

import dev.interlock.facts.Facts;
import dev.interlock.facts.InBandErrors;
import java.time.Instant;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the answer of a provider means, for code that reads it from the wire itself, such as a proxy. Stateless and safe
 * for use by any thread.
 */
@Alpha
public final class HttpAnswers {
    private static final int LEAST_FAILURE = 400;

    private HttpAnswers() {}

    /**
     * Judges an answer by the code in its body, its status and its headers, as the {@linkplain FailureClassifier#standard()
     * standard classifier} judges the answers of clients.
     *
     * @param status 100 to 599
     * @param headers a header's value by its name in lower case, or null where there is none
     * @param body at least the first and the last 8 KiB of it; empty if there is none
     * @param now the wall clock's time, against which a date is calculated
     * @return a success below 400, unless the body reports an error; else the failure
     * @throws IllegalArgumentException if it is no status
     */
    public static Outcome of(int status, Function<String, @Nullable String> headers, byte[] body, Instant now) {
        Objects.requireNonNull(headers, "headers must not be null");
        Objects.requireNonNull(body, "body must not be null");
        Objects.requireNonNull(now, "now must not be null");
        Outcome plain = HttpStatus.outcome(status);
        Facts facts = status < LEAST_FAILURE
                ? InBandErrors.ofBody(status, body, headers, now)
                : Facts.ofBody(status, body, headers, now);
        return facts == null ? plain : Findings.judged(facts, FailureKind.ERROR);
    }

    /**
     * The failure that a line of a stream of events reports, if it does; costs some nanoseconds if it does not.
     *
     * @param line without its line break
     * @param isErrorNamed whether the line before it was {@code event: error}
     * @return the failure, or null if it reports none
     */
    public static @Nullable Outcome ofLine(String line, boolean isErrorNamed) {
        Objects.requireNonNull(line, "line must not be null");
        return Findings.ofPiece(line, isErrorNamed);
    }

    /**
     * Whether a line of a stream says that the event beginning with it is an error.
     *
     * @param line without its line break
     * @return true for {@code event: error}
     */
    public static boolean namesError(String line) {
        Objects.requireNonNull(line, "line must not be null");
        return InBandErrors.isNamed(line);
    }
}
