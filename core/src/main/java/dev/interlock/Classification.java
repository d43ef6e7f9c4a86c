package dev.interlock;

import org.jspecify.annotations.Nullable;

/** Asks a classifier without trusting it: one that throws or answers null must not lose an outcome. */
final class Classification {
    private Classification() {}

    static Outcome ofThrown(FailureClassifier classifier, Throwable thrown) {
        try {
            return orError(classifier.ofException(thrown));
        } catch (Throwable broken) {
            return Outcome.failure(FailureKind.ERROR);
        }
    }

    static Outcome ofResult(FailureClassifier classifier, @Nullable Object result) {
        try {
            return orError(classifier.ofResult(result));
        } catch (Throwable broken) {
            return Outcome.failure(FailureKind.ERROR);
        }
    }

    private static Outcome orError(@Nullable Outcome outcome) {
        return outcome != null ? outcome : Outcome.failure(FailureKind.ERROR);
    }
}
