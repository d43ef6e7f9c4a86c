package dev.interlock.micrometer;

import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Outcome;
import dev.interlock.Refusal;
import dev.interlock.Settlement;
import dev.interlock.StateTransition;
import dev.interlock.TransitionCause;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The meters of one agent, or of all that have none of their own. Each is made when it is first needed, and is found by its
 * place in an array from then on: without a lock, and without memory. Safe for use by any thread.
 */
final class AgentMeters {
    private static final String AGENT = "agent_id";
    private static final int SETTLEMENTS = Settlement.values().length;
    private static final int KINDS = FailureKind.values().length + 1;
    private static final int CAUSES = TransitionCause.values().length;

    /** Ways in which timed calls end. */
    private enum Ending {
        SUCCESS,
        FAILURE,
        IGNORED
    }

    private final MeterRegistry registry;
    private final String name;
    private final AtomicReferenceArray<@Nullable Counter> outcomes = new AtomicReferenceArray<>(KINDS * SETTLEMENTS);
    private final AtomicReferenceArray<@Nullable Timer> calls = new AtomicReferenceArray<>(Ending.values().length);
    private final AtomicReferenceArray<@Nullable Counter> refusals =
            new AtomicReferenceArray<>(Refusal.values().length);
    private final AtomicReferenceArray<@Nullable Counter> transitions =
            new AtomicReferenceArray<>(CircuitState.values().length * CAUSES);

    /** Held while a meter is made or removed: none appears after its agent has gone. */
    private final ReentrantLock lock = new ReentrantLock();

    private final List<Meter> all = new ArrayList<>();
    private final List<Meter> shown = new ArrayList<>();
    private boolean gone;

    AgentMeters(MeterRegistry registry, String name) {
        this.registry = registry;
        this.name = name;
    }

    void settled(Outcome outcome, Settlement settlement) {
        int index = (outcome.kind() == null ? 0 : outcome.kind().ordinal() + 1) * SETTLEMENTS + settlement.ordinal();
        Counter counter = outcomes.get(index);
        if (counter == null) {
            counter = make(outcomes, index, () -> outcomeCounter(outcome.kind(), settlement));
        }
        if (counter != null) {
            counter.increment();
        }
    }

    void took(Outcome outcome, long nanos) {
        Ending ending = outcome.isSuccess() ? Ending.SUCCESS : outcome.isFailed() ? Ending.FAILURE : Ending.IGNORED;
        Timer timer = calls.get(ending.ordinal());
        if (timer == null) {
            timer = make(
                    calls,
                    ending.ordinal(),
                    () -> Timer.builder("interlock.calls")
                            .description("How long guarded calls took, by the coarse clock")
                            .tags(AGENT, name, "outcome", lower(ending))
                            .register(registry));
        }
        if (timer != null) {
            timer.record(nanos, TimeUnit.NANOSECONDS);
        }
    }

    void refused(Refusal refusal) {
        Counter counter = refusals.get(refusal.ordinal());
        if (counter == null) {
            counter = make(
                    refusals,
                    refusal.ordinal(),
                    () -> Counter.builder("interlock.refusals")
                            .description("Calls that were refused, by cause")
                            .tags(AGENT, name, "cause", lower(refusal))
                            .register(registry));
        }
        if (counter != null) {
            counter.increment();
        }
    }

    void moved(StateTransition transition) {
        int index = transition.to().ordinal() * CAUSES + transition.cause().ordinal();
        Counter counter = transitions.get(index);
        if (counter == null) {
            counter = make(
                    transitions,
                    index,
                    () -> Counter.builder("interlock.transitions")
                            .description("Transitions of circuits")
                            .tags(AGENT, name, "to", lower(transition.to()), "cause", lower(transition.cause()))
                            .register(registry));
        }
        if (counter != null) {
            counter.increment();
        }
    }

    /** Shows what only circuits have that are not closed, or held. */
    void show(DoubleSupplier open, DoubleSupplier held) {
        lock.lock();
        try {
            if (shown.isEmpty() && !gone) {
                shown.add(Gauge.builder("interlock.circuit.open", open::getAsDouble)
                        .description("1 for each circuit that is open, 0.5 half-open, 0 held closed")
                        .tags(AGENT, name)
                        .register(registry));
                shown.add(Gauge.builder("interlock.circuit.held", held::getAsDouble)
                        .description("1 for each circuit that somebody holds")
                        .tags(AGENT, name)
                        .register(registry));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Hides what only circuits have that are not closed, or held. */
    void hide() {
        lock.lock();
        try {
            shown.forEach(registry::remove);
            shown.clear();
        } finally {
            lock.unlock();
        }
    }

    /** Takes all of them out of the registry, for good. */
    void remove() {
        lock.lock();
        try {
            gone = true;
            hide();
            all.forEach(registry::remove);
            all.clear();
        } finally {
            lock.unlock();
        }
    }

    private Counter outcomeCounter(@Nullable FailureKind kind, Settlement settlement) {
        return Counter.builder("interlock.outcomes")
                .description("Outcomes that circuits took in")
                .tags(AGENT, name, "kind", kind == null ? "success" : lower(kind), "settlement", lower(settlement))
                .register(registry);
    }

    /** A meter from now on; null if the agent has gone. */
    private <M extends Meter> @Nullable M make(AtomicReferenceArray<@Nullable M> place, int index, Supplier<M> meter) {
        lock.lock();
        try {
            M made = place.get(index);
            if (made == null && !gone) {
                made = meter.get();
                all.add(made);
                place.set(index, made);
            }
            return made;
        } finally {
            lock.unlock();
        }
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
