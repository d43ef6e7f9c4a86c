package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.TrialEnd;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** How long the caller whose trial failed last is no trial, so that another can try. */
class TripTest {
    private static final long NOW = 1_000;
    private static final long TURN = 1_600;
    private static final int LAST = 7;

    private final Callers callers = new Callers(new WindowShape(Window.ofTime(Duration.ofSeconds(60)), false), 0);

    TripTest() {
        callers.asked(LAST, NOW);
        callers.asked(LAST + 1, NOW);
    }

    @Test
    void it_waits_until_its_turn_and_others_do_not() {
        Trip trip = trip(1, LAST);
        assertThat(trip.heldBack(2, callers, LAST, TrialEnd.NOBODY, TURN, NOW)).isEqualTo(TURN - NOW);
        assertThat(trip.heldBack(2, callers, LAST + 1, TrialEnd.NOBODY, TURN, NOW))
                .isZero();
        assertThat(trip.heldBack(2, callers, LAST, TrialEnd.NOBODY, TURN, TURN - 1))
                .isEqualTo(1);
        assertThat(trip.heldBack(2, callers, LAST, TrialEnd.NOBODY, TURN, TURN)).isZero();
    }

    @Test
    void it_waits_for_nobody_where_nobody_else_asked_or_one_caller_is_enough() {
        Trip trip = trip(1, LAST);
        Callers alone = new Callers(callers.shape, 0);
        alone.asked(LAST, NOW);
        assertThat(trip.heldBack(2, alone, LAST, TrialEnd.NOBODY, TURN, NOW)).isZero();
        assertThat(trip.heldBack(2, null, LAST, TrialEnd.NOBODY, TURN, NOW)).isZero();
        assertThat(trip.heldBack(1, callers, LAST, TrialEnd.NOBODY, TURN, NOW)).isZero();
    }

    @Test
    void where_the_trial_failed_in_another_process_that_ones_caller_waits() {
        assertThat(trip(1, TrialEnd.NOBODY).heldBack(2, callers, LAST, LAST, TURN, NOW))
                .isEqualTo(TURN - NOW);
        assertThat(trip(1, LAST + 1).heldBack(2, callers, LAST, LAST, TURN, NOW))
                .as("what is known here goes before")
                .isZero();
    }

    @Test
    void before_a_trial_has_failed_nobody_waits_whatever_was_heard_of_an_earlier_opening() {
        assertThat(trip(0, TrialEnd.NOBODY).heldBack(2, callers, LAST, LAST, TURN, NOW))
                .isZero();
    }

    private static Trip trip(int failedTrials, int failedCaller) {
        return new Trip(
                0,
                Instant.EPOCH,
                Figures.NONE,
                failedTrials,
                0,
                RollingWindow.NEVER,
                RollingWindow.NEVER,
                failedCaller,
                null);
    }
}
