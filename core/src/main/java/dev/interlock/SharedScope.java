package dev.interlock;

import dev.interlock.store.CircuitCoordination;
import dev.interlock.store.CircuitTally;
import dev.interlock.store.GivenTrial;
import dev.interlock.store.TallyAnswer;
import dev.interlock.store.TrialAnswer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The circuits of one manager that other processes share: brings what was counted here to all, at most every 100 ms for
 * a circuit unless its own figures say that it should open, carries out what follows from all figures, and holds the
 * trials that this process may make. Works on one thread of its own; calls only leave a note.
 */
final class SharedScope implements AutoCloseable {
    /** How long before the end of a cooldown a trial is asked for, if calls were seen. */
    static final long AHEAD = TimeUnit.MILLISECONDS.toNanos(200);

    private static final long TELL_EVERY = TimeUnit.MILLISECONDS.toNanos(100);

    /** What a call is told that is refused since its trial has not been given yet, and since all places are taken. */
    private static final long SOON = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long FULL = TimeUnit.SECONDS.toNanos(1);

    private final CircuitCoordination coordination;
    private final CircuitBreakerManager manager;
    private final Queue<SharedClosedEpoch> noted = new ConcurrentLinkedQueue<>();
    private final Queue<SharedClosedEpoch> urgent = new ConcurrentLinkedQueue<>();
    private final Queue<Runnable> answers = new ConcurrentLinkedQueue<>();
    private final Map<CircuitId, TrialDesk> desks = new ConcurrentHashMap<>();
    private final AtomicLong trials = new AtomicLong();

    /** A process that begins while a store has forgotten everything may be given the generation of another one. */
    private final String self = UUID.randomUUID().toString().substring(0, 8);

    private final Thread thread = new Thread(this::run, "interlock-shared");
    private @Nullable StoreWriter writer;
    private volatile boolean closed;
    private long toldAt;

    SharedScope(CircuitCoordination coordination, CircuitBreakerManager manager) {
        this.coordination = coordination;
        this.manager = manager;
        thread.setDaemon(true);
    }

    void start(StoreWriter storeWriter) {
        writer = storeWriter;
        thread.start();
    }

    boolean isAttached() {
        return coordination.isAttached();
    }

    CircuitCoordination coordination() {
        return coordination;
    }

    long now() {
        return manager.time().ticks();
    }

    String nextTrial() {
        return manager.generation() + "-" + self + "-" + trials.incrementAndGet();
    }

    /** Notes an epoch that has counted something. */
    void note(SharedClosedEpoch epoch) {
        noted.add(epoch);
        wake();
    }

    /** Notes an epoch whose own figures say that it should open. */
    void tellNow(SharedClosedEpoch epoch) {
        urgent.add(epoch);
        wake();
    }

    void wake() {
        LockSupport.unpark(thread);
    }

    /** Does something with an answer, on this scope's thread. */
    void later(Runnable answer) {
        answers.add(answer);
        wake();
    }

    /** A place for one trial; null if there is none yet. */
    @Nullable
    Place trial(CircuitBreaker circuit, Policy policy, int atOnce, long now) {
        return isAttached() ? desk(circuit.id()).take(policy, atOnce, now) : new Place(now + policy.trialTimeout);
    }

    /** A trial that another process was given, whose call has ended here; null while this process goes by itself. */
    @Nullable
    Place trialOfAnother(CircuitId id, Policy policy, GivenTrial given, long now) {
        return isAttached() ? desk(id).ofAnother(given, policy, now) : null;
    }

    /** Gives the place of a trial back whose call has ended in another process. */
    void giveBack(CircuitId id, Place place) {
        CircuitBreaker circuit = manager.find(id);
        if (circuit != null) {
            circuit.current().giveBack(place);
        }
    }

    boolean hasTrial(CircuitId id, long now) {
        TrialDesk desk = desks.get(id);
        return !isAttached() || desk != null && desk.hasTrial(now);
    }

    /** Hears that a call is refused; returns how long it shall wait, in nanoseconds. */
    long refused(CircuitBreaker circuit, Epoch epoch, Policy policy, long now) {
        long wait = epoch.refusal(policy, now);
        if (!isAttached() || epoch.isHeld() || epoch.state() == CircuitState.CLOSED) {
            return wait;
        }
        TrialDesk desk = desk(circuit.id());
        boolean first = desk.seen(epoch, policy, now);
        if (wait == 0) {
            return desk.isFull(now) ? FULL : SOON;
        }
        if (first && epoch instanceof OpenEpoch open) {
            desk.wantedUntil(open.cooldownEnd());
            desk.askAt(open.cooldownEnd() - AHEAD);
            manager.timers().at(Math.max(now, open.cooldownEnd() - AHEAD), this::wake);
        }
        return wait;
    }

    /** Trials that wait for a call were given by somebody who no longer knows of them. */
    void forgotten() {
        desks.values().forEach(TrialDesk::drop);
    }

    /** A circuit has opened: trials of the opening before, given or asked for, are no good for this one. */
    void opened(CircuitId id) {
        TrialDesk desk = desks.get(id);
        if (desk != null) {
            desk.drop();
        }
    }

    void forget(CircuitId id) {
        desks.remove(id);
    }

    /** The opening that a circuit is in; null if it is closed. */
    @Nullable
    Trip trip(CircuitId id) {
        CircuitBreaker circuit = manager.find(id);
        return circuit == null ? null : circuit.current().trip();
    }

