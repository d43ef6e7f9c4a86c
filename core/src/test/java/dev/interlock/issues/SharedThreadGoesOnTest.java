package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitState;
import dev.interlock.Lab;
import dev.interlock.Scope;
import dev.interlock.store.TallyAnswer.Judgement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One thread deals with all shared circuits: what goes wrong with one of them stops none of the others. */
class SharedThreadGoesOnTest {
    private final HandStore store = new HandStore();
    private final Lab lab =
            new Lab(CircuitBreakerConfig.builder().scope(Scope.SHARED).build(), builder -> builder.store(store));

    /** What is thrown on other threads is what these tests are about. */
    private static ConditionFactory patiently() {
        return await().dontCatchUncaughtExceptions();
    }

    @AfterEach
    void close() {
        lab.circuits.close();
    }

    @Test
    void after_an_error_of_one_circuit() {
        store.judge = tally -> {
            if (tally.name().equals("broken")) {
                throw new AssertionError("of a test");
            }
            return HandStore.answer(tally, Judgement.FAILURE_STREAK);
        };
        lab.circuits.getOrCreate("broken").recordSuccess();
        patiently().until(() -> store.tallies("broken") > 0);
        lab.fail(1);

        patiently().until(() -> lab.circuit.state() == CircuitState.OPEN);
    }

    @Test
    void and_that_circuit_judges_by_itself_until_its_tallies_are_answered() {
        store.judge = tally -> {
            throw new AssertionError("of a test");
        };
        lab.fail(1);
        patiently().until(() -> store.tallies("agent") > 0);
        patiently().until(() -> {
            lab.fail(1);
            return lab.circuit.state() == CircuitState.OPEN;
        });
    }

    @Test
    void while_a_tally_of_one_circuit_is_never_answered() {
        store.judge = tally -> tally.name().equals("hanging")
                ? new CompletableFuture<>()
                : HandStore.answer(tally, Judgement.FAILURE_STREAK);
        lab.circuits.getOrCreate("hanging").recordSuccess();
        patiently().until(() -> store.tallies("hanging") > 0);
        lab.fail(1);

        patiently().until(() -> lab.circuit.state() == CircuitState.OPEN);
    }

    @Test
    void after_an_error_when_it_moves_a_circuit() {
        AtomicInteger moved = new AtomicInteger();
        store.judge = tally -> {
            if (tally.name().equals("broken")) {
                return CompletableFuture.completedFuture(null);
            }
            moved.incrementAndGet();
            return HandStore.answer(tally, Judgement.OTHER_RECORD);
        };
        store.mode = HandStore.Writes.FAIL; // to look again fails
        lab.fail(1);
        patiently().until(() -> moved.get() > 2);

        store.judge = tally -> HandStore.answer(tally, Judgement.FAILURE_STREAK);
        lab.fail(1);
        patiently().until(() -> lab.circuit.state() == CircuitState.OPEN);
        store.mode = HandStore.Writes.SUCCEED;
    }

    @Test
    void after_interrupts() {
        Thread shared = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("interlock-shared") && thread.isAlive())
                .reduce((one, other) -> one.getId() > other.getId() ? one : other)
                .orElseThrow();
        shared.interrupt();
        patiently().until(() -> !shared.isInterrupted());
        store.judge = tally -> HandStore.answer(tally, Judgement.FAILURE_STREAK);
        lab.fail(1);
        shared.interrupt();

        patiently().until(() -> lab.circuit.state() == CircuitState.OPEN);
        lab.circuits.close();
        assertThat(shared.isAlive()).isFalse();
    }
}
