package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A listener hears of each call of a model once, from the guard that is nearest to the model. */
class CountedCallTest {
    private final ManualTimeSource time = new ManualTimeSource();
    private final CircuitBreakerManager circuits =
            CircuitBreakerManager.builder().time(time).build();
    private final Guard outer = circuits.guard("planner");
    private final Guard inner = outer.dependingOn("model:atlas");
    private final List<CallUsage> heard = new ArrayList<>();
    private final UsageListener listener = heard::add;

    @AfterEach
    void close() {
        circuits.close();
    }

    @Test
    void a_call_is_reported_once_with_what_it_used_and_how_long_it_took() {
        time.advance(Duration.ofSeconds(7));
        CountedCall call = CountedCall.begin(inner, listener);
        time.advance(Duration.ofMillis(250));
        call.answer("a plan", 12, 5, 4);
        call.end(Outcome.cancelled(), 1, 1, 1);
        call.fail(new IllegalStateException("late"));

        assertThat(heard)
                .containsExactly(new CallUsage(inner, Outcome.success().took(Duration.ofMillis(250)), 12, 5, 4));
    }

    @Test
    void a_call_that_failed_is_one_and_what_a_circuit_refused_is_none() {
        CountedCall.begin(inner, listener).fail(new SocketTimeoutException("late"));
        CountedCall.begin(inner, listener).end(Outcome.failure(FailureKind.DOWNSTREAM_OPEN), 0, 0, 0);
        circuits.override(CircuitId.of("planner"), ManualOverride.of(OverrideAction.HOLD_OPEN, "ada"));
        CountedCall within = CountedCall.begin(inner, listener);
        try {
            outer.call(() -> "never");
        } catch (CircuitOpenException refused) {
            within.fail(refused);
        }

        assertThat(heard).singleElement().satisfies(usage -> {
            assertThat(usage.outcome().kind()).isEqualTo(FailureKind.TIMEOUT);
            assertThat(usage.inputTokens()).isZero();
        });
    }

    @Test
    void of_calls_within_each_other_the_innermost_is_reported() {
        CountedCall around = CountedCall.begin(outer, listener);
        String answer = around.within(() -> {
            CountedCall first = CountedCall.begin(inner, listener);
            first.fail(new IllegalStateException("broken"));
            CountedCall second = CountedCall.begin(inner, listener);
            second.answer("a plan", 12, 5, 0);
            return "a plan";
        });
        around.answer(answer, 12, 5, 0);
        assertThat(answer).isEqualTo("a plan");

        assertThat(heard).extracting(CallUsage::guard).containsExactly(inner, inner);
    }

    @Test
    void each_listener_hears_of_it_and_a_call_at_the_same_time_is_another_one() {
        List<CallUsage> others = new ArrayList<>();
        CountedCall around = CountedCall.begin(outer, others::add);
        around.within(() -> {
            CountedCall.begin(inner, listener).answer("a plan", 12, 5, 0);
            return true;
        });
        CountedCall.begin(inner, listener).answer("another", 3, 1, 0);
        around.answer("a plan", 12, 5, 0);

        assertThat(heard).extracting(CallUsage::inputTokens).containsExactly(12L, 3L);
        assertThat(others).extracting(CallUsage::guard).containsExactly(outer);
    }

    @Test
    void the_call_around_it_is_named_where_the_thread_does_not_know_it() {
        CountedCall around = CountedCall.begin(outer, listener);
        CountedCall.begin(inner, listener, around).answer("a plan", 12, 5, 0);
        around.answer("a plan", 12, 5, 0);
        CountedCall.begin(inner, listener, null).answer("another", 3, 1, 0);

        assertThat(heard).extracting(CallUsage::inputTokens).containsExactly(12L, 3L);
    }

    @Test
    void what_a_listener_throws_is_reported_and_changes_nothing_and_less_than_nothing_is_nothing() {
        Thread thread = Thread.currentThread();
        Thread.UncaughtExceptionHandler before = thread.getUncaughtExceptionHandler();
        List<Throwable> reported = new ArrayList<>();
        thread.setUncaughtExceptionHandler((where, thrown) -> reported.add(thrown));
        try {
            CountedCall.begin(inner, usage -> {
                        heard.add(usage);
                        throw new IllegalStateException("a bug of the listener");
                    })
                    .end(Outcome.success(), -1, -2, -3);
        } finally {
            thread.setUncaughtExceptionHandler(before);
        }

        assertThat(reported).singleElement().isInstanceOf(IllegalStateException.class);
        assertThat(heard).singleElement().satisfies(usage -> {
            assertThat(usage.inputTokens() + usage.outputTokens() + usage.cachedTokens())
                    .isZero();
            assertThat(usage.outcome().isSuccess()).isTrue();
        });
    }
}
