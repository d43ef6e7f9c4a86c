package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.CircuitSubscriber;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.store.TransitionRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two managers on one store, as on two machines. */
class SharedStoreTest {
    private static final CircuitId PLANNER = CircuitId.of("planner");
    private static final Duration SOON = Duration.ofSeconds(30);

    private final ManualTimeSource time = new ManualTimeSource();
    private final LoudStore store = new LoudStore();
    private final List<StateTransition> heardByB = new CopyOnWriteArrayList<>();
    private final CircuitBreakerManager a = start(transition -> {});
    private final CircuitBreakerManager b = start(heardByB::add);

    @AfterEach
    void close() {
        store.deaf = false;
        a.close();
        b.close();
    }

    @Test
    void anOverrideOnOneIsSeenByTheOther() {
        a.override(PLANNER, order(OverrideAction.HOLD_OPEN, "anna").because("rollout"));

        await().until(() -> b.snapshot(PLANNER).hold() != null);
        assertThat(b.snapshot(PLANNER).hold()).isEqualTo(new Hold(null, "anna", "rollout"));
        b.override(PLANNER, order(OverrideAction.RELEASE, "ben"));
        await().until(() -> a.snapshot(PLANNER).hold() == null);
        assertThat(a.snapshot(PLANNER).state()).isEqualTo(CircuitState.OPEN);
        assertThat(a.snapshot(PLANNER).retryAfter()).isZero();
    }

    @Test
    void aTripOnOneOpensTheOtherWithTheCooldownThatIsLeft() {
        CircuitBreaker there = b.getOrCreate(PLANNER);
        Permit early = there.acquire();
        trip(a);

        await().until(() -> there.state() == CircuitState.OPEN);
        assertThat(there.snapshot().retryAfter()).isEqualTo(Duration.ofSeconds(60));
        assertThat(there.tryAcquire()).isNull();
        assertThat(early.succeed()).isEqualTo(Settlement.LATE);
        assertThat(heardByB).singleElement().satisfies(transition -> {
            assertThat(transition.cause()).isEqualTo(TransitionCause.ADOPTED);
            assertThat(transition.from()).isEqualTo(CircuitState.CLOSED);
            assertThat(transition.to()).isEqualTo(CircuitState.OPEN);
        });
    }

    @Test
    void aMoveIsHeardAlsoWhereNobodyHasUsedTheCircuit() {
        trip(a);
        await().until(() -> b.snapshot(PLANNER).state() == CircuitState.OPEN);
        a.override(PLANNER, order(OverrideAction.CLOSE, "anna"));

        await().until(() -> heardByB.size() == 2);
        assertThat(heardByB).extracting(StateTransition::to).containsExactly(CircuitState.OPEN, CircuitState.CLOSED);
        assertThat(heardByB).extracting(StateTransition::cause).containsOnly(TransitionCause.ADOPTED);
        assertThat(b.getOrCreate(PLANNER).snapshot().retryAfter()).isZero();
    }

    @Test
    void recoveryOnOneClosesTheOther() {
        trip(a);
        await().until(() -> b.snapshot(PLANNER).state() == CircuitState.OPEN);
        time.advance(Duration.ofSeconds(60));
        a.getOrCreate(PLANNER).acquire().succeed();
        a.getOrCreate(PLANNER).acquire().succeed();

        await().until(() -> b.snapshot(PLANNER).state() == CircuitState.CLOSED);
        assertThat(b.snapshotsNotClosed()).isEmpty();
    }

    @Test
    void twoThatTryAtTheSameTimeDoNotDisturbEachOther() {
        trip(a);
        await().until(() -> b.snapshot(PLANNER).state() == CircuitState.OPEN);
        time.advance(Duration.ofSeconds(60));
        Permit onA = a.getOrCreate(PLANNER).acquire();
        assertThat(a.flush(SOON)).isTrue();
        Permit onB = b.getOrCreate(PLANNER).acquire();
        assertThat(b.flush(SOON)).isTrue();

        assertThat(onA.succeed()).isEqualTo(Settlement.COUNTED);
        assertThat(onB.succeed()).isEqualTo(Settlement.COUNTED);
        assertThat(a.snapshot(PLANNER).state()).isEqualTo(CircuitState.HALF_OPEN);
        assertThat(b.snapshot(PLANNER).state()).isEqualTo(CircuitState.HALF_OPEN);
    }

