package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitReader;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.CircuitSubscriber;
import dev.interlock.store.InMemoryCircuitStore;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.store.TransitionRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What goes to a store and comes from it, one step at a time. */
class StoreWriterTest {
    private static final CircuitId PLANNER = CircuitId.of("planner");
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final ManualTimeSource time = new ManualTimeSource();
    private final WatchedStore store = new WatchedStore();

    @Test
    void whatPiledUpGoesInBatchesOfAtMostFiveHundred() {
        try (CircuitBreakerManager manager = start()) {
            store.away = true;
            for (int i = 0; i < 1_201; i++) {
                manager.override(CircuitId.of("agent-" + i), ManualOverride.of(OverrideAction.OPEN, "anna"));
            }
            await().until(() -> !manager.isStoreAvailable());
            await().until(() -> manager.storeBacklog() == 1_201); // but for the batch that is on its way
            store.away = false;
            assertThat(manager.flush(SOON)).isTrue();

            assertThat(manager.storeBacklog()).isZero();
            assertThat(store.notPlainlyClosed()).isEqualTo(1_201);
            assertThat(store.batches).allMatch(size -> size <= 500).anyMatch(size -> size == 500);
        }
    }

    @Test
    void whoIsInterruptedWhileHeWaitsLearnsThatItIsNotKnown() throws InterruptedException {
        try (CircuitBreakerManager manager = start()) {
            store.away = true;
            manager.override(PLANNER, ManualOverride.of(OverrideAction.OPEN, "anna"));
            AtomicInteger seen = new AtomicInteger();
            Thread waiting = new Thread(() -> {
                boolean stored = manager.flush(SOON);
                seen.set(stored ? 1 : Thread.currentThread().isInterrupted() ? 2 : 3);
            });
            waiting.start();
            waiting.interrupt();
            waiting.join();

            assertThat(seen).hasValue(2);
            assertThat(manager.flush(Duration.ofMillis(1))).isFalse();
            store.away = false;
        }
    }

    @Test
    void aManagerThatIsClosedHearsOfNobody() {
        CircuitBreakerManager closed = start();
        assertThat(store.subscribers).hasSize(1);
        closed.close();
        assertThat(store.subscribers).isEmpty();
    }

    @Test
    void aCircuitThatWasForgottenAndMadeAgainHearsOfOthers() {
        try (CircuitBreakerManager here = start();
                CircuitBreakerManager there = start()) {
            here.override(PLANNER, ManualOverride.of(OverrideAction.OPEN, "anna"));
            here.override(PLANNER, ManualOverride.of(OverrideAction.CLOSE, "anna"));
            assertThat(here.flush(SOON)).isTrue();
            await().until(() -> there.snapshot(PLANNER).state() == CircuitState.CLOSED);
            time.advance(Duration.ofDays(2));
            assertThat(here.size()).isZero();
            CircuitBreaker again = here.getOrCreate(PLANNER);
            there.override(PLANNER, ManualOverride.of(OverrideAction.OPEN, "ben"));

            await().until(() -> again.state() == CircuitState.OPEN);
        }
    }

    @Test
    void whatWasMissedWhileTheStoreIsAwayIsReadOnceItIsBack() {
        try (CircuitBreakerManager here = start()) {
            here.getOrCreate(PLANNER);
            store.away = true;
            store.kept.write(List.of(CircuitChange.of(record("open", 5))));
            store.subscribers.forEach(CircuitSubscriber::onGap);
            await().until(() -> !here.isStoreAvailable());
            assertThat(here.snapshot(PLANNER).state()).isEqualTo(CircuitState.CLOSED);
            store.away = false;

            await().until(() -> here.snapshot(PLANNER).state() == CircuitState.OPEN);
        }
    }

    @Test
    void anEpochThatIsAdoptedIsNumberedAboveTheOneBefore() {
        store.kept.nextGeneration();
        try (CircuitBreakerManager here = start()) {
            CircuitBreaker circuit = here.getOrCreate(PLANNER);
            long before = circuit.epoch();
            assertThat(before).isGreaterThan(5);
            store.write(List.of(CircuitChange.of(record("open", 5))));

            await().until(() -> circuit.state() == CircuitState.OPEN);
            assertThat(circuit.epoch()).isEqualTo(before + 1);
        }
    }

