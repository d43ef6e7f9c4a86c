package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Forgetting idle circuits, and the cap against made-up names. */
class EvictionTest {
    private static final Duration LONG_IDLE = Duration.ofHours(26);

    private final Lab lab = new Lab();

    private static Lab capped(int circuits) {
        return new Lab(CircuitBreakerConfig.defaults(), builder -> builder.maxCircuitsPerOrganization(circuits));
    }

    @Test
    void a_closed_circuit_that_was_idle_for_a_day_is_forgotten() {
        lab.succeed().pass(LONG_IDLE);

        assertThat(lab.circuits.size()).isZero();
        assertThat(lab.circuits.getOrCreate("agent")).isNotSameAs(lab.circuit);
    }

    @Test
    void a_circuit_in_use_is_not_forgotten() {
        for (int day = 0; day < 10; day++) {
            lab.pass(Duration.ofHours(23)).succeed();
        }
        assertThat(lab.circuits.getOrCreate("agent")).isSameAs(lab.circuit);
    }

    @Test
    void a_permit_and_an_outcome_and_guarded_calls_are_each_use_by_themselves() {
        Permit call = lab.begin();
        Guard guard = lab.circuits.guard("agent");
        Runnable byTheShortWay = () -> guard.run(() -> {}); // from its second call on
        Runnable[] uses = {lab::begin, call::succeed, () -> guard.run(() -> {}), byTheShortWay};
        for (Runnable use : uses) {
            lab.pass(Duration.ofHours(23));
            use.run();
        }
        lab.pass(Duration.ofHours(23));
        assertThat(lab.circuits.getOrCreate("agent")).isSameAs(lab.circuit);
    }

    @Test
    void an_outcome_without_a_permit_is_use_too() {
        for (int day = 0; day < 10; day++) {
            lab.pass(Duration.ofHours(23)).circuit.recordSuccess();
        }
        assertThat(lab.circuits.getOrCreate("agent")).isSameAs(lab.circuit);
    }

    @Test
    void one_that_outcomes_without_a_permit_have_closed_was_in_use() {
        lab.trip().pass(Duration.ofHours(30));
        lab.circuit.recordSuccess();
        lab.circuit.recordSuccess();
        assertThat(lab).isClosed();

        lab.pass(Duration.ofHours(2));

        assertThat(lab.circuits.size()).isEqualTo(1);
    }

    @Test
    void a_trial_and_a_call_that_passes_are_use_of_a_circuit_that_a_person_closes_then() {
        Lab unused = openFor(Duration.ofHours(30), Lab.settings());
        Lab tried = openFor(Duration.ofHours(30), Lab.settings());
        Lab observed =
                openFor(Duration.ofHours(30), Lab.settings().mode(Mode.OBSERVE).cooldown(Duration.ofHours(40)));
        assertThat(tried.begin().isTrial()).isTrue();
        assertThat(observed.begin().isTrial()).isFalse();

        for (Lab each : List.of(unused, tried, observed)) {
            each.override(OverrideAction.CLOSE);
            each.pass(Duration.ofHours(2));
        }

        assertThat(unused.circuits.size()).isZero();
        assertThat(tried.circuits.size()).isEqualTo(1);
        assertThat(observed.circuits.size()).isEqualTo(1);
    }

    private static Lab openFor(Duration time, ConfigBuilder policy) {
        return new Lab(policy.build()).trip().pass(time);
    }

    @Test
    void a_circuit_with_a_streak_is_forgotten_as_well() {
        lab.fail().pass(LONG_IDLE);
        assertThat(lab.circuits.size()).isZero();
    }

    @Test
    void at_the_cap_those_with_a_streak_go_last() {
        Lab lab = capped(3);
        lab.fail();
        lab.circuits.getOrCreate("critic").recordFailure(FailureKind.ERROR);
        lab.pass(seconds(5)).circuits.getOrCreate("writer").recordSuccess();

        lab.pass(seconds(5)).circuits.getOrCreate("one").recordFailure(FailureKind.ERROR);
        assertThat(names(lab)).as("the only one without").containsExactlyInAnyOrder("agent", "critic", "one");
        lab.pass(seconds(5)).succeed().circuits.getOrCreate("two").recordFailure(FailureKind.ERROR);
        assertThat(names(lab)).as("its streak had ended").containsExactlyInAnyOrder("two", "critic", "one");
        lab.circuits.getOrCreate("three");
        assertThat(names(lab)).as("the longest idle").containsExactlyInAnyOrder("two", "three", "one");
    }

