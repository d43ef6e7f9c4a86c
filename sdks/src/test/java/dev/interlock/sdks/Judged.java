package dev.interlock.sdks;

import dev.interlock.FailureClassifier;
import dev.interlock.Outcome;
import java.util.concurrent.Callable;

/** A call as a guard judges it. */
final class Judged {
    private Judged() {}

    static Outcome of(Callable<?> work) {
        try {
            return FailureClassifier.standard().ofResult(work.call());
        } catch (Exception failed) {
            return FailureClassifier.standard().ofException(failed);
        }
    }
}
