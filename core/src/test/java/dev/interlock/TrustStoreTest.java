package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitReader;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.InMemoryCircuitStore;
import dev.interlock.store.ProbeRecord;
import dev.interlock.store.ProbeStore;
import dev.interlock.store.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Trust in probes outlives processes, whatever a store does meanwhile. */
class TrustStoreTest {
    private static final CircuitId AGENT = CircuitId.of("agent");

    private final ManualTimeSource time = new ManualTimeSource();
    private final InMemoryCircuitStore kept = new InMemoryCircuitStore();
    private final Flaky store = new Flaky();

    private CircuitBreakerManager process() {
        return CircuitBreakerManager.builder()
                .defaults(Lab.settings().probe(ProbeSettings.defaults()).build())
                .probe("*", id -> true)
                .randomness(() -> 0)
                .time(time)
                .executor(Runnable::run)
                .store(store)
                .build();
    }

    private void earnTrust(CircuitBreakerManager process) {
        process.getOrCreate(AGENT);
        time.advance(Duration.ZERO);
        assertThat(isTrusted(process)).isTrue();
    }

    private static boolean isTrusted(CircuitBreakerManager process) {
        ProbeStatus probe = process.getOrCreate(AGENT).snapshot().probe();
        return probe != null && probe.trusted();
    }

    private List<String> stored() {
        List<String> names = new CopyOnWriteArrayList<>();
        kept.probes().read(Instant.MIN, each -> names.add(each.name()));
        return names;
    }

    @Test
    void what_is_earned_while_the_store_is_away_is_written_on_its_return() {
        try (CircuitBreakerManager first = process()) {
            store.away = true;
            earnTrust(first);
            await().until(() -> store.refused.get() > 0);
            assertThat(stored()).isEmpty();
            store.away = false;

            await().until(() -> !stored().isEmpty());
        }
    }

    @Test
    void a_process_that_begins_while_the_store_is_away_reads_it_on_its_return() {
        try (CircuitBreakerManager first = process()) {
            earnTrust(first);
        }
        store.away = true;
        try (CircuitBreakerManager second = process()) {
            assertThat(isTrusted(second)).isFalse();
            store.away = false;

            await().until(() -> isTrusted(second));
        }
    }

    @Test
    void a_process_that_closes_writes_what_is_left() {
        try (CircuitBreakerManager first = process()) {
            store.away = true;
            earnTrust(first);
            await().until(() -> store.refused.get() > 0);
            store.away = false;
        }

        assertThat(stored()).containsExactly("agent");
    }

    @Test
    void a_mistake_of_the_store_is_reported_and_loses_nothing() {
        List<Throwable> reported = new CopyOnWriteArrayList<>();
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> reported.add(thrown));
        try (CircuitBreakerManager first = process()) {
            store.broken = true;
            earnTrust(first);
            await().dontCatchUncaughtExceptions()
                    .untilAsserted(() -> assertThat(reported)
                            .anySatisfy(thrown -> assertThat(thrown).hasMessage("broken")));
            store.broken = false;

            await().dontCatchUncaughtExceptions().until(() -> !stored().isEmpty());
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }

    /** A store whose probes a test takes away. */
    private final class Flaky implements CircuitStore {
        volatile boolean away;
        volatile boolean broken;
        final AtomicInteger refused = new AtomicInteger();

        private ProbeStore reached() {
            if (away) {
                refused.incrementAndGet();
                throw new StoreUnavailableException("away", null);
            }
            if (broken) {
                throw new IllegalStateException("broken");
            }
            return kept.probes();
        }

        @Override
        public ProbeStore probes() {
            return new ProbeStore() {
                @Override
                public void read(Instant since, Consumer<ProbeRecord> reader) {
                    reached().read(since, reader);
                }

                @Override
                public void write(Collection<ProbeRecord> changes) {
                    reached().write(changes);
                }

                @Override
                public void forget(Instant before) {
                    reached().forget(before);
                }

                @Override
                public boolean isShared() {
                    return false;
                }
            };
        }

        @Override
        public long nextGeneration() {
            return kept.nextGeneration();
        }

        @Override
        public void readNotClosed(CircuitReader reader) {
            kept.readNotClosed(reader);
        }

        @Override
        public @Nullable CircuitRecord find(String organization, String name) {
            return kept.find(organization, name);
        }

        @Override
        public List<CircuitRecord> write(Collection<CircuitChange> changes) {
            return kept.write(changes);
        }

        @Override
        public void close() {}
    }
}
