package dev.interlock;

import dev.interlock.store.ProbeLease;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What a counted failure in closed does where probes are trusted: as many as the policy says are asked at once, at most
 * once an interval. If all fail the circuit opens, with the cause {@link TransitionCause#PROBES_FAILED} and however many
 * callers fail; one good answer ends the suspicion. Circuits that are held, or behind a gate, are not suspected.
 * Of processes that share a circuit one asks, by a lease; none while they cannot agree on which.
 */
final class Suspicion {
    private final Engine engine;

    Suspicion(Engine engine) {
        this.engine = engine;
    }

    /** A call has failed, and counted, in closed. */
    void raise(CircuitBreaker circuit, ProbedCircuit probed) {
        Policy policy = circuit.policy();
        ProbeSettings settings = policy.probe();
        Epoch epoch = circuit.current();
        long now = engine.time.ticks();
        if (settings == null
                || settings.suspicion() == 0
                || !probed.isTrusted()
                || !(epoch instanceof ClosedEpoch)
                || epoch.isHeld()
                || engine.gates.covering(circuit.id, now) != null
                || !probed.suspect(now, Nanos.of(settings.interval()))) {
            return;
        }
        Fleet fleet = policy.fleet;
        if (fleet == null) {
            ask(circuit, epoch, probed, settings);
        } else if (fleet
                .isTogether()) { // of those that share the circuit one asks; alone, none knows whether others do
            fleet.askToProbe(circuit.id, "suspicion", Nanos.of(settings.interval()), false)
                    .thenAccept(lease -> {
                        if (lease == ProbeLease.GIVEN) {
                            ask(circuit, epoch, probed, settings);
                        }
                    });
        }
    }

    private void ask(CircuitBreaker circuit, Epoch epoch, ProbedCircuit probed, ProbeSettings settings) {
        Probe probe = engine.probes.of(circuit.id);
        if (probe == null) {
            return;
        }
        Round round = new Round(circuit, epoch, probed);
        List<Probes.Attempt> attempts = new ArrayList<>();
        for (int i = 0; i < settings.suspicion(); i++) {
            Probes.@Nullable Attempt attempt = engine.probes.prepareAtOnce(circuit.id, i, probe, round::answered);
            if (attempt != null) {
                attempts.add(attempt);
            }
        }
        round.left.set(attempts.size());
        attempts.forEach(each -> each.start(engine.timers, engine.time, Nanos.of(settings.interval())));
    }

    /** The probes of one suspicion. */
    private final class Round {
        private final CircuitBreaker circuit;
        private final Epoch epoch;
        private final ProbedCircuit probed;

        /** Those that can still say that nothing is wrong; the last that fails opens the circuit. */
        private final AtomicInteger left = new AtomicInteger();

        private volatile boolean anyGood;

        Round(CircuitBreaker circuit, Epoch epoch, ProbedCircuit probed) {
            this.circuit = circuit;
            this.epoch = epoch;
            this.probed = probed;
        }

        private void answered(boolean good) {
            if (good) {
                anyGood = true;
            }
            if (!anyGood || good) { // a failed probe says nothing if another one is good
                engine.trusts.answered(probed, good, circuit.current() instanceof ClosedEpoch);
            }
            if (left.decrementAndGet() == 0 && !anyGood) {
                conclude();
            }
        }

        private void conclude() {
            Figures figures = epoch.figures(engine.time.ticks());
            boolean opened = probed.isTrusted()
                    && circuit.carryOut(Move.trip(TransitionCause.PROBES_FAILED, null, -1, figures), epoch);
            if (!opened && probed.trust().isWatching()) {
                circuit.watch();
            }
        }
    }
}
