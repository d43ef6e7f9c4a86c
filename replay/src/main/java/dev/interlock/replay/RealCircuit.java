package dev.interlock.replay;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitState;
import dev.interlock.Figures;
import dev.interlock.StateTransition;

/** A circuit of the product, and when the outcomes counted that may trip it. */
final class RealCircuit extends Circuit {
    private final CircuitBreaker breaker;
    private final RecentTimes failures;
    private final RecentTimes slowCalls;

    RealCircuit(CircuitBreaker breaker, CircuitBreakerConfig config, Incidents incidents) {
        super(breaker.id().name(), incidents);
        this.breaker = breaker;
        this.failures = new RecentTimes(config);
        this.slowCalls = new RecentTimes(config);
    }

    CircuitBreaker breaker() {
        return breaker;
    }

    @Override
    long late() {
        return breaker.snapshot().late();
    }

    /** A failure has counted here. */
    void failed(long now) {
        failures.add(now);
    }

    /** A slow call has counted here. */
    void slow(long now) {
        slowCalls.add(now);
    }

    /** Called before {@link #failed} and {@link #slow} hear of the outcome that moved the circuit. */
    void moved(StateTransition transition, long now) {
        if (transition.opens()) {
            if (transition.from() == CircuitState.HALF_OPEN) {
                flapped(now);
            } else {
                tripped(now, firstSign(transition, now));
            }
        } else if (transition.to() == CircuitState.CLOSED) {
            closed(now);
            failures.clear();
            slowCalls.clear();
        }
    }

    /** When the first of those outcomes counted that together tripped: of the streak, or of the window. */
    private long firstSign(StateTransition trip, long now) {
        Figures figures = trip.figures();
        if (figures == null) {
            return now;
        }
        return switch (trip.cause()) {
            case FAILURE_STREAK, CALLER_ALONE -> before(failures, figures.consecutiveFailures(), now);
            case FAILURE_RATE -> before(failures, figures.failures(), now);
            case SLOW_CALL_RATE -> before(slowCalls, figures.slow(), now);
            default -> now; // a kind that trips at once
        };
    }

    /** The first of this many outcomes, the last of which counts now. */
    private static long before(RecentTimes times, int outcomes, long now) {
        return outcomes <= 1 || times.isEmpty() ? now : times.back(outcomes - 1);
    }
}
