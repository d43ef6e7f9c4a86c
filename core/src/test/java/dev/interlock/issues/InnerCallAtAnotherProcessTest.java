package dev.interlock.issues;

import static dev.interlock.CircuitAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.ManualOverride;
import dev.interlock.Outcome;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import dev.interlock.Settlement;
import dev.interlock.store.GivenTrial;
import dev.interlock.store.TrialEnd;
import dev.interlock.store.TrialLoan;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A call within a call of another process asked like a stranger, so it was refused as long as the trial around it had the
 * only place, and a balancer that goes round the servers let no such chain through, ever.
 */
class InnerCallAtAnotherProcessTest {
    private static final GivenTrial OUTER = new GivenTrial("default", "agent", "1", "of another");
    private static final Duration NOW = Duration.ZERO;

    private final SharedLab shared = new SharedLab().openAndCool();
    private final Guard guard = shared.lab.circuits.guard("agent");

    @AfterEach
    void close() {
        shared.close();
    }

    @Test
    void it_takes_the_place_over_of_a_trial_that_this_process_has_not_heard_of_yet() {
        Permit inner = within(guard, NOW, null);

        assertThat(inner.isTrial()).isTrue();
        assertThat(shared.circuit().state()).isEqualTo(CircuitState.HALF_OPEN);
        assertThat(shared.store.askedToLend).containsExactly(OUTER);
        GivenTrial borrowed = inner.trials().get(0);
        assertThat(borrowed.round()).isEqualTo("1");
        assertThat(borrowed.trial()).isNotEqualTo(OUTER.trial());
        assertThat(inner.succeed()).isEqualTo(Settlement.COUNTED);
        assertThat(shared.circuit()).isClosed();
        assertThat(shared.store.givenBack).containsExactly(borrowed);
        assertThat(shared.store.ends).containsExactly(TrialEnd.of(true, 1));
        assertThat(shared.store.returned).isEmpty();
    }

    @Test
    void it_takes_the_place_over_in_half_open_where_the_trial_around_it_is_of_this_process()
            throws InterruptedException {
        Permit outer = shared.trying();
        GivenTrial given = outer.trials().get(0);
        Permit inner = within(guard, given, NOW, outer);

        assertThat(shared.store.askedToLend).containsExactly(given);
        assertThat(shared.circuit().tryAcquire()).as("there is one place").isNull();
        assertThat(outer.succeed()).as("it made no call of its own").isEqualTo(Settlement.IGNORED);
        assertThat(shared.circuit().state()).isEqualTo(CircuitState.HALF_OPEN);
        assertThat(shared.circuit().tryAcquire()).as("the inner call has it").isNull();
        assertThat(inner.succeed()).isEqualTo(Settlement.COUNTED);
        assertThat(shared.circuit()).isClosed();
    }

    @Test
    void a_failure_of_it_reopens() {
        assertThat(within(guard, NOW, null).fail(FailureKind.TIMEOUT)).isEqualTo(Settlement.COUNTED);
        assertThat(shared.circuit()).isOpen().refusesFor(SharedLab.COOLDOWN);
    }

    @Test
    void a_place_that_another_inner_call_has_is_not_lent_here_either() throws InterruptedException {
        Permit outer = shared.trying();
        shared.store.lender = given -> CompletableFuture.completedFuture(TrialLoan.LENT);

        assertThatThrownBy(() -> within(guard, outer.trials().get(0), NOW, outer))
                .isInstanceOf(CircuitOpenException.class);
    }

    @Test
    void a_trial_of_this_process_lends_its_place_itself_where_the_others_know_of_none() throws InterruptedException {
        Permit outer = shared.trying();
        shared.store.lender = given -> CompletableFuture.completedFuture(TrialLoan.LOST);
        Permit inner = within(guard, outer.trials().get(0), NOW, outer);

        assertThat(outer.succeed()).isEqualTo(Settlement.IGNORED);
        assertThat(inner.succeed()).isEqualTo(Settlement.COUNTED);
        assertThat(shared.circuit()).isClosed();
    }

    @Test
    void without_an_answer_it_asks_like_a_stranger() {
        shared.store.lender = given -> CompletableFuture.failedFuture(new IllegalStateException("of a test"));

        assertThatThrownBy(() -> within(guard, NOW, null)).isInstanceOf(CircuitOpenException.class);
        assertThat(shared.store.returned).isEmpty();
    }

    @Test
    void nor_where_the_store_throws_in_place_of_an_answer() {
        shared.store.lender = given -> {
            throw new IllegalStateException("of a test");
        };

        assertThatThrownBy(() -> within(guard, NOW, null)).isInstanceOf(CircuitOpenException.class);
    }

    @Test
    void a_place_that_is_not_used_since_another_circuit_refuses_goes_back() throws InterruptedException {
        Permit outer = shared.trying();
        GivenTrial given = outer.trials().get(0);
        shared.lab.circuits.override(CircuitId.of("model:m"), ManualOverride.of(OverrideAction.HOLD_OPEN, "ana"));

        assertThatThrownBy(() -> within(guard.dependingOn("model:m"), given, NOW, outer))
                .isInstanceOf(CircuitOpenException.class);
        assertThat(shared.store.returned).hasSize(1);
        assertThat(shared.store.givenBack).isEmpty();
        assertThat(outer.succeed()).as("it has its place again").isEqualTo(Settlement.COUNTED);
        assertThat(shared.circuit()).isClosed();
    }

