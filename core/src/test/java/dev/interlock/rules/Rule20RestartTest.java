package dev.interlock.rules;

import static dev.interlock.Lab.settings;
import static dev.interlock.rules.Fixtures.A_NANO;
import static dev.interlock.rules.Fixtures.COOLDOWN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitListener;
import dev.interlock.FailureKind;
import dev.interlock.ManualOverride;
import dev.interlock.ManualTimeSource;
import dev.interlock.OverrideAction;
import dev.interlock.ProbeSettings;
import dev.interlock.ProbeTrust;
import dev.interlock.StateTransition;
import dev.interlock.TransitionCause;
import dev.interlock.store.InMemoryCircuitStore;
import dev.interlock.store.ProbeRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Rule 20: trust and the time of the last real trial outlive the process. */
class Rule20RestartTest {
    private static final CircuitBreakerConfig PROBED =
            settings().probe(ProbeSettings.defaults()).build();
    private static final CircuitId AGENT = CircuitId.of("agent");

    private final ManualTimeSource time = new ManualTimeSource();
    private final InMemoryCircuitStore store = new InMemoryCircuitStore();
    private final AtomicInteger asked = new AtomicInteger();
    private final List<ProbeTrust> changes = new CopyOnWriteArrayList<>();
    private volatile boolean good = true;

    @Test
    void trust_outlives_the_process_and_is_not_looked_for_again() {
        try (CircuitBreakerManager first = manager(Runnable::run)) {
            first.getOrCreate(AGENT);
            time.advance(Duration.ZERO);
        }
        time.advance(Duration.ofDays(3));
        asked.set(0);

        try (CircuitBreakerManager second = manager(Runnable::run)) {
            CircuitBreaker circuit = second.getOrCreate(AGENT);
            time.advance(Duration.ofHours(2));
            assertThat(circuit.snapshot().probe()).matches(probe -> probe != null && probe.trusted());
            assertThat(asked).hasValue(0);
        }
    }

    @Test
    void lost_trust_stays_lost() {
        try (CircuitBreakerManager first = manager(Runnable::run)) {
            CircuitBreaker circuit = first.getOrCreate(AGENT);
            time.advance(Duration.ZERO);
            good = false;
            circuit.recordFailure(FailureKind.LOOP);
            time.advance(Duration.ofHours(1));
            circuit.acquire().succeed();
            circuit.acquire().succeed();
        }

        try (CircuitBreakerManager second = manager(Runnable::run)) {
            assertThat(second.getOrCreate(AGENT).snapshot().probe())
                    .matches(probe -> probe != null && !probe.trusted());
        }
    }

    @Test
    void the_wait_for_a_real_trial_is_counted_over_restarts() {
        try (CircuitBreakerManager first = manager(Runnable::run)) {
            CircuitBreaker circuit = first.getOrCreate(AGENT);
            time.advance(Duration.ZERO);
            good = false;
            circuit.recordFailure(FailureKind.LOOP);
            time.advance(Duration.ofMinutes(25));
        }
        for (int restart = 0; restart < 2; restart++) {
            try (CircuitBreakerManager again = manager(Runnable::run)) {
                time.advance(Duration.ofMinutes(15));
                assertThat(again.getOrCreate(AGENT).tryAcquire()).isNull();
            }
        }

        try (CircuitBreakerManager last = manager(Runnable::run)) {
            CircuitBreaker circuit = last.getOrCreate(AGENT);
            time.advance(Duration.ofMinutes(5).minus(A_NANO));
            assertThat(circuit.tryAcquire()).isNull();
            time.advance(A_NANO);
            assertThat(circuit.tryAcquire()).isNotNull();
            assertThat(circuit.snapshot().lastTransition())
                    .matches(last1 -> last1 != null && last1.cause() == TransitionCause.REAL_TRIAL);
        }
    }

    @Test
    void the_trial_that_failed_probes_owe_is_owed_once_also_over_a_restart() {
        try (CircuitBreakerManager first = manager(Runnable::run)) {
            CircuitBreaker circuit = first.getOrCreate(AGENT);
            time.advance(Duration.ZERO);
            good = false;
            circuit.recordFailure(FailureKind.ERROR);
            time.advance(COOLDOWN);
            circuit.acquire().fail(FailureKind.ERROR);
        }

        try (CircuitBreakerManager second = manager(Runnable::run)) {
            time.advance(COOLDOWN.multipliedBy(2));
            assertThat(second.getOrCreate(AGENT).tryAcquire()).isNull();
        }
    }

