package dev.interlock.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every store must do; a store's own test extends this. */
public abstract class CircuitStoreContract {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    /** A store that is empty the first time, and keeps what was written from then on. */
    protected abstract CircuitStore open();

    @Test
    void generationsRiseAndNeverComeTwice() {
        long first = open().nextGeneration();
        long second = open().nextGeneration();

        assertThat(first).isPositive();
        assertThat(second).isGreaterThan(first);
    }

    @Test
    void whatIsNotPlainlyClosedComesBackAsItWasWritten() {
        CircuitRecord open = record("planner", "open", 7, false);
        CircuitRecord halfOpen = record("writer", "half_open", 8, false);
        CircuitRecord heldClosed = record("critic", "closed", 9, true);
        open().write(List.of(open, halfOpen, heldClosed, record("idle", "closed", 3, false)));

        assertThat(read()).containsExactlyInAnyOrder(open, halfOpen, heldClosed);
    }

    @Test
    void anOlderEpochNeverOverwritesANewerOne() {
        CircuitRecord newer = record("planner", "open", 7, false);
        open().write(List.of(newer));
        open().write(List.of(record("planner", "half_open", 6, false)));

        assertThat(read()).containsExactly(newer);
    }

    @Test
    void theSameEpochIsOverwritten() {
        open().write(List.of(record("planner", "open", 7, false)));
        CircuitRecord held = record("planner", "open", 7, true);
        open().write(List.of(held));

        assertThat(read()).containsExactly(held);
    }

    @Test
    void aCircuitThatClosedIsNotRead() {
        open().write(List.of(record("planner", "open", 7, false)));
        open().write(List.of(record("planner", "closed", 8, false)));

        assertThat(read()).isEmpty();
    }

    @Test
    void organizationsDoNotShareNames() {
        CircuitRecord ours = record("planner", "open", 7, false);
        CircuitRecord theirs = new CircuitRecord(
                "other", "planner", "open", 1, 0, 0, 0, 1, 0, null, NOON, NOON, NOON, false, null, null, null,
                "default");
        open().write(List.of(ours, theirs));

        assertThat(read()).containsExactlyInAnyOrder(ours, theirs);
    }

    @Test
    void nothingToWriteIsFine() {
        open().write(List.of());

        assertThat(read()).isEmpty();
    }

    private List<CircuitRecord> read() {
        List<CircuitRecord> read = new ArrayList<>();
        open().readNotPlainlyClosed(read::add);
        return read;
    }

    private static CircuitRecord record(String name, String state, long epoch, boolean held) {
        boolean cooling = state.equals("open") && !held;
        return new CircuitRecord(
                "default",
                name,
                state,
                epoch,
                5,
                1,
                5,
                2,
                1,
                NOON.minusSeconds(1),
                NOON,
                state.equals("closed") ? null : NOON,
                cooling ? NOON.plusSeconds(60) : null,
                held,
                held ? NOON.plusSeconds(3600) : null,
                held ? "anna" : null,
                held ? "maintenance \u2713 'quoted'" : null,
                "default");
    }
}
