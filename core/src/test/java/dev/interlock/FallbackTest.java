package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Answers in place of refused calls: of the guard's own circuits, and of no other. */
class FallbackTest {
    private final Lab lab = new Lab();
    private final Guard guard = lab.circuits.guard("agent");
    private final List<CircuitOpenException> asked = new ArrayList<>();
    private final FallbackGuard<String> safe = guard.withFallback(refused -> {
        asked.add(refused);
        return "cached";
    });

    @Test
    void an_admitted_call_is_not_fallen_back_from() {
        assertThat(safe.<RuntimeException>call(() -> "plan")).isEqualTo("plan");
        assertThat(asked).isEmpty();
    }

    @Test
    void a_refused_call_gets_the_fallbacks_answer_and_the_fallback_the_refusal() {
        lab.trip().pass(seconds(20));

        assertThat(safe.<RuntimeException>call(() -> "plan")).isEqualTo("cached");

        assertThat(asked).singleElement().satisfies(refused -> {
            assertThat(refused.id()).isEqualTo(CircuitId.of("agent"));
            assertThat(refused.retryAfter()).isEqualTo(seconds(40));
        });
    }

    @Test
    void a_refusal_by_a_dependency_is_one_of_the_guards_own() {
        lab.circuits.getOrCreate("model:kimi").recordFailure(FailureKind.LOOP);

        String answer = guard.dependingOn("model:kimi")
                .withFallback(refused -> "without " + refused.id())
                .call(() -> "plan");

        assertThat(answer).isEqualTo("without model:kimi");
    }

    @Test
    void what_the_call_throws_reaches_the_caller() {
        assertThatThrownBy(() -> safe.call(() -> {
                    throw new IOException("no route");
                }))
                .isInstanceOf(IOException.class);
        assertThat(asked).isEmpty();
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void a_refusal_by_a_circuit_further_down_reaches_the_caller() {
        lab.circuits.getOrCreate("inner").recordFailure(FailureKind.LOOP);

        assertThatThrownBy(
                        () -> safe.call(() -> lab.circuits.guard("inner").<String, RuntimeException>call(() -> "plan")))
                .isInstanceOfSatisfying(
                        CircuitOpenException.class,
                        refused -> assertThat(refused.id()).isEqualTo(CircuitId.of("inner")));

        assertThat(asked).isEmpty();
    }

    @Test
    void what_a_fallback_throws_reaches_the_caller() {
        lab.trip();
        assertThatThrownBy(() -> guard.withFallback(refused -> {
                            throw new IllegalStateException("no cache", refused);
                        })
                        .call(() -> "plan"))
                .hasMessage("no cache");
    }

    @Test
    void an_async_call_may_fall_back_to_a_value() {
        lab.trip();
        assertThat(safe.callAsync(CompletableFuture::new)).isCompletedWithValue("cached");
        assertThat(asked).hasSize(1);
    }

    @Test
    void an_async_call_may_fall_back_to_other_async_work() {
        lab.trip();
        CompletableFuture<String> cache = new CompletableFuture<>();
        CompletableFuture<String> plan =
                guard.<String>withAsyncFallback(refused -> cache).callAsync(CompletableFuture::new);
        assertThat(plan).isNotDone();

        cache.complete("cached");

        assertThat(plan).isCompletedWithValue("cached");
    }

    @Test
    void an_async_fallback_that_throws_is_a_failed_stage() {
        lab.trip();
        assertThat(guard.<String>withFallback(refused -> {
                            throw new IllegalStateException("no cache");
                        })
                        .callAsync(CompletableFuture::new))
                .isCompletedExceptionally();
    }

    @Test
    void an_admitted_async_call_is_not_fallen_back_from() {
        CompletableFuture<String> plan =
                safe.callAsync(() -> CompletableFuture.failedFuture(new IOException("no route")));

        assertThat(plan).isCompletedExceptionally();
        assertThat(asked).isEmpty();
        assertThat(lab).hasCounted(1, 1);
    }

    @Test
    void too_many_circuits_are_no_refusal() {
        Lab full = new Lab(CircuitBreakerConfig.defaults(), builder -> builder.maxCircuitsPerOrganization(1));
        full.trip();
        Guard other = full.circuits.guard("other");

        assertThatThrownBy(() -> other.withFallback(refused -> "cached").call(() -> "plan"))
                .isInstanceOf(TooManyCircuitsException.class);
        assertThat(other.<String>withFallback(refused -> "cached").callAsync(CompletableFuture::new))
                .isCompletedExceptionally();
    }
}
