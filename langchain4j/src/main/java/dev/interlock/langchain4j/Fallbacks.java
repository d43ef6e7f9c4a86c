package dev.interlock.langchain4j;

import dev.interlock.CircuitOpenException;
import dev.interlock.FailureClassifier;
import dev.interlock.FailureKind;
import dev.interlock.TooManyCircuitsException;
import dev.langchain4j.model.chat.Capability;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** When the next model is asked, and what several models have in common. */
final class Fallbacks {
    /** What another model may well do without: the rest is the caller's own mistake, or would fail again. */
    static final Set<FailureKind> KINDS = Set.copyOf(EnumSet.of(
            FailureKind.TIMEOUT,
            FailureKind.CONNECTION,
            FailureKind.SERVER_ERROR,
            FailureKind.OVERLOADED,
            FailureKind.RATE_LIMITED,
            FailureKind.QUOTA_EXHAUSTED,
            FailureKind.AUTHENTICATION,
            FailureKind.MODEL_NOT_FOUND));

    private Fallbacks() {}

    static boolean isNextAsked(Throwable thrown, FailureClassifier classifier, Set<FailureKind> kinds) {
        if (thrown instanceof CircuitOpenException || thrown instanceof TooManyCircuitsException) {
            return true;
        }
        FailureKind kind = classifier.ofException(thrown).kind();
        return kind == FailureKind.DOWNSTREAM_OPEN || (kind != null && kinds.contains(kind));
    }

    /** What all of them can: who is asked must not depend on who answers. */
    static <M> Set<Capability> common(List<M> models, Function<M, Set<Capability>> of) {
        Set<Capability> common = new HashSet<>(of.apply(models.get(0)));
        models.forEach(each -> common.retainAll(of.apply(each)));
        return Set.copyOf(common);
    }
}
