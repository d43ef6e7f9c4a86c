package dev.interlock;

import dev.interlock.store.CircuitCoordination;
import dev.interlock.store.ProbeAsk;
import dev.interlock.store.ProbeLease;
import dev.interlock.threads.WorkerFigures;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;

/**
 * The processes that share circuits with this one. It alone says whether they decide together or this process by itself,
 * and holds what is done together: {@link Tallies} of closed circuits, and {@link TrialPlaces} for the trials of others.
 *
 * <p>Calls never wait for the others: they leave notes, which are worked off on one thread. Safe for use by any thread.
 */
final class Fleet implements AutoCloseable {
    private final CircuitCoordination coordination;
    /** What its thread does again and again. */
    final FleetThread.Work rounds = new Rounds();

    private final FleetThread thread;
    private final Tallies tallies;
    private final TrialPlaces places;
    private final String process;
    private final LocalCircuits circuits;

    /**
     * A fleet that is asked through a coordination.
     *
     * @param coordination where all processes count and try together
     * @param circuits this process' own
     * @param generation of this process
     * @param ticks the clock by which cooldowns and places go
     */
    Fleet(CircuitCoordination coordination, LocalCircuits circuits, long generation, LongSupplier ticks) {
        this.coordination = coordination;
        this.circuits = circuits;
        // A process that begins while a store has forgotten everything may be given the generation of another one.
        process = generation + "-" + UUID.randomUUID().toString().substring(0, 8);
        thread = new FleetThread(rounds);
        tallies = new Tallies(coordination, circuits, process, thread, this::isTogether, System::nanoTime);
        places = new TrialPlaces(coordination, circuits, process, thread, this::isTogether, ticks);
    }

    /** Begins to work off what is noted. */
    void start() {
        thread.start();
    }

    /**
     * Whether the processes decide together at this moment. Otherwise this one decides alone: while the others cannot be
     * asked, and for good once it was closed.
     */
    boolean isTogether() {
        return !thread.isOver() && coordination.isAttached();
    }

    /** Closed circuits that count together. */
    Tallies tallies() {
        return tallies;
    }

    /**
     * Asks whether this process is the one that probes a circuit; only while they decide together.
     *
     * @param purpose what for
     * @param kept how long no other process may, in nanoseconds
     * @param ready whether this process has found what it was looking for
     */
    CompletionStage<ProbeLease> askToProbe(CircuitId id, String purpose, long kept, boolean ready) {
        return coordination.askToProbe(
                new ProbeAsk(id.organization(), id.name(), process, purpose, Duration.ofNanos(kept), ready));
    }

    /**
     * Asks whether this process is the one that probes a circuit in its present opening. Until all know of it another one
     * does.
     *
     * @param kept how long no other process may, in nanoseconds
     * @param ready whether this process has found that trials can be let in
     */
    CompletionStage<ProbeLease> askToProbeOpening(CircuitId id, long kept, boolean ready) {
        Long opening = circuits.stored(id);
        return opening == null
                ? CompletableFuture.completedFuture(ProbeLease.ELSEWHERE)
                : askToProbe(id, "open-" + opening, kept, ready);
    }

    /** The places of trials. */
    TrialPlaces places() {
        return places;
    }

    /** How its thread does. */
    WorkerFigures figures() {
        return thread.figures();
    }

    /** Goes alone from now on; trials that wait for a call are given back. */
    @Override
    public void close() {
        thread.close();
    }

    private final class Rounds implements FleetThread.Work {
        @Override
        public long work() {
            return Math.min(tallies.work(), places.work());
        }

        @Override
        public boolean isIdle() {
            return tallies.isIdle() && places.isIdle();
        }

        @Override
        public void end() {
            tallies.end();
            places.end();
        }
    }
}
