package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.Lab;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import dev.interlock.Scope;
import dev.interlock.store.CallerSlots;
import dev.interlock.store.CircuitTally;
import dev.interlock.store.TallyAnswer;
import dev.interlock.store.TallyAnswer.Judgement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Found by the model of callers: what processes know together of a caller was what ordinary calls had reported. How a
 * trial ended, who was refused, that somebody has reset the circuit, and what a report without an answer had said, the
 * others never heard: a caller that had recovered counted as failing, so that another one alone could open the circuit.
 */
class CallersOfEarlierEpochsTest {
    private static final Duration COOLDOWN = Duration.ofSeconds(1);

    private final HandStore store = new HandStore();
    private final List<CallerSlots> reported = new CopyOnWriteArrayList<>();
    private final Lab lab = new Lab(
            CircuitBreakerConfig.builder()
                    .scope(Scope.SHARED)
                    .minCallers(2)
                    .cooldown(COOLDOWN)
                    .cooldownMax(COOLDOWN)
                    .halfOpenMaxRequests(1)
                    .successThreshold(1)
                    .build(),
            builder -> builder.store(store));

    CallersOfEarlierEpochsTest() {
        store.judge = tally -> {
            reported.add(tally.callers());
            return HandStore.stays(tally);
        };
    }

    @AfterEach
    void close() {
        lab.circuits.close();
    }

    @Test
    void how_a_trial_ended_is_reported_by_the_next_closed_epoch() throws InterruptedException {
        long slot = failOnce("a");
        open();
        lab.pass(COOLDOWN);
        assertThat(guard("a").tryAcquire()).isNull();
        store.nextAsk().give("1");
        await().until(() -> lab.circuit.snapshot().retryAfter().isZero());
        Permit trial = Objects.requireNonNull(guard("a").tryAcquire());
        trial.succeed();

        assertThat(lab.circuit.state()).isEqualTo(CircuitState.CLOSED);
        awaitGood(slot);
    }

    @Test
    void who_was_refused_is_reported_by_the_next_closed_epoch() {
        long slot = failOnce("a");
        open();
        assertThat(guard("b").tryAcquire()).isNull();
        lab.override(OverrideAction.CLOSE);

        await().until(() -> reported.stream().anyMatch(each -> (each.asked() & ~slot) != 0));
    }

    @Test
    void that_a_reset_has_forgotten_who_failed_is_reported() {
        long slot = failOnce("a");
        lab.override(OverrideAction.RESET);

        awaitGood(slot);
    }

    @Test
    void what_a_report_without_an_answer_said_is_reported_once_more() {
        store.judge = tally -> {
            reported.add(tally.callers());
            return CompletableFuture.failedFuture(new IllegalStateException("no answer"));
        };
        long slot = failOnce("a");
        reported.clear();
        store.judge = tally -> {
            reported.add(tally.callers());
            return HandStore.stays(tally);
        };

        await().until(() -> reported.stream().anyMatch(each -> isFailing(each, slot)));
    }

    /** The store has forgotten all callers, and hears of one that fails first. */
    @Test
    void a_caller_that_fails_alone_does_not_trip_while_another_asked_here() {
        guard("b").acquire().succeed();
        store.judge = this::tripsByWhatItHeard;
        for (int report = 1; report <= 2; report++) { // the second is made once the answer to the first is carried out
            int wanted = report;
            guard("a").acquire().fail(FailureKind.ERROR);
            await().until(() ->
                    reported.stream().filter(each -> each.failing() != 0).count() >= wanted);
        }

        assertThat(lab.circuit.state()).isEqualTo(CircuitState.CLOSED);
    }

    private CompletableFuture<TallyAnswer> tripsByWhatItHeard(CircuitTally tally) {
        long failing = tally.callers().failing() & ~tally.callers().answered();
        CallerSlots heard = new CallerSlots(failing, failing, 0);
        reported.add(heard);
        return CompletableFuture.completedFuture(
                new TallyAnswer(Judgement.FAILURE_STREAK, 5, 5, 0, 0, 5, Duration.ZERO, heard, Duration.ZERO));
    }

    /** Returns the slot of the caller, once all know that it fails. */
    private long failOnce(String caller) {
        guard(caller).acquire().fail(FailureKind.ERROR);
        await().until(() -> reported.stream().anyMatch(each -> isFailing(each, each.asked())));
        return reported.get(reported.size() - 1).failing();
    }

    private void open() {
        lab.override(OverrideAction.OPEN);
        assertThat(lab.circuits.flush(Duration.ofSeconds(30))).isTrue();
    }

    private void awaitGood(long slot) {
        await().until(() ->
                reported.stream().anyMatch(each -> (each.failing() & slot) != 0 && (each.answered() & slot) != 0));
    }

    private static boolean isFailing(CallerSlots slots, long slot) {
        return slot != 0 && (slots.failing() & slot) != 0 && (slots.answered() & slot) == 0;
    }

    private Guard guard(String caller) {
        return lab.circuits.guard("agent").withCaller(caller);
    }
}
