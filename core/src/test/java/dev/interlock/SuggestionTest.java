package dev.interlock;

import static dev.interlock.CircuitAssert.assertThat;
import static dev.interlock.Lab.seconds;
import static dev.interlock.Lab.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.InMemoryCircuitStore;
import dev.interlock.store.TransitionRecord;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a monitor may do to a circuit, and to what it gives way. */
class SuggestionTest {
    private static final ManualOverride OPEN =
            ManualOverride.of(OverrideAction.OPEN, "health").because("9 of 12 calls failed");
    private static final ManualOverride PROBE_NOW = ManualOverride.of(OverrideAction.PROBE_NOW, "health");

    private final Lab lab = new Lab();

    @Test
    void opens_a_closed_circuit_as_a_move_of_its_own_and_no_override() {
        lab.fail(2);
        assertThat(lab.circuit.suggest(OPEN, lab.circuit.epoch())).isTrue();

        assertThat(lab).isOpen().refusesFor(seconds(60));
        StateTransition opened = lab.lastHeard();
        assertThat(opened.cause()).isEqualTo(TransitionCause.HEALTH);
        assertThat(opened.action()).isNull();
        assertThat(opened.actor()).isEqualTo("health");
        assertThat(opened.reason()).isEqualTo("9 of 12 calls failed");
        assertThat(opened.describe()).isEqualTo("agent: CLOSED -> OPEN, health, by health: 9 of 12 calls failed");
        assertThat(lab.circuit.snapshot().figures().consecutiveFailures()).isEqualTo(2);
    }

    @Test
    void gives_way_to_another_epoch() {
        long before = lab.circuit.epoch();
        lab.override(OverrideAction.RESET);

        assertThat(lab.circuit.suggest(OPEN, before)).isFalse();
        assertThat(lab).isClosed();
    }

    @ParameterizedTest
    @EnumSource(names = {"HOLD_OPEN", "HOLD_CLOSED"})
    void gives_way_to_a_hold(OverrideAction hold) {
        lab.override(hold);
        int heard = lab.heard.size();

        assertThat(lab.circuit.suggest(OPEN, lab.circuit.epoch())).isFalse();
        assertThat(lab.circuit.suggest(PROBE_NOW, lab.circuit.epoch())).isFalse();
        assertThat(lab).isHeld();
        assertThat(lab.heard).hasSize(heard);
    }

    @Test
    void leaves_the_verdict_on_a_half_open_circuit_to_its_trials() {
        lab.firstTrial();

        assertThat(lab.circuit.suggest(OPEN, lab.circuit.epoch())).isFalse();
        assertThat(lab.circuit.suggest(PROBE_NOW, lab.circuit.epoch())).isFalse();
        assertThat(lab).isHalfOpen();
    }

    @Test
    void ends_a_cooldown_and_says_so_once() {
        lab.trip();

        assertThat(lab.circuit.suggest(PROBE_NOW, lab.circuit.epoch())).isTrue();
        assertThat(lab.circuit.suggest(PROBE_NOW, lab.circuit.epoch())).isFalse();
        assertThat(lab).isOpen().refusesFor(Duration.ZERO);
        assertThat(lab.repeated).containsExactly(PROBE_NOW);
    }

    @Test
    void starts_probes_in_place_of_the_rest_of_a_cooldown() {
        AtomicInteger probes = new AtomicInteger();
        Lab probed = new Lab(
                settings()
                        .probe(new ProbeSettings(seconds(30), 1, seconds(5), Duration.ofMinutes(30), 0))
                        .build(),
                builder -> builder.probe("agent", id -> probes.incrementAndGet() > 0));
        probed.trusted().trip();
        probes.set(0);
        probed.circuit.suggest(PROBE_NOW, probed.circuit.epoch());
        probed.pass(Duration.ZERO);

        assertThat(probes).hasValue(1);
        assertThat(probed).refusesFor(Duration.ZERO);
    }

    @ParameterizedTest
    @EnumSource(
            names = {"OPEN", "PROBE_NOW"},
            mode = EnumSource.Mode.EXCLUDE)
    void can_be_nothing_else(OverrideAction action) {
        assertThatThrownBy(() -> lab.circuit.suggest(ManualOverride.of(action, "health"), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Only OPEN and PROBE_NOW can be suggested, but not " + action + ": give an override");
    }

    @Test
    void reaches_the_circuit_that_took_an_evicted_ones_place() {
        CircuitBreaker kept = lab.circuit;
        lab.pass(Duration.ofHours(26));

        assertThat(kept.suggest(OPEN, kept.epoch())).isTrue();
        assertThat(lab.circuits.snapshot(kept.id()).state()).isEqualTo(CircuitState.OPEN);
    }

    @Test
    void is_stored_as_an_automatic_move_with_the_cooldown_that_it_ended() {
        InMemoryCircuitStore memory = new InMemoryCircuitStore();
        List<TransitionRecord> lines = new CopyOnWriteArrayList<>();
        CircuitStore store = (CircuitStore) Proxy.newProxyInstance(
                CircuitStore.class.getClassLoader(),
                new Class<?>[] {CircuitStore.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("write")) {
                        ((Collection<?>) arguments[0])
                                .forEach(change -> lines.addAll(((CircuitChange) change).transitions()));
                    }
                    return method.invoke(memory, arguments);
                });
        Lab stored = new Lab(CircuitBreakerConfig.defaults(), builder -> builder.store(store));
        stored.circuit.suggest(OPEN, stored.circuit.epoch());
        stored.circuits.flush(seconds(10));
        stored.circuit.suggest(PROBE_NOW, stored.circuit.epoch());
        stored.circuits.flush(seconds(10));

        assertThat(lines).extracting(TransitionRecord::cause).containsExactly("health", "health");
        assertThat(lines).noneMatch(TransitionRecord::isOverride);
        assertThat(memory.find("default", "agent"))
                .satisfies(record -> assertThat(record.cooldownUntil()).isEqualTo(stored.time.wallTime()));
        stored.circuits.close();
    }

    @Test
    void gives_way_to_a_hold_that_begins_at_the_same_moment() throws InterruptedException {
        for (int round = 0; round < 2_000; round++) {
            Lab raced = new Lab();
            long epoch = raced.circuit.epoch();
            CountDownLatch start = new CountDownLatch(1);
            Thread monitor = new Thread(() -> {
                try {
                    start.await();
                } catch (InterruptedException interrupted) {
                    return;
                }
                raced.circuit.suggest(OPEN, epoch);
            });
            monitor.start();
            start.countDown();
            raced.override(OverrideAction.HOLD_CLOSED);
            monitor.join();

            assertThat(raced).isClosed().isHeld();
            raced.circuits.close();
        }
    }
}
