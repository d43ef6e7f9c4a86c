package dev.interlock.replay;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitState;
import dev.interlock.Figures;
import dev.interlock.StateTransition;

/** A circuit of the replay: the real one, and what is reported about it. */
final class Circuit {
    final Tally tally = new Tally();
    final Longs toOpen = new Longs();
    final Longs toRecover = new Longs();

    private final CircuitBreaker breaker;
    private final RecentTimes failures;
    private final RecentTimes slowCalls;
    private long trippedAt;
    private long openings;
    private long flaps;

    Circuit(CircuitBreaker breaker, CircuitBreakerConfig config) {
        this.breaker = breaker;
        this.failures = new RecentTimes(config);
        this.slowCalls = new RecentTimes(config);
    }

    CircuitBreaker breaker() {
        return breaker;
    }

    String name() {
        return breaker.id().name();
    }

    long openings() {
        return openings;
    }

    /** Openings from half-open. */
    long flaps() {
        return flaps;
    }

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
            openings++;
            if (transition.from() == CircuitState.HALF_OPEN) {
                flaps++;
            } else {
                trippedAt = now;
                toOpen.add(now - firstSign(transition, now));
            }
        } else if (transition.to() == CircuitState.CLOSED) {
            toRecover.add(now - trippedAt);
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

    /** The first of so many outcomes, of which the last counts just now. */
    private static long before(RecentTimes times, int outcomes, long now) {
        return outcomes <= 1 || times.isEmpty() ? now : times.back(outcomes - 1);
    }
}
