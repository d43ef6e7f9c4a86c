package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.checks.Rounds;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Rule 11: every listener hears every transition once, in epoch order, and none can hurt another or the circuit. */
class TransitionOrderTest {
    private static final int MOVES = Rounds.of(100_000, 1);
    private static final int THREADS = 4;

    private final ExecutorService pool = Executors.newFixedThreadPool(3);
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    private @Nullable CircuitBreakerManager circuits;

    /** Remembers what it hears, and whether it was ever called by two threads at once. */
    private static class Ear implements CircuitListener {
        final List<StateTransition> heard = Collections.synchronizedList(new ArrayList<>());
        final AtomicLong missed = new AtomicLong();
        final AtomicBoolean twoAtOnce = new AtomicBoolean();
        private final AtomicBoolean inside = new AtomicBoolean();

        @Override
        public void onTransition(StateTransition transition) {
            twoAtOnce.compareAndSet(false, !inside.compareAndSet(false, true));
            heard.add(transition);
            inside.set(false);
        }

        @Override
        public void onMissed(long events) {
            missed.addAndGet(events);
        }
    }

    @AfterEach
    void close() {
        threads.shutdownNow();
        pool.shutdownNow();
        if (circuits != null) {
            circuits.close();
        }
    }

    @Test
    @Tag("heavy")
    void everyEpochIsHeardOnceAndInOrderWhileManyThreadsMoveTheCircuit() throws Exception {
        Ear ear = new Ear();
        CircuitBreaker circuit = circuit(MOVES * 2, ear);
        long first = circuit.snapshot().epoch();
        moveByManyThreads(circuit);
        long last = circuit.snapshot().epoch();
        await().until(() -> ear.heard.size() >= last - first);
        assertChain(ear.heard, first);
        assertThat(ear.heard).hasSize((int) (last - first));
        assertThat(ear.heard.stream().filter(StateTransition::opens).count())
                .isEqualTo(circuit.snapshot().openings());
        assertThat(ear.twoAtOnce).isFalse();
        assertThat(ear.missed).hasValue(0);
    }

    @Test
    @Tag("heavy")
    void whatAFullQueueDropsIsCountedAndReported() throws Exception {
        CountDownLatch blocked = new CountDownLatch(1);
        Ear slow = new Ear() {
            @Override
            public void onTransition(StateTransition transition) {
                awaitQuietly(blocked);
                super.onTransition(transition);
            }
        };
        CircuitBreaker circuit = circuit(8, slow);
        long first = circuit.snapshot().epoch();
        moveByManyThreads(circuit);
        blocked.countDown();
        await().until(() -> slow.heard.size() >= 8);
        circuit.override(ManualOverride.of(OverrideAction.RESET, "tester"));
        long moves = circuit.snapshot().epoch() - first;
        await().until(() -> slow.heard.size() + slow.missed.get() == moves);
        assertThat(circuits().missedEvents()).isEqualTo(slow.missed.get()).isPositive();
        assertRising(slow.heard);
    }

    @Test
    void listenerThatThrowsHurtsNeitherTheOthersNorTheCircuit() {
        Ear before = new Ear();
        Ear after = new Ear();
        circuits = CircuitBreakerManager.builder()
                .defaults(CircuitBreakerConfig.builder().failureThreshold(1).build())
                .executor(Runnable::run)
                .listener(before)
                .listener(transition -> {
                    throw new IllegalStateException("a broken listener");
                })
                .listener(after)
                .build();
        CircuitBreaker circuit = circuits.getOrCreate("agent");
        List<Throwable> uncaught = withHandler(() -> {
            assertThat(circuit.recordFailure(FailureKind.ERROR)).isEqualTo(Settlement.COUNTED);
            circuit.override(ManualOverride.of(OverrideAction.CLOSE, "tester"));
        });
        assertThat(before.heard).hasSize(2);
        assertThat(after.heard).hasSize(2);
        assertThat(uncaught).hasSize(2).allSatisfy(thrown -> assertThat(thrown).hasMessage("a broken listener"));
    }

    /** Even one whose uncaught exceptions meet a handler that throws itself. */
    @Test
    void handlerThatThrowsEndsNothing() {
        Ear ear = new Ear();
        circuits = CircuitBreakerManager.builder()
                .executor(Runnable::run)
                .listener(transition -> {
                    throw new IllegalStateException("a broken listener");
                })
                .listener(ear)
                .build();
        CircuitBreaker circuit = circuits.getOrCreate("agent");
        Thread thread = Thread.currentThread();
        Thread.UncaughtExceptionHandler usual = thread.getUncaughtExceptionHandler();
        thread.setUncaughtExceptionHandler((who, thrown) -> {
            throw new IllegalStateException("a broken handler");
        });
        try {
            for (int i = 0; i < 3; i++) {
                circuit.override(ManualOverride.of(OverrideAction.RESET, "tester"));
            }
        } finally {
            thread.setUncaughtExceptionHandler(usual);
        }
        assertThat(ear.heard).hasSize(3);
    }

