package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.LocalCircuits.Recovery;
import dev.interlock.store.CallerSlots;
import dev.interlock.store.CircuitTally;
import dev.interlock.store.TallyAnswer;
import dev.interlock.store.TallyAnswer.Judgement;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the fleet finds is carried out on the circuits of this process, each in the epoch that was spoken of. */
class FleetCircuitsTest {
    private static final CircuitId AGENT = CircuitId.of("agent");
    private static final CircuitId NOBODY = CircuitId.of("nobody");
    private static final Duration COOLDOWN = seconds(60);

    private final Lab lab = new Lab(
            Lab.settings()
                    .scope(Scope.SHARED)
                    .failureThreshold(100)
                    .failureRateThreshold(null)
                    .cooldown(COOLDOWN)
                    .build(),
            builder -> builder.store(new UnansweringStore()));
    private final Map<CircuitId, CircuitBreaker> known = Map.of(AGENT, lab.circuit);
    private final FleetCircuits circuits = new FleetCircuits(known::get);

    @AfterEach
    void close() {
        lab.circuits.close();
    }

    private SharedClosedEpoch epoch() {
        return (SharedClosedEpoch) lab.circuit.current();
    }

    private Unreported counts() {
        return epoch().counts();
    }

    private Unreported ofNobody() {
        return new Unreported(
                NOBODY, Objects.requireNonNull(lab.circuit.policy().fleet).tallies());
    }

    private static TallyAnswer answer(CallerSlots callers, Duration longestWait) {
        return new TallyAnswer(Judgement.FAILURE_STREAK, 40, 20, 8, 4, 5, Duration.ZERO, callers, longestWait);
    }

    private void trip(Unreported counts, Duration longestWait) {
        circuits.trip(counts, TransitionCause.FAILURE_RATE, answer(CallerSlots.NONE, longestWait));
    }

    // What counts.

    @Test
    void it_counts_as_long_as_its_epoch_goes_on() {
        Unreported counts = counts();
        assertThat(circuits.isCounting(counts)).isTrue();
        assertThat(circuits.isCounting(ofNobody())).isFalse();
        lab.override(OverrideAction.RESET);
        assertThat(circuits.isCounting(counts)).isFalse();
        assertThat(circuits.isCounting(counts())).isTrue();
        Unreported last = counts();
        lab.trip();
        assertThat(circuits.isCounting(last)).isFalse();
    }

    @Test
    void before_its_beginning_is_stored_nothing_is_taken() {
        lab.fail();
        assertThat(circuits.take(counts(), "process")).isNull();
        assertThat(circuits.take(ofNobody(), "process")).isNull();
        assertThat(circuits.stored(AGENT)).isNull();
        assertThat(circuits.stored(NOBODY)).isNull();
        circuits.lookAgain(AGENT);
    }

    // What trips.

    @Test
    void it_opens_with_the_figures_of_all_and_the_kind_that_failed_here() {
        lab.fail(FailureKind.TIMEOUT);
        trip(counts(), Duration.ZERO);

        assertThat(lab).isOpen().refusesFor(COOLDOWN);
        assertThat(lab.lastHeard().cause()).isEqualTo(TransitionCause.FAILURE_RATE);
        assertThat(lab.lastHeard().kind()).isEqualTo(FailureKind.TIMEOUT);
        assertThat(lab.lastHeard().figures()).isEqualTo(new Figures(40, 20, 8, 4, 5));
    }

    @Test
    void one_that_has_failed_elsewhere_alone_opens_without_a_kind() {
        trip(counts(), Duration.ZERO);
        assertThat(lab).isOpen().refusesFor(COOLDOWN);
        assertThat(lab.lastHeard().kind()).isNull();
    }

    @Test
    void an_epoch_that_is_over_opens_nothing() {
        Unreported over = counts();
        lab.override(OverrideAction.RESET);
        trip(over, Duration.ZERO);
        trip(ofNobody(), Duration.ZERO);
        CircuitTally tally = epoch().take(1, "me", lab.circuit.policy());
        circuits.stays(over, tally, answer(CallerSlots.NONE, Duration.ZERO));
        circuits.stays(ofNobody(), tally, answer(CallerSlots.NONE, Duration.ZERO));
        assertThat(lab).isClosed();
    }

