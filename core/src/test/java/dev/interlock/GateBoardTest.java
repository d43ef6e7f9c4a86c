package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The list of gates is marked at everything that is governed, whenever that came. */
class GateBoardTest {
    private static final CircuitId AGENT = new CircuitId("acme", "agent");
    private static final CircuitId MODEL = new CircuitId("acme", "model:m");

    private final GateBoard board = new GateBoard();

    private static Map<String, List<GateBoard.Shut>> one(Gate gate, long end) {
        return Map.of("acme", List.of(new GateBoard.Shut(gate, end)));
    }

    @Test
    void all_that_is_governed_is_marked_and_the_mark_is_taken_off_with_the_last_gate() {
        Marked first = new Marked();
        Marked second = new Marked();
        board.govern(first);
        board.govern(second);
        assertThat(first.any).isFalse();
        board.show(one(Gate.ofOrganization("acme", "ann"), GateBoard.Shut.NO_END));
        assertThat(first.any).isTrue();
        assertThat(second.any).isTrue();
        Marked later = new Marked();
        board.govern(later);
        assertThat(later.any).isTrue();
        assertThat(board.isEmpty()).isFalse();
        board.show(Map.of());
        assertThat(List.of(first.any, second.any, later.any)).containsOnly(false);
        assertThat(board.isEmpty()).isTrue();
    }

    @Test
    void a_gate_covers_until_its_end_and_says_how_long() {
        board.show(one(Gate.ofAgents("acme", "agent", "ann"), 100));
        GateBoard.Shut shut = board.covering(AGENT, 99);
        assertThat(shut).isNotNull();
        assertThat(shut.left(99)).isEqualTo(1);
        assertThat(shut.left(100)).as("a call that looked just before").isEqualTo(1);
        assertThat(shut.left(40)).isEqualTo(60);
        assertThat(board.covering(AGENT, 100)).isNull();
    }

    @Test
    void it_says_because_of_which_circuit_it_covers_a_call() {
        GateBoard.Shut model = new GateBoard.Shut(Gate.ofUpstream("acme", "model:*", "ann"), GateBoard.Shut.NO_END);
        assertThat(model.covered(AGENT, List.of(AGENT, MODEL))).isEqualTo(MODEL);
        assertThat(model.covered(AGENT, List.of(AGENT))).isNull();
        GateBoard.Shut agents = new GateBoard.Shut(Gate.ofAgents("acme", "model:*", "ann"), GateBoard.Shut.NO_END);
        assertThat(agents.covered(AGENT, List.of(AGENT, MODEL))).isNull();
        assertThat(agents.covered(MODEL, List.of())).isEqualTo(MODEL);
    }

    @Test
    void each_step_leaves_the_board_to_other_threads() {
        board.govern(new Marked());
        assertThat(OtherThread.running(() -> board.govern(new Marked()))).succeedsWithin(OtherThread.LONG);
        board.show(Map.of());
        assertThat(OtherThread.running(() -> board.show(Map.of()))).succeedsWithin(OtherThread.LONG);
    }

    private static final class Marked implements GateBoard.Governed {
        boolean any;

        @Override
        public void gated(boolean is) {
            any = is;
        }
    }
}