    @Test
    void ofTwoAutomaticMovesTheFirstWinsAndTheLoserAdoptsIt() {
        a.getOrCreate(PLANNER);
        b.getOrCreate(PLANNER);
        store.deaf = true;
        trip(a);
        assertThat(a.flush(SOON)).isTrue();
        time.advance(Duration.ofSeconds(10));
        trip(b);
        assertThat(b.flush(SOON)).isTrue();

        assertThat(b.snapshot(PLANNER).retryAfter()).isEqualTo(Duration.ofSeconds(50));
        assertThat(heardByB)
                .extracting(StateTransition::cause)
                .containsExactly(TransitionCause.FAILURE_STREAK, TransitionCause.ADOPTED);
        assertThat(store.lines).extracting(TransitionRecord::cause).containsExactly("failure_streak");
    }

    @Test
    void anOverrideIsWrittenAgainUntilItIsStored() {
        store.deaf = true;
        b.override(PLANNER, order(OverrideAction.HOLD_OPEN, "ben"));
        assertThat(b.flush(SOON)).isTrue();
        a.override(PLANNER, order(OverrideAction.HOLD_CLOSED, "anna"));
        assertThat(stored(a)).isTrue();

        assertThat(a.snapshot(PLANNER).hold()).isEqualTo(new Hold(null, "anna", null));
        assertThat(store.find()).satisfies(record -> {
            assertThat(record.actor()).isEqualTo("anna");
            assertThat(record.state()).isEqualTo("closed");
            assertThat(record.epoch()).isEqualTo(a.snapshot(PLANNER).epoch());
        });
        assertThat(store.lines).extracting(TransitionRecord::actor).containsExactly("ben", "anna");
        store.deaf = false;
        store.gap();
        await().until(() -> b.snapshot(PLANNER).state() == CircuitState.CLOSED);
        assertThat(b.snapshot(PLANNER).hold()).isEqualTo(new Hold(null, "anna", null));
    }

    @Test
    void aTripWinsOverNewsThatTheCircuitHadClosedElsewhere() {
        store.deaf = true;
        trip(b);
        b.override(PLANNER, order(OverrideAction.CLOSE, "ben"));
        assertThat(b.flush(SOON)).isTrue();
        trip(a);
        assertThat(a.flush(SOON)).isTrue();

        assertThat(a.snapshot(PLANNER).state()).isEqualTo(CircuitState.OPEN);
        assertThat(store.find().state()).isEqualTo("open");
        assertThat(store.find().epoch()).isGreaterThan(b.snapshot(PLANNER).epoch());
    }

    @Test
    void anOverrideOfAnIdleCircuitIsWrittenAboveWhatWasFirstAndThenItIsForgotten() {
        store.deaf = true;
        trip(b);
        b.override(PLANNER, order(OverrideAction.CLOSE, "ben"));
        assertThat(b.flush(SOON)).isTrue();
        long first = store.find().epoch();
        store.away = true;
        a.override(PLANNER, order(OverrideAction.CLOSE, "anna"));
        time.advance(Duration.ofHours(26));
        assertThat(a.size()).isEqualTo(1);
        store.away = false;
        assertThat(a.flush(SOON)).isTrue();
        time.advance(Duration.ofHours(26));
        assertThat(a.size()).isZero();

        assertThat(store.lines).extracting(TransitionRecord::actor).endsWith("anna");
        assertThat(store.find().epoch()).isGreaterThan(first);
        assertThat(a.getOrCreate(PLANNER).snapshot().epoch())
                .isGreaterThanOrEqualTo(store.find().epoch());
    }

