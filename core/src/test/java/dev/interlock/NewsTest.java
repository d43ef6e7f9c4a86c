package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitReader;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.InMemoryCircuitStore;
import dev.interlock.store.StoreUnavailableException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** News, doubts and gaps, each by itself, and what comes while they are taken in. */
class NewsTest {
    private static final CircuitId PLANNER = CircuitId.of("planner");

    private final Store store = new Store();
    private final CircuitBreakerManager here = CircuitBreakerManager.builder().build();
    private final Registry registry = here.registry();
    private final News news = news();

    @AfterEach
    void close() {
        here.close();
    }

    @Test
    void a_doubt_that_comes_while_its_circuit_is_looked_up_is_looked_up_again() {
        store.onFind = name -> {
            store.onFind = again -> {};
            news.onDoubt(PLANNER);
        };
        news.onDoubt(PLANNER);
        news.read();
        assertThat(news.hasToRead()).isTrue();
        news.read();
        assertThat(news.hasToRead()).isFalse();
        assertThat(store.found).containsExactly("planner", "planner");
    }

    @Test
    void a_loss_of_memory_during_a_read_is_not_made_good_by_it() {
        store.onRead = () -> {
            store.onRead = () -> {};
            news.onForgotten();
        };
        news.onGap();
        news.read();
        assertThat(news.isForgotten()).isTrue();
        assertThat(news.hasToRead()).isTrue();
        news.read();
        assertThat(news.isForgotten()).isFalse();
        assertThat(news.hasToRead()).isFalse();
    }

    @Test
    void a_doubt_that_fails_keeps_neither_others_nor_the_gap_waiting() {
        store.onFind = name -> {
            if (name.equals("away")) {
                throw new StoreUnavailableException("its master is away", null);
            }
        };
        store.kept.write(List.of(CircuitChange.of(record("read", 7)), CircuitChange.of(record("doubted", 7))));
        news.onDoubt(CircuitId.of("away"));
        news.onDoubt(CircuitId.of("doubted"));
        news.onGap();

        assertThat(catchThrowable(news::read)).isInstanceOf(StoreUnavailableException.class);
        assertThat(here.snapshot(CircuitId.of("read")).state()).isEqualTo(CircuitState.OPEN);
        assertThat(store.found).containsExactly("away", "doubted");
        assertThat(news.hasToRead()).isTrue(); // the doubt that failed, and nothing else
        store.found.clear();
        store.onFind = name -> {};
        news.read();
        assertThat(store.found).containsExactly("away");
        assertThat(news.hasToRead()).isFalse();
    }

    @Test
    void a_reconciling_read_reads_only_what_differs() {
        store.kept.write(List.of(CircuitChange.of(record("one", 7)), CircuitChange.of(record("two", 8))));
        news.onGap();
        news.read();
        assertThat(store.read).containsExactlyInAnyOrder("one", "two");
        store.read.clear();
        store.kept.write(List.of(new CircuitChange(record("two", 9), 8L << 40, List.of())));
        news.onReconcile();
        news.read();

        assertThat(store.read).containsExactly("two");
        assertThat(store.found).isEmpty();
        news.onGap();
        news.read();
        assertThat(store.read).hasSize(3);
    }

    private News news() {
        Residents residents = new StoredCircuits(registry, null);
        Agreements agreements = new Agreements(residents, 1, false, again -> {});
        return new News(store, agreements, residents, 1, () -> {});
    }

    private static CircuitRecord record(String name, long epoch) {
        return new CircuitRecord(
                "default",
                name,
                "open",
                epoch << 40,
                5,
                0,
                5,
                1,
                0,
                null,
                Instant.EPOCH,
                Instant.EPOCH,
                null,
                false,
                null,
                null,
                null,
                "default",
                77);
    }

    private static final class Store implements CircuitStore {
        private final InMemoryCircuitStore kept = new InMemoryCircuitStore();
        private final List<String> found = new ArrayList<>();
        private final List<String> read = new ArrayList<>();
        private Consumer<String> onFind = name -> {};
        private Runnable onRead = () -> {};

        @Override
        public long nextGeneration() {
            return kept.nextGeneration();
        }

        @Override
        public void readNotClosed(CircuitReader reader) {
            onRead.run();
            kept.readNotClosed(new CircuitReader() {
                @Override
                public void read(CircuitRecord record) {
                    read.add(record.name());
                    reader.read(record);
                }

                @Override
                public boolean wants(String organization, String name, long epoch) {
                    return reader.wants(organization, name, epoch);
                }
            });
        }

        @Override
        public @Nullable CircuitRecord find(String organization, String name) {
            found.add(name);
            onFind.accept(name);
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
