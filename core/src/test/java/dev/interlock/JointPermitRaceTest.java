package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.checks.Rounds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Rule 14: several circuits around one call, each with one trial's place, and threads that race for them at the end of
 * the cooldowns. A call gets all places or none, and none is lost.
 */
@Tag("heavy")
class JointPermitRaceTest {
    private static final int ROUNDS = Rounds.of(10_000, 100);
    private static final int THREADS = 3;
    private static final Duration COOLDOWN = Duration.ofSeconds(60);

    private final ManualTimeSource time = new ManualTimeSource();
    private final CircuitBreakerManager circuits = CircuitBreakerManager.builder()
            .defaults(CircuitBreakerConfig.builder()
                    .failureThreshold(1)
                    .halfOpenMaxRequests(1)
                    .successThreshold(1)
                    .build())
            .time(time)
            .executor(Runnable::run)
            .build();
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    private final CyclicBarrier barrier = new CyclicBarrier(THREADS);

    @AfterEach
    void close() {
        threads.shutdownNow();
        circuits.close();
    }

    @Test
    void twoCircuitsAndOneCallGetsBoth() throws Exception {
        Guard guard = circuits.guard("a").dependingOn("model:m");
        everyCallGetsAllOrNone(List.of(guard, guard, guard));
    }

    @Test
    void threeCircuitsAndOneCallGetsAll() throws Exception {
        Guard guard = circuits.guard("a").dependingOn("model:m", "key:k");
        everyCallGetsAllOrNone(List.of(guard, guard, guard));
    }

    /** The guards name the same circuits in other orders, and some only part of them. */
    @Test
    void guardsThatOverlapShareNoPlace() throws Exception {
        everyCallGetsAllOrNone(List.of(
                circuits.guard("a").dependingOn("model:m", "key:k"),
                circuits.guard("z").dependingOn("key:k", "model:m"),
                circuits.guard("key:k")));
    }

    /** Calls against single trials of one of the circuits: its only place may go to either. */
    @Test
    void callOfOneCircuitRacesWithTheJointOnes() throws Exception {
        everyCallGetsAllOrNone(List.of(
                circuits.guard("a").dependingOn("model:m"),
                circuits.guard("model:m"),
                circuits.guard("b").dependingOn("model:m", "key:k")));
    }

    private void everyCallGetsAllOrNone(List<Guard> guards) throws Exception {
        List<CircuitBreaker> all = guards.stream()
                .flatMap(guard -> Stream.concat(Stream.of(guard.id()), guard.dependencies().stream()))
                .distinct()
                .map(circuits::getOrCreate)
                .toList();
        AtomicInteger admitted = new AtomicInteger();
        for (int round = 0; round < ROUNDS; round++) {
            all.forEach(circuit -> circuit.recordFailure(FailureKind.ERROR));
            time.advance(COOLDOWN);
            List<@Nullable Permit> permits = race(guards);
            assertPlaces(guards, permits, all, round);
            admitted.addAndGet(
                    (int) permits.stream().filter(permit -> permit != null).count());
            settle(permits, round);
            assertNoPlaceIsLost(guards, all, round);
        }
        assertThat(admitted.get()).as("calls admitted in %s rounds", ROUNDS).isGreaterThan(ROUNDS / 10);
    }

    private List<@Nullable Permit> race(List<Guard> guards) throws Exception {
        List<Callable<@Nullable Permit>> racers = new ArrayList<>();
        for (Guard guard : guards) {
            racers.add(() -> {
                barrier.await();
                return guard.tryAcquire();
            });
        }
        List<@Nullable Permit> permits = new ArrayList<>();
        for (Future<@Nullable Permit> racer : threads.invokeAll(racers)) {
            permits.add(racer.get());
        }
        return permits;
    }

    /** Each circuit has as many trials out as admitted calls go through it, and that is one at the most. */
    private static void assertPlaces(
            List<Guard> guards, List<@Nullable Permit> permits, List<CircuitBreaker> all, int round) {
        for (CircuitBreaker circuit : all) {
            int through = 0;
            for (int i = 0; i < guards.size(); i++) {
                through += permits.get(i) != null && isAround(guards.get(i), circuit.id()) ? 1 : 0;
            }
            assertThat(through)
                    .as("calls through %s in round %s", circuit, round)
                    .isLessThanOrEqualTo(1);
            assertThat(circuit.snapshot().trialsOut())
                    .as("trials out of %s in round %s", circuit, round)
                    .isEqualTo(through);
        }
    }

    private static boolean isAround(Guard guard, CircuitId id) {
        return guard.id().equals(id) || guard.dependencies().contains(id);
    }

    private static void settle(List<@Nullable Permit> permits, int round) {
        for (Permit permit : permits) {
            if (permit != null) {
                if (round % 2 == 0) {
                    permit.cancel();
                } else {
                    permit.succeed();
                }
            }
        }
    }

    private static void assertNoPlaceIsLost(List<Guard> guards, List<CircuitBreaker> all, int round) {
        for (CircuitBreaker circuit : all) {
            assertThat(circuit.snapshot().trialsOut()).as("round %s", round).isZero();
            assertThat(circuit.snapshot().failedTrials()).as("round %s", round).isZero();
        }
        for (Guard guard : guards) {
            Permit next = guard.tryAcquire();
            assertThat(next)
                    .as("the next call of %s after round %s", guard, round)
                    .isNotNull();
            next.succeed();
        }
        for (CircuitBreaker circuit : all) {
            assertThat(circuit.state()).as("round %s", round).isEqualTo(CircuitState.CLOSED);
        }
    }
}
