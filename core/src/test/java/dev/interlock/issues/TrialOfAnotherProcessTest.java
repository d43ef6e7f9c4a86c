package dev.interlock.issues;

import static dev.interlock.CircuitAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.InnerCalls;
import dev.interlock.Outcome;
import dev.interlock.Permit;
import dev.interlock.Settlement;
import dev.interlock.TransitionCause;
import dev.interlock.store.GivenTrial;
import dev.interlock.store.TrialEnd;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A trial that one process was given and whose outcome another one hears counts there, and its place is given back. */
class TrialOfAnotherProcessTest {
    private static final GivenTrial GIVEN = new GivenTrial("default", "agent", "1", "of another");
    private static final Duration NOW = Duration.ZERO;

    private final SharedLab shared = new SharedLab().openAndCool();
    private final Guard guard = shared.lab.circuits.guard("agent");

    @AfterEach
    void close() {
        shared.close();
    }

    @Test
    void its_success_is_a_success_here() {
        assertThat(record(guard, Outcome.success(), NOW, InnerCalls.NONE)).isEqualTo(Settlement.COUNTED);

        assertThat(shared.circuit()).isClosed();
        assertThat(shared.store.givenBack).containsExactly(GIVEN);
        assertThat(shared.store.ends).containsExactly(TrialEnd.of(true, 1));
    }

    @Test
    void a_permit_says_which_trials_it_is() throws InterruptedException {
        GivenTrial given = shared.waiting();
        Permit trial = guard.dependingOn("model:m").acquire();

        assertThat(trial.trials()).containsExactly(given);
        trial.succeed();
        assertThat(trial.trials()).isEmpty();
        assertThat(guard.acquire().trials()).as("of a closed circuit").isEmpty();
    }

    @Test
    void its_failure_reopens_here() {
        Outcome failure = Outcome.failure(FailureKind.TIMEOUT);
        assertThat(record(guard, failure, NOW, InnerCalls.NONE)).isEqualTo(Settlement.COUNTED);

        assertThat(shared.circuit()).isOpen().refusesFor(SharedLab.COOLDOWN);
        assertThat(shared.lab.lastHeard().cause()).isEqualTo(TransitionCause.TRIAL_FAILED);
        assertThat(shared.store.givenBack).containsExactly(GIVEN);
        assertThat(shared.store.ends).singleElement().satisfies(end -> {
            assertThat(end.succeeded()).isFalse();
            assertThat(end.failedCaller()).as("its slot").isBetween(0, 63);
        });
    }

    @Test
    void one_of_an_earlier_opening_is_late_and_its_place_is_given_back_all_the_same() {
        assertThat(record(guard, Outcome.success(), Duration.ofHours(1), InnerCalls.NONE))
                .isEqualTo(Settlement.LATE);

        assertThat(shared.circuit()).isOpen();
        assertThat(shared.store.givenBack).containsExactly(GIVEN);
    }

    @Test
    void one_that_says_nothing_gives_its_place_back() {
        assertThat(record(guard, Outcome.cancelled(), NOW, InnerCalls.NONE)).isEqualTo(Settlement.IGNORED);

        assertThat(shared.store.givenBack).containsExactly(GIVEN);
        assertThat(shared.store.ends).containsExactly(TrialEnd.of(false, 1));
        assertThat(shared.circuit().state()).isNotEqualTo(CircuitState.CLOSED);
    }

    @Test
    void one_whose_failure_is_attributed_elsewhere_gives_its_place_back() {
        Guard behind = guard.dependingOn("model:m");
        record(behind, Outcome.failure(FailureKind.SERVER_ERROR), NOW, InnerCalls.NONE);

        assertThat(shared.circuit()).isOpen();
        assertThat(shared.store.givenBack).containsExactly(GIVEN);
    }

    @Test
    void one_whose_place_an_inner_call_took_over_does_not() {
        InnerCalls taken = new InnerCalls(Set.of(CircuitId.of("agent")), Set.of(), Set.of());
        record(guard, Outcome.success(), NOW, taken);

        assertThat(shared.circuit()).isOpen();
        assertThat(shared.store.givenBack).isEmpty();
    }

    @Test
    void a_process_that_goes_by_itself_takes_it_as_a_trial_of_its_own() {
        shared.lab.circuits.close();

        assertThat(record(guard, Outcome.success(), NOW, InnerCalls.NONE)).isEqualTo(Settlement.COUNTED);

        assertThat(shared.circuit()).isClosed();
        assertThat(shared.store.givenBack).isEmpty();
    }

    @Test
    void it_counts_in_a_process_that_began_after_the_trial_did() {
        Duration since = Duration.ofSeconds(5);
        shared.lab.pass(since);
        try (CircuitBreakerManager later = CircuitBreakerManager.builder()
                .defaults(shared.circuit().config())
                .time(shared.lab.time)
                .store(shared.store)
                .build()) {
            Guard there = later.guard("agent");
            Duration beforeTheOpening = since.plus(SharedLab.COOLDOWN).plusNanos(1);
            assertThat(record(there, Outcome.success(), beforeTheOpening, InnerCalls.NONE))
                    .isEqualTo(Settlement.LATE);
            assertThat(record(there, Outcome.success(), since, InnerCalls.NONE)).isEqualTo(Settlement.COUNTED);

            assertThat(later.getOrCreate("agent")).isClosed();
        }
    }

    private static Settlement record(Guard guard, Outcome outcome, Duration age, InnerCalls inner) {
        return guard.recordTrials(outcome, age, inner, List.of(GIVEN));
    }
}
