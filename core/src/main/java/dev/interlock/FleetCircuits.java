package dev.interlock;

import dev.interlock.store.CircuitTally;
import dev.interlock.store.TallyAnswer;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The circuits of one manager, as the fleet sees them. */
final class FleetCircuits implements LocalCircuits {
    private final Function<CircuitId, @Nullable CircuitBreaker> find;
    private volatile @Nullable StoreWriter writer;

    FleetCircuits(Function<CircuitId, @Nullable CircuitBreaker> find) {
        this.find = find;
    }

    /** From now on it is known what of them is stored. */
    void storedBy(StoreWriter storeWriter) {
        writer = storeWriter;
    }

    @Override
    public boolean isCounting(Unreported counts) {
        return counting(find.apply(counts.id()), counts) != null;
    }

    @Override
    public @Nullable CircuitTally take(Unreported counts, String process) {
        CircuitBreaker circuit = find.apply(counts.id());
        SharedClosedEpoch epoch = counting(circuit, counts);
        Long basis = circuit == null || epoch == null ? null : basis(circuit, epoch);
        return circuit == null || epoch == null || basis == null ? null : epoch.take(basis, process, circuit.policy());
    }

    @Override
    public void trip(Unreported counts, TransitionCause cause, TallyAnswer answer) {
        CircuitBreaker circuit = find.apply(counts.id());
        SharedClosedEpoch epoch = counting(circuit, counts);
        if (circuit != null && epoch != null && agrees(circuit, epoch, answer)) {
            Evidence worst = counts.failures().worst();
            FailureKind kind = worst == null ? null : worst.kind();
            long now = circuit.policy().time.ticks();
            long retryAfter = worst == null || worst.retryAfterNanos() < 0 ? -1 : worst.waitEnd() - now;
            if (!answer.longestWait().isZero()) {
                counts.failures().hearWaitEnd(now + Nanos.of(answer.longestWait()));
            }
            Figures figures = new Figures(
                    answer.calls(), answer.failures(), answer.timed(), answer.slow(), answer.consecutiveFailures());
            TransitionCause known = worst != null && worst.isAgents() ? TransitionCause.CALLER_ALONE : cause;
            circuit.carryOut(Move.trip(known, kind, retryAfter, figures), epoch);
        }
    }

    @Override
    public void stays(Unreported counts, CircuitTally tally, TallyAnswer answer) {
        CircuitBreaker circuit = find.apply(counts.id());
        SharedClosedEpoch epoch = counting(circuit, counts);
        if (circuit == null || epoch == null) {
            return;
        }
        if (counts.failures().hadAsked(tally)) {
            trip(counts, TransitionCause.FAILURE_KIND, answer);
        } else {
            hear(circuit, epoch, answer);
        }
    }

    /** Whether enough callers are failing in all processes; if not, the last failure here is its agent's. */
    private boolean agrees(CircuitBreaker circuit, SharedClosedEpoch epoch, TallyAnswer answer) {
        Policy policy = circuit.policy();
        if (policy.minCallers <= 1) {
            return true;
        }
        hear(circuit, epoch, answer);
        Evidence worst = epoch.counts().failures().worst();
        Callers known = epoch.callers();
        long here = known == null ? 0 : known.asked(policy.time.ticks()); // others may have forgotten who asked
        if (worst != null && worst.isEverybodys()
                || Callers.allow(
                        policy.minCallers,
                        answer.callers().asked() | here,
                        answer.callers().failing())) {
            return true;
        }
        Caller.Alone alone = epoch.counts().failures().takeAlone();
        CircuitBreaker agent = alone == null ? null : find.apply(alone.agent);
        if (alone != null && agent != null) {
            agent.record(alone.outcome, Duration.ZERO, policy.engine.itself, alone);
        }
        return false;
    }

    private static void hear(CircuitBreaker circuit, SharedClosedEpoch epoch, TallyAnswer answer) {
        if (epoch.callers() instanceof FleetCallers callers) {
            callers.hear(answer.callers(), circuit.policy().time.ticks());
        }
    }

    @Override
    public void lookAgain(CircuitId id) {
        StoreWriter storeWriter = writer;
        if (storeWriter != null) {
            storeWriter.lookAgain(id);
        }
    }

    @Override
    public Recovery recovery(CircuitId id, long now) {
        CircuitBreaker circuit = find.apply(id);
        if (circuit == null) {
            return Recovery.NONE;
        }
        Epoch epoch = circuit.current();
        boolean tried = epoch.state() != CircuitState.CLOSED && !epoch.isHeld();
        long left = epoch instanceof OpenEpoch open ? Math.max(0, open.cooldownEnd() - now) : 0;
        return new Recovery(epoch, epoch.trip(), tried, left, basis(circuit, epoch) != null);
    }

    @SuppressWarnings("ReferenceEquality") // that very trip, not one like it
    @Override
    public void close(CircuitId id, @Nullable Trip tried) {
        CircuitBreaker circuit = find.apply(id);
        Epoch epoch = circuit == null ? null : circuit.current();
        if (circuit != null && epoch != null && tried != null && epoch.trip() == tried && !epoch.isHeld()) {
            circuit.carryOut(Move.plain(CircuitState.CLOSED, TransitionCause.TRIALS_SUCCEEDED), epoch);
        }
    }

    @Override
    public void giveBack(CircuitId id, Place place) {
        CircuitBreaker circuit = find.apply(id);
        if (circuit != null) {
            circuit.current().giveBack(place);
        }
    }

    @Override
    public @Nullable Long stored(CircuitId id) {
        CircuitBreaker circuit = find.apply(id);
        return circuit == null ? null : basis(circuit, circuit.current());
    }

    private @Nullable Long basis(CircuitBreaker circuit, Epoch epoch) {
        StoreWriter storeWriter = writer;
        return storeWriter == null ? null : storeWriter.basis(circuit, epoch);
    }

    private static @Nullable SharedClosedEpoch counting(@Nullable CircuitBreaker circuit, Unreported counts) {
        return circuit != null && circuit.current() instanceof SharedClosedEpoch epoch && epoch.counts() == counts
                ? epoch
                : null;
    }
}
