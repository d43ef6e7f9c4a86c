package dev.interlock;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Probes one epoch in open: after the cooldown, until enough probes in a row were good or the epoch is over.
 *
 * <p>Timers only hand the probe to the executor. A probe that has not answered after the interval has failed and is given
 * up; its later answer is nobody's: each attempt has a number that is taken once.
 */
final class Prober {
    private final CircuitId id;
    private final OpenEpoch current;

    /** The settings that apply to the epoch, or null once it is over. */
    private final Supplier<@Nullable ProbeSettings> applying;

    private final Probe probe;
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

    Prober(CircuitId id, OpenEpoch current, Supplier<@Nullable ProbeSettings> applying, Probe probe, Engine engine) {
        this.id = id;
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
        int present = 1 - last;
        Probes.Attempt attempt = engine.probes.prepare(id, probe, isGood -> answered(present, isGood));
        if (attempt == null) { // one that was given up hangs on
            answered(present, false);
            return;
        }
        running = attempt;
        timer = engine.timers.at(now() + Nanos.of(settings.interval()), () -> {
            attempt.giveUp();
            answered(present, false);
        });
        attempt.start();
    }

    private void answered(int which, boolean isGood) {
        if (!number.compareAndSet(which, -which)) {
            return;
        }
        cancelTimer();
        ProbeSettings settings = settings();
        if (settings == null) {
            return;
        }
        good = isGood ? good + 1 : 0;
        if (good >= settings.needed()) {
            ready = true;
        } else {
            schedule(now() + Nanos.of(isGood ? settings.spacing() : settings.interval()));
        }
    }

    /** The settings that apply, or null when there is nothing to probe any more, or another prober does it. */
    private @Nullable ProbeSettings settings() {
        return current.prober() == this ? applying.get() : null;
    }

    private long now() {
        return engine.time.ticks();
    }
}