    @Test
    void a_restart_with_ten_thousand_open_circuits_probes_ten_at_a_time() {
        try (CircuitBreakerManager first = manager(Runnable::run)) {
            for (int i = 0; i < 10_000; i++) {
                first.getOrCreate("agent-" + i);
            }
            time.advance(Duration.ZERO);
            for (int i = 0; i < 10_000; i++) {
                first.override(CircuitId.of("agent-" + i), ManualOverride.of(OverrideAction.OPEN, "ada"));
            }
            assertThat(first.flush(Duration.ofSeconds(20))).isTrue();
        }
        time.advance(COOLDOWN);
        Deque<Runnable> running = new ArrayDeque<>();
        asked.set(0);

        try (CircuitBreakerManager second = manager(running::add)) {
            time.advance(Duration.ZERO);
            assertThat(running).hasSize(10);
            int most = 0;
            while (!running.isEmpty()) {
                running.remove().run();
                most = Math.max(most, running.size());
            }
            assertThat(most).isLessThanOrEqualTo(10);
            assertThat(asked).hasValue(10_000);
        }
    }

    @Test
    void another_policy_for_ten_thousand_circuits_is_no_storm() {
        Deque<Runnable> running = new ArrayDeque<>();
        try (CircuitBreakerManager circuits = manager(running::add)) {
            circuits.putDefaultPolicy(settings().build());
            for (int i = 0; i < 10_000; i++) {
                circuits.getOrCreate("agent-" + i);
            }
            time.advance(Duration.ZERO);
            assertThat(running).isEmpty();

            circuits.putDefaultPolicy(PROBED);
            time.advance(Duration.ZERO);

            assertThat(running).hasSize(10);
        }
    }

    @Test
    void what_has_not_changed_for_thirty_days_is_forgotten() {
        store.probes()
                .write(List.of(
                        new ProbeRecord("default", "old", true, false, null, time.wallTime()),
                        new ProbeRecord(
                                "default",
                                "new",
                                true,
                                false,
                                null,
                                time.wallTime().plusSeconds(86_400))));
        time.advance(Duration.ofDays(30).plusSeconds(60));

        try (CircuitBreakerManager circuits = manager(Runnable::run)) {
            circuits.getOrCreate(AGENT);
            time.advance(Duration.ZERO);
            Awaitility.await().untilAsserted(() -> {
                List<String> names = new ArrayList<>();
                store.probes().read(Instant.EPOCH, record -> names.add(record.name()));
                assertThat(names).containsExactlyInAnyOrder("new", "agent");
            });
            assertThat(circuits.getOrCreate("new").snapshot().probe())
                    .matches(probe -> probe != null && probe.trusted());
        }
    }

    @Test
    void what_one_process_finds_another_one_goes_by() {
        try (CircuitBreakerManager one = manager(Runnable::run);
                CircuitBreakerManager other = manager(Runnable::run)) {
            one.getOrCreate(AGENT);
            time.advance(Duration.ZERO);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> store.probes() != null && read().contains(Boolean.TRUE));
            other.getOrCreate(AGENT);

            assertThat(read()).containsExactly(true);
        }
    }

    private List<Boolean> read() {
        List<Boolean> trusted = new ArrayList<>();
        store.probes().read(time.wallTime().minus(Duration.ofDays(1)), record -> trusted.add(record.trusted()));
        return trusted;
    }

    private CircuitBreakerManager manager(Executor executor) {
        return CircuitBreakerManager.builder()
                .defaults(PROBED)
                .probe("*", id -> {
                    asked.incrementAndGet();
                    return good;
                })
                .randomness(() -> 0)
                .time(time)
                .executor(executor)
                .store(store)
                .listener(new CircuitListener() {
                    @Override
                    public void onTransition(StateTransition transition) {}

                    @Override
                    public void onProbeTrust(ProbeTrust change) {
                        changes.add(change);
                    }
                })
                .build();
    }
}
