package dev.interlock.proxy;

import dev.interlock.FailureClassifier;
import dev.interlock.FailureKind;
import dev.interlock.HttpAnswers;
import dev.interlock.Outcome;
import dev.interlock.monitor.budgets.Usage;
import java.time.Instant;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Judges one answer while it passes by. On its event loop only. */
final class Judge {
    /** So much of the beginning, and of the end, of a body is kept. */
    private static final int KEPT = 8_192;

    private static final int OK = 200;
    private static final int REDIRECTION = 300;
    private static final int FAILURE = 400;

    private final Kind kind;
    private final boolean ours;
    private final int status;
    private final Function<String, @Nullable String> headers;
    private final Ends ends = new Ends(KEPT);
    private final @Nullable EventJudge events;
    private final @Nullable UsageReader usage;

    /**
     * A judge of an answer whose head has come.
     *
     * @param kind what was asked for
     * @param ours whether its word on a circuit's refusal counts
     * @param status of the answer
     * @param headers of the answer, by their names in lower case
     */
    Judge(Kind kind, boolean ours, int status, Function<String, @Nullable String> headers) {
        this.kind = kind;
        this.ours = ours;
        this.status = status;
        this.headers = name -> name.equals(Refusals.HEADER) && !ours ? null : headers.apply(name);
        String type = headers.apply("content-type");
        boolean streams = type != null && type.toLowerCase(Locale.ROOT).startsWith("text/event-stream");
        this.events = streams && status < FAILURE && !isByStatus(kind) ? new EventJudge(kind) : null;
        this.usage = kind.namesModel() ? new UsageReader() : null;
    }

    private static boolean isByStatus(Kind kind) {
        return kind == Kind.PLAIN || kind == Kind.LISTENING;
    }

    /** Takes in the next piece of the body. */
    void piece(byte[] bytes) {
        if (usage != null) {
            usage.piece(bytes);
        }
        if (events != null) {
            events.piece(bytes);
        } else {
            ends.add(bytes);
        }
    }

    /** What the answer has said so far of tokens. */
    Usage usage() {
        return usage == null ? Usage.UNKNOWN : usage.usage();
    }

    /** Whether the mark of a stream's end has passed: nothing that follows says more. */
    boolean hasEnded() {
        return events != null && events.hasEnded();
    }

    /** How the call ended, now that its answer is whole. */
    Outcome whole() {
        if (ours && headers.apply(Refusals.HEADER) != null) {
            return Outcome.failure(FailureKind.DOWNSTREAM_OPEN);
        }
        Outcome said = events != null ? events.outcome() : judged();
        return said.kind() == FailureKind.DOWNSTREAM_OPEN && !ours ? byStatus() : said;
    }

    private Outcome judged() {
        if (status < OK || status >= FAILURE || isByStatus(kind)) {
            return status >= FAILURE ? HttpAnswers.of(status, headers, ends.bytes(), Instant.now()) : Outcome.success();
        }
        if (status >= REDIRECTION) {
            return Outcome.failure(FailureKind.SERVER_ERROR); // who answers questions elsewhere does not answer them
        }
        return Bodies.judge(kind, status, headers, ends);
    }

    /** A refusal that is not ours to believe: a provider must not switch its own protection off. */
    private Outcome byStatus() {
        return status >= FAILURE
                ? FailureClassifier.ofHttpStatus(status, headers.apply("retry-after"), Instant.now())
                : Outcome.failure(FailureKind.SERVER_ERROR);
    }
}
