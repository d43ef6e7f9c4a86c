package dev.interlock.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.ManualOverride;
import dev.interlock.ManualTimeSource;
import dev.interlock.OverrideAction;
import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.OpeningRecord;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** After a restart, and in other processes, nobody could see why a circuit was open: only that it was resumed, or adopted. */
class WhyItOpenedTest {
    private static final CircuitId PLANNER = CircuitId.of("planner");

    private final ManualTimeSource time = new ManualTimeSource();
    private final HookedStore store = new HookedStore();

    @Test
    void aTripIsKnownWithItsKindInOtherProcessesAndAfterARestart() {
        OpeningRecord why = new OpeningRecord("failure_streak", "TIMEOUT", null, null);
        try (CircuitBreakerManager here = start();
                CircuitBreakerManager there = start()) {
            trip(here);
            assertThat(here.snapshot(PLANNER).opening()).isEqualTo(why);
            await().until(() -> there.snapshot(PLANNER).state() == CircuitState.OPEN);
            assertThat(there.snapshot(PLANNER).opening()).isEqualTo(why);
        }
        try (CircuitBreakerManager again = start()) {
            assertThat(again.snapshot(PLANNER).opening()).isEqualTo(why);
        }
    }

    @Test
    void whoOpenedItIsKnownAlsoOnceItIsTried() {
        OpeningRecord why = new OpeningRecord("override", null, "anna", "a bad release");
        try (CircuitBreakerManager here = start()) {
            here.override(
                    PLANNER, ManualOverride.of(OverrideAction.OPEN, "anna").because("a bad release"));
            time.advance(Duration.ofSeconds(60));
            here.getOrCreate(PLANNER).acquire();
            assertThat(here.flush(Duration.ofSeconds(10))).isTrue();
        }
        assertThat(stored().state()).isEqualTo("half_open");
        try (CircuitBreakerManager again = start()) {
            assertThat(again.snapshot(PLANNER).opening()).isEqualTo(why);
            again.override(PLANNER, ManualOverride.of(OverrideAction.CLOSE, "ben"));
            assertThat(again.snapshot(PLANNER).opening()).isNull();
        }
    }

    @Test
    void aCauseOfANewerVersionIsShownAsItIs() {
        OpeningRecord why = new OpeningRecord("cause_to_come", "KIND_TO_COME", null, null);
        put("open", why);
        try (CircuitBreakerManager here = start()) {
            assertThat(here.snapshot(PLANNER).opening()).isEqualTo(why);
        }
    }

    @Test
    void aStateOfANewerVersionDecidesLikeTheOneThatItResembles() {
        assertThat(stateOf("isolated")).isEqualTo(CircuitState.OPEN);
        assertThat(stateOf("half_open_again")).isEqualTo(CircuitState.OPEN); // half-open resumes as open
        assertThat(stateOf("closed_for_some")).isEqualTo(CircuitState.CLOSED);
    }

    private CircuitState stateOf(String state) {
        HookedStore other = new HookedStore();
        other.kept.write(List.of(CircuitChange.of(record(state, null))));
        try (CircuitBreakerManager here =
                CircuitBreakerManager.builder().time(time).store(other).build()) {
            CircuitSnapshot planner = here.snapshot(PLANNER);
            assertThat(planner.epoch()).isGreaterThan(1L << 32); // it was taken in, not made
            assertThat(planner.since()).isNotNull();
            return planner.state();
        }
    }

    private void put(String state, @Nullable OpeningRecord why) {
        store.kept.write(List.of(CircuitChange.of(record(state, why))));
    }

    private CircuitRecord record(String state, @Nullable OpeningRecord why) {
        return new CircuitRecord(
                "default",
                "planner",
                state,
                1L << 33,
                5,
                0,
                5,
                1,
                0,
                null,
                time.wallTime(),
                time.wallTime(),
                time.wallTime().plusSeconds(60),
                false,
                null,
                null,
                null,
                "default",
                77,
                why);
    }

    private static void trip(CircuitBreakerManager circuits) {
        for (int i = 0; i < 5; i++) {
            circuits.getOrCreate(PLANNER).acquire().fail(FailureKind.TIMEOUT);
        }
    }

    private CircuitRecord stored() {
        return Objects.requireNonNull(store.kept.find("default", "planner"));
    }

    private CircuitBreakerManager start() {
        return CircuitBreakerManager.builder()
                .time(time)
                .store(store)
                .executor(Runnable::run)
                .build();
    }
}
