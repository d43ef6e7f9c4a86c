package dev.interlock;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * Who makes calls, as circuits distinguish callers: by 64 slots of a hash of the name, the same in every process; and how
 * its failures are classified. Immutable, one for all calls of a guard.
 */
final class Caller {
    /** In place of a slot: the circuit itself, which is asked without a guard. */
    private static final int ITSELF = -1;

    private static final int SPREAD = 0x9E37_79B9;
    private static final int SLOT_BITS = 6;

    final FailureClassifier classifier;

    /** Whether its calls are noted on their thread where a single closed circuit admits them, too. */
    final boolean isEnclosing;

    /** Who counts its calls, which are then {@linkplain #isEnclosing noted}; null for nobody. */
    final @Nullable CallListener counting;

    private final int slot;

    private Caller(FailureClassifier classifier, int slot, boolean isEnclosing, @Nullable CallListener counting) {
        this.classifier = classifier;
        this.slot = slot;
        this.isEnclosing = isEnclosing || counting != null;
        this.counting = counting;
    }

    /** A caller with a name. */
    static Caller named(String name, FailureClassifier classifier) {
        return new Caller(classifier, slotOf(name), false, null);
    }

    /** Who asks a circuit without a guard: the agent that the circuit protects. */
    static Caller itself(FailureClassifier classifier) {
        return new Caller(classifier, ITSELF, false, null);
    }

    /** The same caller with another classifier. */
    Caller with(FailureClassifier other) {
        return new Caller(other, slot, isEnclosing, counting);
    }

    /** The same one with another name. */
    Caller as(String name) {
        return new Caller(classifier, slotOf(name), isEnclosing, counting);
    }

    /** The same caller, whose calls are always noted. */
    Caller enclosing() {
        return new Caller(classifier, slot, true, counting);
    }

    /** The same caller, whose calls somebody counts, or nobody. */
    Caller countedBy(@Nullable CallListener listener) {
        return new Caller(classifier, slot, isEnclosing, listener);
    }

    /** The slot at a circuit, 0 to 63. */
    int slotAt(CircuitId circuit) {
        return slot != ITSELF ? slot : slotOf(circuit.name());
    }

    static int slotOf(String name) {
        return name.hashCode() * SPREAD >>> Integer.SIZE - SLOT_BITS;
    }

    /**
     * The call of which an outcome says how it ended, where its failure may be its agent's after all: see {@link Evidence}.
     * The call's own thread finds that out, or the fleet's from what all processes say; the first of them counts it. Safe for
     * use by any thread.
     */
    static final class Alone {
        private static final AtomicIntegerFieldUpdater<Alone> FINDER =
                AtomicIntegerFieldUpdater.newUpdater(Alone.class, "finder");
        private static final int NOBODY = 0;
        private static final int HERE = 1;
        private static final int ELSEWHERE = 2;

        final CircuitId agent;
        final Outcome outcome;
        private volatile int finder = NOBODY;

        Alone(CircuitId agent, Outcome outcome) {
            this.agent = agent;
            this.outcome = outcome;
        }

        /** Only its caller fails in that way: the failure counts in the circuit of its agent. */
        void found() {
            FINDER.compareAndSet(this, NOBODY, HERE);
        }

        /** The same one as found, for another thread to count; null if it was found before. */
        @Nullable
        Alone takeAway() {
            if (!FINDER.compareAndSet(this, NOBODY, ELSEWHERE)) {
                return null;
            }
            Alone taken = new Alone(agent, outcome);
            taken.found();
            return taken;
        }

        /** Whether an outcome was found to be the agent's, at another circuit than that one's. */
        static boolean isAnothers(CircuitId circuit, @Nullable Alone alone) {
            return alone != null && alone.finder != NOBODY && !alone.agent.equals(circuit);
        }

        /** Whether an outcome that reaches a circuit does so since only its caller fails. */
        static boolean at(CircuitId circuit, @Nullable Alone alone) {
            return alone != null && alone.finder == HERE && alone.agent.equals(circuit);
        }
    }
}
