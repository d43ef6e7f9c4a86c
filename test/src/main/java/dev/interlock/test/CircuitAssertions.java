package dev.interlock.test;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Hold;
import dev.interlock.StateTransition;
import java.time.Duration;
import java.util.Objects;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/**
 * What a test says about a circuit, for AssertJ: {@code assertThat(circuit).isOpen().wasOpenedBy(FailureKind.OVERLOADED)}.
 * Looks at one snapshot and moves nothing. For one thread.
 */
public final class CircuitAssertions extends AbstractAssert<CircuitAssertions, CircuitSnapshot> {
    private CircuitAssertions(CircuitSnapshot actual) {
        super(actual, CircuitAssertions.class);
    }

    /**
     * Looks at a circuit as it is now.
     *
     * @param circuit whose snapshot is taken
     * @return what can be said about it
     */
    public static CircuitAssertions assertThat(CircuitBreaker circuit) {
        return assertThat(circuit.snapshot());
    }

    /**
     * Looks at a snapshot.
     *
     * @param snapshot taken before
     * @return what can be said about it
     */
    public static CircuitAssertions assertThat(CircuitSnapshot snapshot) {
        return new CircuitAssertions(snapshot);
    }

    /**
     * It is closed, held or not.
     *
     * @return this
     */
    public CircuitAssertions isClosed() {
        return isIn(CircuitState.CLOSED);
    }

    /**
     * It is open, held or not.
     *
     * @return this
     */
    public CircuitAssertions isOpen() {
        return isIn(CircuitState.OPEN);
    }

    /**
     * It is half-open.
     *
     * @return this
     */
    public CircuitAssertions isHalfOpen() {
        return isIn(CircuitState.HALF_OPEN);
    }

    /**
     * The failure that moved it to where it is was of a kind.
     *
     * @param kind the one expected
     * @return this
     */
    public CircuitAssertions wasOpenedBy(FailureKind kind) {
        StateTransition last = actual.lastTransition();
        @Nullable FailureKind seen = last == null ? null : last.kind();
        if (seen != kind) {
            failWithMessage("Expected %s to have been opened by %s, but it was %s", name(), kind, story());
        }
        return this;
    }

    /**
     * It has counted so much since it closed, or until it opened.
     *
     * @param calls all calls in its window
     * @param failures those that failed
     * @return this
     */
    public CircuitAssertions hasCounted(int calls, int failures) {
        if (actual.figures().calls() != calls || actual.figures().failures() != failures) {
            failWithMessage(
                    "Expected %s to have counted %s calls, %s failed, but it has counted %s, %s failed",
                    name(),
                    calls,
                    failures,
                    actual.figures().calls(),
                    actual.figures().failures());
        }
        return this;
    }

    /**
     * A call that is refused now is asked to wait this long.
     *
     * @param expected the whole wait
     * @return this
     */
    public CircuitAssertions refusesFor(Duration expected) {
        if (!actual.retryAfter().equals(expected)) {
            failWithMessage(
                    "Expected %s to refuse for %s, but it refuses for %s", name(), expected, actual.retryAfter());
        }
        return this;
    }

    /**
     * Somebody holds it.
     *
     * @param actor who is expected to
     * @return this
     */
    public CircuitAssertions isHeldBy(String actor) {
        Hold hold = actual.hold();
        if (hold == null || !Objects.equals(hold.actor(), actor)) {
            failWithMessage("Expected %s to be held by %s, but its hold is %s", name(), actor, hold);
        }
        return this;
    }

    private CircuitAssertions isIn(CircuitState expected) {
        if (actual.state() != expected) {
            failWithMessage("Expected %s to be %s, but it was %s", name(), expected, story());
        }
        return this;
    }

    private String name() {
        return "the circuit of " + actual.id().name();
    }

    /** State, and how it came about, as far as it is known. */
    private String story() {
        StateTransition last = actual.lastTransition();
        return actual.state() + (last == null ? ", and has never moved" : ", since: " + last) + "; " + actual.figures();
    }
}