    @Test
    void whatWasMissedIsReadAgain() {
        store.deaf = true;
        trip(a);
        a.override(CircuitId.of("critic"), order(OverrideAction.HOLD_OPEN, "anna"));
        b.override(CircuitId.of("writer"), order(OverrideAction.OPEN, "ben"));
        assertThat(a.flush(SOON) && b.flush(SOON)).isTrue();
        a.override(CircuitId.of("writer"), order(OverrideAction.CLOSE, "anna"));
        assertThat(a.flush(SOON)).isTrue();

        store.gap();

        await().until(() -> b.snapshot(PLANNER).state() == CircuitState.OPEN);
        await().until(() -> b.snapshot(CircuitId.of("critic")).hold() != null);
        await().until(() -> b.snapshot(CircuitId.of("writer")).state() == CircuitState.CLOSED);
        assertThat(heardByB).noneMatch(transition -> transition.cause() == TransitionCause.RESUMED);
    }

    @Test
    void aCircuitThatTheStoreRefusesKeepsNoOtherFromBeingHeard() {
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> {});
        try {
            b.override(CircuitId.of("poison"), order(OverrideAction.OPEN, "ben"));
            await().dontCatchUncaughtExceptions().until(() -> !b.isStoreAvailable());
            a.override(PLANNER, order(OverrideAction.HOLD_OPEN, "anna"));

            await().dontCatchUncaughtExceptions()
                    .until(() -> b.snapshot(PLANNER).hold() != null);
            await().dontCatchUncaughtExceptions().until(() -> b.storeBacklog() == 1); // but for a try under way
        } finally {
            store.tolerant = true;
            assertThat(b.flush(SOON)).isTrue();
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }

    @Test
    void anEarlyEndOfTheCooldownIsSeenByTheOther() {
        trip(a);
        await().until(() -> b.snapshot(PLANNER).state() == CircuitState.OPEN);
        long epoch = b.snapshot(PLANNER).epoch();
        a.override(PLANNER, order(OverrideAction.PROBE_NOW, "health"));

        await().until(() -> b.snapshot(PLANNER).retryAfter().isZero());
        assertThat(b.snapshot(PLANNER).epoch()).isEqualTo(epoch);
    }

    @Test
    void epochsOnlyRiseOnBothWhateverTheyHear() {
        List<Long> epochs = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            CircuitBreakerManager actor = i % 2 == 0 ? a : b;
            CircuitBreakerManager other = i % 2 == 0 ? b : a;
            OverrideAction action = i % 2 == 0 ? OverrideAction.HOLD_OPEN : OverrideAction.HOLD_CLOSED;
            actor.override(PLANNER, order(action, "actor " + i));
            assertThat(stored(actor)).isTrue();
            String by = "actor " + i;
            await().until(() -> {
                Hold hold = other.snapshot(PLANNER).hold();
                return hold != null && hold.actor().equals(by);
            });
            epochs.add(store.find().epoch());
        }

