package dev.interlock;

import java.time.Duration;
import org.assertj.core.api.AbstractAssert;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;

/** What tests say about a circuit. Nothing here moves it. */
public final class CircuitAssert extends AbstractAssert<CircuitAssert, CircuitBreaker> {
    private CircuitAssert(CircuitBreaker actual) {
        super(actual, CircuitAssert.class);
    }

    public static CircuitAssert assertThat(CircuitBreaker actual) {
        return new CircuitAssert(actual);
    }

    public static CircuitAssert assertThat(Lab lab) {
        return new CircuitAssert(lab.circuit);
    }

    public CircuitAssert isClosed() {
        return isIn(CircuitState.CLOSED);
    }

    public CircuitAssert isOpen() {
        return isIn(CircuitState.OPEN);
    }

    public CircuitAssert isHalfOpen() {
        return isIn(CircuitState.HALF_OPEN);
    }

    public CircuitAssert isHeld() {
        if (actual.snapshot().hold() == null) {
            failWithMessage("Expected %s to be held, but it is not", actual);
        }
        return this;
    }

    public CircuitAssert isNotHeld() {
        @Nullable Hold hold = actual.snapshot().hold();
        if (hold != null) {
            failWithMessage("Expected %s not to be held, but it is: %s", actual, hold);
        }
        return this;
    }

    /** What a refused call would hear. */
    public CircuitAssert refusesFor(Duration expected) {
        return same("refuse for", actual.snapshot().retryAfter(), expected);
    }

    public CircuitAssert hasEpoch(long expected) {
        return same("have epoch", actual.snapshot().epoch(), expected);
    }

    public CircuitAssert hasStreak(int expected) {
        return same("have a streak of", actual.snapshot().figures().consecutiveFailures(), expected);
    }

    public CircuitAssert hasCounted(int calls, int failures) {
        Figures figures = actual.snapshot().figures();
        return same(
                "have counted",
                figures.calls() + " calls, " + figures.failures() + " failed",
                calls + " calls, " + failures + " failed");
    }

    public CircuitAssert hasOpened(int times) {
        return same("have opened so often:", actual.snapshot().openings(), times);
    }

    public CircuitAssert hasLate(int expected) {
        return same("have so many late outcomes:", actual.snapshot().late(), expected);
    }

    public CircuitAssert hasTrials(int out, int succeeded) {
        CircuitSnapshot snapshot = actual.snapshot();
        return same(
                "have trials",
                snapshot.trialsOut() + " out, " + snapshot.trialsSucceeded() + " succeeded",
                out + " out, " + succeeded + " succeeded");
    }

    private CircuitAssert isIn(CircuitState expected) {
        CircuitState state = actual.state();
        if (state != expected) {
            failWithMessage(
                    "Expected circuit %s to be %s, but it is %s since: %s",
                    actual.id(), expected, state, actual.snapshot().lastTransition());
        }
        return this;
    }

    private CircuitAssert same(String what, Object seen, Object expected) {
        Assertions.assertThat(seen).as("%s should %s", actual, what).isEqualTo(expected);
        return this;
    }
}