    /** An executor that once cannot start a thread: what it was to report is missed, what comes later is heard. */
    @Test
    void executorThatFailsOnceEndsNothing() {
        AtomicBoolean broken = new AtomicBoolean(true);
        Ear ear = new Ear();
        circuits = CircuitBreakerManager.builder()
                .executor(task -> {
                    if (broken.getAndSet(false)) {
                        throw new InternalError("no thread to give");
                    }
                    task.run();
                })
                .listener(ear)
                .build();
        CircuitBreaker circuit = circuits.getOrCreate("agent");
        circuit.override(ManualOverride.of(OverrideAction.RESET, "tester"));
        circuit.override(ManualOverride.of(OverrideAction.RESET, "tester"));
        assertThat(ear.heard).hasSize(1);
        assertThat(ear.missed).hasValue(1);
        assertThat(circuits.missedEvents()).isEqualTo(1);
    }

    @Test
    void blockedListenerHoldsUpNobodyButItself() {
        CountDownLatch blocked = new CountDownLatch(1);
        Ear ear = new Ear();
        circuits = CircuitBreakerManager.builder()
                .executor(pool)
                .listener(transition -> awaitQuietly(blocked))
                .listener(ear)
                .build();
        CircuitBreaker circuit = circuits.getOrCreate("agent");
        for (int i = 0; i < 100; i++) {
            circuit.override(ManualOverride.of(OverrideAction.RESET, "tester"));
        }
        await().until(() -> ear.heard.size() == 100);
        blocked.countDown();
        assertRising(ear.heard);
    }

    @Test
    void listenerThatMovesTheCircuitHearsBothInOrder() {
        List<Long> epochs = new ArrayList<>();
        circuits = CircuitBreakerManager.builder()
                .defaults(CircuitBreakerConfig.builder().failureThreshold(1).build())
                .executor(Runnable::run)
                .listener(transition -> {
                    if (transition.opens()) {
                        circuits().override(transition.id(), ManualOverride.of(OverrideAction.CLOSE, "listener"));
                    }
                    epochs.add(transition.epoch());
                })
                .build();
        CircuitBreaker circuit = circuits.getOrCreate("agent");
        long first = circuit.snapshot().epoch();
        circuit.recordFailure(FailureKind.ERROR);
        assertThat(circuit.state()).isEqualTo(CircuitState.CLOSED);
        assertThat(epochs).containsExactly(first + 1, first + 2);
    }

    private CircuitBreaker circuit(int capacity, CircuitListener listener) {
        circuits = CircuitBreakerManager.builder()
                .defaults(CircuitBreakerConfig.builder().failureThreshold(1).build())
                .executor(pool)
                .listenerCapacity(capacity)
                .listener(listener)
                .build();
        return circuits.getOrCreate("agent");
    }

    private CircuitBreakerManager circuits() {
        if (circuits == null) {
            throw new IllegalStateException("no manager yet");
        }
        return circuits;
    }

    private void moveByManyThreads(CircuitBreaker circuit) throws Exception {
        List<Callable<Void>> movers = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            boolean trips = i % 2 == 0;
            movers.add(() -> {
                for (int move = 0; move < MOVES / THREADS; move++) {
                    if (trips) {
                        circuit.recordFailure(FailureKind.ERROR);
                    } else {
                        circuit.override(ManualOverride.of(OverrideAction.RESET, "tester"));
                    }
                }
                return null;
            });
        }
        for (Future<Void> mover : threads.invokeAll(movers)) {
            mover.get();
        }
    }

    private static void assertChain(List<StateTransition> heard, long first) {
        CircuitState state = CircuitState.CLOSED;
        long epoch = first;
        for (StateTransition transition : heard) {
            assertThat(transition.epoch()).isEqualTo(++epoch);
            assertThat(transition.from()).isEqualTo(state);
            state = transition.to();
        }
    }

    private static void assertRising(List<StateTransition> heard) {
        assertThat(heard).extracting(StateTransition::epoch).isSorted().doesNotHaveDuplicates();
    }

    private static List<Throwable> withHandler(Runnable task) {
        List<Throwable> uncaught = new ArrayList<>();
        Thread thread = Thread.currentThread();
        Thread.UncaughtExceptionHandler usual = thread.getUncaughtExceptionHandler();
        thread.setUncaughtExceptionHandler((who, thrown) -> uncaught.add(thrown));
        try {
            task.run();
        } finally {
            thread.setUncaughtExceptionHandler(usual);
        }
        return uncaught;
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
