package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitState;
import dev.interlock.Lab;
import dev.interlock.Scope;
import dev.interlock.store.TallyAnswer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * One process' calls fail while those of all others succeed. Each further failure was reported at once, and each that found
 * a report under way left one more note, which were worked off one each 100 ms: for hours after the incident.
 */
class UnsharedBreachTest {
    private static final long ROUND = TimeUnit.MILLISECONDS.toNanos(100);

    private final HandStore store = new HandStore();
    private final Lab lab =
            new Lab(CircuitBreakerConfig.builder().scope(Scope.SHARED).build(), builder -> builder.store(store));

    @Test
    void is_reported_once_at_once_and_else_with_the_rounds_and_leaves_nothing() {
        long began = System.nanoTime();
        await().pollInterval(Duration.ofMillis(1)).until(() -> {
            lab.fail(50);
            return System.nanoTime() - began >= 5 * ROUND;
        });
        long rounds = (System.nanoTime() - began) / ROUND + 1;

        assertThat(lab.circuit.state()).isEqualTo(CircuitState.CLOSED);
        // One of each round, and one at once whenever the answer before is 100 ms old.
        assertThat(store.tallies("agent")).isBetween(2, 2 * (int) rounds + 2);
        await().pollDelay(Duration.ofMillis(250)).until(() -> true);
        int after = store.tallies("agent");
        await().during(Duration.ofMillis(500)).until(() -> store.tallies("agent") == after);
        lab.circuits.close();
    }

    @Test
    void a_breach_that_comes_while_a_report_is_under_way_is_reported_when_that_is_answered() {
        java.util.concurrent.CompletableFuture<TallyAnswer> first = new java.util.concurrent.CompletableFuture<>();
        store.judge = tally ->
                store.tallies("agent") == 1 ? first : HandStore.answer(tally, TallyAnswer.Judgement.FAILURE_STREAK);
        lab.fail(1);
        await().until(() -> store.tallies("agent") == 1);
        lab.fail(4);
        assertThat(lab.circuit.state()).isEqualTo(CircuitState.CLOSED);

        first.complete(new TallyAnswer(
                TallyAnswer.Judgement.STAYS,
                1,
                1,
                0,
                0,
                1,
                Duration.ZERO,
                dev.interlock.store.CallerSlots.NONE,
                Duration.ZERO));

        await().until(() -> lab.circuit.state() == CircuitState.OPEN);
        lab.circuits.close();
    }
}