    @Test
    void whoAdoptedACircuitCanCloseItForAll() {
        try (CircuitBreakerManager here = start();
                CircuitBreakerManager there = start()) {
            CircuitBreaker circuit = there.getOrCreate(PLANNER);
            here.override(PLANNER, ManualOverride.of(OverrideAction.OPEN, "anna"));
            await().until(() -> circuit.state() == CircuitState.OPEN);
            time.advance(Duration.ofSeconds(60));
            Permit trialHere = here.getOrCreate(PLANNER).acquire(); // half-open is stored, and followed there
            assertThat(here.flush(SOON)).isTrue();
            awaitThatNewsWereHeard(there);
            trialHere.fail(FailureKind.CANCELLED);
            circuit.acquire().succeed();
            circuit.acquire().succeed();
            assertThat(there.flush(SOON)).isTrue();

            assertThat(circuit.state()).isEqualTo(CircuitState.CLOSED);
            assertThat(Objects.requireNonNull(store.kept.find("default", "planner"))
                            .state())
                    .isEqualTo("closed");
        }
    }

    @Test
    void anEpochIsRaisedAboveTheOneInItsWay() {
        try (CircuitBreakerManager here =
                CircuitBreakerManager.builder().time(time).build()) {
            here.override(PLANNER, ManualOverride.of(OverrideAction.HOLD_OPEN, "anna"));
            CircuitBreaker circuit = here.getOrCreate(PLANNER);
            long epoch = circuit.epoch();
            circuit.raise(epoch - 1, null);
            assertThat(circuit.epoch()).isEqualTo(epoch);
            circuit.raise(epoch, null);
            assertThat(circuit.epoch()).isEqualTo(epoch + 1);
            assertThat(circuit.snapshot().hold()).isEqualTo(new Hold(null, "anna", null));
        }
    }

    @Test
    void whoWaitsIsNotifiedAlsoWhenOursGaveWay() {
        try (CircuitBreakerManager here = start()) {
            CircuitBreaker circuit = here.getOrCreate(PLANNER);
            store.deaf = true;
            store.write(List.of(CircuitChange.of(record("open", 1L << 60))));
            for (int i = 0; i < 5; i++) {
                circuit.acquire().fail(FailureKind.ERROR);
            }
            assertThat(here.stored(PLANNER)
                            .toCompletableFuture()
                            .orTimeout(30, TimeUnit.SECONDS)
                            .join())
                    .isTrue();
            assertThat(circuit.epoch()).isEqualTo(1L << 60);
            assertThat(Objects.requireNonNull(circuit.snapshot().lastTransition())
                            .cause())
                    .isEqualTo(TransitionCause.ADOPTED);
        }
    }

    @Test
    void ofTwoNewsTheNewerCountsInWhateverOrderTheyCome() {
        try (CircuitBreakerManager here =
                CircuitBreakerManager.builder().time(time).build()) {
            CircuitBreaker circuit = here.getOrCreate(PLANNER);
            News news = news(here);
            assertThat(news.hasNews()).isFalse();
            news.onChanged(record("open", 9L << 40));
            news.onChanged(record("closed", 8L << 40));
            assertThat(news.hasNews()).isTrue();
            news.hear();

            assertThat(circuit.state()).isEqualTo(CircuitState.OPEN);
            assertThat(news.hasNews()).isFalse();
            news.onChanged(record("closed", 10L << 40));
            news.onChanged(record("open", 9L << 40));
            news.hear();
            assertThat(circuit.state()).isEqualTo(CircuitState.CLOSED);
        }
    }

    @Test
    void afterAGapOnlyCircuitsThatTheStoreDidNotNameAreLookedUp() {
        try (CircuitBreakerManager here =
                CircuitBreakerManager.builder().time(time).build()) {
            here.override(CircuitId.of("mine"), ManualOverride.of(OverrideAction.OPEN, "anna"));
            store.write(List.of(CircuitChange.of(record("open", 5))));
            here.override(PLANNER, ManualOverride.of(OverrideAction.OPEN, "anna"));
            News news = news(here);
            news.onGap();
            news.read();

            assertThat(store.lookedUp).containsExactly("mine");
        }
    }

    @Test
    void automaticLinesAreSkippedAndCountedWhicheverWasNotedFirst() {
        Note older = Note.of(line(3, "closed", null));
        Note newer = Note.of(line(4, "open", null));

        for (Note both : List.of(older.and(newer), newer.and(older))) {
            assertThat(both.lines()).containsExactly(line(4, "open", null).skipping(1));
            assertThat(both.fromClosed()).isTrue();
        }
        Note three = older.and(newer).and(Note.of(line(5, "half_open", null)));
        assertThat(three.lines()).containsExactly(line(5, "half_open", null).skipping(2));
    }

