package dev.interlock;

import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * A classifier, with another judge for exceptions or results of one type.
 *
 * @param others judges first, and everything else
 * @param type of the exceptions, looked for in the chain of causes, or of the results
 * @param judgement what one of that type means, given what {@code others} said
 */
record OwnJudgement<T>(FailureClassifier others, Class<T> type, BiFunction<? super T, Outcome, Outcome> judgement)
        implements FailureClassifier {
    /** Chains are finite, but a hostile one may be a circle. */
    private static final int DEEPEST = 32;

    OwnJudgement {
        Objects.requireNonNull(type, "type must not be null");
    }

    @Override
    public Outcome ofException(Throwable thrown) {
        Outcome outcome = others.ofException(thrown);
        if (outcome.kind() == FailureKind.DOWNSTREAM_OPEN) {
            return outcome; // a refusal comes before all else
        }
        Throwable cause = thrown;
        for (int depth = 0; cause != null && depth < DEEPEST; depth++) {
            if (type.isInstance(cause)) {
                return judgement.apply(type.cast(cause), outcome);
            }
            cause = cause.getCause();
        }
        return outcome;
    }

    @Override
    public Outcome ofResult(@Nullable Object result) {
        Outcome outcome = others.ofResult(result);
        return type.isInstance(result) ? judgement.apply(type.cast(result), outcome) : outcome;
    }
}
