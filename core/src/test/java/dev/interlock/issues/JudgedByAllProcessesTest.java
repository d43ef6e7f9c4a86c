package dev.interlock.issues;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.Lab;
import dev.interlock.Outcome;
import dev.interlock.Scope;
import dev.interlock.StateTransition;
import dev.interlock.TransitionCause;
import dev.interlock.store.CallerSlots;
import dev.interlock.store.CircuitTally;
import dev.interlock.store.TallyAnswer;
import dev.interlock.store.TallyAnswer.Judgement;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What one process makes of an answer that all processes have given together: who fails, how long to wait, what opens. */
class JudgedByAllProcessesTest {
    private static final String MODEL = "model:m";
    private static final Duration COOLDOWN = Duration.ofSeconds(60);

    private final HandStore store = new HandStore();
    private final Lab lab = new Lab(
            CircuitBreakerConfig.builder()
                    .scope(Scope.SHARED)
                    .failureThreshold(3)
                    .failureRateThreshold(null)
                    .cooldown(COOLDOWN)
                    .build(),
            builder -> builder.store(store));

    @AfterEach
    void close() {
        lab.circuits.close();
    }

    private void needCallers(int callers) {
        lab.circuits.putPolicy(
                "*:*", lab.circuit.config().toBuilder().minCallers(callers).build());
    }

    private Guard reader() {
        return lab.circuits.guard("reader").dependingOn(MODEL);
    }

    private CircuitBreaker model() {
        return lab.circuits.getOrCreate(MODEL);
    }

    private CircuitSnapshot snapshot(String name) {
        return lab.circuits.getOrCreate(name).snapshot();
    }

    private void fail(Outcome outcome, int times) {
        for (int i = 0; i < times; i++) {
            reader().acquire().settle(outcome);
        }
    }

    private static Outcome failure() {
        return Outcome.failure(FailureKind.SERVER_ERROR);
    }

    /** Another caller has asked elsewhere, and is failing or not. */
    private void answers(Judgement judgement, boolean anotherFails, Duration longestWait) {
        store.judge = tally -> {
            boolean relevant = tally.name().contains(":") && tally.failures() > 0;
            long known = tally.callers().asked();
            long another = Long.lowestOneBit(~known);
            CallerSlots callers =
                    new CallerSlots(known | another, tally.callers().failing() | (anotherFails ? another : 0), 0);
            return CompletableFuture.completedFuture(
                    answer(tally, relevant ? judgement : Judgement.STAYS, callers, longestWait));
        };
    }

    private static TallyAnswer answer(
            CircuitTally tally, Judgement judgement, CallerSlots callers, Duration longestWait) {
        return new TallyAnswer(
                judgement, 40, 20, 8, 4, tally.failuresSinceSuccess(), Duration.ZERO, callers, longestWait);
    }

    private StateTransition opening() {
        await().until(() -> model().state() == CircuitState.OPEN);
        return Objects.requireNonNull(model().snapshot().lastTransition());
    }

    @Test
    void a_streak_of_one_caller_alone_is_its_agents_and_not_the_models() {
        needCallers(2);
        answers(Judgement.FAILURE_STREAK, false, Duration.ZERO);
        fail(failure(), 1);

        await().until(() -> snapshot("reader").figures().failures() > 0);
        assertThat(model()).isClosed();
    }

    @Test
    void one_of_two_callers_that_fail_is_the_models() {
        needCallers(2);
        answers(Judgement.FAILURE_STREAK, true, Duration.ZERO);
        fail(failure(), 1);

        assertThat(opening().cause()).isEqualTo(TransitionCause.FAILURE_STREAK);
        assertThat(opening().kind()).isEqualTo(FailureKind.SERVER_ERROR);
        assertThat(model().snapshot().figures().calls()).isEqualTo(40);
        assertThat(model().snapshot().figures().slow()).isEqualTo(4);
        assertThat(snapshot("reader").figures().failures()).isZero();
    }

    @Test
    void who_has_heard_of_other_callers_judges_by_them_from_then_on() {
        needCallers(2);
        answers(Judgement.STAYS, false, Duration.ZERO);
        fail(failure(), 1);
        await().until(() -> store.tallies(MODEL) > 0);
        reader().acquire().succeed();
        await().until(() -> store.tallies(MODEL) > 1); // the first answer has been heard by then

        fail(failure(), 3);

        assertThat(model()).isClosed();
        assertThat(snapshot("reader").figures().failures()).as("found at once").isEqualTo(1);
    }

    @Test
    void a_kind_that_trips_opens_if_others_fail_too() {
        needCallers(2);
        answers(Judgement.STAYS, true, Duration.ZERO);
        fail(Outcome.failure(FailureKind.MODEL_NOT_FOUND), 1);

        assertThat(opening().cause()).isEqualTo(TransitionCause.FAILURE_KIND);
        assertThat(opening().kind()).isEqualTo(FailureKind.MODEL_NOT_FOUND);
    }

    @Test
    void and_is_its_agents_if_they_do_not() {
        needCallers(2);
        answers(Judgement.STAYS, false, Duration.ZERO);
        fail(Outcome.failure(FailureKind.MODEL_NOT_FOUND), 1);

        await().until(() -> snapshot("reader").state() == CircuitState.OPEN);
        assertThat(model()).isClosed();
        assertThat(Objects.requireNonNull(snapshot("reader").lastTransition()).cause())
                .isEqualTo(TransitionCause.CALLER_ALONE);
    }

    @Test
    void a_used_up_key_asks_nobody() {
        needCallers(2);
        answers(Judgement.STAYS, false, Duration.ZERO);
        Guard paying = lab.circuits.guard("reader").dependingOn("key:k");

        paying.acquire().fail(FailureKind.QUOTA_EXHAUSTED);

        assertThat(snapshot("key:k").state()).isEqualTo(CircuitState.OPEN);
    }

    @Test
    void the_longest_wait_of_all_is_waited_for() {
        needCallers(1);
        answers(Judgement.FAILURE_STREAK, false, seconds(300));
        fail(failure(), 1);

        assertThat(opening().cooldown()).isEqualTo(seconds(300));
    }

    @Test
    void so_is_that_of_the_failure_here_and_a_policys_cooldown_where_none_is_longer() {
        needCallers(1);
        answers(Judgement.FAILURE_STREAK, false, seconds(10));
        fail(failure().retryAfter(seconds(90)), 1);

        assertThat(opening().cooldown()).isEqualTo(seconds(90));
        lab.circuits.getOrCreate("tool:t").recordFailure(FailureKind.SERVER_ERROR);
        await().until(() -> snapshot("tool:t").state() == CircuitState.OPEN);
        assertThat(Objects.requireNonNull(snapshot("tool:t").lastTransition()).cooldown())
                .isEqualTo(COOLDOWN);
    }
}
