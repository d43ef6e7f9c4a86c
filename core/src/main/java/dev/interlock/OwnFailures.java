package dev.interlock;

import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * A classifier beside which exceptions of one type are judged by somebody else.
 *
 * @param others judges first, and everything else
 * @param type looked for in the chain of causes
 * @param judgement what such an exception means, given what {@code others} said
 */
record OwnFailures<X extends Throwable>(
        FailureClassifier others, Class<X> type, BiFunction<X, Outcome, Outcome> judgement)
        implements FailureClassifier {
    /** Chains are finite, but a hostile one may be a circle. */
    private static final int DEEPEST = 32;

    @Override
    public Outcome ofException(Throwable thrown) {
        Outcome outcome = others.ofException(thrown);
        if (outcome.kind() == FailureKind.DOWNSTREAM_OPEN) {
            return outcome; // a refusal stands before all else
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
        return others.ofResult(result);
    }
}