    private static List<String> names(Lab lab) {
        return lab.circuits
                .snapshots("default")
                .map(snapshot -> snapshot.id().name())
                .toList();
    }

    @Test
    void open_half_open_and_held_circuits_stay() {
        lab.trip();
        lab.circuits.override(CircuitId.of("open"), ManualOverride.of(OverrideAction.HOLD_OPEN, "ada"));
        lab.circuits.override(CircuitId.of("closed"), ManualOverride.of(OverrideAction.HOLD_CLOSED, "ada"));
        lab.pass(seconds(60)).begin();
        lab.pass(Duration.ofDays(30));

        assertThat(lab.circuits.size()).isEqualTo(3);
        assertThat(lab).isHalfOpen();
    }

    @Test
    void how_long_a_circuit_may_be_idle_can_be_set() {
        Lab lab = new Lab(CircuitBreakerConfig.defaults(), builder -> builder.evictAfter(Duration.ofMinutes(10)));
        lab.pass(Duration.ofMinutes(10).minusSeconds(2));
        assertThat(lab.circuits.size()).isEqualTo(1);
        lab.pass(Duration.ofMinutes(1));
        assertThat(lab.circuits.size()).isZero();
    }

    @Test
    void a_failure_that_ends_after_its_circuit_was_evicted_counts_in_the_new_one() {
        Permit call = lab.begin();
        lab.pass(LONG_IDLE);

        assertThat(call.fail(FailureKind.ERROR)).isEqualTo(Settlement.COUNTED);

        assertThat(lab.circuits.getOrCreate("agent")).hasStreak(1).hasCounted(1, 1);
    }

    @Test
    void a_success_that_ends_after_its_circuit_was_evicted_counts_in_the_new_one() {
        Permit call = lab.begin();
        lab.pass(LONG_IDLE);

        assertThat(call.succeed()).isEqualTo(Settlement.COUNTED);
        assertThat(lab.circuits.getOrCreate("agent")).hasCounted(1, 0);
    }

    @Test
    void a_guarded_call_that_ends_after_its_circuit_was_evicted_counts_in_the_new_one() {
        Guard guard = lab.circuits.guard("agent");
        guard.<String, RuntimeException>call(() -> "warm");

        assertThatThrownBy(() -> guard.run(() -> {
                    lab.pass(LONG_IDLE);
                    throw new IOException();
                }))
                .isInstanceOf(IOException.class);

        assertThat(lab.circuits.getOrCreate("agent")).hasCounted(1, 1);
    }

    @Test
    void a_guard_of_several_circuits_reaches_the_new_ones() {
        Guard both = lab.circuits.guard("agent").dependingOn("model:m");
        both.call(() -> "once");
        CircuitBreaker before = lab.circuits.getOrCreate("model:m");
        both.call(() -> "again");
        assertThat(before).hasCounted(2, 0);
        lab.pass(LONG_IDLE);

        both.call(() -> "a day later");

        assertThat(lab.circuits.getOrCreate("model:m")).isNotSameAs(before).hasCounted(1, 0);
        assertThat(lab.circuits.getOrCreate("agent")).isNotSameAs(lab.circuit).hasCounted(1, 0);
    }

    @Test
    void it_is_late_if_the_new_circuit_has_moved_meanwhile() {
        Permit call = lab.begin();
        lab.pass(LONG_IDLE);
        lab.circuits.getOrCreate("agent").recordFailure(FailureKind.LOOP);

        assertThat(call.fail(FailureKind.LOOP)).isEqualTo(Settlement.LATE);
        assertThat(lab.circuits.getOrCreate("agent")).isOpen().hasLate(1).hasOpened(1);
    }

    @Test
    void an_old_reference_leads_to_the_new_circuit_in_everything() {
        lab.pass(LONG_IDLE).trip();

        assertThat(lab).isOpen();
        lab.refusal();
        assertThat(lab.override(OverrideAction.CLOSE)).isTrue();
        assertThat(lab.circuit.recordFailure(FailureKind.ERROR)).isEqualTo(Settlement.COUNTED);
        assertThat(lab.circuits.getOrCreate("agent")).isClosed().hasStreak(1).hasOpened(1);
    }

    @Test
    void an_epoch_never_comes_twice() {
        Set<Long> seen = new HashSet<>();
        lab.circuits.addListener(transition -> assertThat(seen.add(transition.epoch()))
                .as("epoch %s is new", transition.epoch())
                .isTrue());
        for (int life = 0; life < 5; life++) {
            lab.tripAndRecover().pass(LONG_IDLE);
            assertThat(lab.circuits.size()).isZero();
        }
        assertThat(seen).hasSize(15);
        assertThat(lab.heard).extracting(StateTransition::epoch).isSorted();
    }

