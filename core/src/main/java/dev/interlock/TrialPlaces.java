package dev.interlock;

import dev.interlock.LocalCircuits.Recovery;
import dev.interlock.failpoints.Failpoint;
import dev.interlock.store.CircuitCoordination;
import dev.interlock.store.GivenTrial;
import dev.interlock.store.TrialAnswer;
import dev.interlock.store.TrialAsk;
import dev.interlock.store.TrialEnd;
import dev.interlock.store.TrialHold;
import dev.interlock.store.TrialLoan;
import dev.interlock.threads.Reporting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The places of trials that this process holds of shared circuits. A call never waits for one: it is asked for ahead, once
 * calls were seen, and kept for the next call.
 *
 * <p>A circuit that is tried has a desk, which is looked at when it says so, or when a call stirs it. Calls come on any
 * thread; desks are worked on the fleet's.
 */
final class TrialPlaces {
    /** What a call hears that is refused since its trial has not been given yet, and since all places are taken. */
    private static final long SOON = 100 * TrialDesk.MILLI;

    private static final long FULL = 1_000 * TrialDesk.MILLI;

    /** The grain by which desks are worked, so that many that are due at about the same time are one turn. */
    private static final long GRAIN = 50 * TrialDesk.MILLI;

    private static final long AFTER_FAILURE = 1_000 * TrialDesk.MILLI;
    private static final long AT_MOST = 100 * TrialDesk.MILLI;
    private static final long UNTIL_STORED = 20 * TrialDesk.MILLI;

    /** A circuit's desk, and when it is to be looked at. */
    private static final class Entry implements Comparable<Entry> {
        final CircuitId id;
        final TrialDesk desk;
        final AtomicBoolean stirred = new AtomicBoolean();

        /** The slot of the caller whose trial failed last among all processes, as far as was heard. */
        volatile int failedLast = TrialEnd.NOBODY;

        private final long number;

        /** Only for the fleet's thread, as its place among the others is. */
        private long due = TrialDesk.NEVER;

        Entry(CircuitId id, TrialDesk desk, long number) {
            this.id = id;
            this.desk = desk;
            this.number = number;
        }

        @Override
        public int compareTo(Entry other) {
            int byDue = Long.compare(due, other.due);
            return byDue != 0 ? byDue : Long.compare(number, other.number);
        }
    }

    private final CircuitCoordination coordination;
    private final LocalCircuits circuits;
    private final String process;
    private final FleetThread thread;
    private final BooleanSupplier together;
    private final LongSupplier ticks;
    private final Map<CircuitId, Entry> desks = new ConcurrentHashMap<>();
    private final Queue<Entry> stirred = new ConcurrentLinkedQueue<>();
    private final TreeSet<Entry> byDue = new TreeSet<>();
    private final List<Entry> unstored = new ArrayList<>();
    private final AtomicLong numbers = new AtomicLong();

    TrialPlaces(
            CircuitCoordination coordination,
            LocalCircuits circuits,
            String process,
            FleetThread thread,
            BooleanSupplier together,
            LongSupplier ticks) {
        this.coordination = coordination;
        this.circuits = circuits;
        this.process = process;
        this.thread = thread;
        this.together = together;
        this.ticks = ticks;
    }

    /** A place for one trial; null if there is none yet. */
    @Nullable
    Place take(CircuitId id, TrialRules rules, long now) {
        if (!together.getAsBoolean()) {
            return new Place(now + rules.timeout());
        }
        Entry entry = entry(id, rules, now);
        HeldTrial held = entry.desk.take(rules, circuits.recovery(id, now).trip(), now);
        if (held == null) {
            stirIfDue(entry, now);
            return null;
        }
        stir(entry);
        SharedPlace place = place(entry, held, now + rules.timeout());
        entry.desk.isAt(held, place);
        return place;
    }

    /** A trial that another process was given, whose call has ended here; null while this process goes by itself. */
    @Nullable
    Place ofAnother(CircuitId id, TrialRules rules, GivenTrial given, long now) {
        if (!together.getAsBoolean()) {
            return null;
        }
        Trip trip = circuits.recovery(id, now).trip();
        while (true) {
            Entry entry = entry(id, rules, now);
            HeldTrial held = entry.desk.ofAnother(given, rules, trip, now);
            if (held != null) {
                stir(entry);
                return place(entry, held, now);
            }
        }
    }

    /** Asks all processes for the place of a trial, for a call within its call. */
    CompletionStage<TrialLoan> borrow(GivenTrial around, Duration left) {
        return coordination.borrowTrial(around, process + "-" + numbers.incrementAndGet(), left);
    }

