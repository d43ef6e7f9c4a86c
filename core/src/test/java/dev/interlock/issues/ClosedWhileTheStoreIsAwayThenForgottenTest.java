package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.ManualTimeSource;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.StoreUnavailableException;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A circuit closed while the store was away and was then forgotten: the store kept it open for ever, and its next trip
 * was taken for that of another process and lost its cooldown.
 */
class ClosedWhileTheStoreIsAwayThenForgottenTest {
    private static final CircuitId PLANNER = CircuitId.of("planner");
    private static final Duration SOON = Duration.ofSeconds(20);

    private final ManualTimeSource time = new ManualTimeSource();
    private final HookedStore store = new HookedStore();
    private final CircuitBreakerManager circuits = CircuitBreakerManager.builder()
            .time(time)
            .store(store)
            .executor(Runnable::run)
            .maxCircuitsPerOrganization(2)
            .build();

    @AfterEach
    void close() {
        circuits.close();
    }

    @Test
    void theClosingReachesTheStoreAndTheNextTripCoolsDown() {
        closeWhileAway();
        time.advance(Duration.ofHours(50));
        comeBack();

        assertThat(stored().state()).isEqualTo("closed");
        tripAndCheckTheCooldown();
    }

    @Test
    void atTheCapOthersMakeRoom() {
        closeWhileAway();
        time.advance(Duration.ofMinutes(1));
        circuits.getOrCreate("idle");
        circuits.getOrCreate("new");
        circuits.getOrCreate("newer");
        comeBack();

        assertThat(stored().state()).isEqualTo("closed");
        tripAndCheckTheCooldown();
    }

    @Test
    void onceItIsStoredItIsForgottenAsOthersAre() {
        closeWhileAway();
        comeBack();
        time.advance(Duration.ofHours(50));

        assertThat(circuits.size()).isZero();
    }

    private void closeWhileAway() {
        trip();
        assertThat(circuits.flush(SOON)).isTrue();
        store.onWrite = changes -> {
            throw new StoreUnavailableException("The store is away", null);
        };
        time.advance(Duration.ofSeconds(60));
        for (int i = 0; i < 2; i++) {
            circuits.getOrCreate(PLANNER).acquire().succeed();
        }
        assertThat(circuits.snapshot(PLANNER).state()).isEqualTo(CircuitState.CLOSED);
        await().until(() -> !circuits.isStoreAvailable());
    }

    private void comeBack() {
        store.onWrite = changes -> {};
        assertThat(circuits.flush(SOON)).isTrue();
    }

    private void trip() {
        for (int i = 0; i < 5; i++) {
            circuits.getOrCreate(PLANNER).acquire().fail(FailureKind.TIMEOUT);
        }
    }

    private void tripAndCheckTheCooldown() {
        trip();
        assertThat(circuits.flush(SOON)).isTrue();
        assertThat(circuits.snapshot(PLANNER).retryAfter()).isEqualTo(Duration.ofSeconds(60));
        assertThat(stored().state()).isEqualTo("open");
    }

    private CircuitRecord stored() {
        return Objects.requireNonNull(store.kept.find("default", "planner"));
    }
}
