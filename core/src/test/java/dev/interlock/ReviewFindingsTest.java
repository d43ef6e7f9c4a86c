package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.interlock.settings.PolicySettings;
import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What reviewers found by reading, each as the failure that it caused. */
class ReviewFindingsTest {
    private static final CircuitId PLANNER = CircuitId.of("planner");
    private static final ManualOverride OPEN = ManualOverride.of(OverrideAction.OPEN, "anna");
    private static final ManualOverride CLOSE = ManualOverride.of(OverrideAction.CLOSE, "anna");

    private final ManualTimeSource time = new ManualTimeSource();

    @Test
    void agentsThatCallEachOtherWithoutEndDoNotMakeListenersDeaf() {
        List<StateTransition> heard = new ArrayList<>();
        try (CircuitBreakerManager circuits = manager().listener(heard::add).build()) {
            for (int i = 0; i < 20; i++) {
                Guard ping = circuits.guard("ping" + i);
                Guard pong = circuits.guard("pong" + i);
                assertThatThrownBy(() -> recurse(ping, pong)).isInstanceOf(StackOverflowError.class);
            }
            heard.clear();

            circuits.override(PLANNER, OPEN);

            assertThat(heard).extracting(StateTransition::id).contains(PLANNER);
        }
    }

    @Test
    void aHandlerOfUncaughtExceptionsThatThrowsDoesNotMakeAListenerDeaf() {
        AtomicInteger heard = new AtomicInteger();
        Thread.UncaughtExceptionHandler before = Thread.currentThread().getUncaughtExceptionHandler();
        Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> {
            throw new IllegalStateException("the handler is broken as well");
        });
        try (CircuitBreakerManager circuits = manager()
                .listener(transition -> {
                    heard.incrementAndGet();
                    throw new IllegalStateException("a listener that is broken");
                })
                .build()) {
            circuits.override(PLANNER, OPEN);
            circuits.override(PLANNER, CLOSE);
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(before);
        }
        assertThat(heard).hasValue(2);
    }

    @Test
    void aFullOrganizationCanBeUsedWhileRoomIsMade() throws InterruptedException {
        AtomicBoolean stop = new AtomicBoolean();
        Queue<Throwable> thrown = new ConcurrentLinkedQueue<>();
        try (CircuitBreakerManager circuits =
                CircuitBreakerManager.builder().maxCircuitsPerOrganization(200).build()) {
            Thread user = new Thread(() -> {
                for (int i = 0; !stop.get(); i++) {
                    try {
                        circuits.getOrCreate("known" + i % 150).acquire().succeed();
                    } catch (Throwable unexpected) {
                        thrown.add(unexpected);
                        return;
                    }
                }
            });
            user.start();
            for (int i = 0; i < 20_000; i++) {
                circuits.getOrCreate("made-up" + i);
            }
            stop.set(true);
            user.join();

            assertThat(thrown).isEmpty();
            assertThat(circuits.size()).isLessThanOrEqualTo(200);
            assertThat(circuits.snapshots()).hasSize(circuits.size());
        }
    }

    @Test
    void aFullOrganizationLooksForRoomAgainOnceACircuitCloses() {
        try (CircuitBreakerManager circuits =
                manager().maxCircuitsPerOrganization(1).build()) {
            circuits.override(PLANNER, OPEN);
            assertThatThrownBy(() -> circuits.getOrCreate("critic")).isInstanceOf(TooManyCircuitsException.class);

            circuits.override(PLANNER, CLOSE);

            assertThat(circuits.getOrCreate("critic").state()).isEqualTo(CircuitState.CLOSED);
        }
    }

    @Test
    void anEvictedCircuitNeedsNoAttention() {
        try (CircuitBreakerManager circuits =
                manager().maxCircuitsPerOrganization(1).build()) {
            for (int i = 0; i < 10; i++) {
                CircuitId id = CircuitId.of("agent" + i);
                circuits.override(id, OPEN);
                circuits.override(id, CLOSE);
                circuits.getOrCreate("next" + i);
            }
            assertThat(circuits.snapshotsNotClosed()).isEmpty();
        }
    }

    @Test
    void aNameThatComesBackAfterAnEvictionBeginsAboveAllThatItWas() {
        try (CircuitBreakerManager circuits =
                manager().maxCircuitsPerOrganization(1).build()) {
            long highest = 0;
            for (int i = 0; i < 5; i++) {
                circuits.override(PLANNER, OPEN);
                circuits.override(PLANNER, CLOSE);
                long epoch = circuits.snapshot(PLANNER).epoch();
                assertThat(epoch).isGreaterThan(highest);
                highest = epoch;
                circuits.getOrCreate("other");
                assertThat(circuits.getOrCreate(PLANNER).snapshot().epoch()).isGreaterThan(highest);
            }
        }
    }

    @Test
    void aJointPermitIsSettledByOneOfTwo() throws Exception {
        for (int round = 0; round < 2_000; round++) {
            try (CircuitBreakerManager circuits = manager().build()) {
                Guard guard = circuits.guard("planner").dependingOn("model:m");
                Permit permit = guard.acquire();
                CyclicBarrier together = new CyclicBarrier(2);
                CompletableFuture<Settlement> success = CompletableFuture.supplyAsync(() -> {
                    meet(together);
                    return permit.succeed();
                });
                meet(together);
                Settlement failure = permit.fail(FailureKind.TIMEOUT);

                assertThat(List.of(success.get(), failure)).containsOnlyOnce(Settlement.REPEATED);
                Figures agent = circuits.snapshot(PLANNER).figures();
                Figures model = circuits.snapshot(CircuitId.of("model:m")).figures();
                if (failure == Settlement.REPEATED) {
                    assertThat(List.of(agent.calls(), model.calls())).containsExactly(1, 1);
                    assertThat(List.of(agent.failures(), model.failures())).containsExactly(0, 0);
                } else {
                    assertThat(List.of(agent.calls(), model.calls())).containsExactly(0, 1);
                    assertThat(model.failures()).isEqualTo(1);
                }
            }
        }
    }

    @Test
    void aProbeThatHangsHoldsOneThread() {
        CountDownLatch released = new CountDownLatch(1);
        AtomicInteger begun = new AtomicInteger();
        CircuitBreakerConfig probing = CircuitBreakerConfig.builder()
                .cooldown(Duration.ofMillis(1))
                .probe(new ProbeSettings(Duration.ofMillis(1), 1, Duration.ofMillis(1), Duration.ofHours(1), 0))
                .build();
        try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .time(time)
                .defaults(probing)
                .randomness(() -> 0)
                .probe("*", id -> {
                    if (begun.getAndIncrement() == 0) {
                        return true; // by which it earns trust
                    }
                    while (released.getCount() > 0) {
                        try {
                            released.await();
                        } catch (InterruptedException ignored) {
                            // as a read from a socket does
                        }
                    }
                    return true;
                })
                .build()) {
            CircuitBreaker planner = circuits.getOrCreate(PLANNER);
            time.advance(Duration.ZERO);
            await().until(() -> {
                ProbeStatus probe = planner.snapshot().probe();
                return probe != null && probe.trusted();
            });
            circuits.override(PLANNER, OPEN);
            time.advance(Duration.ofMillis(1));
            await().until(() -> begun.get() == 2);
            for (int i = 0; i < 100; i++) {
                time.advance(Duration.ofMillis(1));
            }
            assertThat(begun).hasValue(2);

            released.countDown();
            await().until(() -> {
                time.advance(Duration.ofMillis(1));
                return circuits.getOrCreate(PLANNER).tryAcquire() != null;
            });
        }
    }

    @Test
    void timesOutOfAllReasonAreNoReasonToThrow() {
        try (CircuitBreakerManager circuits = manager().build()) {
            CircuitBreaker circuit = circuits.getOrCreate(PLANNER);
            Duration fromTheFuture = Duration.between(Instant.MAX, Instant.EPOCH);
            assertThatCode(() -> circuit.record(Outcome.success(), fromTheFuture))
                    .doesNotThrowAnyException();
            assertThatCode(() -> circuit.override(
                            ManualOverride.of(OverrideAction.HOLD_OPEN, "anna").until(Instant.MIN)))
                    .doesNotThrowAnyException();
            assertThatCode(() -> circuit.override(
                            ManualOverride.of(OverrideAction.HOLD_OPEN, "anna").until(Instant.MAX)))
                    .doesNotThrowAnyException();
            assertThat(circuit.snapshot().hold()).isNotNull();
        }
    }

    @Test
    void anActorAndAReasonHoldNothingThatADatabaseRefuses() {
        assertThatThrownBy(() -> ManualOverride.of(OverrideAction.OPEN, "an\u0000na"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "An actor must not hold control characters, format characters or separators of lines, but has"
                                + " U+0000 at position 2");
        assertThatThrownBy(() -> OPEN.because("be\u0007cause"))
                .hasMessage(
                        "A reason must not hold control characters, format characters or separators of lines, but has"
                                + " U+0007 at position 2");
        assertThat(OPEN.because("two\nlines").reason()).isEqualTo("two\nlines");
    }

    @Test
    void theLastFailureIsKnownWhileTheCircuitIsOpen() {
        try (CircuitBreakerManager circuits = manager().build()) {
            CircuitBreaker circuit = circuits.getOrCreate(PLANNER);
            time.advance(Duration.ofSeconds(10));
            Instant failed = time.wallTime();
            circuit.recordFailure(FailureKind.QUOTA_EXHAUSTED);
            time.advance(Duration.ofSeconds(5));

            assertThat(circuit.snapshot().state()).isEqualTo(CircuitState.OPEN);
            assertThat(circuit.snapshot().lastFailureAt()).isEqualTo(failed);
        }
    }

    @Test
    void probesHaveTheirTimeAfterACooldownThatWasLongerThanTheWaitForARealTrial() {
        CircuitBreakerConfig probing = CircuitBreakerConfig.builder()
                .probe(new ProbeSettings(Duration.ofSeconds(30), 3, Duration.ofSeconds(5), Duration.ofMinutes(30), 0))
                .build();
        long begin = time.ticks();
        try (CircuitBreakerManager circuits = manager()
                .defaults(probing)
                .randomness(() -> 0)
                .probe("*", id -> time.ticks() == begin)
                .build()) {
            CircuitBreaker circuit = circuits.getOrCreate(PLANNER);
            time.advance(Duration.ZERO); // trust is found
            circuit.record(Outcome.failure(FailureKind.RATE_LIMITED).retryAfter(Duration.ofMinutes(40)));

            time.advance(Duration.ofMinutes(40).plusSeconds(44));
            assertThat(circuit.tryAcquire()).isNull();
            time.advance(Duration.ofSeconds(1));
            assertThat(circuit.tryAcquire()).isNotNull();
        }
    }

    @Test
    void anEndedHoldLeavesNoTimerBehind() {
        try (CircuitBreakerManager circuits = manager().build()) {
            int before = circuits.engine().timers.size();
            for (int i = 0; i < 100; i++) {
                circuits.override(
                        PLANNER,
                        ManualOverride.of(OverrideAction.HOLD_OPEN, "anna")
                                .until(time.wallTime().plusSeconds(86_400)));
                circuits.override(PLANNER, ManualOverride.of(OverrideAction.RELEASE, "anna"));
            }
            assertThat(circuits.engine().timers.size()).isEqualTo(before);
        }
    }

    @Test
    void aRecordThatTheStoreRefusesDoesNotHoldUpTheOthers() {
        PickyStore store = new PickyStore();
        try (CircuitBreakerManager circuits = manager().store(store).build()) {
            circuits.override(CircuitId.of("poison"), OPEN);
            circuits.override(PLANNER, OPEN);

            await().dontCatchUncaughtExceptions().until(() -> store.has("planner"));
            assertThat(circuits.flush(Duration.ofMillis(1))).isFalse();
            // It is said at the end of the round that wrote the other.
            await().dontCatchUncaughtExceptions().until(() -> !circuits.isStoreAvailable());
            store.picky = false;
            assertThat(circuits.flush(Duration.ofSeconds(30))).isTrue();
            assertThat(store.has("poison")).isTrue();
        }
    }

    @Test
    void aBucketFullOfFailuresKeepsItsWeightNextToBusyOnes() {
        WindowShape shape = new WindowShape(Window.ofTime(Duration.ofHours(24)), false);
        RollingWindow window = Windows.of(shape);
        long bucket =
                Duration.ofHours(24).toNanos() / 11 + Duration.ofMinutes(1).toNanos();
        int calls = 400_000;
        for (int slot = 0; slot < 12; slot++) {
            for (int i = 0; i < calls; i++) {
                window.add(slot * bucket + bucket / 2, slot >= 5);
            }
        }
        assertThat(RollingWindow.Sum.reaches(window.sum(11 * bucket + bucket / 2), 7.0 / 12 - 0.01, 1))
                .isTrue();
    }

    @Test
    void aCallThatBeganBeforeTheOpeningIsNoTrialOfWhatComesAfter() {
        try (CircuitBreakerManager circuits = manager().build()) {
            CircuitBreaker circuit = circuits.getOrCreate(PLANNER);
            time.advance(Duration.ofSeconds(100));
            circuit.recordFailure(FailureKind.LOOP);
            time.advance(Duration.ofSeconds(60));

            assertThat(circuit.record(Outcome.success(), Duration.ofSeconds(61)))
                    .isEqualTo(Settlement.LATE);
            assertThat(circuit.state()).isEqualTo(CircuitState.OPEN);
            circuit.acquire();
            assertThat(circuit.record(Outcome.success(), Duration.ofSeconds(61)))
                    .isEqualTo(Settlement.LATE);
            assertThat(circuit.record(Outcome.success(), Duration.ofSeconds(60)))
                    .isEqualTo(Settlement.COUNTED);
        }
    }

    @Test
    void aMisspeltSettingIsGuessed() {
        assertThatThrownBy(() -> PolicySettings.read(Map.of("failureTreshold", 3)))
                .hasMessage("Invalid setting: failureTreshold = 3: must be called failure_threshold, if that is what is"
                        + " meant; there is no setting of this name");
        assertThatThrownBy(() -> PolicySettings.read(Map.of("failure_kinds", Map.of("RATE_LIMITD", "TRIP"))))
                .hasMessageContaining("failure_kinds.RATE_LIMITD = TRIP: must be called failure_kinds.RATE_LIMITED,");
        assertThatThrownBy(() -> PolicySettings.read(Map.of("colour", "red")))
                .hasMessage("Invalid setting: colour = red: must be left out, since there is no setting of this name");
    }

    private ManagerBuilder manager() {
        return CircuitBreakerManager.builder().time(time).executor(Runnable::run);
    }

    private static int recurse(Guard one, Guard other) {
        return one.call(() -> recurse(other, one)) + 1;
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception broken) {
            throw new IllegalStateException(broken);
        }
    }

    /** A store that takes everything but one name, until it does. */
    private static final class PickyStore extends ForwardingStore {
        private volatile boolean picky = true;

        @Override
        public List<CircuitRecord> write(Collection<CircuitChange> changes) {
            if (picky
                    && changes.stream()
                            .anyMatch(change -> change.record().name().equals("poison"))) {
                throw new AssertionError("This row is not for me");
            }
            return kept.write(changes);
        }

        private boolean has(String name) {
            List<CircuitRecord> read = new ArrayList<>();
            kept.readNotClosed(read::add);
            return read.stream().anyMatch(record -> record.name().equals(name));
        }
    }
}