    /** Gives a place back that was taken over from a call around one that was not made. */
    void handBack(GivenTrial borrowed, GivenTrial around) {
        coordination.returnTrial(borrowed, around);
    }

    /** Keeps a place that was taken over, until its call has ended; returns who hears of that. */
    SharedPlace.Ending onLoan(CircuitId id, SharedPlace place, TrialRules rules, long asked, long now) {
        HeldTrial held = new HeldTrial(place.given(), true, rules.needed(), asked, now);
        held.runsUntil = place.end;
        held.trip = circuits.recovery(id, now).trip();
        held.place = place;
        while (true) {
            Entry entry = entry(id, rules, now);
            if (entry.desk.onLoan(held)) {
                stir(entry);
                return (succeeded, failedCaller) -> ended(entry, held, succeeded, failedCaller);
            }
        }
    }

    /** Whether a call that came now would find a place. */
    boolean hasTrial(CircuitId id, long now) {
        Entry entry = desks.get(id);
        return !together.getAsBoolean() || entry != null && entry.desk.hasTrial(now);
    }

    /**
     * Hears that a call is refused; returns how long it has to wait, in nanoseconds.
     *
     * @param epoch in which it was, to be distinguished from others by identity
     * @param wait what the epoch says
     */
    long refused(CircuitId id, Object epoch, long wait, TrialRules rules, long now) {
        if (!together.getAsBoolean()) {
            return wait;
        }
        Entry entry = entry(id, rules, now);
        if (entry.desk.seen(epoch, rules, now)) {
            stir(entry);
        } else if (wait == 0) {
            stirIfDue(entry, now);
        }
        return wait == 0 ? soon(entry) : wait;
    }

    /** The slot of the caller whose trial failed last among all processes, or {@link TrialEnd#NOBODY}. */
    int failedLast(CircuitId id) {
        Entry entry = desks.get(id);
        return entry == null ? TrialEnd.NOBODY : entry.failedLast;
    }

    /** How long a call has to wait that would be refused for lack of a place; notes nothing. */
    long soon(CircuitId id) {
        Entry entry = desks.get(id);
        return entry == null ? SOON : soon(entry);
    }

    /** Trials that wait for a call were given by somebody who no longer knows of them. */
    void forgotten() {
        desks.values().forEach(entry -> entry.desk.drop());
    }

    /** A circuit has opened: trials of the opening before, given or asked for, are no good for this one. */
    void opened(CircuitId id) {
        Entry entry = desks.get(id);
        if (entry != null) {
            entry.desk.drop();
        }
    }

    boolean isIdle() {
        return desks.isEmpty() && stirred.isEmpty();
    }

    /** Works the desks that are due; returns how long none is, in nanoseconds. Only for the fleet's thread. */
    long work() {
        List<Entry> again = List.copyOf(unstored);
        unstored.clear();
        again.forEach(this::work);
        for (Entry entry = stirred.poll(); entry != null; entry = stirred.poll()) {
            entry.stirred.set(false);
            work(entry);
        }
        long now = ticks.getAsLong();
        while (!byDue.isEmpty() && byDue.first().due <= now) {
            work(byDue.first());
        }
        // A clock that is set by hand does not wake anybody.
        long rest = unstored.isEmpty() ? AT_MOST : UNTIL_STORED;
        return byDue.isEmpty() ? rest : Math.min(rest, byDue.first().due - now);
    }

    /** Gives back what waits for a call: none will come here as a trial of all. */
    void end() {
        for (Entry entry : desks.values()) {
            HeldTrial unused = entry.desk.clear();
            if (unused != null) {
                Reporting.safely(() -> coordination.endTrial(unused.given, TrialEnd.of(false, unused.needed)));
            }
        }
        desks.clear();
        stirred.clear();
        byDue.clear();
        unstored.clear();
    }

    private long soon(Entry entry) {
        return entry.desk.isFull() ? FULL : SOON;
    }

    private Entry entry(CircuitId id, TrialRules rules, long now) {
        Entry entry = desks.get(id);
        return entry != null
                ? entry
                : desks.computeIfAbsent(
                        id, made -> new Entry(made, new TrialDesk(rules, now), numbers.incrementAndGet()));
    }

    private SharedPlace place(Entry entry, HeldTrial held, long end) {
        return new SharedPlace(
                end, held.given, (succeeded, failedCaller) -> ended(entry, held, succeeded, failedCaller));
    }

    private void stirIfDue(Entry entry, long now) {
        if (entry.desk.isDue(now)) {
            stir(entry);
        }
    }

    private void stir(Entry entry) {
        if (!entry.stirred.get() && entry.stirred.compareAndSet(false, true)) {
            stirred.add(entry);
            thread.wake();
        }
    }

