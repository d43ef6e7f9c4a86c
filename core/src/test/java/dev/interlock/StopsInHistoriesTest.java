package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.checks.Rounds;
import dev.interlock.store.InMemoryCircuitStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random histories of two or three processes over one store, which trip, recover, are overridden by people, come and go,
 * while others stop and resume: after an acknowledgement no process that confirmed gives a permit that the gate covers, and
 * one that begins gives none either; a stop of everything leaves each circuit at each process as it was.
 */
@Tag("heavy")
@Tag("thorough")
class StopsInHistoriesTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String[] NAMES = {"planner", "writer", "model:m"};
    private static final String[] PATTERNS = {"*", "model:*", "planner", "w*"};
    private static final String[] GATES = {"stop", "budget"};
    private static final int STEPS = 25;

    private World world = new World();

    /** The processes of a world. */
    private static final class World implements AutoCloseable {
        final InMemoryCircuitStore store = new InMemoryCircuitStore();
        final ManualTimeSource time = new ManualTimeSource();
        final List<CircuitBreakerManager> processes = new ArrayList<>();

        void join() {
            processes.add(CircuitBreakerManager.builder()
                    .store(store)
                    .time(time)
                    .randomness(() -> 0.5)
                    .build());
        }

        void leave(int which) {
            processes.remove(which).close();
        }

        CircuitBreaker circuit(int process, String name) {
            return processes.get(process).getOrCreate(name);
        }

        /** Until all is stored, and everybody knows of each circuit whether it is closed, and held. */
        void settle(String where) {
            for (CircuitBreakerManager each : processes) {
                assertThat(each.flush(SOON)).isTrue();
            }
            for (String name : NAMES) {
                await().atMost(SOON)
                        .pollInterval(Duration.ofMillis(1))
                        .pollDelay(Duration.ZERO)
                        .untilAsserted(() -> assertThat(looks(name)).as(where).hasSizeLessThan(2));
            }
        }

        /** What the processes see of a circuit, each once. */
        private Set<String> looks(String name) {
            Set<String> looks = new HashSet<>();
            for (CircuitBreakerManager each : processes) {
                CircuitSnapshot circuit = each.snapshot(CircuitId.of(name));
                looks.add((circuit.state() == CircuitState.CLOSED ? "closed" : "not closed")
                        + (circuit.hold() == null ? "" : ", held"));
            }
            return looks;
        }

        /** What each process knows of each circuit, but for the numbers of epochs, which may be heard of later. */
        List<String> snapshots() {
            List<String> all = new ArrayList<>();
            for (CircuitBreakerManager each : processes) {
                for (String name : NAMES) {
                    CircuitSnapshot circuit = each.snapshot(CircuitId.of(name));
                    all.add(name + " " + circuit.state() + " " + circuit.hold() + " " + circuit.figures() + " "
                            + circuit.trialsSucceeded());
                }
            }
            return all;
        }

        @Override
        public void close() {
            processes.forEach(CircuitBreakerManager::close);
            store.close();
        }
    }

    /** A gate that was acknowledged. */
    private record InEffect(NamePattern pattern, Set<String> confirmed) {}

    private final Map<String, InEffect> inEffect = new HashMap<>();

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void no_permit_comes_after_an_acknowledgement_and_a_resume_leaves_no_trace() throws Exception {
        long first = new Random().nextLong();
        for (int i = 0; i < Rounds.of(10_000, 100); i++) {
            history(first + i);
            close();
            world = new World();
            inEffect.clear();
        }
    }

    private void history(long seed) throws Exception {
        Random random = new Random(seed);
        for (int i = 0; i < 2 + random.nextInt(2); i++) {
            world.join();
        }
        for (int step = 0; step < STEPS; step++) {
            String where = "seed " + seed + ", step " + step;
            step(random, where);
            world.settle(where);
        }
        for (String gate : GATES) {
            remove(0, gate);
        }
        for (int each = 0; each < world.processes.size(); each++) {
            for (String name : NAMES) {
                call(each, name, false, "seed " + seed + ", after all");
            }
        }
    }

    private void step(Random random, String where) throws Exception {
        int process = random.nextInt(world.processes.size());
        String name = NAMES[random.nextInt(NAMES.length)];
        int what = random.nextInt(100);
        if (what < 50) {
            boolean fails = random.nextInt(10) < 7;
            int times = 1 + random.nextInt(7);
            for (int i = 0; i < times; i++) {
                call(process, name, fails, where);
            }
        } else if (what < 62) {
            OverrideAction[] all = changing(world.circuit(process, name).snapshot());
            ManualOverride override = ManualOverride.of(all[random.nextInt(all.length)], "ada");
            world.processes.get(process).override(CircuitId.of(name), override);
        } else if (what < 76) {
            put(process, GATES[random.nextInt(2)], PATTERNS[random.nextInt(PATTERNS.length)]);
        } else if (what < 86) {
            remove(process, GATES[random.nextInt(2)]);
        } else if (what < 91) {
            stopAndResume(process, where);
        } else if (what < 95) {
            world.time.advance(Duration.ofSeconds(1 + random.nextInt(90)));
        } else if (what < 98 && world.processes.size() > 1) {
            world.leave(process);
        } else {
            world.join();
        }
    }

    private void stopAndResume(int process, String where) throws Exception {
        List<String> before = world.snapshots();
        put(process, "all", "*");
        for (int each = 0; each < world.processes.size(); each++) {
            for (String name : NAMES) {
                call(each, name, true, where + ", stopped");
            }
        }
        remove(process, "all");
        assertThat(world.snapshots()).as(where).isEqualTo(before);
    }

    /** What all can see that others have done it: only then it is known when they have heard of it. */
    private static OverrideAction[] changing(CircuitSnapshot present) {
        if (present.hold() != null) {
            return new OverrideAction[] {OverrideAction.RELEASE, OverrideAction.CLOSE, OverrideAction.RESET};
        }
        return present.state() == CircuitState.CLOSED
                ? new OverrideAction[] {OverrideAction.OPEN, OverrideAction.HOLD_OPEN}
                : new OverrideAction[] {OverrideAction.CLOSE, OverrideAction.RESET, OverrideAction.HOLD_OPEN};
    }

    private void call(int process, String name, boolean fails, String where) {
        Permit permit = world.circuit(process, name).tryAcquire();
        if (permit == null) {
            return;
        }
        inEffect.forEach((gate, each) -> assertThat(each.pattern().matches(name))
                .as("%s: a permit for %s while %s is in effect, confirmed by %s", where, name, gate, each.confirmed())
                .isFalse());
        if (fails) {
            permit.fail(FailureKind.TIMEOUT);
        } else {
            permit.succeed();
        }
    }

    private void put(int process, String gate, String pattern) throws Exception {
        CircuitBreakerManager by = world.processes.get(process);
        Gate wanted = Gate.ofAgents("default", pattern, "ada").named(gate);
        GateConfirmation all = confirmed(by.gates().put(wanted));
        inEffect.put(gate, new InEffect(new NamePattern(pattern), new HashSet<>(all.confirmed())));
    }

    private void remove(int process, String gate) throws Exception {
        GateChange change = world.processes.get(process).gates().remove("default", gate, "ada", null);
        if (change != null) {
            inEffect.remove(gate);
            confirmed(change);
        }
    }

    private static GateConfirmation confirmed(GateChange change) throws Exception {
        assertThat(get(change.fate())).isEqualTo(GateChange.Fate.STORED);
        GateConfirmation all = get(change.confirmed(SOON));
        assertThat(all.isWhole()).as("missing: %s", all.missing()).isTrue();
        return all;
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(SOON.toSeconds(), TimeUnit.SECONDS);
    }
}
