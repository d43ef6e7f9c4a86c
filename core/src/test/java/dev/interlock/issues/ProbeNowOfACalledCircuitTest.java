package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.Lab;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.Scope;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.TrialAnswer;
import dev.interlock.store.TrialEnd;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A call that was refused made its process ask for a trial at the end of the cooldown as it was then. An end that was
 * moved ahead, by a person, by health or by another process, was not seen: calls were refused, and no trial was asked for.
 */
class ProbeNowOfACalledCircuitTest {
    private static final Duration COOLDOWN = Duration.ofMinutes(10);

    private final HandStore store = new HandStore();
    private final Lab lab = new Lab(
            CircuitBreakerConfig.builder()
                    .scope(Scope.SHARED)
                    .cooldown(COOLDOWN)
                    .cooldownMax(COOLDOWN)
                    .build(),
            builder -> builder.store(store));

    @AfterEach
    void close() {
        lab.circuits.close();
    }

    private void openAndCalled() {
        lab.trip();
        stored();
        assertThat(lab.circuit.tryAcquire()).isNull();
        int before = store.looks.get();
        lab.pass(Duration.ofSeconds(1));
        await().until(() -> store.looks.get() > before);
        assertThat(store.asked).isEmpty();
    }

    private void stored() {
        assertThat(lab.circuits.flush(Duration.ofSeconds(30))).isTrue();
    }

    private void isTried() throws InterruptedException {
        stored();
        assertThat(lab.circuit.tryAcquire()).isNull();
        store.nextAsk().give("1");
        await().until(() -> lab.circuit.snapshot().retryAfter().isZero());
        assertThat(lab.circuit.tryAcquire()).isNotNull();
    }

    @Test
    void a_person_has_it_tried() throws InterruptedException {
        openAndCalled();
        lab.override(OverrideAction.PROBE_NOW);

        isTried();
    }

    @Test
    void so_has_health() throws InterruptedException {
        openAndCalled();
        ManualOverride suggestion = ManualOverride.of(OverrideAction.PROBE_NOW, "health");
        assertThat(lab.circuit.suggest(suggestion, lab.circuit.epoch())).isTrue();

        isTried();
    }

    @Test
    void so_has_another_process() throws InterruptedException {
        openAndCalled();
        CircuitRecord open = Objects.requireNonNull(store.find("default", "agent"));
        store.writeElsewhere(new CircuitRecord(
                open.organization(),
                open.name(),
                open.state(),
                open.epoch(),
                open.failureCount(),
                open.successCount(),
                open.consecutiveFailures(),
                open.openings(),
                open.failedTrials(),
                open.lastFailureAt(),
                open.changedAt(),
                open.openedAt(),
                lab.time.wallTime(),
                false,
                null,
                null,
                null,
                open.policy(),
                open.writer() + 1));
        await().until(() -> lab.circuit.snapshot().retryAfter().compareTo(Duration.ofSeconds(1)) <= 0);

        isTried();
    }

    @Test
    void an_answer_that_it_cools_down_yet_is_no_reason_to_wait_so_long() throws InterruptedException {
        openAndCalled();
        lab.override(OverrideAction.PROBE_NOW);
        stored();
        assertThat(lab.circuit.tryAcquire()).isNull();
        store.nextAsk().answer().complete(new TrialAnswer(TrialAnswer.Place.COOLING, null, COOLDOWN, TrialEnd.NOBODY));
        lab.pass(Duration.ofSeconds(1));

        isTried();
    }

    @Test
    void without_any_further_call_it_is_asked_for_within_a_second() throws InterruptedException {
        openAndCalled();
        lab.override(OverrideAction.PROBE_NOW);
        stored();
        lab.pass(Duration.ofSeconds(1));

        store.nextAsk();
    }
}
