package dev.interlock;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The gates of one process, as calls see them: one list, which changes whole.
 *
 * <p>A call on the closed path reads no list: each policy has a mark, next to what that path reads anyway, that says
 * whether there is any gate at all. The list is shown before the marks are set, and {@link #show} returns after both:
 * from then on no call that asks passes unseen. Decision 0112.
 */
final class GateBoard {
    /** What carries a mark; {@link Policy} implements it. */
    interface Governed {
        /** Says whether there is any gate; called by one thread at a time. */
        void gated(boolean any);
    }

    /**
     * A gate and the tick at which it ends.
     *
     * @param gate the gate
     * @param end the tick, or {@link #NO_END}
     */
    record Shut(Gate gate, long end) {
        /** In place of the tick of a gate without an end. */
        static final long NO_END = Long.MAX_VALUE;

        /** What a refusal says where the gate has no end. */
        private static final long WITHOUT_END = 60_000_000_000L;

        boolean isOver(long now) {
            return end != NO_END && now >= end;
        }

        /** How long a call that is refused now has to wait, in nanoseconds. */
        long left(long now) {
            return end == NO_END ? WITHOUT_END : Math.max(1, end - now);
        }

        /** The circuit because of which it covers a call, or null if it does not; of an agent alone there is one id. */
        @Nullable
        CircuitId covered(CircuitId agent, List<CircuitId> all) {
            NamePattern pattern = gate.pattern();
            if (pattern == null || pattern.matches(agent.name())) {
                return agent;
            }
            if (gate.covers() == Gate.Covers.UPSTREAM) {
                for (CircuitId each : all) {
                    if (pattern.matches(each.name())) {
                        return each;
                    }
                }
            }
            return null;
        }
    }

    private final ReentrantLock changing = new ReentrantLock();
    private final List<WeakReference<Governed>> governed = new ArrayList<>();
    private volatile Map<String, List<Shut>> list = Map.of();

    /** From now on something carries the right mark; to be called before any circuit has it. */
    void govern(Governed made) {
        changing.lock();
        try {
            governed.removeIf(each -> each.get() == null);
            governed.add(new WeakReference<>(made));
            made.gated(!list.isEmpty());
        } finally {
            changing.unlock();
        }
    }

    /** Shows another list, by organization; of each the gates that end last come first. */
    void show(Map<String, List<Shut>> next) {
        changing.lock();
        try {
            list = next;
            for (WeakReference<Governed> reference : governed) {
                Governed each = reference.get();
                if (each != null) {
                    each.gated(!next.isEmpty());
                }
            }
        } finally {
            changing.unlock();
        }
    }

    /** Whether there is no gate at all. */
    boolean isEmpty() {
        return list.isEmpty();
    }

    /** The gate that refuses a call of one circuit alone: of several the one that ends last; null if none does. */
    @Nullable
    Shut covering(CircuitId agent, long now) {
        return covering(agent, List.of(), now);
    }

    /** The gate that refuses a call of several circuits; null if none does. */
    @Nullable
    Shut covering(CircuitId agent, List<CircuitId> all, long now) {
        List<Shut> gates = list.getOrDefault(agent.organization(), List.of());
        for (int i = 0; i < gates.size(); i++) {
            Shut each = gates.get(i);
            if (!each.isOver(now) && each.covered(agent, all) != null) {
                return each;
            }
        }
        return null;
    }
}
