package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Listeners to settlements hear of each refused call once, no matter who asked and how, and of circuits that go. */
class RefusalsHeardTest {
    private final Lab lab = new Lab(CircuitBreakerConfig.defaults(), builder -> builder.maxCircuitsPerOrganization(3));
    private final List<String> heard = new ArrayList<>();

    RefusalsHeardTest() {
        listen(lab);
    }

    private void listen(Lab any) {
        any.circuits.settlements().add(new SettlementListener() {
            @Override
            public void onSettled(
                    CircuitId circuit, Outcome outcome, long took, long ago, long epoch, Settlement settlement) {}

            @Override
            public void onRefused(CircuitId circuit, Refusal refusal) {
                heard.add(circuit + " " + refusal);
            }

            @Override
            public void onForgotten(CircuitId circuit) {
                heard.add(circuit + " forgotten");
            }
        });
    }

    private void hear(Guard guard, String expected) {
        heard.clear();
        assertThatThrownBy(() -> guard.call(() -> "never")).isInstanceOf(CircuitOpenException.class);
        assertThatThrownBy(guard::acquire).isInstanceOf(CircuitOpenException.class);
        assertThat(guard.tryAcquire()).isNull();
        assertThat(guard.withFallback(open -> "fallback").call(() -> "never")).isEqualTo("fallback");
        assertThat(guard.callAsync(() -> null)).isCompletedExceptionally();
        assertThat(heard).containsOnly(expected).hasSize(5);
    }

    @Test
    void by_an_open_circuit_and_by_one_that_is_held() {
        lab.trip();
        hear(lab.circuits.guard("agent"), "agent OPEN");
        lab.override(OverrideAction.HOLD_OPEN);
        hear(lab.circuits.guard("agent"), "agent HELD");
    }

    @Test
    void by_one_that_is_half_open_and_has_no_place() {
        lab.firstTrial();
        lab.begin();
        lab.begin();
        hear(lab.circuits.guard("agent"), "agent HALF_OPEN");
    }

    @Test
    void by_one_of_several() {
        lab.trip();
        hear(lab.circuits.guard("other").dependingOn("agent"), "agent OPEN");
    }

    @Test
    void by_a_gate() {
        lab.circuits.gates().put(Gate.ofOrganization(CircuitId.DEFAULT_ORGANIZATION, "ann"));
        hear(lab.circuits.guard("agent"), "agent GATE");
        hear(lab.circuits.guard("agent").dependingOn("model:m"), "agent GATE");
    }

    @Test
    void for_want_of_room() {
        for (String each : List.of("agent", "second", "third")) {
            lab.circuits.override(CircuitId.of(each), ManualOverride.of(OverrideAction.OPEN, "ann"));
        }
        assertThatThrownBy(() -> lab.circuits.guard("fourth").call(() -> "never"))
                .isInstanceOf(TooManyCircuitsException.class);
        assertThat(heard).containsExactly("fourth FULL");
    }

    @Test
    void what_observes_refuses_nothing() {
        Lab observing = new Lab(Lab.settings().mode(Mode.OBSERVE).build());
        listen(observing);
        observing.trip();
        observing.circuits.guard("agent").run(() -> {});
        assertThat(heard).isEmpty();
    }

    @Test
    void a_circuit_that_is_idle_for_a_day_goes() {
        lab.succeed();
        lab.pass(Duration.ofDays(2));
        assertThat(heard).containsExactly("agent forgotten");
    }

    @Test
    void the_only_one_that_throws_hurts_no_refusal_and_no_forgetting() {
        Lab broken = new Lab();
        broken.circuits.settlements().add(new Broken());
        broken.trip();
        CircuitBreaker idle = broken.circuits.getOrCreate("idle");
        assertThat(ReportedMessages.of(
                        () -> assertThatThrownBy(broken::begin).isInstanceOf(CircuitOpenException.class)))
                .containsExactly("broken refusal");
        assertThat(ReportedMessages.of(() -> broken.circuits.forget(idle.id()))).containsExactly("broken forgetting");
        assertThat(broken.circuits.contains(idle.id())).isFalse();
    }

    @Test
    void all_of_several_hear_and_one_that_throws_hurts_no_refusal_and_no_forgetting() {
        lab.circuits.settlements().add(new Broken());
        listen(lab);
        lab.trip();
        assertThat(ReportedMessages.of(() -> assertThatThrownBy(lab::begin).isInstanceOf(CircuitOpenException.class)))
                .containsExactly("broken refusal");
        assertThat(heard).containsExactly("agent OPEN", "agent OPEN");
        heard.clear();
        CircuitBreaker idle = lab.circuits.getOrCreate("idle");
        assertThat(ReportedMessages.of(() -> lab.circuits.forget(idle.id()))).containsExactly("broken forgetting");
        assertThat(heard).containsExactly("idle forgotten", "idle forgotten");
    }

    private static final class Broken implements SettlementListener {
        @Override
        public void onSettled(
                CircuitId circuit, Outcome outcome, long took, long ago, long epoch, Settlement settlement) {}

        @Override
        public void onRefused(CircuitId circuit, Refusal refusal) {
            throw new IllegalStateException("broken refusal");
        }

        @Override
        public void onForgotten(CircuitId circuit) {
            throw new IllegalStateException("broken forgetting");
        }
    }
}
