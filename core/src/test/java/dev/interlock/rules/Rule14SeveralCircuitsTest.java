package dev.interlock.rules;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static dev.interlock.rules.Fixtures.COOLDOWN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Gate;
import dev.interlock.Guard;
import dev.interlock.Lab;
import dev.interlock.ManualTimeSource;
import dev.interlock.Permit;
import dev.interlock.Settlement;
import dev.interlock.TimeSource;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rule 14: several circuits around one call; the races are tested elsewhere. */
class Rule14SeveralCircuitsTest {
    private final Lab lab = new Lab();
    private final Guard guard = lab.circuits.guard("agent").dependingOn("model:kimi", "tool:search");
    private final CircuitBreaker model = lab.circuits.getOrCreate("model:kimi");
    private final CircuitBreaker tool = lab.circuits.getOrCreate("tool:search");

    @Test
    void a_refusal_of_one_moves_none() {
        model.recordFailure(FailureKind.LOOP);
        lab.pass(COOLDOWN);
        tool.recordFailure(FailureKind.LOOP);

        assertThatThrownBy(guard::acquire)
                .isInstanceOfSatisfying(
                        CircuitOpenException.class,
                        refused -> assertThat(refused.id()).isEqualTo(tool.id()));

        assertThat(model).isOpen();
        assertThat(lab).isClosed().hasCounted(0, 0);
    }

    @Test
    void of_several_that_refuse_the_one_with_the_longest_wait_is_named() {
        model.recordFailure(FailureKind.LOOP);
        lab.pass(seconds(30));
        tool.recordFailure(FailureKind.LOOP);
        lab.pass(seconds(10));

        assertThatThrownBy(guard::acquire).isInstanceOfSatisfying(CircuitOpenException.class, refused -> {
            assertThat(refused.id()).isEqualTo(tool.id());
            assertThat(refused.state()).isEqualTo(CircuitState.OPEN);
            assertThat(refused.retryAfter()).isEqualTo(seconds(50));
        });
        assertThat(guard.tryAcquire()).isNull();
    }

    @Test
    void all_are_taken_when_none_refuses() {
        for (CircuitBreaker each : List.of(lab.circuit, model, tool)) {
            each.recordFailure(FailureKind.LOOP);
        }
        lab.pass(COOLDOWN);

        guard.acquire();

        for (CircuitBreaker each : List.of(lab.circuit, model, tool)) {
            assertThat(each).isHalfOpen().hasTrials(1, 0);
        }
    }

    @Test
    void where_the_last_place_of_one_is_taken_meanwhile_the_others_are_given_back() {
        Meanwhile time = new Meanwhile();
        Lab lab = new Lab(
                Lab.settings().halfOpenMaxRequests(1).successThreshold(1).build(), builder -> builder.time(time));
        CircuitBreaker model = lab.circuits.getOrCreate("model:kimi");
        Guard guard = lab.circuits.guard("agent").dependingOn("model:kimi");
        lab.trip();
        model.recordFailure(FailureKind.LOOP);
        time.clock.advance(COOLDOWN);

        time.next = model::acquire;
        assertThatThrownBy(guard::acquire).isInstanceOfSatisfying(CircuitOpenException.class, refused -> {
            assertThat(refused.id()).isEqualTo(model.id());
            assertThat(refused.state()).isEqualTo(CircuitState.HALF_OPEN);
            assertThat(refused.retryAfter()).isEqualTo(seconds(1));
        });

        assertThat(lab).isHalfOpen().hasTrials(0, 0);
        assertThat(model).hasTrials(1, 0);
    }

    @Test
    void a_place_that_the_call_around_had_lent_goes_back_to_it() {
        Permit outer = lentInVain(() -> {});

        assertThat(outer.succeed()).isEqualTo(Settlement.COUNTED);
    }

    @Test
    void and_is_given_back_if_that_call_has_ended_meanwhile() {
        Permit[] outer = new Permit[1];
        lentInVain(() -> outer[0].succeed(), outer);

        assertThat(outer[0].isSettled()).isTrue();
    }

    private static Permit lentInVain(Runnable meanwhile) {
        return lentInVain(meanwhile, new Permit[1]);
    }

    /** A trial lends its place to an inner call of two circuits, the other of which is faster taken by a stranger. */
    private static Permit lentInVain(Runnable meanwhile, Permit[] outer) {
        Meanwhile time = new Meanwhile();
        Lab lab = new Lab(
                Lab.settings().halfOpenMaxRequests(1).successThreshold(1).build(), builder -> builder.time(time));
        CircuitBreaker model = lab.circuits.getOrCreate("model:kimi");
        lab.trip();
        model.recordFailure(FailureKind.LOOP);
        time.clock.advance(COOLDOWN);
        outer[0] = lab.begin();
        Guard inner = lab.circuits.guard("agent").dependingOn("model:kimi");

        Permit none = outer[0].supply(() -> {
            time.next = () -> {
                model.acquire();
                meanwhile.run();
            };
            return inner.tryAcquire();
        });

        assertThat(none).isNull();
        assertThat(lab).isHalfOpen().hasTrials(outer[0].isSettled() ? 0 : 1, 0);
        return outer[0];
    }

    @Test
    void a_gate_that_comes_while_permits_are_taken_refuses_the_call_and_all_are_given_back() {
        Meanwhile time = new Meanwhile();
        Lab lab = new Lab(Lab.settings().build(), builder -> builder.time(time));
        Guard guard = lab.circuits.guard("agent").dependingOn("model:kimi");
        lab.trip();
        time.clock.advance(COOLDOWN);

        time.next = () -> lab.circuits.gates().put(Gate.ofOrganization(CircuitId.DEFAULT_ORGANIZATION, "ann"));
        assertThat(guard.tryAcquire()).isNull();

        assertThat(lab).isHalfOpen().hasTrials(0, 0);
    }

    /** A clock at whose next coarse look something happens in between. */
    private static final class Meanwhile implements TimeSource {
        final ManualTimeSource clock = new ManualTimeSource();
        private final Thread caller = Thread.currentThread();
        private Runnable next = () -> {};

        @Override
        public long ticks() {
            return clock.ticks();
        }

        @Override
        public long coarseTicks() {
            if (Thread.currentThread() == caller) {
                Runnable now = next;
                next = () -> {};
                now.run();
            }
            return clock.coarseTicks();
        }

        @Override
        public Instant wallTime() {
            return clock.wallTime();
        }
    }
}
