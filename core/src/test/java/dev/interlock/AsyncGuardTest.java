package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** Calls that end later. */
class AsyncGuardTest {
    private final Lab lab = new Lab();
    private final Guard guard = lab.circuits.guard("agent");
    private final CompletableFuture<String> model = new CompletableFuture<>();

    @Test
    void the_stage_completes_as_its_source_does() {
        CompletableFuture<String> plan = guard.callAsync(() -> model);
        assertThat(plan).isNotDone();
        assertThat(lab).hasCounted(0, 0);

        model.complete("plan");

        assertThat(plan).isCompletedWithValue("plan");
        assertThat(lab).hasCounted(1, 0);
    }

    @Test
    void a_failed_source_fails_the_stage_with_the_same_exception() {
        IOException thrown = new IOException("no route");
        CompletableFuture<String> plan = guard.callAsync(() -> model);

        model.completeExceptionally(thrown);

        assertThat(failureOf(plan)).isSameAs(thrown);
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void the_exception_of_a_dependent_source_comes_unwrapped() {
        IOException thrown = new IOException("no route");
        CompletableFuture<String> plan = guard.callAsync(() -> model.thenApply(answer -> answer + "!"));

        model.completeExceptionally(thrown);

        assertThat(failureOf(plan)).isSameAs(thrown);
    }

    @Test
    void dependents_see_the_circuit_settled() {
        List<CircuitState> seen = new ArrayList<>();
        CompletableFuture<String> plan = guard.withClassifier(thrown -> Outcome.failure(FailureKind.LOOP))
                .callAsync(() -> model);
        plan.whenComplete((answer, thrown) -> seen.add(lab.circuit.state()));

        model.completeExceptionally(new IOException());

        assertThat(seen).containsExactly(CircuitState.OPEN);
    }

    @Test
    void a_refusal_is_a_failed_stage_and_calls_nothing() {
        lab.trip();
        List<String> called = new ArrayList<>();

        CompletableFuture<String> plan = guard.callAsync(() -> {
            called.add("model");
            return model;
        });

        assertThat(failureOf(plan)).isInstanceOf(CircuitOpenException.class);
        assertThat(called).isEmpty();
    }

    @Test
    void too_many_circuits_are_a_failed_stage_too() {
        Lab lab = new Lab(CircuitBreakerConfig.defaults(), builder -> builder.maxCircuitsPerOrganization(1));
        lab.trip();

        assertThat(failureOf(lab.circuits.guard("other").callAsync(() -> model)))
                .isInstanceOf(TooManyCircuitsException.class);
    }

    @Test
    void work_that_throws_before_it_returns_a_stage_is_a_failed_stage() {
        RuntimeException thrown = new IllegalStateException("no client");

        CompletableFuture<String> plan = guard.callAsync(() -> {
            throw thrown;
        });

        assertThat(failureOf(plan)).isSameAs(thrown);
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void cancelling_again_still_says_cancelled_and_cancelling_what_has_ended_does_not() {
        CompletableFuture<String> plan = guard.callAsync(() -> model);
        assertThat(plan.cancel(true)).isTrue();
        assertThat(plan.cancel(true)).isTrue();

        assertThat(guard.callAsync(() -> CompletableFuture.completedFuture("plan"))
                        .cancel(true))
                .isFalse();
    }

    @Test
    void a_stage_that_nobody_can_listen_to_is_a_failed_stage() {
        IllegalStateException thrown = new IllegalStateException("broken stage");
        CompletableFuture<String> broken = new CompletableFuture<>() {
            @Override
            public CompletableFuture<String> whenComplete(BiConsumer<? super String, ? super Throwable> listener) {
                throw thrown;
            }
        };

        assertThat(failureOf(guard.callAsync(() -> broken))).isSameAs(thrown);
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void work_that_sneaks_a_checked_exception_out_is_a_failed_stage_too() {
        IOException thrown = new IOException("no route");

        CompletableFuture<String> plan = guard.callAsync(() -> {
            throw AsyncGuardTest.<RuntimeException>sneaky(thrown);
        });

        assertThat(failureOf(plan)).isSameAs(thrown);
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void an_error_settles_the_permit_as_a_failure_and_is_thrown_on() {
        Error error = new NoClassDefFoundError("com/example/Client");

        assertThatThrownBy(() -> guard.callAsync(() -> {
                    throw error;
                }))
                .isSameAs(error);

        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void a_source_that_fails_with_an_error_fails_the_stage_with_it() {
        Error error = new StackOverflowError();
        CompletableFuture<String> plan = guard.callAsync(() -> model);

        model.completeExceptionally(error);

        assertThat(failureOf(plan)).isSameAs(error);
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void work_that_returns_no_stage_is_a_failure_that_says_so() {
        CompletableFuture<String> plan = guard.callAsync(() -> null);

        assertThat(failureOf(plan))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("The guarded work returned no stage");
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void cancelling_is_ignored_and_cancels_the_source() {
        CompletableFuture<String> plan = guard.callAsync(() -> model);

        assertThat(plan.cancel(true)).isTrue();

        assertThat(plan).isCancelled();
        assertThat(model).isCancelled();
        assertThat(lab).hasCounted(0, 0);
    }

    @Test
    void cancelling_a_trial_gives_its_place_back() {
        lab.tripAndCool();
        CompletableFuture<String> plan = guard.callAsync(() -> model);
        assertThat(lab).isHalfOpen().hasTrials(1, 0);

        plan.cancel(false);

        assertThat(lab).isHalfOpen().hasTrials(0, 0);
    }

    @Test
    void a_source_that_is_cancelled_is_ignored_and_cancels_the_stage() {
        CompletableFuture<String> plan = guard.callAsync(() -> model);

        model.cancel(true);

        assertThat(plan).isCancelled();
        assertThat(lab).hasCounted(0, 0);
    }

    @Test
    void cancelling_what_has_ended_changes_nothing() {
        CompletableFuture<String> plan = guard.callAsync(() -> model);
        model.complete("plan");

        assertThat(plan.cancel(true)).isFalse();

        assertThat(plan).isCompletedWithValue("plan");
        assertThat(lab).hasCounted(1, 0);
    }

    @Test
    void a_cancelled_call_that_hung_counts_as_slow() {
        Lab lab = new Lab(Lab.settings()
                .slowCallDuration(seconds(30))
                .slowCallRateThreshold(1.0)
                .minRequestsForRate(1)
                .build());
        CompletableFuture<String> plan = lab.circuits.guard("agent").callAsync(() -> model);
        lab.pass(seconds(30));

        plan.cancel(true);

        assertThat(lab).isOpen();
    }

    @Test
    void a_source_that_cannot_be_cancelled_does_not_hinder_the_cancellation() {
        CompletableFuture<String> plan = guard.callAsync(() -> ReadOnlyStage.of(model));

        assertThat(plan.cancel(true)).isTrue();

        assertThat(plan).isCancelled();
        assertThat(model).isNotDone();
        model.complete("too late");
        assertThat(lab).hasCounted(0, 0).hasLate(0);
    }

    @Test
    void a_read_only_source_is_guarded_like_any_other() {
        CompletableFuture<String> plan = guard.callAsync(() -> ReadOnlyStage.of(model));
        model.complete("plan");

        assertThat(plan).isCompletedWithValue("plan");
        assertThat(lab).hasCounted(1, 0);
    }

    @Test
    void a_call_that_has_not_ended_by_its_time_limit_ends_as_timeout() {
        CompletableFuture<String> plan = guard.withTimeout(seconds(30)).callAsync(() -> model);
        lab.pass(seconds(30).minusNanos(1));
        assertThat(plan).isNotDone();

        lab.pass(Duration.ofNanos(1));

        assertThat(failureOf(plan)).isInstanceOf(TimeoutException.class).hasMessage("No answer from agent within 30s");
        assertThat(model).as("the source").isCancelled();
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void a_source_that_cannot_be_cancelled_does_not_hinder_the_time_limit() {
        CompletableFuture<String> plan = guard.withTimeout(seconds(30)).callAsync(() -> ReadOnlyStage.of(model));
        lab.pass(seconds(30));

        assertThat(failureOf(plan)).isInstanceOf(TimeoutException.class);
        model.complete("too late");
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void a_call_that_ends_in_time_has_no_time_limit_any_more() {
        int timers = lab.circuits.engine().timers.size();
        CompletableFuture<String> plan = guard.withTimeout(seconds(30)).callAsync(() -> model);
        model.complete("plan");
        assertThat(lab.circuits.engine().timers.size()).isEqualTo(timers);

        lab.pass(seconds(60));

        assertThat(plan).isCompletedWithValue("plan");
        assertThat(lab).hasCounted(1, 0);
    }

    @Test
    void a_call_that_ended_before_it_returned_is_settled_at_once() {
        assertThat(guard.withTimeout(seconds(30)).callAsync(() -> CompletableFuture.completedFuture("plan")))
                .isCompletedWithValue("plan");
        assertThat(lab).hasCounted(1, 0);
    }

    @Test
    void a_call_that_cannot_keep_the_time_limit_is_refused() {
        Guard limited = guard.withTimeout(seconds(1));
        limited.callAsync(() -> CompletableFuture.completedFuture("plan"));

        assertThatThrownBy(() -> limited.call(() -> "plan"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("The guard of agent has a time limit of 1s, which only callAsync can keep. Maybe give"
                        + " the client a limit, and this guard none");
        assertThatThrownBy(() -> limited.run(() -> {})).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> limited.withFallback(open -> "none").call(() -> "plan"))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> limited.dependingOn("model:m").call(() -> "plan"))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> limited.proxy(CharSequence.class, "plan"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("time limit cannot end it");
        assertThat(lab).hasCounted(1, 0);
    }

    @Test
    void a_step_of_the_wall_clock_ends_no_call() {
        CompletableFuture<String> plan = guard.withTimeout(seconds(30)).callAsync(() -> model);
        lab.time.stepWallClock(Duration.ofDays(1));
        lab.pass(seconds(29));

        assertThat(plan).isNotDone();
    }

    @Test
    void a_result_that_is_a_failure_is_counted_and_still_delivered() {
        FailureClassifier empty = new FailureClassifier() {
            @Override
            public Outcome ofException(Throwable thrown) {
                return Outcome.failure(FailureKind.ERROR);
            }

            @Override
            public Outcome ofResult(Object result) {
                return Outcome.failure(FailureKind.EMPTY_RESPONSE);
            }
        };
        CompletableFuture<String> plan = guard.withClassifier(empty).callAsync(() -> model);

        model.complete("");

        assertThat(plan).isCompletedWithValue("");
        assertThat(lab).hasCounted(1, 1);
    }

    /** What a future failed with, as its own dependents see it. */
    private static Throwable failureOf(CompletableFuture<?> future) {
        assertThat(future).isCompletedExceptionally();
        Throwable[] seen = new Throwable[1];
        future.whenComplete((result, thrown) -> seen[0] = thrown);
        assertThat(seen[0]).isNotInstanceOfAny(CompletionException.class, CancellationException.class);
        return seen[0];
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <X extends Throwable> X sneaky(Throwable thrown) throws X {
        throw (X) thrown;
    }
}