    /** Closes a circuit of which enough trials have succeeded, here and elsewhere, unless it has opened again since. */
    void close(CircuitId id, @Nullable Trip tried) {
        CircuitBreaker circuit = manager.find(id);
        Epoch epoch = circuit == null ? null : circuit.current();
        if (circuit != null && epoch != null && tried != null && epoch.trip() == tried && !epoch.isHeld()) {
            circuit.carryOut(Move.plain(CircuitState.CLOSED, TransitionCause.TRIALS_SUCCEEDED), epoch);
        }
    }

    /** Takes in why a trial of an opening was not given. */
    void told(CircuitId id, @Nullable Trip trip, TrialAnswer answer) {
        switch (answer.place()) {
            case ENOUGH -> close(id, trip);
            case COOLING, NOT_TRIED, NO_RECORD -> lookAgain(id);
            case FULL, GIVEN -> {}
        }
    }

    @Override
    public void close() {
        closed = true;
        wake();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private TrialDesk desk(CircuitId id) {
        TrialDesk desk = desks.get(id);
        return desk != null ? desk : desks.computeIfAbsent(id, made -> new TrialDesk(made, this));
    }

    private void run() {
        while (!closed) {
            for (Runnable answer = answers.poll(); answer != null; answer = answers.poll()) {
                Reporting.safely(answer);
            }
            Reporting.safely(this::tellUrgent);
            long now = System.nanoTime();
            if (now - toldAt >= TELL_EVERY) {
                toldAt = now;
                Reporting.safely(this::tellNoted);
            }
            Reporting.safely(this::workDesks);
            rest();
        }
    }

    private void rest() {
        if (!answers.isEmpty() || !urgent.isEmpty()) {
            return;
        }
        if (noted.isEmpty() && desks.isEmpty()) {
            LockSupport.park(this);
        } else {
            LockSupport.parkNanos(this, Math.max(1, TELL_EVERY - (System.nanoTime() - toldAt)));
        }
    }

    private void tellUrgent() {
        for (SharedClosedEpoch epoch = urgent.poll(); epoch != null; epoch = urgent.poll()) {
            tell(epoch);
        }
    }

    private void tellNoted() {
        List<SharedClosedEpoch> now = new ArrayList<>();
        for (SharedClosedEpoch epoch = noted.poll(); epoch != null; epoch = noted.poll()) {
            now.add(epoch);
        }
        now.forEach(this::tell);
    }

    private void tell(SharedClosedEpoch epoch) {
        CircuitBreaker circuit = manager.find(epoch.id());
        if (circuit == null || !circuit.isIn(epoch)) {
            return; // what it counted belongs to an epoch that is over
        }
        if (!coordination.isAttached()) {
            epoch.drop();
            return;
        }
        Long basis = writer == null ? null : writer.basis(circuit, epoch);
        if (basis == null || !epoch.ask()) {
            noted.add(epoch); // its beginning is being written, or the tally before is under way
            return;
        }
        CircuitTally tally = epoch.take(basis, circuit.policy());
        coordination
                .tally(tally)
                .whenComplete((answer, failed) -> later(() -> {
                    epoch.answered(answer != null);
                    if (answer != null) {
                        heard(circuit, epoch, tally, answer);
                    }
                }));
    }

    private void heard(CircuitBreaker circuit, SharedClosedEpoch epoch, CircuitTally tally, TallyAnswer answer) {
        switch (answer.judgement()) {
            case STAYS -> {}
            case FAILURE_STREAK -> trip(circuit, epoch, TransitionCause.FAILURE_STREAK, answer);
            case FAILURE_RATE -> trip(circuit, epoch, TransitionCause.FAILURE_RATE, answer);
            case SLOW_CALL_RATE -> trip(circuit, epoch, TransitionCause.SLOW_CALL_RATE, answer);
            case LATER -> manager.timers().at(now() + Nanos.of(answer.again()), () -> tellNow(epoch));
            case OTHER_RECORD, NO_RECORD -> {
                epoch.putBack(tally);
                lookAgain(circuit.id());
            }
        }
    }

    private void trip(CircuitBreaker circuit, SharedClosedEpoch epoch, TransitionCause cause, TallyAnswer answer) {
        Evidence worst = epoch.worst();
        Figures figures = new Figures(
                answer.calls(), answer.failures(), answer.timed(), answer.slow(), answer.consecutiveFailures());
        circuit.carryOut(
                Move.trip(
                        cause,
                        worst == null ? null : worst.kind(),
                        worst == null ? -1 : worst.retryAfterNanos(),
                        figures),
                epoch);
    }

    private void lookAgain(CircuitId id) {
        if (writer != null) {
            writer.lookAgain(id);
        }
    }

    /** Not before all know of the opening: a place that is given until then would be one of the opening before. */
    private boolean mayAsk(CircuitBreaker circuit, Epoch epoch, long now) {
        boolean cooling = epoch instanceof OpenEpoch open && open.cooldownEnd() - now > AHEAD;
        return !cooling && writer != null && writer.basis(circuit, epoch) != null;
    }

    private void workDesks() {
        long now = now();
        Collection<TrialDesk> idle = new ArrayList<>();
        desks.forEach((id, desk) -> {
            CircuitBreaker circuit = manager.find(id);
            Epoch epoch = circuit == null ? null : circuit.current();
            boolean tried = epoch != null
                    && epoch.state() != CircuitState.CLOSED
                    && !epoch.isHeld()
                    && coordination.isAttached();
            boolean mayAsk = tried && circuit != null && epoch != null && mayAsk(circuit, epoch, now);
            desk.work(coordination, tried, mayAsk, now);
            if (desk.isIdle(now) || !tried && desk.isUnused()) {
                idle.add(desk);
            }
        });
        desks.values().removeAll(idle);
    }
}