    @Test
    void beyond_the_cap_the_longest_idle_closed_circuit_makes_room() {
        Lab lab = capped(3);
        lab.circuits.getOrCreate("old");
        lab.pass(seconds(60)).circuits.getOrCreate("young");
        lab.pass(seconds(60)).succeed();

        lab.circuits.getOrCreate("new");

        assertThat(lab.circuits.snapshots())
                .extracting(each -> each.id().name())
                .containsExactlyInAnyOrder("agent", "young", "new");
    }

    @Test
    void a_hundredth_of_the_cap_goes_at_once_the_longest_idle_first() {
        Lab lab = capped(200);
        for (int i = 1; i < 200; i++) {
            lab.pass(seconds(5)).circuits.getOrCreate("agent-" + i);
        }
        assertThat(lab.circuits.size()).isEqualTo(200);
        lab.circuits.getOrCreate("new");
        assertThat(names(lab)).hasSize(199).contains("new", "agent-2").doesNotContain("agent", "agent-1");
    }

    @Test
    void a_vain_look_for_room_is_not_repeated_within_a_second() {
        Lab lab = capped(1);
        lab.fail();
        lab.pass(seconds(2.6));
        assertThatThrownBy(() -> lab.circuits.getOrCreate("new")).isInstanceOf(TooManyCircuitsException.class);
        lab.pass(seconds(0.999)); // by now it is idle
        assertThatThrownBy(() -> lab.circuits.getOrCreate("new")).isInstanceOf(TooManyCircuitsException.class);
        lab.pass(seconds(0.001));
        lab.circuits.getOrCreate("new");
        assertThat(names(lab)).containsExactly("new");
    }

    @Test
    void nothing_that_is_not_closed_makes_room() {
        Lab lab = capped(4);
        lab.trip();
        lab.circuits.override(CircuitId.of("critic"), ManualOverride.of(OverrideAction.OPEN, "ada"));
        lab.circuits.override(CircuitId.of("held"), ManualOverride.of(OverrideAction.HOLD_CLOSED, "ada"));
        lab.circuits.getOrCreate("half-open").recordFailure(FailureKind.LOOP);
        lab.pass(seconds(60));
        lab.circuits.getOrCreate("half-open").acquire();

        assertThatThrownBy(() -> lab.circuits.getOrCreate("new"))
                .isInstanceOf(TooManyCircuitsException.class)
                .hasMessage("No new circuit 'new': organization 'default' has the 4 circuits that it may have, and none"
                        + " of them is closed and idle; raise maxCircuitsPerOrganization, or check whether names are"
                        + " made up for each call");

        assertThat(lab.circuits.size()).isEqualTo(4);
        lab.circuits.override(CircuitId.of("critic"), ManualOverride.of(OverrideAction.CLOSE, "ada"));
        lab.pass(seconds(2)); // a vain look for idle circuits is not repeated for a second
        lab.circuits.getOrCreate("new");
    }

    @Test
    void a_cap_of_one_circuit_is_reported_as_one() {
        Lab lab = capped(1);
        lab.trip();

        assertThatThrownBy(() -> lab.circuits.getOrCreate("new"))
                .hasMessageStartingWith("No new circuit 'new': organization 'default' has the one circuit that it may"
                        + " have, and it is not closed and idle; raise maxCircuitsPerOrganization");
    }

    @Test
    void the_cap_is_of_one_organization() {
        Lab lab = capped(1);
        lab.trip();
        lab.circuits.getOrCreate(new CircuitId("acme", "agent"));
        assertThat(lab.circuits.size()).isEqualTo(2);
    }

    @Test
    void made_up_names_never_exceed_the_cap() {
        Lab lab = capped(100);
        lab.trip();
        for (int i = 0; i < 10_000; i++) {
            lab.circuits.getOrCreate("made-up-" + i);
        }
        assertThat(lab.circuits.size()).isLessThanOrEqualTo(100);
        assertThat(lab).isOpen();
    }

    @Test
    void a_call_whose_circuit_made_room_and_finds_none_any_more_is_late() {
        Lab lab = capped(1);
        Permit call = lab.begin();
        lab.circuits.getOrCreate("other").recordFailure(FailureKind.LOOP);

        assertThat(call.fail(FailureKind.ERROR)).isEqualTo(Settlement.LATE);
        assertThat(lab.circuits.size()).isEqualTo(1);
    }
}
