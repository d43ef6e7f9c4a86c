package dev.interlock;

import java.util.concurrent.Executor;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What every circuit of a manager works with: clocks, timers, randomness, executors and probes, and who is informed when
 * one has moved. A circuit reaches it by its {@link Policy}.
 *
 * <p>It names no circuit and no epoch: everything that decides may know it, and it knows nothing that decides.
 */
final class Engine {
    /** What follows a move. Circuits are named by id: see {@link Aftermath}, which implements it. */
    interface Followed {
        /** A circuit has begun another epoch. What this throws is done again, once {@link #cutShort} was called. */
        void moved(CircuitId id);

        /** Something that had to follow a move was cut short by an Error; must need no stack and no memory. */
        void cutShort();

        /** An override has changed nothing. */
        void repeated(CircuitId id, ManualOverride override);

        /** A suggestion has ended a cooldown early, which is no new epoch. */
        void hastened(CircuitId id, ManualOverride suggestion);

        /** The policy of a circuit asks for probes. Cheap once it is known. */
        void probed(CircuitId id);

        /** A call has failed, and counted, in closed, under a policy that asks for probes. Throws nothing. */
        void failed(CircuitId id);

        /**
         * A call that began at a tick has succeeded in closed after a probe had failed.
         *
         * @return whether the next one is of interest as well
         */
        boolean succeeded(CircuitId id, long began);
    }

    private static final int EPOCH_BITS_OF_GENERATION = 32;

    final TimeSource time;
    final Timers timers;
    final DoubleSupplier random;
    final FailureClassifier classifier;

    /** Who asks a circuit without a guard. */
    final Caller itself;

    /** The time limits of async calls. */
    final CallLimits limits;

    final Probes probes;

    /** Which circuits' probes are trusted. */
    final Trusts trusts;

    /** The gates in front of circuits. */
    final GateBoard gates = new GateBoard();

    /** Who hears how calls end. */
    final SettlementListeners settlements = new SettlementListeners();

    /** The lowest number of an epoch that begins here; no other process begins one with this or a higher one. */
    final long firstEpoch;

    private @Nullable Followed followed;

    Engine(
            TimeSource time,
            DoubleSupplier random,
            FailureClassifier classifier,
            Executor executor,
            Probes probes,
            long generation) {
        this.time = time;
        this.firstEpoch = generation << EPOCH_BITS_OF_GENERATION;
        this.timers = new Timers(time);
        this.random = random;
        this.classifier = classifier;
        this.itself = Caller.itself(classifier);
        this.limits = new CallLimits(timers, time, executor);
        this.probes = probes;
        this.trusts = new Trusts(time);
    }

    /** The number of an epoch that begins here and follows on another, which may have begun in an earlier process. */
    long above(long epoch) {
        return Math.max(epoch + 1, firstEpoch);
    }

    /** Says what follows moves; once, before there is a circuit. */
    void followedBy(Followed aftermath) {
        followed = aftermath;
    }

    Followed followed() {
        Followed present = followed;
        if (present == null) {
            throw new IllegalStateException("A circuit moved before its manager was built");
        }
        return present;
    }
}
