package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.InMemoryCircuitStore;
import dev.interlock.store.OpeningRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What of a circuit lies in its record, and what becomes of a record, long after the clock's zero. */
class CircuitRecordsTest {
    private static final CircuitId PLANNER = CircuitId.of("planner");
    private static final Duration SOON = Duration.ofSeconds(30);

    private final InMemoryCircuitStore store = new InMemoryCircuitStore();
    private final ManualTimeSource time = new ManualTimeSource();

    @Test
    void a_trip_is_kept_with_its_figures_and_times() {
        time.advance(Duration.ofHours(3));
        try (CircuitBreakerManager manager = start()) {
            CircuitBreaker circuit = manager.getOrCreate(PLANNER);
            circuit.acquire().succeed();
            circuit.acquire().succeed();
            for (int i = 0; i < 5; i++) {
                circuit.acquire().fail(FailureKind.ERROR);
            }
            Instant tripped = time.wallTime();
            time.advance(Duration.ofSeconds(10));
            manager.override(PLANNER, ManualOverride.of(OverrideAction.OPEN, "anna"));
            assertThat(manager.flush(SOON)).isTrue();

            assertThat(stored())
                    .isEqualTo(new CircuitRecord(
                            "default",
                            "planner",
                            "open",
                            circuit.snapshot().epoch(),
                            5,
                            2,
                            5,
                            1,
                            0,
                            tripped,
                            tripped,
                            tripped,
                            tripped.plusSeconds(60),
                            false,
                            null,
                            null,
                            null,
                            "default",
                            manager.generation(),
                            new OpeningRecord("failure_streak", "ERROR", null, null)));
        }
    }

    @Test
    void a_record_comes_back_with_its_figures_and_times() {
        time.advance(Duration.ofHours(3));
        Instant opened = time.wallTime().minusSeconds(20);
        put(record("open", 7, false, opened, null));
        try (CircuitBreakerManager manager = start()) {
            CircuitSnapshot circuit = manager.snapshot(PLANNER);
            assertThat(circuit.figures()).isEqualTo(new Figures(7, 5, 0, 0, 5));
            assertThat(circuit.openedAt()).isEqualTo(opened);
            assertThat(circuit.since()).isEqualTo(opened);
            assertThat(circuit.lastFailureAt()).isEqualTo(opened.minusSeconds(1));
            assertThat(circuit.retryAfter()).isEqualTo(Duration.ofSeconds(40));
            assertThat(circuit.openings()).isEqualTo(2);
            StateTransition resumed = Objects.requireNonNull(circuit.lastTransition());
            assertThat(resumed.cause()).isEqualTo(TransitionCause.RESUMED);
            assertThat(resumed.from()).isEqualTo(CircuitState.OPEN);
            assertThat(resumed.cooldown()).isEqualTo(Duration.ofSeconds(40));
        }
    }

    @Test
    void a_hold_comes_back_with_the_time_that_is_left() {
        time.advance(Duration.ofHours(3));
        Instant until = time.wallTime().plusSeconds(30);
        put(record("open", 7, true, time.wallTime().minusSeconds(20), until));
        try (CircuitBreakerManager manager = start()) {
            assertThat(manager.snapshot(PLANNER).retryAfter()).isEqualTo(Duration.ofSeconds(30));
            assertThat(Objects.requireNonNull(manager.snapshot(PLANNER).lastTransition())
                            .cooldown())
                    .isNull();
            time.advance(Duration.ofSeconds(29));
            assertThat(manager.snapshot(PLANNER).hold()).isEqualTo(new Hold(until, "anna", "rollout"));
            time.advance(Duration.ofSeconds(1));
            assertThat(manager.snapshot(PLANNER).hold()).isNull();
        }
    }

    @Test
    void a_record_without_an_opening_was_opened_when_it_changed() {
        Instant changed = time.wallTime().minusSeconds(20);
        put(record("open", 7, true, null, null));
        try (CircuitBreakerManager manager = start()) {
            assertThat(manager.snapshot(PLANNER).openedAt()).isEqualTo(changed);
        }
    }

    @Test
    void an_epoch_goes_on_above_the_record_and_above_the_generation() {
        long far = 9L << 32;
        put(record("open", far, false, time.wallTime(), null));
        try (CircuitBreakerManager manager = start()) {
            assertThat(manager.snapshot(PLANNER).epoch()).isEqualTo(far + 1);
        }
    }

    private void put(CircuitRecord record) {
        assertThat(store.write(List.of(CircuitChange.of(record)))).isEmpty();
    }

    private CircuitRecord stored() {
        return Objects.requireNonNull(store.find("default", "planner"));
    }

    private CircuitRecord record(String state, long epoch, boolean held, Instant openedAt, Instant holdUntil) {
        return new CircuitRecord(
                "default",
                "planner",
                state,
                epoch,
                5,
                2,
                5,
                2,
                0,
                openedAt == null ? null : openedAt.minusSeconds(1),
                openedAt == null ? time.wallTime().minusSeconds(20) : openedAt,
                openedAt,
                openedAt == null || held ? null : openedAt.plusSeconds(60),
                held,
                holdUntil,
                held ? "anna" : null,
                held ? "rollout" : null,
                "default",
                1);
    }

    private CircuitBreakerManager start() {
        return CircuitBreakerManager.builder()
                .time(time)
                .store(store)
                .executor(Runnable::run)
                .build();
    }
}
