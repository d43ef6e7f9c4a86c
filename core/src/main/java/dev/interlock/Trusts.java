package dev.interlock;

import dev.interlock.store.ProbeRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What one manager knows of the trust in its circuits' probes, and who hears of changes. Circuits without a probe are
 * not in it.
 */
final class Trusts {
    /** By how much a record must be newer to replace another, in every store. */
    private static final Duration LATER = Duration.ofMillis(1);

    private final TimeSource time;
    private final ConcurrentMap<CircuitId, ProbedCircuit> all = new ConcurrentHashMap<>();
    private volatile Consumer<ProbeTrust> announce = change -> {};

    /** Hears that something is to be stored. */
    private volatile Consumer<ProbedCircuit> note = changed -> {};

    private volatile Runnable onFirst = () -> {};

    Trusts(TimeSource time) {
        this.time = time;
    }

    /** Says who hears of changes of trust, and of all that is to be stored; once. */
    void reportTo(Consumer<ProbeTrust> listeners, Consumer<ProbedCircuit> store) {
        announce = listeners;
        note = store;
    }

    /** Says who hears of the first circuit that has a probe: from then on others may find something about it. */
    void onFirst(Runnable hears) {
        onFirst = hears;
    }

    @Nullable
    ProbedCircuit find(CircuitId id) {
        return all.get(id);
    }

    ProbedCircuit of(CircuitId id) {
        ProbedCircuit known = all.get(id);
        if (known != null) {
            return known;
        }
        boolean first = all.isEmpty();
        ProbedCircuit probed = all.computeIfAbsent(id, ProbedCircuit::new);
        if (first) {
            onFirst.run();
        }
        return probed;
    }

    boolean isAny() {
        return !all.isEmpty();
    }

    void forget(CircuitId id) {
        all.remove(id);
    }

    /** A probe has ended; whether the circuit was closed then decides what it is good for. */
    void answered(ProbedCircuit probed, boolean good, boolean inClosed) {
        long now = time.ticks();
        update(probed, before -> before.answered(good, inClosed, now, time.wallTime()), ProbeTrust.Why.PROBE_SUCCEEDED);
    }

    /** A real call has succeeded that began at a tick; returns whether the next ones are looked at, too. */
    boolean callSucceeded(ProbedCircuit probed, long began) {
        update(probed, before -> before.callSucceeded(began), ProbeTrust.Why.CALLS_SUCCEEDED);
        return probed.trust().isWatching();
    }

    void callFailed(ProbedCircuit probed) {
        probed.update(Trust::callFailed);
    }

    /** A circuit has moved; returns whether that cost its probes their trust. */
    boolean moved(ProbedCircuit probed, StateTransition transition, long tick) {
        Trust before = update(probed, present -> present.moved(transition, tick), ProbeTrust.Why.TRIALS_SUCCEEDED);
        Trust after = probed.trust();
        boolean changed = after.tried() != before.tried() || after.countedFrom() != before.countedFrom();
        if (changed && after.trusted() == before.trusted()) {
            noteTrial(probed);
        }
        return before.trusted() && !after.trusted();
    }

    /** What is to be stored of a circuit. */
    ProbeRecord record(ProbedCircuit probed) {
        Trust trust = probed.trust();
        Instant changed = probed.changedAt;
        return new ProbeRecord(
                probed.id.organization(),
                probed.id.name(),
                trust.trusted(),
                trust.tried(),
                probed.countedFrom,
                changed == null ? time.wallTime() : changed);
    }

    /** Takes in what is stored of a circuit: by this process in an earlier life, or by another one. */
    void take(CircuitId id, ProbeRecord record) {
        ProbedCircuit known = all.get(id);
        Instant changed = known == null ? null : known.changedAt;
        if (changed != null && !record.changedAt().isAfter(changed)) {
            return; // its own, or older than what is known here
        }
        ProbedCircuit probed = of(id);
        boolean first = changed == null;
        probed.changedAt = record.changedAt();
        if (first) {
            probed.countedFrom = record.realTrialAt();
        }
        Trust before = probed.update(present -> present.heard(
                record.trusted(),
                first ? record.tried() : present.tried(),
                first ? from(record) : present.countedFrom()));
        if (known != null && before.trusted() != record.trusted()) {
            announce.accept(new ProbeTrust(id, record.trusted(), ProbeTrust.Why.ADOPTED, time.wallTime()));
        }
    }

    private long from(ProbeRecord record) {
        Instant at = record.realTrialAt();
        return at == null
                ? RollingWindow.NEVER
                : time.ticks() - Math.max(0, Nanos.of(Duration.between(at, time.wallTime())));
    }

    private void note(ProbedCircuit changed) {
        noteAt(changed, time.wallTime());
    }

    /** By both clocks as they are now: by the time it is stored they may have gone on between one look and the next. */
    private void noteAt(ProbedCircuit changed, Instant at) {
        long from = changed.trust().countedFrom();
        changed.countedFrom =
                from == RollingWindow.NEVER ? null : time.wallTime().minusNanos(time.ticks() - from);
        changed.changedAt = at;
        note.accept(changed);
    }

    /**
     * Trust is as old as before, so that what another process has found of it meanwhile is newer, and wins; only this
     * record itself is replaced.
     */
    private void noteTrial(ProbedCircuit changed) {
        Instant before = changed.changedAt;
        noteAt(changed, before == null ? time.wallTime() : before.plus(LATER));
    }

    private Trust update(ProbedCircuit probed, UnaryOperator<Trust> heard, ProbeTrust.Why why) {
        Trust[] after = new Trust[1];
        Trust before = probed.update(present -> after[0] = heard.apply(present));
        if (before.trusted() != after[0].trusted()) {
            announce.accept(new ProbeTrust(probed.id, after[0].trusted(), why, time.wallTime()));
            note(probed);
        }
        return before;
    }
}
