package dev.interlock;

import dev.interlock.store.ProbeLease;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * When one epoch in open is probed: after the cooldown, until enough probes in a row were good, nobody trusts them any
 * more, or the epoch is over. Timers only hand the probe on; each has a number, whose answer is taken once.
 */
final class Prober {
    /** How often within an interval a process looks whether another one has found that trials can be let in. */
    private static final int LOOKS = 5;

    private final CircuitId id;
    private final OpenEpoch current;

    /** What applies to the epoch, or null once it is over. */
    private final Supplier<@Nullable Policy> applying;

    private final Probe probe;
    private final ProbedCircuit probed;
    private final Engine engine;

    /** The number of the attempt that is running, or the negative of the last one that has been answered. */
    private final AtomicInteger number = new AtomicInteger();

    private final AtomicBoolean started = new AtomicBoolean();

    /** Whether a probe waits for gates to open. */
    private volatile boolean atGate;

    private volatile int good;
    private volatile boolean ready;
    private volatile long next;
    private volatile Timers.@Nullable Timer timer;
    private volatile Probes.@Nullable Attempt running;

    Prober(OpenEpoch current, Supplier<@Nullable Policy> applying, Probe probe, ProbedCircuit probed, Engine engine) {
        this.id = probed.id;
        this.probed = probed;
        this.current = current;
        this.applying = applying;
        this.probe = probe;
        this.engine = engine;
        this.next = current.cooldownEnd();
    }

    /** Begins, the first time it is called. */
    void start() {
        if (started.compareAndSet(false, true)) {
            schedule(current.cooldownEnd());
        }
    }

    /** Starts at once, if the first probe was still to come. */
    void hasten(long now) {
        if (started.get() && number.get() == 0 && next > now) {
            cancelTimer();
            schedule(now);
        }
    }

    /** Gates have changed: a probe that waits for one looks again. */
    void gatesChanged() {
        if (atGate) {
            cancelTimer();
            schedule(now());
        }
    }

    /** Makes no further probe, and gives up the one that is running. */
    void stop() {
        cancelTimer();
        Probes.Attempt present = running;
        if (present != null) {
            present.giveUp();
        }
    }

    private void cancelTimer() {
        Timers.Timer pending = timer;
        if (pending != null) {
            engine.timers.cancel(pending);
        }
    }

    /** Whether enough probes in a row were good. */
    boolean isReady() {
        return ready;
    }

    /** Whether it is for probes to say when trials are let in. */
    boolean decides() {
        return probed.isTrusted();
    }

    /**
     * Whether a real trial is let in, whatever the probes say: after an opening by probes alone the first one comes with
     * the first cooldown's end.
     */
    boolean owesTrial(Trip trip) {
        return trip.isByProbes() && !probed.trust().tried();
    }

    /** When the next probe is due, or {@link RollingWindow#NEVER}. */
    long next() {
        return started.get() && !ready && probed.isTrusted() ? next : RollingWindow.NEVER;
    }

    /** When trials can be let in at the earliest, should all probes be good. */
    long earliestEnd() {
        ProbeSettings settings = settings();
        return settings == null
                ? next
                : next + Math.max(0, settings.needed() - good - 1) * Nanos.of(settings.spacing());
    }

    private void schedule(long tick) {
        next = tick;
        timer = engine.timers.at(tick, this::probe);
    }

    private void probe() {
        ProbeSettings settings = settings();
        int last = number.get();
        if (settings != null && engine.gates.covering(id, now()) != null) {
            atGate = true; // before it is scheduled: a gate that opens meanwhile makes it look again
            schedule(now() + Nanos.of(settings.interval()));
            return;
        }
        atGate = false;
        if (settings == null || last > 0 || !number.compareAndSet(last, 1 - last)) {
            return;
        }
        askOrFollow(settings, 1 - last);
    }

    /** Of processes that share the circuit one probes it, and the others hear when trials can be let in. */
    private void askOrFollow(ProbeSettings settings, int present) {
        Policy policy = applying.get();
        Fleet fleet = policy == null ? null : policy.fleet;
        if (fleet == null || !fleet.isTogether()) {
            ask(settings, present);
            return;
        }
        fleet.askToProbeOpening(id, 2 * Nanos.of(settings.interval()), false).whenComplete((lease, failed) -> {
            if (failed != null || lease == ProbeLease.GIVEN) {
                ask(settings, present);
            } else if (number.compareAndSet(present, -present) && settings() != null) {
                ready = lease == ProbeLease.READY;
                if (!ready) {
                    schedule(now() + Math.max(Nanos.of(settings.spacing()), Nanos.of(settings.interval()) / LOOKS));
                }
            }
        });
    }

    /** Lets the other processes know that trials can be let in. */
    private void report(ProbeSettings settings) {
        Policy policy = applying.get();
        Fleet fleet = policy == null ? null : policy.fleet;
        if (fleet != null && fleet.isTogether()) {
            fleet.askToProbeOpening(id, Nanos.of(settings.realTrialAfter()), true);
        }
    }

    private void ask(ProbeSettings settings, int present) {
        Probes.Attempt attempt = engine.probes.prepare(id, probe, isGood -> answered(present, isGood));
        if (attempt == null) { // one that was given up hangs on
            answered(present, false);
            return;
        }
        running = attempt;
        attempt.start(engine.timers, engine.time, Nanos.of(settings.interval()));
    }

    private void answered(int which, boolean isGood) {
        if (!number.compareAndSet(which, -which)) {
            return;
        }
        ProbeSettings settings = settings();
        if (settings == null) {
            return;
        }
        engine.trusts.answered(probed, isGood, false);
        good = isGood ? good + 1 : 0;
        if (good >= settings.needed()) {
            ready = true;
            report(settings);
        } else {
            schedule(now() + Nanos.of(isGood ? settings.spacing() : settings.interval()));
        }
    }

    /** The settings that apply, or null when there is nothing to probe any more, or another prober does it. */
    private @Nullable ProbeSettings settings() {
        Policy policy = current.prober() == this && probed.isTrusted() ? applying.get() : null;
        return policy == null ? null : policy.probe();
    }

    private long now() {
        return engine.time.ticks();
    }
}
