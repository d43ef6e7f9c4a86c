package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How a transition reads in a log, and which ones open a circuit. */
class StateTransitionTest {
    private static final Instant UNTIL = Instant.parse("2026-01-01T00:01:10Z");
    private static final Figures FIGURES = new Figures(20, 11, 8, 5, 3);

    private static StateTransition opening(
            TransitionCause cause, @Nullable FailureKind kind, @Nullable Figures figures) {
        return transition(CircuitState.CLOSED, CircuitState.OPEN, cause, kind, figures, null, null, null);
    }

    private static StateTransition transition(
            CircuitState from,
            CircuitState to,
            TransitionCause cause,
            @Nullable FailureKind kind,
            @Nullable Figures figures,
            @Nullable Hold hold,
            @Nullable String actor,
            @Nullable String reason) {
        return new StateTransition(
                CircuitId.of("agent"),
                from,
                to,
                7,
                UNTIL.minusSeconds(70),
                cause,
                null,
                kind,
                Duration.ofSeconds(60),
                figures,
                hold,
                actor,
                reason);
    }

    @Test
    void a_trip_says_what_was_counted_of_what_its_cause_speaks_of() {
        Map.of(
                        opening(TransitionCause.FAILURE_STREAK, FailureKind.ERROR, FIGURES),
                                "3 failures in a row (ERROR)",
                        opening(TransitionCause.FAILURE_RATE, FailureKind.ERROR, FIGURES),
                                "failure rate 11 of 20 (ERROR)",
                        opening(TransitionCause.SLOW_CALL_RATE, null, FIGURES), "slow-call rate 5 of 8",
                        opening(TransitionCause.FAILURE_KIND, FailureKind.LOOP, FIGURES), "one LOOP is enough")
                .forEach((transition, expected) ->
                        assertThat(transition.describe()).isEqualTo("agent: CLOSED -> OPEN, " + expected));
    }

    @Test
    void one_whose_figures_are_not_known_says_its_cause_alone() {
        Map.of(
                        TransitionCause.FAILURE_STREAK, "failures in a row (ERROR)",
                        TransitionCause.FAILURE_RATE, "failure rate (ERROR)",
                        TransitionCause.SLOW_CALL_RATE, "slow-call rate (ERROR)")
                .forEach((cause, expected) -> assertThat(
                                opening(cause, FailureKind.ERROR, null).describe())
                        .isEqualTo("agent: CLOSED -> OPEN, " + expected));
    }

    @Test
    void a_hold_says_until_when_by_whom_and_why_as_far_as_that_is_known() {
        assertThat(held(UNTIL, "ann", "deploying").describe())
                .isEqualTo("agent: HALF_OPEN -> OPEN, override, held until 2026-01-01T00:01:10Z, by ann: deploying");
        assertThat(held(null, "ann", null).describe()).isEqualTo("agent: HALF_OPEN -> OPEN, override, held, by ann");
        assertThat(transition(
                                CircuitState.OPEN,
                                CircuitState.CLOSED,
                                TransitionCause.HEALTH,
                                null,
                                null,
                                null,
                                null,
                                "healthy again")
                        .describe())
                .isEqualTo("agent: OPEN -> CLOSED, health: healthy again");
    }

    private static StateTransition held(@Nullable Instant until, String actor, @Nullable String reason) {
        return transition(
                CircuitState.HALF_OPEN,
                CircuitState.OPEN,
                TransitionCause.OVERRIDE,
                null,
                null,
                new Hold(until, actor, reason),
                actor,
                reason);
    }

    @Test
    void it_opens_the_circuit_if_that_was_not_open_before() {
        List<String> opening = new ArrayList<>();
        for (CircuitState from : CircuitState.values()) {
            for (CircuitState to : CircuitState.values()) {
                if (transition(from, to, TransitionCause.OVERRIDE, null, null, null, null, null)
                        .opens()) {
                    opening.add(from + " to " + to);
                }
            }
        }
        assertThat(opening).containsExactlyInAnyOrder("CLOSED to OPEN", "HALF_OPEN to OPEN");
    }
}
