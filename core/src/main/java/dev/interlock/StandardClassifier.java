package dev.interlock;

import dev.interlock.facts.Facts;
import dev.interlock.facts.Responses;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Judges exceptions and results by the {@linkplain Facts facts} that they bear and by {@linkplain KnownFailures names},
 * so that core depends on no client library.
 *
 * <p>In this order: a refusal by a circuit anywhere in the chain of causes; the error's code or type, in the exception or
 * in its body; the HTTP status; the name of a class, the outermost that is known; the text of a message. Of several
 * exceptions in a chain the outermost that says something decides.
 */
final class StandardClassifier implements FailureClassifier {
    static final StandardClassifier INSTANCE = new StandardClassifier();

    /** Chains are finite, but a hostile one may be a circle. */
    private static final int DEEPEST = 32;

    private StandardClassifier() {}

    @Override
    public Outcome ofException(Throwable thrown) {
        Objects.requireNonNull(thrown, "thrown must not be null");
        Findings findings = new Findings(Instant.now());
        Throwable cause = thrown;
        for (int depth = 0; cause != null && depth < DEEPEST; depth++) {
            if (cause instanceof CircuitOpenException) {
                return Outcome.failure(FailureKind.DOWNSTREAM_OPEN); // whatever it was wrapped in on its way up
            }
            findings.add(cause);
            cause = cause.getCause();
        }
        return findings.outcome();
    }

    @Override
    public Outcome ofResult(@Nullable Object result) {
        // Classes, not interfaces: whether an object is of an interface that it does not have takes a search.
        if (result == null || result instanceof String || result instanceof Number || !Responses.isOne(result)) {
            return Outcome.success();
        }
        Facts facts = Responses.facts(result, Instant.now());
        return facts.status() < 400 ? Outcome.success() : Findings.judged(facts, FailureKind.ERROR);
    }
}
