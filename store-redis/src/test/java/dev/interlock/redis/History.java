package dev.interlock.redis;

import dev.interlock.CircuitId;
import dev.interlock.CircuitState;
import dev.interlock.StateTransition;
import dev.interlock.redis.Nodes.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What happened in a round, and what of it should not have. Safe for use by any thread. */
final class History {
    /** A trial while it runs. */
    static final class Trial {
        private final Node node;
        private final boolean detached;
        private final long at;

        private Trial(Node node, boolean detached, long at) {
            this.node = node;
            this.detached = detached;
            this.at = at;
        }

        @Override
        public String toString() {
            return "generation " + node.manager.generation() + (detached ? " detached" : "") + " at " + at + ": "
                    + node.last(6);
        }
    }

    /** For so long processes may not have noticed that Redis forgot everything, and use what it gave them before. */
    private static final long GRACE = 500_000_000L;

    private final List<Trial> running = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private final List<String> events = new ArrayList<>();
    private final long began = System.nanoTime();
    private long forgotAt = began - GRACE;

    /** A trial begins; together with those that run there must not be more than the cap. */
    synchronized Trial begins(Node node, boolean detached) {
        Trial trial = new Trial(node, detached || node.manager.isDetached(), millis());
        running.add(trial);
        long together = running.stream()
                .filter(each -> trial.detached
                        ? each.node == node && each.detached
                        : !each.detached && !each.node.manager.isDetached())
                .count();
        if (together > FaultRound.CAP && System.nanoTime() - forgotAt > GRACE) {
            violated(together + " trials at once, detached: " + trial.detached + " " + running);
        }
        return trial;
    }

    synchronized void ends(Trial trial) {
        running.remove(trial);
    }

    /** Redis forgets who is out; what was begun before is late. */
    synchronized void forgets() {
        running.clear();
        forgotAt = System.nanoTime();
    }

    /** Something befell somebody. */
    synchronized void event(String what) {
        events.add(what + " at " + millis());
    }

    synchronized void dies(Node node) {
        running.removeIf(trial -> trial.node == node);
    }

    synchronized void violated(String what) {
        violations.add(what + " at " + millis() + " after " + events);
    }

    private long millis() {
        return (System.nanoTime() - began) / 1_000_000;
    }

    synchronized List<String> violations() {
        return List.copyOf(violations);
    }

    /** Epochs rise, each stay begins where the one before ended, and no step is one that a circuit cannot take. */
    void check(List<StateTransition> transitions) {
        Map<CircuitId, StateTransition> last = new HashMap<>();
        for (StateTransition transition : transitions) {
            StateTransition before = last.put(transition.id(), transition);
            if (before != null && before.epoch() >= transition.epoch()) {
                violated("epochs do not rise: " + before + " then " + transition);
            }
            if (before != null && before.to() != transition.from()) {
                violated("a gap: " + before + " then " + transition);
            }
            boolean adopted = transition.cause() == dev.interlock.TransitionCause.ADOPTED;
            if (!adopted && transition.from() == CircuitState.CLOSED && transition.to() == CircuitState.HALF_OPEN) {
                violated("closed to half-open: " + transition);
            }
        }
    }
}
