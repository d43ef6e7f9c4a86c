package dev.interlock;

import dev.interlock.Unreported.Report;
import dev.interlock.store.CircuitCoordination;
import dev.interlock.store.CircuitTally;
import dev.interlock.store.TallyAnswer;
import dev.interlock.store.TallyAnswer.Judgement;
import dev.interlock.threads.Reporting;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Closed circuits that count together: brings what was counted here to all, at most every 100 ms for a circuit unless its
 * own figures say that it should open, and carries out what follows from the figures of all.
 */
final class Tallies {
    private static final long EVERY = TimeUnit.MILLISECONDS.toNanos(100);

    /** A circuit to be asked about once more, with nothing new. */
    private record Again(long due, Unreported counts) {}

    private final CircuitCoordination coordination;
    private final LocalCircuits circuits;
    private final String process;
    private final FleetThread thread;
    private final BooleanSupplier together;
    private final Queue<Unreported> noted = new ConcurrentLinkedQueue<>();
    private final Queue<Unreported> urgent = new ConcurrentLinkedQueue<>();
    private final Queue<Again> again = new PriorityQueue<>(Comparator.comparingLong(Again::due));
    private final Set<Unreported> waiting = new HashSet<>();
    private final LongSupplier nanos;
    private long reportedAt;

    /**
     * Tallies of circuits here.
     *
     * @param nanos the clock by which reports are made and made again
     */
    Tallies(
            CircuitCoordination coordination,
            LocalCircuits circuits,
            String process,
            FleetThread thread,
            BooleanSupplier together,
            LongSupplier nanos) {
        this.coordination = coordination;
        this.circuits = circuits;
        this.process = process;
        this.thread = thread;
        this.together = together;
        this.nanos = nanos;
        this.reportedAt = nanos.getAsLong() - EVERY;
    }

    /** Whether others are asked at all. */
    boolean areTogether() {
        return together.getAsBoolean();
    }

    /** The moment, by the clock of reports. */
    long now() {
        return nanos.getAsLong();
    }

    /** Something was counted: it is reported with the next round. */
    void note(Unreported counts) {
        if (!thread.isOver()) {
            noted.add(counts);
            thread.note();
        }
    }

    /** The figures of this process alone say that a circuit should open. */
    void hurry(Unreported counts) {
        if (!thread.isOver()) {
            urgent.add(counts);
            thread.wake();
        }
    }

    boolean isIdle() {
        return noted.isEmpty() && urgent.isEmpty() && again.isEmpty();
    }

    /** Reports what is due; returns how long nothing is. Only for the fleet's thread, as is what follows. */
    long work() {
        long now = now();
        for (Unreported counts = urgent.poll(); counts != null; counts = urgent.poll()) {
            report(counts, true, now);
        }
        for (Again due = again.peek(); due != null && due.due - now <= 0; due = again.peek()) {
            again.remove();
            waiting.remove(due.counts);
            report(due.counts, true, now);
        }
        if (now - reportedAt >= EVERY) {
            reportedAt = now;
            round(now);
        }
        Again next = again.peek();
        long untilRound = EVERY - (now - reportedAt);
        return next == null ? untilRound : Math.min(untilRound, next.due - now);
    }

    /** Forgets all: this process counts for itself from now on. */
    void end() {
        noted.clear();
        urgent.clear();
        again.clear();
        waiting.clear();
    }

    private void round(long now) {
        List<Unreported> taken = new ArrayList<>();
        for (Unreported counts = noted.poll(); counts != null; counts = noted.poll()) {
            taken.add(counts);
        }
        for (Unreported counts : taken) {
            counts.isTaken();
            if (!counts.isEmpty()) {
                report(counts, false, now);
            }
        }
    }

    /** Reports what a circuit has counted, even nothing if all are to be asked at once. */
    private void report(Unreported counts, boolean atOnce, long now) {
        try {
            if (!circuits.isCounting(counts)) {
                return; // what it counted belongs to an epoch that is over
            }
            if (!areTogether()) {
                counts.drop();
                return;
            }
            Report begun = counts.begin(now);
            if (begun != null) {
                send(counts, begun);
            } else if (!atOnce) {
                counts.note();
            }
        } catch (Throwable failed) {
            Reporting.report(failed); // of one circuit: the others are reported all the same
        }
    }

    private void send(Unreported counts, Report begun) {
        CircuitTally tally = null;
        try {
            tally = circuits.take(counts, process);
            if (tally != null) {
                CircuitTally sent = tally;
                coordination.tally(tally).whenComplete((answer, failed) -> heard(counts, begun, sent, answer));
            }
        } catch (Throwable failed) {
            counts.ended(begun, false, 0);
            if (tally != null) {
                counts.putBackCallers(tally);
            }
            throw failed;
        }
        if (tally == null) {
            counts.postpone(begun); // its beginning is being written
        }
    }

    /** On the thread that brought the answer: most say that nothing is to be done. */
    private void heard(Unreported counts, Report report, CircuitTally tally, @Nullable TallyAnswer answer) {
        boolean later = answer != null && answer.judgement() == Judgement.LATER;
        long wait = later && answer != null ? Nanos.of(answer.again()) : 0;
        counts.ended(report, answer != null, wait);
        if (answer == null) {
            counts.putBackCallers(tally);
        }
        if (answer != null
                && (answer.judgement() != Judgement.STAYS || !answer.callers().isEmpty())) {
            thread.later(() -> carryOut(counts, tally, answer));
        }
    }

    private void carryOut(Unreported counts, CircuitTally tally, TallyAnswer answer) {
        switch (answer.judgement()) {
            case STAYS -> circuits.stays(counts, tally, answer);
            case FAILURE_STREAK -> circuits.trip(counts, TransitionCause.FAILURE_STREAK, answer);
            case FAILURE_RATE -> circuits.trip(counts, TransitionCause.FAILURE_RATE, answer);
            case SLOW_CALL_RATE -> circuits.trip(counts, TransitionCause.SLOW_CALL_RATE, answer);
            case LATER -> {
                circuits.stays(counts, tally, answer);
                if (waiting.add(counts)) {
                    again.add(new Again(now() + Nanos.of(answer.again()), counts));
                }
            }
            case OTHER_RECORD, NO_RECORD -> {
                counts.putBack(tally);
                circuits.lookAgain(counts.id());
            }
        }
    }
}
