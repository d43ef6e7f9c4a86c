package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Calls on the caller's thread: call, run, the context form, and guards inside guards. */
class GuardTest {
    private final Lab lab = new Lab();
    private final Guard guard = lab.circuits.guard("agent");

    @Test
    void call_returns_what_the_work_returned() {
        assertThat(guard.<String, RuntimeException>call(() -> "plan")).isEqualTo("plan");
        assertThat(lab).hasCounted(1, 0);
    }

    @Test
    void call_may_return_null() {
        @Nullable String nothing = guard.<@Nullable String, RuntimeException>call(() -> null);
        assertThat(nothing).isNull();
        assertThat(lab).hasCounted(1, 0);
    }

    @Test
    void call_keeps_checked_exceptions() {
        assertThatThrownBy(() -> {
                    try {
                        guard.call(this::readsMissingFile);
                    } catch (FileNotFoundException declared) { // compiles only if the type is kept
                        throw new IllegalStateException("kept", declared);
                    }
                })
                .hasMessage("kept");
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void a_result_that_the_classifier_takes_for_a_failure_is_counted_and_returned_each_time() {
        Guard strict = guard.withClassifier(new FailureClassifier() {
            @Override
            public Outcome ofException(Throwable thrown) {
                return Outcome.failure(FailureKind.ERROR);
            }

            @Override
            public Outcome ofResult(@Nullable Object result) {
                return Outcome.failure(FailureKind.EMPTY_RESPONSE);
            }
        });
        for (int calls = 1; calls <= 4; calls++) {
            assertThat(strict.<String, RuntimeException>call(() -> "")).isEmpty();
            assertThat(lab).hasCounted(calls, calls).hasStreak(calls);
        }
    }

    @Test
    void a_call_of_a_closed_circuit_allocates_nothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Work<String, RuntimeException> work = () -> "plan";
        int calls = 20_000;
        for (int i = 0; i < calls; i++) {
            guard.call(work);
        }

        long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
        for (int i = 0; i < calls; i++) {
            guard.call(work);
        }
        long allocated = threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;

        assertThat(allocated).as("bytes of %s calls", calls).isLessThan(calls);
    }

    @Test
    void an_error_is_a_failure_and_is_thrown_on() {
        Error error = new StackOverflowError();

        assertThatThrownBy(() -> guard.run(() -> {
                    throw error;
                }))
                .isSameAs(error);

        assertThat(lab).hasCounted(1, 1).hasStreak(1);
    }

    @Test
    void the_exception_is_thrown_on_as_it_is() {
        IOException thrown = new IOException("no route");

        assertThatThrownBy(() -> guard.run(() -> {
                    throw thrown;
                }))
                .isSameAs(thrown)
                .hasNoSuppressedExceptions();
    }

    @Test
    void run_makes_a_call_without_a_result() throws IOException {
        List<String> called = new ArrayList<>();
        guard.<IOException>run(() -> called.add("model"));

        assertThat(called).hasSize(1);
        assertThat(lab).hasCounted(1, 0);
    }

    @Test
    void an_interruption_is_ignored_and_thrown_on() {
        assertThatThrownBy(() -> guard.run(() -> {
                    throw new InterruptedException();
                }))
                .isInstanceOf(InterruptedException.class);
        assertThat(lab).hasCounted(0, 0);
    }

    @Test
    void a_refused_call_calls_nothing() {
        lab.trip();
        List<String> called = new ArrayList<>();

        assertThatThrownBy(() -> guard.run(() -> called.add("model"))).isInstanceOf(CircuitOpenException.class);

        assertThat(called).isEmpty();
    }

    @Test
    void calls_that_are_trials_close_the_circuit() {
        lab.tripAndCool();
        guard.<String, RuntimeException>call(() -> "one");
        guard.<String, RuntimeException>call(() -> "two");

        assertThat(lab).isClosed().hasCounted(0, 0);
    }

    @Test
    void calls_are_timed_while_the_slow_rule_is_on() {
        Lab lab = new Lab(Lab.settings()
                .slowCallDuration(seconds(5))
                .slowCallRateThreshold(1.0)
                .build());

        lab.circuits.guard("agent").run(() -> lab.pass(seconds(5)));

        assertThat(lab.circuit.snapshot().figures().slow()).isEqualTo(1);
    }

    @Test
    void a_circuit_that_moves_while_the_call_runs_gets_a_late_outcome() {
        guard.<RuntimeException>run(lab::trip);

        assertThat(lab).isOpen().hasLate(1);
    }

