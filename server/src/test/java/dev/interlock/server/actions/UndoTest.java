package dev.interlock.server.actions;

import static dev.interlock.CircuitState.CLOSED;
import static dev.interlock.CircuitState.HALF_OPEN;
import static dev.interlock.CircuitState.OPEN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitState;
import dev.interlock.ManualOverride;
import dev.interlock.server.actions.Change.Look;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Which overrides bring a circuit back to what it was. */
class UndoTest {
    private static final Instant NOW = Instant.parse("2027-01-31T03:00:00Z");
    private static final Instant LATER = NOW.plusSeconds(60);
    private static final Instant BEFORE = NOW.minusSeconds(60);

    @Test
    void each_state_has_its_way_back() {
        assertThat(steps(free(CLOSED), free(OPEN))).isEqualTo("CLOSE");
        assertThat(steps(free(CLOSED), held(OPEN, null))).isEqualTo("CLOSE");
        assertThat(steps(free(CLOSED), held(CLOSED, null))).isEqualTo("CLOSE");
        assertThat(steps(free(CLOSED), free(CLOSED))).as("after a reset").isEmpty();
        assertThat(steps(free(OPEN), free(CLOSED))).isEqualTo("OPEN");
        assertThat(steps(free(OPEN), held(CLOSED, null))).isEqualTo("OPEN");
        assertThat(steps(free(OPEN), held(OPEN, null))).isEqualTo("RELEASE");
        assertThat(steps(free(HALF_OPEN), free(CLOSED))).isEqualTo("OPEN PROBE_NOW");
        assertThat(steps(free(HALF_OPEN), free(OPEN))).isEqualTo("PROBE_NOW");
        assertThat(steps(free(HALF_OPEN), held(OPEN, null))).isEqualTo("RELEASE");
    }

    @Test
    void a_hold_comes_back_with_its_end_but_not_after_it() {
        List<ManualOverride> hold = Undo.of(change(held(OPEN, LATER), free(CLOSED)), "ada", "slip", NOW);
        assertThat(hold).hasSize(1);
        assertThat(hold.get(0).until()).isEqualTo(LATER);
        assertThat(hold.get(0).actor()).isEqualTo("ada");
        assertThat(hold.get(0).reason()).isEqualTo("slip");
        assertThat(steps(held(OPEN, null), free(CLOSED))).isEqualTo("HOLD_OPEN");
        assertThat(steps(held(CLOSED, LATER), free(OPEN))).isEqualTo("HOLD_CLOSED");
        assertThat(steps(held(OPEN, BEFORE), free(CLOSED)))
                .as("as after its end")
                .isEqualTo("OPEN PROBE_NOW");
        assertThat(steps(held(CLOSED, BEFORE), free(OPEN))).isEqualTo("CLOSE");
    }

    @Test
    void what_was_done_is_read_as_it_was_written() {
        List<Change> changes =
                List.of(change(held(OPEN, LATER), free(CLOSED)), change(free(HALF_OPEN), held(CLOSED, null)));
        assertThat(Change.read(Change.write(changes))).isEqualTo(changes);
    }

    private static String steps(Look before, Look after) {
        return Undo.of(change(before, after), "ada", null, NOW).stream()
                .map(step -> step.action().name())
                .collect(Collectors.joining(" "));
    }

    private static Change change(Look before, Look after) {
        return new Change("planner", before, after, NOW);
    }

    private static Look free(CircuitState state) {
        return new Look(state, false, null);
    }

    private static Look held(CircuitState state, Instant until) {
        return new Look(state, true, until);
    }
}
