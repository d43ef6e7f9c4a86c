package dev.interlock;

import dev.interlock.threads.Reporting;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Everything that follows a move, in order: the policy once more, the timer of a hold and the prober, the list of circuits
 * that are not closed, the trials of an earlier opening, the store, the listeners.
 *
 * <p>It runs on the thread that moved the circuit, before the move returns, and is <b>idempotent</b>: it goes by the
 * present epoch, and what must happen once for a transition is {@linkplain Origin#claim claimed}. So it can be done again
 * at any time, and is: where an Error cuts it short (a call at the end of its stack, no memory), a field is set, which
 * needs neither, and the timers' thread does it again for every circuit that shows a trace of it. Decision 0091.
 */
final class Aftermath implements Engine.Followed {
    /** How long after a failure it is tried again. */
    private static final long AGAIN = 1_000_000_000L;

    private final Engine engine;
    private final Registry registry;
    private final Publisher publisher;
    private final @Nullable StoreWriter writer;

    /** Hears of circuits that have opened. */
    private final Consumer<CircuitId> opened;

    private final TrustSearch search;
    private final Suspicion suspicion;

    Aftermath(
            Engine engine,
            Registry registry,
            Publisher publisher,
            @Nullable StoreWriter writer,
            Consumer<CircuitId> opened) {
        this.engine = engine;
        this.registry = registry;
        this.publisher = publisher;
        this.writer = writer;
        this.opened = opened;
        this.search = new TrustSearch(engine, registry);
        this.suspicion = new Suspicion(engine);
        engine.timers.chore(this::again);
    }

    /** Stack that what follows may need, in calls of {@link #room}: some tens of kilobytes. */
    private static final int ROOM = 256;

    @Override
    public void moved(CircuitId id) {
        room(ROOM, 0, 0, 0); // before anything is done: what is offered to one listener must not fail at the next
        CircuitBreaker circuit = registry.find(id);
        if (circuit != null) {
            follow(circuit);
        }
    }

    /** Overflows here if there is not so much stack left. */
    private static long room(int depth, long one, long two, long three) {
        return depth == 0 ? one + two + three : room(depth - 1, two + depth, three, one) + two;
    }

    private void follow(CircuitBreaker circuit) {
        circuit.fit(); // the policy may have changed while the move was being decided
        circuit.begin();
        registry.moved(circuit);
        Deque<Origin> toFollow = new ArrayDeque<>(2);
        Origin origin = circuit.origin();
        for (Origin before = origin.unreported; before != null; before = origin.unreported) {
            toFollow.push(origin);
            origin = before;
        }
        for (Origin each : toFollow) {
            if (each.transition != null && each.claim()) {
                boolean done = false;
                try {
                    once(circuit, each.transition, each.ticks);
                    done = true;
                } finally {
                    each.followed(done);
                }
            }
        }
        publisher.publish(circuit);
        engine.timers.wakeForChore();
    }

    /** What follows a transition once. */
    private void once(CircuitBreaker circuit, StateTransition transition, long tick) {
        ProbedCircuit probed = engine.trusts.find(circuit.id);
        if (probed != null) {
            boolean lost = engine.trusts.moved(probed, transition, tick);
            if (lost) {
                search.lost(probed);
            } else if (transition.to() == CircuitState.CLOSED && probed.trust().isWatching()) {
                circuit.watch();
            } else if (transition.to() == CircuitState.CLOSED) {
                search.soon(probed);
            }
        }
        if (transition.to() == CircuitState.OPEN) {
            opened.accept(circuit.id);
        }
        if (writer != null && transition.cause() != TransitionCause.ADOPTED) {
            writer.note(circuit, transition);
        }
    }

    @Override
    public void probed(CircuitId id) {
        search.begin(id);
    }

    @Override
    public void failed(CircuitId id) {
        try {
            ProbedCircuit probed = engine.trusts.find(id);
            CircuitBreaker circuit = probed == null ? null : registry.find(id);
            if (probed != null && circuit != null) {
                engine.trusts.callFailed(probed);
                search.failed(probed);
                suspicion.raise(circuit, probed);
            }
        } catch (Throwable cut) {
            Reporting.report(cut); // the outcome has been taken in: a call must not fail by what follows
        }
    }

    @Override
    public boolean succeeded(CircuitId id, long began) {
        ProbedCircuit probed = engine.trusts.find(id);
        if (probed == null) {
            return false;
        }
        boolean goesOn = engine.trusts.callSucceeded(probed, began);
        if (!goesOn && !probed.isTrusted()) {
            search.lost(probed);
        }
        return goesOn;
    }

    @Override
    public void cutShort() {
        engine.timers.choreDue = true;
        try {
            engine.timers.wakeForChore();
        } catch (Throwable noStackForThatEither) {
            // The thread looks by itself before long.
        }
    }

    /** Does again what may have been cut short, of all circuits. */
    private void again() {
        boolean all = true;
        for (CircuitBreaker circuit : (Iterable<CircuitBreaker>) registry.all()::iterator) {
            if (!circuit.isEvicted() && (!circuit.origin().isOver() || !registry.isNoted(circuit))) {
                try {
                    follow(circuit);
                } catch (Throwable cut) {
                    all = false;
                    Reporting.report(cut);
                }
            }
        }
        if (!all) {
            engine.timers.at(engine.time.ticks() + AGAIN, this::again);
        }
    }

    @Override
    public void repeated(CircuitId id, ManualOverride override) {
        CircuitBreaker circuit = registry.find(id);
        if (circuit == null) {
            return;
        }
        Instant at = engine.time.wallTime();
        if (writer != null) {
            writer.noteRepeated(circuit, override, at);
        }
        publisher.publishRepeated(circuit, override, at);
    }

    @Override
    public void hastened(CircuitId id, ManualOverride suggestion) {
        CircuitBreaker circuit = registry.find(id);
        if (circuit == null) {
            return;
        }
        Instant at = engine.time.wallTime();
        if (writer != null) {
            writer.noteHastened(circuit, suggestion, at);
        }
        publisher.publishRepeated(circuit, suggestion, at);
    }
}
