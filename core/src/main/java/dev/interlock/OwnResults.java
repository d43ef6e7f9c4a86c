package dev.interlock;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A classifier beside which results of one type are judged by somebody else.
 *
 * @param others judges everything else
 * @param type of the results
 * @param judgement what such a result means
 */
record OwnResults<R>(FailureClassifier others, Class<R> type, Function<? super R, Outcome> judgement)
        implements FailureClassifier {
    @Override
    public Outcome ofException(Throwable thrown) {
        return others.ofException(thrown);
    }

    @Override
    public Outcome ofResult(@Nullable Object result) {
        return type.isInstance(result) ? judgement.apply(type.cast(result)) : others.ofResult(result);
    }
}
