package dev.interlock;

import dev.interlock.facts.ErrorMark;
import dev.interlock.facts.ErrorMarks;
import dev.interlock.facts.Facts;
import dev.interlock.facts.InBandErrors;
import dev.interlock.facts.RetryAfter;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What the exceptions of one chain say together, from the outermost inwards. For one thread. */
final class Findings {
    /** A limit that asks for a longer wait than this is no rate but a quota. */
    private static final Duration LONGEST_RATE_LIMIT = Duration.ofDays(1);

    private final Instant now;
    private int status = Facts.NO_STATUS;
    private @Nullable ErrorMark mark;
    private @Nullable Duration retryAfter;
    private @Nullable FailureKind named;
    private @Nullable FailureKind wrapped;

    /** How the connection ended below an answer that could not be read. */
    private @Nullable FailureKind broken;

    private @Nullable Outcome said;
    private boolean timedOut;

    /** A circuit of ours has refused further down, whatever was made of that on its way up. */
    private boolean refused;

    Findings(Instant now) {
        this.now = now;
    }

    void add(Throwable cause) {
        Facts facts = Facts.of(cause, now);
        refused |= facts.mark() == ErrorMark.CIRCUIT_OPEN;
        status = status == Facts.NO_STATUS ? facts.status() : status;
        if (facts.mark() != null && (mark == null || isBroad(mark))) {
            mark = facts.mark();
        }
        retryAfter = retryAfter == null ? facts.retryAfter() : retryAfter;
        FailureKind kind = ConnectionTexts.kindOf(cause);
        if (kind == null) {
            kind = KnownFailures.of(cause.getClass());
        }
        timedOut |= kind == FailureKind.TIMEOUT;
        if (named == FailureKind.MALFORMED_OUTPUT && broken == null && isOfConnection(kind)) {
            broken = kind;
        }
        named = named == null ? kind : named;
        wrapped = wrapped == null ? KnownFailures.ofWrapper(cause.getClass()) : wrapped;
        if (cause.getMessage() != null) {
            ErrorMark marked = ErrorMarks.ofText(cause.getMessage());
            refused |= marked == ErrorMark.CIRCUIT_OPEN;
            said = said == null ? ofText(cause.getMessage(), marked) : said;
        }
    }

    Outcome outcome() {
        if (refused) {
            return Outcome.failure(FailureKind.DOWNSTREAM_OPEN);
        }
        Facts facts = new Facts(status, mark, retryAfter);
        if (mark != null || status >= 400) {
            Outcome judged = judged(facts, FailureKind.ERROR);
            return judged.kind() == FailureKind.CANCELLED && timedOut ? Outcome.failure(FailureKind.TIMEOUT) : judged;
        }
        if (named == FailureKind.CANCELLED && timedOut) {
            return Outcome.failure(FailureKind.TIMEOUT); // a time limit that ended the call by cancelling it
        }
        FailureKind kind = broken != null ? broken : named != null ? named : wrapped;
        if (kind != null) {
            return with(kind, retryAfter);
        }
        return said != null ? said : with(FailureKind.ERROR, retryAfter);
    }

    private static boolean isOfConnection(@Nullable FailureKind kind) {
        return kind == FailureKind.CONNECTION || kind == FailureKind.TIMEOUT || kind == FailureKind.CANCELLED;
    }

    /** What a piece of a stream says if it reports an error; null if it does not. */
    static @Nullable Outcome ofPiece(String piece, boolean isErrorNamed) {
        Facts facts = InBandErrors.ofPiece(piece, isErrorNamed, Instant.EPOCH); // there are no headers with a date
        return facts == null ? null : judged(facts, FailureKind.SERVER_ERROR);
    }

    /** What mark and status say together; the mark first, unless it says less than the status. */
    static Outcome judged(Facts facts, FailureKind otherwise) {
        ErrorMark mark = facts.mark();
        Duration wait = facts.retryAfter();
        FailureKind kind = mark == null ? null : kind(mark, wait);
        if (kind == null || mark != null && isBroad(mark)) {
            kind = facts.status() >= 400 ? HttpStatus.kind(facts.status()) : kind == null ? otherwise : kind;
        }
        if (kind == FailureKind.RATE_LIMITED && wait != null && wait.compareTo(LONGEST_RATE_LIMIT) > 0) {
            kind = FailureKind.QUOTA_EXHAUSTED;
        }
        return with(kind, wait).ofStatus();
    }

    private static @Nullable Outcome ofText(String text, @Nullable ErrorMark mark) {
        int status = StatusInText.of(text);
        return mark == null && status == Facts.NO_STATUS
                ? null
                : judged(new Facts(status, mark, RetryAfter.ofText(text)), FailureKind.ERROR);
    }

    private static Outcome with(FailureKind kind, @Nullable Duration wait) {
        Outcome outcome = Outcome.failure(kind);
        return wait == null ? outcome : outcome.retryAfter(wait);
    }

    /** Whether a status says more than the mark does. */
    private static boolean isBroad(ErrorMark mark) {
        return mark == ErrorMark.INVALID_REQUEST || mark == ErrorMark.SERVER_ERROR || mark == ErrorMark.CANCELLED;
    }

    private static FailureKind kind(ErrorMark mark, @Nullable Duration wait) {
        return switch (mark) {
            case CIRCUIT_OPEN -> FailureKind.DOWNSTREAM_OPEN;
            case QUOTA -> FailureKind.QUOTA_EXHAUSTED;
            case QUOTA_UNLESS_WAIT -> wait == null ? FailureKind.QUOTA_EXHAUSTED : FailureKind.RATE_LIMITED;
            case CONTEXT_LENGTH -> FailureKind.CONTEXT_LENGTH;
            case CONTENT_FILTERED -> FailureKind.CONTENT_FILTERED;
            case MODEL_NOT_FOUND -> FailureKind.MODEL_NOT_FOUND;
            case RATE_LIMITED -> FailureKind.RATE_LIMITED;
            case OVERLOADED -> FailureKind.OVERLOADED;
            case AUTHENTICATION -> FailureKind.AUTHENTICATION;
            case FORBIDDEN -> FailureKind.FORBIDDEN;
            case TOOL_ERROR -> FailureKind.TOOL_ERROR;
            case TIMEOUT -> FailureKind.TIMEOUT;
            case INVALID_REQUEST -> FailureKind.INVALID_REQUEST;
            case SERVER_ERROR, MODEL_ERROR -> FailureKind.SERVER_ERROR;
            case CANCELLED -> FailureKind.CANCELLED;
        };
    }
}
