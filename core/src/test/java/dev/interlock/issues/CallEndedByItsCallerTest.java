package dev.interlock.issues;

import static dev.interlock.CircuitAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.Guard;
import dev.interlock.Lab;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/**
 * Most callers limit an async call by {@code orTimeout} on what they were given. That ended the call for them and left its
 * permit: hanging calls never counted, and a trial kept its place for its whole lease.
 */
class CallEndedByItsCallerTest {
    private final Lab lab = new Lab();
    private final Guard guard = lab.circuits.guard("agent");
    private final CompletableFuture<String> source = new CompletableFuture<>();

    @Test
    void twenty_hanging_calls_with_or_timeout_open_the_circuit() {
        List<CompletableFuture<String>> calls = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            calls.add(guard.callAsync(CompletableFuture<String>::new).orTimeout(1, TimeUnit.MILLISECONDS));
        }

        await().until(() -> calls.stream().allMatch(CompletableFuture::isDone));

        assertThat(lab).isOpen();
        assertThat(calls.get(0))
                .failsWithin(Duration.ZERO)
                .withThrowableOfType(java.util.concurrent.ExecutionException.class)
                .withCauseInstanceOf(TimeoutException.class);
    }

    @Test
    void or_timeout_counts_as_timeout_and_cancels_the_source() {
        CompletableFuture<String> call = guard.callAsync(() -> source).orTimeout(1, TimeUnit.MILLISECONDS);

        await().until(call::isDone);

        assertThat(source).isCancelled();
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void a_default_after_a_time_counts_as_timeout_and_cancels_the_source() {
        CompletableFuture<String> call =
                guard.callAsync(() -> source).completeOnTimeout("cached", 1, TimeUnit.MILLISECONDS);

        assertThat(call).succeedsWithin(Duration.ofSeconds(10)).isEqualTo("cached");
        await().until(source::isCancelled);
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void a_default_after_a_time_is_not_needed_when_the_answer_comes_before() {
        CompletableFuture<String> call = guard.callAsync(() -> source).completeOnTimeout("cached", 1, TimeUnit.DAYS);

        source.complete("plan");

        assertThat(call).isCompletedWithValue("plan");
        assertThat(lab).hasCounted(1, 0);
    }

    @Test
    void a_trial_that_its_caller_limits_gives_its_place_back() {
        lab.tripAndCool();
        CompletableFuture<String> trial = guard.callAsync(() -> source);
        assertThat(lab).isHalfOpen();

        trial.complete("from elsewhere");

        assertThat(lab).isHalfOpen();
        assertThat(lab.circuits.snapshot(guard.id()).trialsOut()).isZero();
        assertThat(source).isCancelled();
    }

    @Test
    void a_trial_that_times_out_reopens() {
        lab.tripAndCool();
        CompletableFuture<String> trial = guard.callAsync(() -> source).orTimeout(1, TimeUnit.MILLISECONDS);

        await().until(trial::isDone);

        assertThat(lab).isOpen();
    }

    @Test
    void an_answer_from_elsewhere_says_nothing_about_the_call() {
        CompletableFuture<String> call = guard.callAsync(() -> source);

        assertThat(call.complete("from elsewhere")).isTrue();
        assertThat(call.complete("again")).isFalse();

        assertThat(call).isCompletedWithValue("from elsewhere");
        assertThat(source).isCancelled();
        assertThat(lab).hasCounted(0, 0);
    }

    @Test
    void what_a_caller_fails_its_call_with_is_classified() {
        CompletableFuture<String> call = guard.callAsync(() -> source);

        assertThat(call.completeExceptionally(new IOException("gave up"))).isTrue();
        assertThat(call.completeExceptionally(new IOException("again"))).isFalse();

        assertThat(call).isCompletedExceptionally();
        assertThat(source).isCancelled();
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void an_answer_that_is_made_elsewhere_ends_the_call() {
        CompletableFuture<String> call = guard.callAsync(() -> source).completeAsync(() -> "made", Runnable::run);

        assertThat(call).isCompletedWithValue("made");
        assertThat(source).isCancelled();
        assertThat(lab).hasCounted(0, 0);
    }

    @Test
    void an_answer_that_fails_to_be_made_elsewhere_fails_the_call() {
        CompletableFuture<String> call = guard.callAsync(() -> source)
                .completeAsync(
                        () -> {
                            throw new IllegalStateException("cannot be made");
                        },
                        Runnable::run);

        assertThat(call).isCompletedExceptionally();
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void an_answer_that_is_forced_settles_too() {
        CompletableFuture<String> call = guard.callAsync(() -> source);
        call.obtrudeValue("forced");
        assertThat(call).isCompletedWithValue("forced");
        assertThat(source).isCancelled();
        assertThat(lab).hasCounted(0, 0);

        CompletableFuture<String> other = guard.callAsync(CompletableFuture::new);
        other.obtrudeException(new TimeoutException());
        assertThat(other).isCompletedExceptionally();
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void a_forced_answer_after_the_end_changes_what_is_read_and_nothing_else() {
        CompletableFuture<String> call = guard.callAsync(() -> source);
        source.complete("plan");

        call.obtrudeValue("another plan");
        assertThat(call).isCompletedWithValue("another plan");
        call.obtrudeException(new TimeoutException());

        assertThat(call).isCompletedExceptionally();
        assertThat(lab).hasCounted(1, 0);
    }

    @Test
    void dependents_see_the_circuit_settled_however_the_call_ended() {
        List<Integer> counted = new ArrayList<>();
        CompletableFuture<String> call = guard.callAsync(() -> source);
        call.whenComplete((answer, thrown) ->
                counted.add(lab.circuits.snapshot(guard.id()).figures().calls()));

        call.completeExceptionally(new TimeoutException());

        assertThat(counted).containsExactly(1);
    }

    @Test
    void a_source_whose_cancel_throws_does_not_hinder_the_end() {
        CompletableFuture<String> broken = new CompletableFuture<>() {
            @Override
            public boolean cancel(boolean mayInterrupt) {
                throw new IllegalStateException("cannot be cancelled");
            }
        };
        CompletableFuture<String> call = guard.callAsync(() -> broken);
        Thread.UncaughtExceptionHandler before = Thread.currentThread().getUncaughtExceptionHandler();
        List<Throwable> reported = new ArrayList<>();
        Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> reported.add(thrown));
        try {
            assertThat(call.completeExceptionally(new CancellationException())).isTrue();
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(before);
        }
        assertThat(call).isCompletedExceptionally();
        assertThat(reported).singleElement().isInstanceOf(IllegalStateException.class);
    }
}
