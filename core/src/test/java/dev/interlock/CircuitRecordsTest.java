package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.InMemoryCircuitStore;
import dev.interlock.store.OpeningRecord;
import dev.interlock.store.TransitionRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What of a circuit lies in its record, and what becomes of a record, long after the clock's zero. */
class CircuitRecordsTest {
    private static final CircuitId PLANNER = CircuitId.of("planner");
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

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

    // What goes well with what.

    @Test
    void only_a_closing_that_nobody_ordered_goes_well_with_a_closed_circuit() {
        Lab lab = new Lab();
        assertThat(follows(lab, closed(null))).isTrue();
        assertThat(follows(lab, closed("anna"))).isFalse();
        assertThat(follows(lab, record("half_open", 7, false, NOON, null))).isFalse();
        lab.trip();
        assertThat(follows(lab, closed(null))).isFalse();
        lab.override(OverrideAction.HOLD_CLOSED);
        assertThat(follows(lab, closed(null))).isFalse();
    }

    @Test
    void trials_of_another_process_go_well_with_a_circuit_that_cools_down_or_is_tried_and_is_not_held() {
        Lab lab = new Lab();
        CircuitRecord tried = record("half_open", 7, false, NOON, null);
        lab.trip();
        assertThat(follows(lab, tried)).isTrue();
        assertThat(follows(lab, record("open", 7, false, NOON, null))).isFalse();
        lab.pass(Duration.ofSeconds(60)).begin();
        assertThat(follows(lab, tried)).isTrue();
        lab.override(OverrideAction.HOLD_OPEN);
        assertThat(follows(lab, tried)).isFalse();
    }

    @Test
    void a_shared_circuit_is_tried_by_all_or_by_none() {
        try (CircuitBreakerManager manager = CircuitBreakerManager.builder()
                .time(time)
                .store(new UnansweringStore())
                .defaults(Lab.settings().scope(Scope.SHARED).build())
                .build()) {
            CircuitBreaker circuit = manager.getOrCreate(PLANNER);
            CircuitRecord tried = record("half_open", 7, false, NOON, null);
            assertThat(CircuitRecords.triedTogether(tried, circuit.policy())).isTrue();
            assertThat(CircuitRecords.triedTogether(closed(null), circuit.policy()))
                    .isFalse();
            circuit.recordFailure(FailureKind.LOOP);
            assertThat(CircuitRecords.isFollowedBy(tried, circuit.current(), circuit.policy()))
                    .isFalse();
        }
    }

    @Test
    void a_record_is_of_an_epoch_of_its_state_and_its_hold() {
        Lab lab = new Lab();
        assertThat(isOf(lab, closed(null))).isTrue();
        assertThat(isOf(lab, record("open", 7, false, NOON, null))).isFalse();
        lab.trip();
        assertThat(isOf(lab, record("open", 7, false, NOON, null))).isTrue();
        assertThat(isOf(lab, record("half_open", 7, false, NOON, null)))
                .as("what was half-open is resumed as open")
                .isTrue();
        assertThat(isOf(lab, closed(null))).isFalse();
        assertThat(isOf(lab, record("open", 7, true, NOON, null))).isFalse();
        lab.pass(Duration.ofSeconds(60)).begin();
        assertThat(isOf(lab, record("half_open", 7, false, NOON, null))).isTrue();
        assertThat(isOf(lab, record("open", 7, false, NOON, null))).isFalse();
    }

    @Test
    void of_two_holds_of_one_number_the_actor_says_which() {
        Lab lab = new Lab();
        lab.override(OverrideAction.HOLD_OPEN);
        assertThat(isOf(lab, record("open", 7, true, NOON, null)))
                .as("anna's, and not ada's")
                .isFalse();
        lab.override(OverrideAction.RELEASE);
        lab.circuit.override(ManualOverride.of(OverrideAction.HOLD_OPEN, "anna"));
        assertThat(isOf(lab, record("open", 7, true, NOON, null))).isTrue();
        assertThat(isOf(lab, record("open", 7, false, NOON, null))).isFalse();
    }

    @Test
    void a_cooldown_runs_in_open_that_is_not_held() {
        assertThat(CircuitRecords.cools(record("open", 7, false, NOON, null))).isTrue();
        assertThat(CircuitRecords.cools(record("open", 7, true, NOON, null))).isFalse();
        assertThat(CircuitRecords.cools(record("half_open", 7, false, NOON, null)))
                .isFalse();
        assertThat(CircuitRecords.cools(closed(null))).isFalse();
    }

    @Test
    void a_cooldown_is_never_longer_than_it_was_whatever_the_clock_says() {
        CircuitRecord open = record("open", 7, false, NOON, null);
        assertThat(left(open, NOON.plusSeconds(20))).isEqualTo(Duration.ofSeconds(40));
        assertThat(left(open, NOON.minusSeconds(3_600))).isEqualTo(Duration.ofSeconds(60));
        assertThat(left(open, NOON.plusSeconds(61))).isZero();
        assertThat(left(record("open", 7, true, NOON, null), NOON)).as("a hold").isZero();
    }

