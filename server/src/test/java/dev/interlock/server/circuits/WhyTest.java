package dev.interlock.server.circuits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.FailureKind;
import dev.interlock.ManualOverride;
import dev.interlock.ManualTimeSource;
import dev.interlock.OverrideAction;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.InMemoryCircuitStore;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The cause of a circuit is the same for the process that moved it, for another one, and after a restart. */
class WhyTest {
    private static final CircuitId PLANNER = CircuitId.of("planner");

    private final ManualTimeSource time = new ManualTimeSource();

    @Test
    void a_trip_keeps_its_cause_and_kind() {
        assertKept(WhyTest::trip, "failure_streak", "TIMEOUT", null, null);
    }

    @Test
    void an_opening_by_a_person_keeps_who_and_why() {
        assertKept(
                circuits -> act(circuits, OverrideAction.OPEN, "ada", "a bad release"),
                "override",
                null,
                "ada",
                "a bad release");
    }

    @Test
    void a_hold_is_the_persons_even_if_the_circuit_was_open_before() {
        Consumer<CircuitBreakerManager> hold =
                circuits -> act(circuits, OverrideAction.HOLD_OPEN, "ada", "maintenance");
        Consumer<CircuitBreakerManager> trip = WhyTest::trip;
        Consumer<CircuitBreakerManager> open = circuits -> act(circuits, OverrideAction.OPEN, "ada", "a bad release");
        assertKept(trip.andThen(hold), "override", null, "ada", "maintenance");
        assertKept(open.andThen(hold), "override", null, "ada", "maintenance");
        assertKept(
                circuits -> act(circuits, OverrideAction.HOLD_CLOSED, "ada", "a load test"),
                "override",
                null,
                "ada",
                "a load test");
        assertKept(
                trip.andThen(hold).andThen(circuits -> act(circuits, OverrideAction.RELEASE, "ben", "done")),
                "override",
                null,
                "ben",
                "done");
    }

    @Test
    void what_trials_close_is_closed_by_trials_for_others_too() {
        CircuitStore store = new InMemoryCircuitStore();
        try (CircuitBreakerManager here = start(store);
                CircuitBreakerManager beside = start(store)) {
            trip(here);
            await().until(() -> Why.of(beside.snapshot(PLANNER)).cause() != null);
            time.advance(Duration.ofSeconds(60));
            for (int i = 0; i < 2; i++) {
                here.getOrCreate(PLANNER).acquire().succeed();
            }
            assertThat(Why.of(here.snapshot(PLANNER))).isEqualTo(new Why("trials_succeeded", null, null, null, null));
            await().untilAsserted(() -> assertThat(Why.of(beside.snapshot(PLANNER)))
                    .isEqualTo(new Why("trials_succeeded", null, null, null, "process")));
        }
    }

    @Test
    void a_circuit_that_never_changed_has_no_cause() {
        try (CircuitBreakerManager here = start(new InMemoryCircuitStore())) {
            assertThat(Why.of(here.snapshot(PLANNER))).isEqualTo(new Why(null, null, null, null, null));
        }
    }

    private void assertKept(
            Consumer<CircuitBreakerManager> move, String cause, String kind, String actor, String reason) {
        CircuitStore store = new InMemoryCircuitStore();
        try (CircuitBreakerManager beside = start(store)) {
            try (CircuitBreakerManager here = start(store)) {
                move.accept(here);
                assertThat(Why.of(here.snapshot(PLANNER))).isEqualTo(new Why(cause, kind, actor, reason, null));
                assertThat(here.flush(Duration.ofSeconds(10))).isTrue();
            }
            await().untilAsserted(() -> assertThat(Why.of(beside.snapshot(PLANNER)))
                    .isEqualTo(new Why(cause, kind, actor, reason, "process")));
        }
        try (CircuitBreakerManager again = start(store)) {
            assertThat(Why.of(again.snapshot(PLANNER))).isEqualTo(new Why(cause, kind, actor, reason, "restart"));
        }
    }

    private CircuitBreakerManager start(CircuitStore store) {
        return CircuitBreakerManager.builder()
                .time(time)
                .store(store)
                .executor(Runnable::run)
                .build();
    }

    private static void trip(CircuitBreakerManager circuits) {
        for (int i = 0; i < 5; i++) {
            circuits.getOrCreate(PLANNER).acquire().fail(FailureKind.TIMEOUT);
        }
    }

    private static void act(CircuitBreakerManager circuits, OverrideAction action, String actor, String reason) {
        circuits.override(PLANNER, ManualOverride.of(action, actor).because(reason));
    }
}