        assertThat(epochs).isSorted().doesNotHaveDuplicates();
        assertThat(heardByB).extracting(StateTransition::epoch).isSorted().doesNotHaveDuplicates();
        assertThat(store.lines).hasSize(10);
    }

    @Test
    void repeatedOverridesAreAuditedAndNothingElseIs() {
        a.override(PLANNER, order(OverrideAction.OPEN, "anna"));
        a.override(PLANNER, order(OverrideAction.OPEN, "ben").because("me too"));
        assertThat(a.flush(SOON)).isTrue();

        assertThat(store.lines)
                .extracting(TransitionRecord::actor, TransitionRecord::action, TransitionRecord::repeated)
                .containsExactly(tuple("anna", "open", false), tuple("ben", "open", true));
    }

    @Test
    void whileTheStoreIsAwayAutomaticLinesAreSkippedAndCountedButOverridesNever() {
        store.away = true;
        trip(a);
        time.advance(Duration.ofSeconds(60));
        a.getOrCreate(PLANNER).acquire().fail(FailureKind.ERROR);
        a.override(PLANNER, order(OverrideAction.CLOSE, "anna"));
        trip(a);
        a.override(PLANNER, order(OverrideAction.HOLD_OPEN, "ben"));
        await().until(() -> a.storeBacklog() == 1); // but for a try under way
        store.away = false;
        assertThat(a.flush(SOON)).isTrue();

        // How many are skipped depends on when the writer looked; none is lost without being counted.
        assertThat(store.lines)
                .filteredOn(TransitionRecord::isOverride)
                .extracting(TransitionRecord::actor)
                .containsExactly("anna", "ben");
        List<TransitionRecord> automatic =
                store.lines.stream().filter(line -> !line.isOverride()).toList();
        assertThat(automatic.stream().mapToInt(line -> 1 + line.skipped()).sum())
                .as("trip, trial, its failure, trip")
                .isEqualTo(4);
        assertThat(automatic.get(automatic.size() - 1).cause()).isEqualTo("failure_streak");
        assertThat(store.lines).extracting(TransitionRecord::epoch).isSorted();
    }

    private static ManualOverride order(OverrideAction action, String actor) {
        return ManualOverride.of(action, actor);
    }

    /** The model found it: between two tries the circuit seemed to agree with what was in the way. */
    @Test
    void newsBetweenTwoTriesToWriteAnOrderDoNotUndoIt() {
        b.getOrCreate(PLANNER);
        store.deaf = true;
        trip(a);
        assertThat(stored(a)).isTrue();
        store.onceInTheWay = () -> {
            store.away = true;
            CircuitRecord stored = Objects.requireNonNull(store.find("default", "planner"));
            CircuitRecord closed = closedAfter(stored);
            store.kept.write(List.of(new CircuitChange(closed, stored.epoch(), List.of())));
            store.subscribers.forEach(subscriber -> subscriber.onChanged(closed));
        };
        b.override(PLANNER, order(OverrideAction.HOLD_OPEN, "ben"));
        await().atMost(SOON).until(() -> store.away);
        await().atMost(SOON).until(() -> !b.isStoreAvailable());
        store.away = false;

        assertThat(stored(b)).isTrue();
        assertThat(b.snapshot(PLANNER).hold()).isEqualTo(new Hold(null, "ben", null));
        assertThat(Objects.requireNonNull(store.find("default", "planner")).held())
                .isTrue();
    }

    private static CircuitRecord closedAfter(CircuitRecord open) {
        return new CircuitRecord(
                open.organization(),
                open.name(),
                "closed",
                open.epoch() + 1,
                0,
                0,
                0,
                open.openings(),
                0,
                null,
                open.changedAt(),
                null,
                null,
                false,
                null,
                null,
                null,
                open.policy(),
                open.writer());
    }

    private CircuitBreakerManager start(CircuitListener listener) {
        return CircuitBreakerManager.builder()
                .time(time)
                .store(store)
                .listener(listener)
                .executor(Runnable::run)
                .build();
    }

    private static void trip(CircuitBreakerManager manager) {
        for (int i = 0; i < 5; i++) {
            manager.getOrCreate(PLANNER).acquire().fail(FailureKind.ERROR);
        }
    }

    private static boolean stored(CircuitBreakerManager manager) {
        return manager.stored(PLANNER)
                .toCompletableFuture()
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
    }

    /** A store that remembers the audit trail, can be away, and can forget to report what it was given. */
    private static final class LoudStore extends ForwardingStore {
        private final List<CircuitSubscriber> subscribers = new CopyOnWriteArrayList<>();
        private final List<TransitionRecord> lines = new CopyOnWriteArrayList<>();
        private volatile boolean deaf;
        private volatile boolean away;
        private volatile boolean tolerant;
        private volatile @Nullable Runnable onceInTheWay;

        @Override
        public List<CircuitRecord> write(Collection<CircuitChange> changes) {
            if (away) {
                throw new StoreUnavailableException("The store is away", null);
            }
            if (!tolerant
                    && changes.stream()
                            .anyMatch(change -> change.record().name().equals("poison"))) {
                throw new IllegalArgumentException("No such name");
            }
            List<CircuitRecord> inTheWay = kept.write(changes);
            Runnable next = onceInTheWay;
            if (!inTheWay.isEmpty() && next != null) {
                onceInTheWay = null;
                next.run();
            }
            for (CircuitChange change : changes) {
                CircuitRecord now = kept.find(
                        change.record().organization(), change.record().name());
                if (change.record().equals(now)) {
                    lines.addAll(change.transitions());
                }
            }
            if (!deaf) {
                changes.forEach(change -> subscribers.forEach(each -> each.onChanged(change.record())));
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

        private CircuitRecord find() {
            return Objects.requireNonNull(kept.find("default", "planner"));
        }

        private void gap() {
            subscribers.forEach(CircuitSubscriber::onGap);
        }
    }
}