    @Test
    void a_place_that_was_taken_before_another_circuit_had_none_goes_back_to_the_trial_around_it()
            throws InterruptedException {
        CircuitBreaker model = shared.lab.circuits.getOrCreate("model:m");
        model.override(ManualOverride.of(OverrideAction.OPEN, "ana"));
        shared.awaitStored();
        shared.lab.pass(SharedLab.COOLDOWN);
        assertThat(model.tryAcquire()).isNull();
        shared.store.nextAsk().give("1");
        await().until(() -> model.snapshot().retryAfter().isZero());
        Permit stranger = Objects.requireNonNull(model.tryAcquire());
        Permit outer = shared.trying();
        GivenTrial agents = outer.trials().get(0);
        GivenTrial models = new GivenTrial("default", "model:m", "1", "of another");

        Guard both = guard.dependingOn("model:m");
        Permit around = both.borrow(Map.of(agents, NOW, models, NOW), outer)
                .toCompletableFuture()
                .join();
        assertThatThrownBy(() -> around.supply(both::acquire)).isInstanceOf(CircuitOpenException.class);
        around.close();

        assertThat(shared.store.returned).hasSize(2);
        assertThat(shared.store.givenBack).isEmpty();
        assertThat(shared.circuit().snapshot().trialsOut()).isEqualTo(1);
        assertThat(outer.succeed()).isEqualTo(Settlement.COUNTED);
        assertThat(shared.circuit()).isClosed();
        stranger.succeed();
    }

    @Test
    void a_place_that_nobody_asked_for_goes_back_once() {
        Permit around = borrow(guard, OUTER, NOW, null);
        around.close();
        assertThat(around.settle(Outcome.success())).isEqualTo(Settlement.REPEATED);

        assertThat(shared.store.returned).hasSize(1);
        assertThat(shared.circuit()).isOpen();
    }

    @Test
    void one_that_was_not_taken_in_time_is_not_taken() {
        Permit around = borrow(guard, OUTER, NOW, null);
        shared.lab.pass(Duration.ofSeconds(4));

        assertThatThrownBy(() -> around.supply(guard::acquire)).isInstanceOf(CircuitOpenException.class);
    }

    @Test
    void the_lease_goes_on_that_the_trial_around_it_had() {
        shared.store.lender = given ->
                CompletableFuture.completedFuture(new TrialLoan(given.answer(), given.given(), Duration.ofSeconds(10)));
        within(guard, NOW, null);
        shared.lab.pass(Duration.ofSeconds(10).minusNanos(1));
        assertThat(shared.circuit().snapshot().trialsOut()).isEqualTo(1);

        shared.lab.pass(Duration.ofNanos(1));
        assertThat(shared.circuit().snapshot().trialsOut()).isZero();
    }

    @Test
    void nobody_is_asked_for_the_place_of_a_trial_whose_lease_has_ended() {
        Duration lease = shared.circuit().config().trialTimeout();
        assertThatThrownBy(() -> within(guard, lease, null)).isInstanceOf(CircuitOpenException.class);
        assertThat(shared.store.askedToLend).isEmpty();
    }

    @Test
    void nobody_is_asked_by_a_call_of_other_circuits_or_of_a_closed_one() {
        Guard other = shared.lab.circuits.guard("other");
        assertThat(within(other, NOW, null).isTrial()).isFalse();
        shared.lab.circuits.override(CircuitId.of("agent"), ManualOverride.of(OverrideAction.CLOSE, "ana"));
        assertThat(within(guard, NOW, null).isTrial()).isFalse();

        assertThat(shared.store.askedToLend).isEmpty();
    }

    @Test
    void nobody_is_asked_by_a_process_that_goes_by_itself() {
        shared.store.attached = false;
        assertThat(within(guard, NOW, null).trials()).isEmpty();
        assertThat(shared.store.askedToLend).isEmpty();
    }

    @Test
    void a_circuit_that_opened_meanwhile_refuses_and_the_place_goes_back() {
        Permit around = borrow(guard, OUTER, NOW, null);
        shared.lab.circuits.override(CircuitId.of("agent"), ManualOverride.of(OverrideAction.HOLD_OPEN, "ana"));

        assertThatThrownBy(() -> around.supply(guard::acquire)).isInstanceOf(CircuitOpenException.class);
        around.close();
        assertThat(shared.store.returned).hasSize(1);
    }

    @Test
    void a_circuit_of_another_manager_with_the_same_name_gets_no_place() {
        try (SharedLab other = new SharedLab().openAndCool()) {
            Guard stranger = other.lab.circuits.guard("agent");
            Permit around = borrow(guard, OUTER, NOW, null);
            assertThatThrownBy(() -> around.supply(stranger::acquire)).isInstanceOf(CircuitOpenException.class);
        }
    }

    @Test
    void one_call_at_a_time_has_the_place() {
        Permit around = borrow(guard, OUTER, NOW, null);
        Permit inner = around.supply(guard::acquire);

        assertThatThrownBy(() -> around.supply(guard::acquire)).isInstanceOf(CircuitOpenException.class);
        around.close();
        assertThat(inner.succeed()).isEqualTo(Settlement.COUNTED);
    }

    private Permit within(Guard asking, Duration age, @Nullable Permit outer) {
        return within(asking, OUTER, age, outer);
    }

    private static Permit within(Guard asking, GivenTrial trial, Duration age, @Nullable Permit outer) {
        Permit around = borrow(asking, trial, age, outer);
        try {
            return Objects.requireNonNull(around.supply(asking::acquire));
        } finally {
            around.close();
        }
    }

    private static Permit borrow(Guard asking, GivenTrial trial, Duration age, @Nullable Permit outer) {
        return asking.borrow(Map.of(trial, age), outer).toCompletableFuture().join();
    }
}