    @Test
    void the_wait_of_a_failure_here_runs_from_its_failure() {
        lab.end(Outcome.failure(FailureKind.RATE_LIMITED).retryAfter(seconds(90)));
        assertThat(lab).isOpen();
        lab.override(OverrideAction.CLOSE);
        lab.end(Outcome.failure(FailureKind.OVERLOADED).retryAfter(seconds(90)));
        lab.pass(seconds(10));
        trip(counts(), Duration.ZERO);
        assertThat(lab).isOpen().refusesFor(seconds(80));
    }

    @Test
    void a_longer_wait_elsewhere_counts() {
        lab.fail();
        trip(counts(), seconds(300));
        assertThat(lab).isOpen().refusesFor(seconds(300));
    }

    // Callers.

    private void needTwoCallers() {
        lab.govern(lab.circuit.config().toBuilder().minCallers(2).build());
        lab.fail();
    }

    @Test
    void where_callers_must_fail_it_opens_only_if_enough_do_anywhere() {
        needTwoCallers();
        circuits.trip(counts(), TransitionCause.FAILURE_STREAK, answer(new CallerSlots(0b111, 0b1, 0), Duration.ZERO));
        assertThat(lab).isClosed();
        circuits.trip(counts(), TransitionCause.FAILURE_STREAK, answer(new CallerSlots(0b111, 0b11, 0), Duration.ZERO));
        assertThat(lab).isOpen();
    }

    @Test
    void who_asked_here_counts_though_others_have_forgotten() {
        needTwoCallers();
        long slot = 1L << lab.circuit.policy().engine.itself.slotAt(AGENT);
        long another = slot == 1 ? 2 : 1;
        circuits.trip(
                counts(), TransitionCause.FAILURE_STREAK, answer(new CallerSlots(another, another, 0), Duration.ZERO));
        assertThat(lab).as("one of two fails").isClosed();
    }

    @Test
    void what_all_say_of_callers_is_heard_where_it_stays() {
        needTwoCallers();
        long now = lab.time.ticks();
        Callers callers = Objects.requireNonNull(epoch().callers());
        long here = callers.asked(now);
        CircuitTally tally = epoch().take(1, "me", lab.circuit.policy());
        circuits.stays(counts(), tally, answer(new CallerSlots(here | 1L << 40, 1L << 40, 0), Duration.ZERO));
        assertThat(callers.asked(now)).isEqualTo(here | 1L << 40);
        assertThat(callers.failing(now) & 1L << 40).isNotZero();
    }

    // The way back.

    @Test
    void how_far_the_recovery_of_a_circuit_is() {
        assertThat(circuits.recovery(NOBODY, 0)).isEqualTo(Recovery.NONE);
        Recovery closed = recovery();
        assertThat(closed.tried()).isFalse();
        assertThat(closed.left()).isZero();
        assertThat(closed.epoch()).isSameAs(lab.circuit.current());

        lab.trip().pass(seconds(20));
        Recovery open = recovery();
        assertThat(open.tried()).isTrue();
        assertThat(open.left()).isEqualTo(seconds(40).toNanos());
        assertThat(open.epoch()).isSameAs(lab.circuit.current());
        assertThat(open.trip()).isSameAs(lab.circuit.current().trip());
        assertThat(open.stored()).as("as far as is known here").isFalse();
        lab.pass(seconds(50));
        assertThat(recovery().left()).isZero();

        lab.override(OverrideAction.HOLD_OPEN);
        assertThat(recovery().tried()).isFalse();
    }

    private Recovery recovery() {
        return circuits.recovery(AGENT, lab.time.ticks());
    }

    @Test
    void enough_trials_close_the_opening_that_they_tried_and_no_other_nor_a_held_one() {
        lab.trip();
        Trip first = lab.circuit.current().trip();
        circuits.close(NOBODY, first);
        circuits.close(AGENT, null);
        lab.override(OverrideAction.CLOSE);
        lab.trip();
        circuits.close(AGENT, first);
        assertThat(lab).isOpen();
        Trip second = Objects.requireNonNull(lab.circuit.current().trip());
        circuits.close(AGENT, second);
        assertThat(lab).isClosed();
        assertThat(lab.lastHeard().cause()).isEqualTo(TransitionCause.TRIALS_SUCCEEDED);

        lab.trip();
        lab.override(OverrideAction.HOLD_OPEN);
        circuits.close(AGENT, lab.circuit.current().trip());
        assertThat(lab).isOpen();
    }
}
