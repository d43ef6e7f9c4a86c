package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Everything that may ask more of a good call is one word, which different threads write. */
class PolicyMarksTest {
    private static final int TIMES = 20_000;

    private final Policy policy = new Lab().circuit.policy();

    @Test
    void nothing_is_asked_of_a_call_by_default() {
        assertThat(policy.marks()).isZero();
    }

    @Test
    void timing_callers_gates_and_listeners_each_leave_a_mark() {
        Policy timed =
                policyOf(Lab.settings().slowCallDuration(Duration.ofSeconds(1)).slowCallRateThreshold(0.5));
        assertThat(Policy.needPermit(timed.marks())).isTrue();
        assertThat(Policy.needCaller(timed.marks())).isFalse();

        Policy upstream = policyOf(Lab.settings().minCallers(2));
        assertThat(Policy.needPermit(upstream.marks())).isFalse();
        assertThat(Policy.needCaller(upstream.marks())).isTrue();

        policy.gated(true);
        assertThat(Policy.needPermit(policy.marks())).isTrue();
        policy.gated(false);
        policy.timed(true);
        assertThat(policy.marks()).isNotZero();
        assertThat(Policy.needPermit(policy.marks())).isFalse();
        assertThat(Policy.needCaller(policy.marks())).isFalse();
        policy.timed(false);
        assertThat(policy.marks()).isZero();
    }

    @Test
    void a_gate_and_a_listener_that_come_and_go_at_the_same_time_are_both_seen() {
        CompletableFuture<Void> gates = CompletableFuture.runAsync(() -> toggle(policy::gated, policy::isGated));
        CompletableFuture<Void> listeners = CompletableFuture.runAsync(() -> toggle(policy::timed, policy::isHeard));

        CompletableFuture.allOf(gates, listeners).join();

        assertThat(policy.marks()).isZero();
    }

    private static void toggle(Consumer<Boolean> mark, BooleanSupplier shown) {
        for (int i = 0; i < TIMES; i++) {
            mark.accept(true);
            assertThat(shown.getAsBoolean()).isTrue();
            mark.accept(false);
            assertThat(shown.getAsBoolean()).isFalse();
        }
    }

    private static Policy policyOf(ConfigBuilder settings) {
        return new Lab(settings.build()).circuit.policy();
    }
}
