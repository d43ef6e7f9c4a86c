package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitReader;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitSubscriber;
import dev.interlock.store.GateStore;
import dev.interlock.store.ProbeRecord;
import dev.interlock.store.ProbeStore;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.threads.WorkerFigures;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What a manager has with a store and without one, and what is left of it after its end. */
class ManagerPartsTest {
    private static final CircuitId AGENT = CircuitId.of("agent");
    private static final Duration SOON = Duration.ofSeconds(30);

    private final ManualTimeSource time = new ManualTimeSource();
    private final FleetStore store = new FleetStore();

    @Test
    void without_a_store_nothing_is_stored_nothing_waits_and_nothing_is_missed() {
        try (CircuitBreakerManager circuits =
                CircuitBreakerManager.builder().time(time).build()) {
            circuits.getOrCreate(AGENT).recordFailure(FailureKind.LOOP);
            assertThat(circuits.flush(Duration.ZERO)).isFalse();
            assertThat(circuits.stored(AGENT).toCompletableFuture()).isCompletedWithValue(false);
            assertThat(circuits.storeBacklog()).isZero();
            assertThat(circuits.storeLag()).isZero();
            assertThat(circuits.isStoreAvailable()).isTrue();
            assertThat(circuits.isDetached()).isFalse();
            assertThat(circuits.generation()).isEqualTo(1);
            assertThat(names(circuits)).doesNotContain("interlock-store", "interlock-shared", "interlock-gates");
            assertThatThrownBy(() -> circuits.flush(null)).hasMessage("atMost must not be null");
        }
    }

    @Test
    void with_a_store_each_part_has_its_worker_and_the_generation_is_the_stores() {
        try (CircuitBreakerManager circuits = start()) {
            assertThat(names(circuits))
                    .contains("interlock-store", "interlock-shared", "interlock-gates", "interlock-trust");
            assertThat(circuits.generation()).isEqualTo(1);
            assertThat(circuits.isDetached()).isFalse();
            store.attached = false;
            assertThat(circuits.isDetached()).isTrue();
        }
        try (CircuitBreakerManager next = start()) {
            assertThat(next.generation()).isEqualTo(2);
        }
    }

    @Test
    void what_is_not_stored_is_counted_and_how_long_it_waits() {
        try (CircuitBreakerManager circuits = start()) {
            store.away = true;
            circuits.override(AGENT, ManualOverride.of(OverrideAction.HOLD_OPEN, "ada"));
            await().until(() -> !circuits.isStoreAvailable());
            await().until(() -> circuits.storeBacklog() == 1); // but for a try under way
            assertThat(circuits.storeLag()).isPositive();
            assertThat(circuits.flush(Duration.ofMillis(1))).isFalse();
            CompletableFuture<Boolean> stored = circuits.stored(AGENT).toCompletableFuture();
            assertThat(stored).isNotCompleted();
            assertThat(circuits.stored(CircuitId.of("unknown")).toCompletableFuture())
                    .as("of it nothing is left to be stored")
                    .isCompletedWithValue(true);
            store.away = false;
            assertThat(circuits.flush(SOON)).isTrue();
            assertThat(stored).succeedsWithin(SOON).isEqualTo(true);
            assertThat(circuits.storeBacklog()).isZero();
            assertThat(circuits.storeLag()).isZero();
            assertThat(circuits.isStoreAvailable()).isTrue();
        }
    }

    @Test
    void after_its_end_it_has_no_thread_and_hears_of_nobody() {
        CircuitBreakerManager circuits = start();
        circuits.getOrCreate(AGENT).recordFailure(FailureKind.LOOP);
        assertThat(circuits.flush(SOON)).isTrue();
        assertThat(store.subscribers).hasSize(1);
        assertThat(circuits.workers())
                .filteredOn(each -> each.name().equals("interlock-store"))
                .allMatch(WorkerFigures::running);

        circuits.close();

        assertThat(store.subscribers).isEmpty();
        assertThat(running(circuits)).isEmpty();
        assertThat(circuits.isDetached()).as("it goes alone").isTrue();
    }

    @Test
    void what_has_moved_is_stored_before_the_end() {
        CircuitBreakerManager circuits = start();
        circuits.getOrCreate(AGENT).recordFailure(FailureKind.LOOP);
        circuits.gates().put(Gate.ofAgents("default", "agent", "ann").named("stop"));
        circuits.close();
        assertThat(store.find("default", "agent")).isNotNull();
        assertThat(store.kept.gates().find("default", "stop")).isNotNull();
    }