    @Test
    void a_circuit_of_which_nothing_is_stored_is_closed_above_what_it_was() {
        Lab lab = new Lab();
        lab.trip().pass(Duration.ofSeconds(5));
        Epoch open = lab.circuit.current();
        CircuitRecord nothing = CircuitRecords.closedAndClean(lab.circuit.id(), open.origin, lab.circuit.policy());
        assertThat(nothing.isClosedAndClean()).isTrue();
        assertThat(nothing.epoch()).isEqualTo(open.origin.epoch + 1);
        assertThat(nothing.openings()).isEqualTo(1);
        assertThat(nothing.changedAt()).isEqualTo(lab.time.wallTime());
        assertThat(nothing.policy()).isEqualTo("default");
    }

    // Lines of the audit trail.

    @Test
    void a_transition_is_a_line_with_all_that_it_says() {
        Lab lab = new Lab();
        lab.succeed(2).fail(5);
        assertThat(CircuitRecords.of(lab.lastHeard()))
                .isEqualTo(new TransitionRecord(
                        "default",
                        "agent",
                        lab.circuit.epoch(),
                        "closed",
                        "open",
                        lab.time.wallTime(),
                        "failure_streak",
                        null,
                        false,
                        "ERROR",
                        60_000L,
                        7,
                        5,
                        5,
                        false,
                        null,
                        null,
                        null,
                        0));
        Instant until = lab.time.wallTime().plusSeconds(600);
        lab.circuit.override(ManualOverride.of(OverrideAction.HOLD_CLOSED, "ada")
                .because("rollout")
                .until(until));
        assertThat(CircuitRecords.of(lab.lastHeard())).satisfies(line -> {
            assertThat(line.action()).isEqualTo("hold_closed");
            assertThat(line.cause()).isEqualTo("override");
            assertThat(line.kind()).isNull();
            assertThat(line.cooldownMillis()).isNull();
            assertThat(line.held()).isTrue();
            assertThat(line.holdUntil()).isEqualTo(until);
            assertThat(line.actor()).isEqualTo("ada");
            assertThat(line.reason()).isEqualTo("rollout");
        });
    }

    @Test
    void what_changed_nothing_is_a_line_that_repeats_the_state() {
        Lab lab = new Lab();
        Instant until = NOON.plusSeconds(7_200);
        lab.circuit.override(ManualOverride.of(OverrideAction.HOLD_OPEN, "ada").until(until));
        CircuitSnapshot held = lab.circuit.snapshot();
        ManualOverride again = ManualOverride.of(OverrideAction.OPEN, "ben").because("me too");

        assertThat(CircuitRecords.repeated(held, again, NOON))
                .isEqualTo(new TransitionRecord(
                        "default",
                        "agent",
                        held.epoch(),
                        "open",
                        "open",
                        NOON,
                        "override",
                        "open",
                        true,
                        null,
                        null,
                        0,
                        0,
                        0,
                        true,
                        until,
                        "ben",
                        "me too",
                        0));
        assertThat(CircuitRecords.hastened(held, again, NOON)).satisfies(line -> {
            assertThat(line.cause()).isEqualTo("health");
            assertThat(line.isOverride()).isFalse();
            assertThat(line.repeated()).isTrue();
        });
        lab.override(OverrideAction.RELEASE);
        assertThat(CircuitRecords.repeated(lab.circuit.snapshot(), again, NOON)).satisfies(line -> {
            assertThat(line.held()).isFalse();
            assertThat(line.holdUntil()).isNull();
        });
    }

    @Test
    void two_changes_of_one_circuit_are_the_newer_record_with_all_lines_on_the_first_basis() {
        TransitionRecord line = CircuitRecords.hastened(
                new Lab().circuit.snapshot(), ManualOverride.of(OverrideAction.PROBE_NOW, "health"), NOON);
        CircuitChange older = new CircuitChange(record("open", 7, false, NOON, null), 5, List.of(line));
        CircuitChange newer = new CircuitChange(record("open", 8, false, NOON, null), 6, List.of(line.skipping(2)));
        assertThat(CircuitRecords.both(older, newer))
                .isEqualTo(new CircuitChange(newer.record(), 5, List.of(line, line.skipping(2))));
        assertThat(CircuitRecords.both(newer, older))
                .isEqualTo(new CircuitChange(newer.record(), 6, List.of(line.skipping(2), line)));
    }

    private static boolean follows(Lab lab, CircuitRecord record) {
        return CircuitRecords.isFollowedBy(record, lab.circuit.current(), lab.circuit.policy());
    }

    private static boolean isOf(Lab lab, CircuitRecord record) {
        return CircuitRecords.isOf(record, lab.circuit.current());
    }

    private static Duration left(CircuitRecord record, Instant wall) {
        return Duration.ofNanos(CircuitRecords.cooldownLeft(record, wall));
    }

    private static CircuitRecord closed(@Nullable String actor) {
        return new CircuitRecord(
                "default", "planner", "closed", 7, 0, 0, 0, 0, 0, null, NOON, null, null, false, null, actor, null,
                "default", 1);
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
