package dev.interlock;

import dev.interlock.store.ProbeLease;
import org.jspecify.annotations.Nullable;

/**
 * When the trust of probes is looked for, in closed: at a random moment within a circuit's first hour, and with its first
 * failure if that comes before; after a failed probe again after the interval, then twice as long, up to an hour. Where
 * trust was lost it is first looked for during an interval, a spacing apart: a probe that only failed as calls did is good again
 * before long, and one that is broken is not. A closed circuit whose probes are trusted is not probed.
 */
final class TrustSearch {
    private static final long HOUR = 3_600_000_000_000L;

    /** How often trust that was lost is looked for a spacing apart, at most. */
    private static final long MOST_AT_ONCE = 30;

    /** A step of a circuit's search that is due at a tick, or under way. */
    private static final class Step implements Runnable {
        private final TrustSearch search;
        private final ProbedCircuit probed;
        private final long due;
        private volatile Timers.@Nullable Timer timer;
        private volatile boolean taken;

        Step(TrustSearch search, ProbedCircuit probed, long due) {
            this.search = search;
            this.probed = probed;
            this.due = due;
        }

        @Override
        public void run() {
            search.take(this);
        }
    }

    private final Engine engine;
    private final Registry registry;

    TrustSearch(Engine engine, Registry registry) {
        this.engine = engine;
        this.registry = registry;
    }

    /** The policy of a circuit asks for probes. */
    void begin(CircuitId id) {
        ProbedCircuit probed = engine.trusts.find(id);
        if (probed == null && engine.probes.of(id) != null) {
            probed = engine.trusts.of(id);
        }
        if (probed != null && !probed.isTrusted() && probed.search() == null) {
            schedule(probed, null, (long) (engine.random.getAsDouble() * HOUR));
        }
    }

    /** A call has failed in closed. */
    void failed(ProbedCircuit probed) {
        if (probed.trust().last() == null && !probed.isTrusted()) {
            hasten(probed, 0);
        }
    }

    /** Probes have lost trust. */
    void lost(ProbedCircuit probed) {
        ProbeSettings settings = settings(probed);
        if (settings != null) {
            long spacing = Nanos.of(settings.spacing());
            probed.tries = (int) Math.min(MOST_AT_ONCE, Math.max(1, Nanos.of(settings.interval()) / spacing));
            soon(probed);
        }
    }

    /** A circuit has closed, or its probes have lost trust: it is looked for soon. */
    void soon(ProbedCircuit probed) {
        ProbeSettings settings = settings(probed);
        if (settings != null && !probed.isTrusted()) {
            probed.misses = 0;
            hasten(probed, Nanos.of(probed.tries > 0 ? settings.spacing() : settings.interval()));
        }
    }

    private @Nullable ProbeSettings settings(ProbedCircuit probed) {
        CircuitBreaker circuit = registry.find(probed.id);
        return circuit == null ? null : circuit.policy().probe();
    }

    private void hasten(ProbedCircuit probed, long wait) {
        Object present = probed.search();
        if (present instanceof Step step) {
            if (step.taken || step.due <= now() + wait) {
                return; // under way, or sooner than that
            }
            Timers.Timer timer = step.timer;
            if (timer != null) { // else it is only being made, and finds another step in its place
                engine.timers.cancel(timer);
            }
        }
        if (wait > 0) {
            schedule(probed, present, wait);
        } else {
            Step step = new Step(this, probed, now());
            if (probed.search(present, step)) {
                take(step);
            }
        }
    }

    private void schedule(ProbedCircuit probed, @Nullable Object from, long wait) {
        Step step = new Step(this, probed, now() + wait);
        if (probed.search(from, step)) {
            probed.next = step.due;
            step.timer = engine.timers.at(step.due, step);
        }
    }

    /** Takes a step: asks the probe, unless there is nothing to find out at the moment. */
    private void take(Step step) {
        ProbedCircuit probed = step.probed;
        step.taken = true;
        if (probed.search() != step) {
            return;
        }
        CircuitBreaker circuit = registry.find(probed.id);
        ProbeSettings settings = circuit == null ? null : circuit.policy().probe();
        Probe probe = engine.probes.of(probed.id);
        if (circuit == null || settings == null || probe == null || probed.isTrusted() || !isClosed(circuit)) {
            probed.search(step, null); // begins again when there is something to find out
            return;
        }
        if (engine.gates.covering(probed.id, now()) != null) {
            schedule(probed, step, Nanos.of(settings.interval()));
            return;
        }
        Fleet fleet = circuit.policy().fleet;
        if (fleet == null || !fleet.isTogether()) {
            ask(step, circuit, settings, probe);
            return;
        }
        long interval = Nanos.of(settings.interval());
        fleet.askToProbe(probed.id, "trust", interval, false).whenComplete((lease, failed) -> {
            if (failed == null && lease != ProbeLease.GIVEN) {
                schedule(probed, step, interval); // what the other process finds is heard of from the store
            } else {
                ask(step, circuit, settings, probe);
            }
        });
    }

    private void ask(Step step, CircuitBreaker circuit, ProbeSettings settings, Probe probe) {
        ProbedCircuit probed = step.probed;
        Probes.Attempt attempt = engine.probes.prepare(probed.id, probe, good -> answered(step, circuit, good));
        if (attempt == null) {
            answered(step, circuit, false); // one that was given up hangs on
        } else {
            attempt.start(engine.timers, engine.time, Nanos.of(settings.interval()));
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one probe at a time: no other answer comes meanwhile
    private void answered(Step step, CircuitBreaker circuit, boolean good) {
        ProbedCircuit probed = step.probed;
        ProbeSettings settings = circuit.policy().probe();
        engine.trusts.answered(probed, good, isClosed(circuit));
        if (probed.isTrusted() || settings == null) {
            probed.misses = 0;
            probed.tries = 0;
            probed.search(step, null);
        } else if (probed.tries > 1) {
            probed.tries--;
            schedule(probed, step, Nanos.of(settings.spacing()));
        } else {
            probed.tries = 0;
            int misses = probed.misses;
            probed.misses = Math.min(misses + 1, 30);
            schedule(probed, step, Math.min(HOUR, Nanos.of(settings.interval()) << Math.min(misses, 20)));
        }
    }

    private static boolean isClosed(CircuitBreaker circuit) {
        return circuit.current() instanceof ClosedEpoch;
    }

    private long now() {
        return engine.time.ticks();
    }
}