    @Test
    void ordersAreNeverSkipped() {
        Note all = Note.of(line(3, "closed", null))
                .and(Note.of(line(4, "open", "close")))
                .and(Note.of(line(5, "closed", "open")));

        assertThat(all.lines())
                .containsExactly(line(3, "closed", null), line(4, "open", "close"), line(5, "closed", "open"));
        assertThat(all.hasOverrides()).isTrue();
        assertThat(all.fromClosed()).isTrue();
        assertThat(Note.of(line(4, "open", "close"))
                        .and(Note.of(line(5, "open", null)))
                        .fromClosed())
                .isFalse();
    }

    @Test
    void withoutAStoreNothingIsStoredAndWithOneAnUnknownCircuitHasNothingToStore() {
        try (CircuitBreakerManager without =
                        CircuitBreakerManager.builder().time(time).build();
                CircuitBreakerManager with = start()) {
            without.getOrCreate(PLANNER);
            assertThat(without.stored(PLANNER).toCompletableFuture()).isCompletedWithValue(false);
            assertThat(with.stored(PLANNER).toCompletableFuture()).isCompletedWithValue(true);
        }
    }

    /** A round writes first and hears then: a second flush ends after what was reported before the first was heard. */
    private static void awaitThatNewsWereHeard(CircuitBreakerManager manager) {
        for (int round = 0; round < 2; round++) {
            assertThat(manager.flush(SOON)).isTrue();
        }
    }

    private News news(CircuitBreakerManager here) {
        Agreements agreements = new Agreements(new StoredCircuits(here.registry(), null), 1, false, again -> {});
        return new News(store, agreements, new StoredCircuits(here.registry(), null), 1, () -> {});
    }

    private CircuitBreakerManager start() {
        return CircuitBreakerManager.builder()
                .time(time)
                .store(store)
                .executor(Runnable::run)
                .build();
    }

    private static CircuitRecord record(String state, long epoch) {
        boolean open = state.equals("open");
        return new CircuitRecord(
                "default",
                "planner",
                state,
                epoch,
                5,
                0,
                5,
                1,
                0,
                NOON,
                NOON,
                open ? NOON : null,
                open ? NOON.plusSeconds(60) : null,
                false,
                null,
                null,
                null,
                "default",
                77);
    }

    private static TransitionRecord line(long epoch, String from, @Nullable String action) {
        return new TransitionRecord(
                "default",
                "planner",
                epoch,
                from,
                "open",
                NOON,
                action == null ? "failure_streak" : "override",
                action,
                false,
                null,
                null,
                0,
                0,
                0,
                false,
                null,
                action == null ? null : "anna",
                null,
                0);
    }

    /** A store that can be away, or keep to itself what it was given, and that notes how it is used. */
    private static final class WatchedStore implements CircuitStore {
        private final InMemoryCircuitStore kept = new InMemoryCircuitStore();
        private final List<CircuitSubscriber> subscribers = new CopyOnWriteArrayList<>();
        private final List<Integer> batches = new CopyOnWriteArrayList<>();
        private final List<String> lookedUp = new CopyOnWriteArrayList<>();
        private volatile boolean away;
        private volatile boolean deaf;

        @Override
        public long nextGeneration() {
            return kept.nextGeneration();
        }

        @Override
        public void readNotClosed(CircuitReader reader) {
            reach();
            kept.readNotClosed(reader);
        }

        @Override
        public @Nullable CircuitRecord find(String organization, String name) {
            reach();
            lookedUp.add(name);
            return kept.find(organization, name);
        }

        @Override
        public List<CircuitRecord> write(Collection<CircuitChange> changes) {
            reach();
            batches.add(changes.size());
            List<CircuitRecord> inTheWay = kept.write(changes);
            if (!deaf) {
                changes.stream()
                        .map(CircuitChange::record)
                        .forEach(record -> subscribers.forEach(each -> each.onChanged(record)));
            }
            return inTheWay;
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
        public void close() {}

        private int notPlainlyClosed() {
            AtomicInteger count = new AtomicInteger();
            kept.readNotClosed(record -> count.incrementAndGet());
            return count.get();
        }

        private void reach() {
            if (away) {
                throw new StoreUnavailableException("The store is away", null);
            }
        }
    }
}