    @Test
    void such_a_failure_is_late_too_also_when_no_permit_was_made() {
        guard.<String, RuntimeException>call(() -> "warm"); // from the second call on closed needs no permit

        assertThatThrownBy(() -> guard.run(() -> {
                    lab.trip();
                    throw new IOException();
                }))
                .isInstanceOf(IOException.class);

        assertThat(lab).isOpen().hasLate(1);
    }

    @Test
    void the_context_form_settles_with_what_the_caller_says() {
        try (Permit permit = guard.acquire()) {
            assertThat(permit.id()).isEqualTo(CircuitId.of("agent"));
            assertThat(permit.fail(new IOException("no route"))).isEqualTo(Settlement.COUNTED);
            assertThat(permit.fail(new IOException("no route"))).isEqualTo(Settlement.REPEATED);
        }
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void the_context_form_closed_unsettled_is_an_error() {
        try (Permit permit = guard.acquire()) {
            assertThat(permit.isSettled()).isFalse();
        }
        assertThat(lab).hasCounted(1, 1).hasStreak(1);
    }

    @Test
    void closing_a_settled_permit_changes_nothing() {
        try (Permit permit = guard.acquire()) {
            permit.succeed();
        }
        assertThat(lab).hasCounted(1, 0);
    }

    @Test
    void try_acquire_gives_null_when_refused() {
        lab.trip();
        assertThat(guard.tryAcquire()).isNull();
        lab.pass(seconds(60));
        assertThat(guard.tryAcquire()).isNotNull();
    }

    @Test
    void a_permit_uses_the_guards_classifier() {
        Permit permit = guard.withClassifier(thrown -> Outcome.failure(FailureKind.LOOP))
                .acquire();
        permit.fail(new IOException());
        assertThat(lab).isOpen();
    }

    @Test
    void the_refusal_of_an_inner_circuit_is_nobodys_failure_outside() {
        Guard outer = lab.circuits.guard("planner");
        lab.trip();

        for (int i = 0; i < 20; i++) {
            assertThatThrownBy(() -> outer.call(() -> guard.call(() -> "plan")))
                    .isInstanceOfSatisfying(
                            CircuitOpenException.class,
                            refused -> assertThat(refused.id()).isEqualTo(CircuitId.of("agent")));
        }

        assertThat(lab.circuits.getOrCreate("planner")).isClosed().hasCounted(0, 0);
    }

    @Test
    void the_refusal_of_an_inner_circuit_gives_an_outer_trial_its_place_back() {
        lab.circuits.getOrCreate("planner").recordFailure(FailureKind.LOOP);
        lab.pass(seconds(60)).trip();
        Guard outer = lab.circuits.guard("planner");

        assertThatThrownBy(() -> outer.call(() -> guard.call(() -> "plan"))).isInstanceOf(CircuitOpenException.class);

        assertThat(lab.circuits.getOrCreate("planner")).isHalfOpen().hasTrials(0, 0);
    }

    @Test
    void a_failure_inside_is_a_failure_of_both() {
        Guard outer = lab.circuits.guard("planner");

        assertThatThrownBy(() -> outer.run(() -> guard.run(() -> {
                    throw new IOException();
                })))
                .isInstanceOf(IOException.class);

        assertThat(lab).hasCounted(1, 1);
        assertThat(lab.circuits.getOrCreate("planner")).hasCounted(1, 1);
    }

    @Test
    void a_guard_kept_for_a_year_reaches_the_circuit_that_the_manager_shows() {
        guard.<String, RuntimeException>call(() -> "plan");
        lab.pass(Duration.ofDays(365));
        assertThat(lab.circuits.size()).isZero();

        for (int i = 0; i < 5; i++) {
            assertThatThrownBy(() -> guard.run(() -> {
                        throw new IOException();
                    }))
                    .isInstanceOf(IOException.class);
        }

        assertThat(lab.circuits.getOrCreate("agent")).isOpen();
        assertThat(lab.circuits.snapshot(CircuitId.of("agent")).state()).isEqualTo(CircuitState.OPEN);
    }

    @Test
    void the_with_methods_leave_the_guard_as_it_is() {
        guard.dependingOn("model:kimi").withTimeout(seconds(1)).withClassifier(thrown -> Outcome.success());

        assertThat(guard.dependencies()).isEmpty();
        assertThat(guard).hasToString("Guard[agent]");
        assertThat(guard.dependingOn("model:kimi", "model:kimi", "agent"))
                .hasToString("Guard[agent depending on [model:kimi]]");
    }

    @Test
    void making_a_guard_makes_no_circuit() {
        assertThatCode(() -> lab.circuits.guard("other").dependingOn("model:kimi"))
                .doesNotThrowAnyException();
        assertThat(lab.circuits.size()).isEqualTo(1);
    }

    private String readsMissingFile() throws FileNotFoundException {
        throw new FileNotFoundException("prompt.txt");
    }
}