    @Test
    void what_the_store_has_still_to_hear_of_is_not_forgotten() {
        try (CircuitBreakerManager circuits = start()) {
            store.away = true;
            circuits.override(AGENT, ManualOverride.of(OverrideAction.OPEN, "ada"));
            circuits.override(AGENT, ManualOverride.of(OverrideAction.CLOSE, "ada"));
            assertThat(circuits.forget(AGENT)).isFalse();
            store.away = false;
            assertThat(circuits.flush(SOON)).isTrue();
            assertThat(circuits.forget(AGENT)).isTrue();
        }
    }

    @Test
    void gates_and_trust_of_an_earlier_life_are_there_before_the_first_call() {
        CircuitBreakerManager before = start();
        before.gates().put(Gate.ofAgents("default", "agent", "ann").named("stop"));
        before.close();
        store.kept.probes().write(List.of(new ProbeRecord("default", "agent", true, false, null, time.wallTime())));
        try (CircuitBreakerManager circuits = start()) {
            assertThat(circuits.gates().cover(AGENT)).isTrue();
            ProbedCircuit probed = circuits.engine().trusts.find(AGENT);
            assertThat(probed).isNotNull();
            assertThat(probed.isTrusted()).isTrue();
        }
    }

    @Test
    void trust_in_probes_is_heard_and_stored_until_the_end() {
        store.attached = false;
        List<ProbeTrust> heard = new CopyOnWriteArrayList<>();
        CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .time(time)
                .store(store)
                .executor(Runnable::run)
                .randomness(() -> 0)
                .defaults(CircuitBreakerConfig.recommendedWithProbe())
                .probe("*", id -> true)
                .listener(new CircuitListener() {
                    @Override
                    public void onTransition(StateTransition transition) {}

                    @Override
                    public void onProbeTrust(ProbeTrust change) {
                        heard.add(change);
                    }
                })
                .build();
        circuits.getOrCreate(AGENT);
        time.advance(Duration.ZERO);
        await().until(() -> !heard.isEmpty());
        List<ProbeRecord> kept = new CopyOnWriteArrayList<>();
        await().until(() -> {
            store.kept.probes().read(Instant.EPOCH, kept::add);
            return !kept.isEmpty();
        });
        circuits.close();
        assertThat(heard).first().satisfies(trust -> assertThat(trust.trusted()).isTrue());
        assertThat(kept)
                .first()
                .satisfies(record -> assertThat(record.trusted()).isTrue());
        assertThat(running(circuits)).isEmpty();
    }

    @Test
    void who_wants_to_know_hears_that_gates_have_changed() {
        List<String> heard = new CopyOnWriteArrayList<>();
        try (CircuitBreakerManager circuits = start()) {
            circuits.gates().onChange(() -> heard.add("changed"));
            circuits.gates().put(Gate.ofAgents("default", "agent", "ann"));
            assertThat(heard).isNotEmpty();
        }
    }

    @Test
    void one_that_cannot_begin_leaves_nothing_behind() {
        store.unreadable = true;
        assertThatThrownBy(this::start).isInstanceOf(StoreUnavailableException.class);
        assertThat(store.subscribers).isEmpty();
    }

    private CircuitBreakerManager start() {
        return CircuitBreakerManager.builder()
                .time(time)
                .store(store)
                .executor(Runnable::run)
                .build();
    }

    private static List<String> names(CircuitBreakerManager circuits) {
        return circuits.workers().stream().map(WorkerFigures::name).toList();
    }

    /** Those of its own; the clock is everybody's. */
    private static List<String> running(CircuitBreakerManager circuits) {
        return circuits.workers().stream()
                .filter(WorkerFigures::running)
                .map(WorkerFigures::name)
                .filter(name -> !name.equals("interlock-coarse-clock"))
                .toList();
    }

    /** A store with all parts, whose other processes never answer. */
    private static final class FleetStore extends UnansweringStore {
        private final List<CircuitSubscriber> subscribers = new CopyOnWriteArrayList<>();
        private volatile boolean away;
        private volatile boolean unreadable;

        @Override
        public List<CircuitRecord> write(Collection<CircuitChange> changes) {
            if (away) {
                throw new StoreUnavailableException("away for a test", null);
            }
            return kept.write(changes);
        }

        @Override
        public void readNotClosed(CircuitReader reader) {
            if (unreadable) {
                throw new StoreUnavailableException("away for a test", null);
            }
            kept.readNotClosed(reader);
        }

        @Override
        public void subscribe(CircuitSubscriber subscriber) {
            subscribers.add(subscriber);
        }

        @Override
        public void unsubscribe(CircuitSubscriber subscriber) {
            subscribers.remove(subscriber);
        }

        @Override
        public GateStore gates() {
            return kept.gates();
        }

        @Override
        public ProbeStore probes() {
            return kept.probes();
        }
    }
}
