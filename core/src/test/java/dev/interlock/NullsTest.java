package dev.interlock;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Nulls are refused where they are given, not where they are missed. */
class NullsTest {
    @Test
    void of_a_manager() {
        refused(() -> CircuitBreakerManager.builder().defaults(null), "defaults must not be null");
        refused(() -> CircuitBreakerManager.builder().policy("a", null), "policy must not be null");
        refused(() -> CircuitBreakerManager.builder().probe("a", null), "probe must not be null");
        refused(() -> CircuitBreakerManager.builder().listener(null), "listener must not be null");
        refused(() -> CircuitBreakerManager.builder().time(null), "time must not be null");
        refused(() -> CircuitBreakerManager.builder().classifier(null), "classifier must not be null");
        refused(() -> CircuitBreakerManager.builder().executor(null), "executor must not be null");
        refused(() -> CircuitBreakerManager.builder().randomness(null), "randomness must not be null");
        refused(() -> CircuitBreakerManager.builder().store(null), "store must not be null");
    }

    @Test
    void of_a_guard() {
        try (CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults())) {
            Guard guard = circuits.guard("agent");
            refused(
                    () -> guard.withClassifier(null),
                    "A guard needs a classifier; FailureClassifier.standard() is one");
            refused(() -> guard.withFallback(null), "A guard with a fallback needs one");
            refused(() -> guard.withAsyncFallback(null), "A guard with a fallback needs one");
            refused(() -> guard.withStreamLimits(null), "A guard needs limits; StreamLimits.none() are some");
            refused(() -> guard.withRetry(null), "A guard of attempts needs a retry");
            refused(() -> guard.withRetry(Retry.upTo(2), null), "A guard of attempts needs a budget");
        }
    }

    private static void refused(ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(NullPointerException.class).hasMessage(message);
    }
}