    private void work(Entry entry) {
        byDue.remove(entry);
        if (desks.get(entry.id) != entry) {
            return; // it is out of use, and somebody who had it in hand stirred it
        }
        long now = ticks.getAsLong();
        entry.due = now + AFTER_FAILURE;
        try {
            Recovery recovery = together.getAsBoolean() ? circuits.recovery(entry.id, now) : Recovery.NONE;
            TrialWork work = entry.desk.work(recovery, now);
            entry.due = work.next() == TrialDesk.NEVER ? TrialDesk.NEVER : -Math.floorDiv(-work.next(), GRAIN) * GRAIN;
            carryOut(entry, work, recovery, now);
            if (work.untilStored()) {
                entry.due = TrialDesk.NEVER;
                unstored.add(entry);
                return;
            }
        } catch (Throwable failed) {
            Reporting.report(failed); // of one circuit: the others are tried all the same
        }
        if (entry.due != TrialDesk.NEVER) {
            byDue.add(entry);
        } else if (entry.desk.retire()) {
            desks.remove(entry.id, entry);
        } else {
            entry.due = now + AFTER_FAILURE;
            byDue.add(entry);
        }
    }

    private void carryOut(Entry entry, TrialWork work, Recovery recovery, long now) {
        HeldTrial unused = work.unused();
        if (unused != null) {
            coordination.endTrial(unused.given, TrialEnd.of(false, unused.needed));
        }
        for (HeldTrial held : work.renew()) {
            coordination.renewTrial(held.given).whenComplete((hold, failed) -> renewed(entry, held, hold, now));
        }
        if (work.ask() != 0) {
            ask(entry, work, recovery);
        }
    }

    private void ask(Entry entry, TrialWork work, Recovery recovery) {
        TrialRules rules = work.rules();
        TrialAsk ask = new TrialAsk(
                entry.id.organization(),
                entry.id.name(),
                process + "-" + numbers.incrementAndGet(),
                rules.most(),
                rules.atOnce(),
                rules.needed(),
                Duration.ofNanos(recovery.left()));
        try {
            coordination
                    .askForTrial(ask)
                    .whenComplete(
                            (answer, failed) -> thread.later(() -> answered(entry, work, recovery.trip(), answer)));
        } catch (Throwable notAsked) {
            entry.desk.answered(work.ask(), null, false, ticks.getAsLong());
            throw notAsked;
        }
    }

    private void answered(Entry entry, TrialWork work, @Nullable Trip tried, @Nullable TrialAnswer answer) {
        GivenTrial given = answer == null ? null : answer.given();
        boolean full = answer != null && answer.place() == TrialAnswer.Place.FULL;
        if (answer != null) {
            entry.failedLast = answer.failedCaller();
        }
        if (given != null) {
            Failpoint.TRIAL_GIVEN.reach();
        }
        boolean waits = entry.desk.answered(work.ask(), given, full, ticks.getAsLong());
        work(entry);
        if (given != null && !waits) {
            coordination.endTrial(given, TrialEnd.of(false, work.rules().needed()));
        }
        if (answer != null) {
            switch (answer.place()) {
                case ENOUGH -> circuits.close(entry.id, tried);
                case COOLING, NOT_TRIED, NO_RECORD -> circuits.lookAgain(entry.id);
                case FULL, GIVEN -> {}
            }
        }
    }

    /** On the thread that brought the answer: nearly always a trial is kept, and nothing is to be done. */
    private void renewed(Entry entry, HeldTrial held, @Nullable TrialHold hold, long asked) {
        if (hold == null) {
            return; // nobody knows; it is usable as long as it was
        }
        if (hold == TrialHold.ENDED) {
            thread.later(() -> {
                SharedPlace place = entry.desk.endedElsewhere(held, asked);
                if (place != null) {
                    circuits.giveBack(entry.id, place);
                }
                work(entry);
            });
        } else if (entry.desk.renewed(held, hold, asked)) {
            coordination.endTrial(held.given, TrialEnd.of(false, held.needed));
        }
    }

    /** Gives a place back, and counts how the trial ended. */
    private void ended(Entry entry, HeldTrial held, boolean succeeded, int failedCaller) {
        if (!entry.desk.end(held, ticks.getAsLong())) {
            return;
        }
        Failpoint.TRIAL_ENDED.reach();
        TrialEnd end = new TrialEnd(succeeded, held.needed, failedCaller);
        (held.ours ? coordination.endTrial(held.given, end) : coordination.endTrialOfAnother(held.given, end))
                .whenComplete((all, failed) -> {
                    if (Boolean.TRUE.equals(all)) {
                        thread.later(() -> circuits.close(entry.id, held.trip));
                    }
                });
        stir(entry);
    }
}
