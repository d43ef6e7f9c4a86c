package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The specification's own list, one test a clause: 5 failures open, 60 s of cooldown, 2 good trials close. */
class SpecificationTest {
    private final Lab lab = new Lab();
    private final Guard guard = lab.circuits.guard("agent");

    @Test
    void a_circuit_starts_closed() {
        assertThat(lab).isClosed();
    }

    @Test
    void it_stays_closed_on_successes() {
        lab.succeed(100);

        assertThat(lab).isClosed().hasCounted(100, 0);
    }

    @Test
    void it_opens_on_consecutive_failures() {
        lab.fail(4);
        assertThat(lab).isClosed();

        lab.fail();
        assertThat(lab).isOpen();
    }

    @Test
    void it_blocks_calls_when_open() {
        lab.fail(5);
        List<String> called = new ArrayList<>();

        assertThatThrownBy(() -> guard.call(() -> called.add("model")))
                .isInstanceOf(CircuitOpenException.class)
                .hasMessage("agent is open: 5 failures in a row (ERROR); retry in 60 s");

        assertThat(called).as("what was called").isEmpty();
    }

    @Test
    void it_is_half_open_after_the_cooldown() {
        lab.fail(5).pass(seconds(60));

        Permit trial = lab.begin();

        assertThat(lab).isHalfOpen();
        trial.succeed();
    }

    @Test
    void it_closes_on_half_open_successes() {
        lab.fail(5).pass(seconds(60));

        lab.succeed();
        assertThat(lab).isHalfOpen();

        lab.succeed();
        assertThat(lab).isClosed();
    }

    @Test
    void it_opens_again_on_a_half_open_failure() {
        lab.fail(5).pass(seconds(60));

        lab.fail();

        assertThat(lab).isOpen().refusesFor(seconds(60));
    }

    @Test
    void it_can_be_forced_open() {
        lab.override(OverrideAction.OPEN);

        assertThat(lab).isOpen();
        assertThatThrownBy(lab::begin).isInstanceOf(CircuitOpenException.class);
    }

    @Test
    void it_can_be_forced_closed() {
        lab.fail(5);

        lab.override(OverrideAction.CLOSE);

        assertThat(lab).isClosed();
        lab.succeed();
    }

    @Test
    void a_callback_receives_each_transition_exactly_once_with_name_old_and_new_state() {
        List<String> heard = new ArrayList<>();
        lab.circuits.addListener(
                transition -> heard.add(transition.id().name() + ": " + transition.from() + " to " + transition.to()));

        lab.fail(5).pass(seconds(60)).fail().pass(seconds(60)).succeed(2);

        assertThat(heard)
                .containsExactly(
                        "agent: CLOSED to OPEN",
                        "agent: OPEN to HALF_OPEN",
                        "agent: HALF_OPEN to OPEN",
                        "agent: OPEN to HALF_OPEN",
                        "agent: HALF_OPEN to CLOSED");
    }

    @Test
    void the_decorator_guards_functions_that_return_their_answer() {
        assertThat(guard.<String, RuntimeException>call(() -> "plan")).isEqualTo("plan");

        for (int i = 0; i < 5; i++) {
            assertThatThrownBy(() -> guard.call(() -> {
                        throw new IllegalStateException("no plan");
                    }))
                    .hasMessage("no plan");
        }

        assertThat(lab).isOpen();
    }

    @Test
    void the_decorator_guards_functions_that_answer_later() {
        CompletableFuture<String> model = new CompletableFuture<>();
        CompletableFuture<String> plan = guard.callAsync(() -> model);
        assertThat(plan).isNotDone();
        model.complete("plan");
        assertThat(plan).isCompletedWithValue("plan");

        for (int i = 0; i < 5; i++) {
            guard.callAsync(() -> CompletableFuture.failedFuture(new IllegalStateException("no plan")));
        }

        assertThat(lab).isOpen();
    }

    @Test
    void the_fallback_is_used_when_open() {
        lab.fail(5);

        String answer = guard.withFallback(refused -> "yesterday's plan").call(() -> "today's plan");

        assertThat(answer).isEqualTo("yesterday's plan");
    }

    @Test
    void the_context_form_works() {
        try (Permit permit = guard.acquire()) {
            permit.succeed();
        }
        assertThat(lab).isClosed().hasCounted(1, 0);

        for (int i = 0; i < 5; i++) {
            try (Permit forgotten = guard.acquire()) {
                assertThat(forgotten.isSettled()).isFalse();
            }
        }
        assertThat(lab).isOpen();
    }
}
