package dev.interlock;

import dev.interlock.store.CircuitCoordination;
import dev.interlock.store.GivenTrial;
import dev.interlock.store.TrialAnswer;
import dev.interlock.store.TrialAsk;
import dev.interlock.store.TrialHold;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The trials of one shared circuit that this process holds: at most one that waits for a call, and those whose calls are
 * running. A call never waits for one: it is asked for ahead, once calls were seen, and kept for the next call.
 *
 * <p>Safe for use by any thread; all is decided under its lock, and nothing of others' runs there.
 */
final class TrialDesk {
    /** A trial that was given; lost unless it is renewed. */
    static final class Ticket {
        final GivenTrial given;
        private final boolean ours;
        private long usableUntil;
        private long renewedAt;
        private long heldSince;
        private long runsUntil = Long.MAX_VALUE;
        private @Nullable Place place;

        /** What its call tries. */
        private @Nullable Trip trip;

        Ticket(GivenTrial given, boolean ours, long asked, long now) {
            this.given = given;
            this.ours = ours;
            this.renewedAt = asked;
            this.usableUntil = asked + USABLE;
            this.heldSince = now;
        }
    }

    private static final long MILLI = 1_000_000L;

    /** Less than the time after which a trial that is not renewed is lost, by a margin for the way of an answer. */
    private static final long USABLE = 4_000 * MILLI;

    private static final long RENEW = 1_000 * MILLI;

    /** How long a trial waits for a call when another process waits for its place, and when none does. */
    private static final long KEPT_FROM_OTHERS = 2_000 * MILLI;

    private static final long WANTED = 30_000 * MILLI;
    private static final long SEEN_EVERY = 50 * MILLI;
    private static final long ASK_AGAIN = 500 * MILLI;

    private final CircuitId id;
    private final SharedScope scope;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Ticket> running = new ArrayList<>();
    private @Nullable Ticket waiting;
    private volatile @Nullable Epoch seenIn;

    /** When a refused call was last noted: not each needs to be. */
    private volatile long seenAt;

    private boolean asked;

    /** Rises when trials that were given, or are on their way, are no good any more. */
    private int openings;

    private boolean full;
    private long wantedUntil = Long.MIN_VALUE;
    private long nextAsk = Long.MIN_VALUE;
    private int most;
    private int atOnce;
    private int needed;

    TrialDesk(CircuitId id, SharedScope scope) {
        this.id = id;
        this.scope = scope;
    }

    /** The trial that waits for a call, or null: then one is asked for. */
    @Nullable
    Place take(Policy policy, int atOnceNow, long now) {
        boolean due;
        lock.lock();
        try {
            Ticket ticket = waiting;
            wants(policy, atOnceNow, now);
            if (ticket != null && now < ticket.usableUntil) {
                waiting = null;
                ticket.runsUntil = now + policy.trialTimeout;
                ticket.trip = scope.trip(id);
                running.add(ticket);
                nextAsk = now; // the next call may want one too
                Place place = new SharedPlace(ticket.runsUntil, this, ticket, policy.successThreshold);
                ticket.place = place;
                return place;
            }
            due = isDue(now);
        } finally {
            lock.unlock();
        }
        if (due) {
            scope.wake();
        }
        return null;
    }

    /** A trial that another process was given, and whose call has just ended here. */
    Place ofAnother(GivenTrial given, Policy policy, long now) {
        Ticket ticket = new Ticket(given, false, now, now);
        lock.lock();
        try {
            ticket.runsUntil = now + RENEW;
            ticket.trip = scope.trip(id);
            running.add(ticket);
        } finally {
            lock.unlock();
        }
        return new SharedPlace(now, this, ticket, policy.successThreshold);
    }

    boolean hasTrial(long now) {
        lock.lock();
        try {
            Ticket ticket = waiting;
            return ticket != null && now < ticket.usableUntil;
        } finally {
            lock.unlock();
        }
    }

    /** Notes that a call was refused; true if it is the first in this epoch. */
    boolean seen(Epoch epoch, Policy policy, long now) {
        if (seenIn == epoch && now - seenAt < SEEN_EVERY) {
            return false;
        }
        seenAt = now;
        lock.lock();
        try {
            wants(policy, policy.trialsAtOnce, now);
            boolean first = seenIn != epoch;
            if (first) {
                seenIn = epoch;
                nextAsk = Long.MIN_VALUE;
                full = false;
            }
            return first;
        } finally {
            lock.unlock();
        }
    }

    /** Calls may come at the end of a cooldown as they did before. */
    void wantedUntil(long tick) {
        lock.lock();
        try {
            wantedUntil = Math.max(wantedUntil, tick + WANTED);
        } finally {
            lock.unlock();
        }
    }

    /** Drops the trial that waits for a call, or is on its way: it belongs to an opening that is over. */
    void drop() {
        lock.lock();
        try {
            waiting = null;
            openings++;
        } finally {
            lock.unlock();
        }
    }

    /** Not before this tick. */
    void askAt(long tick) {
        lock.lock();
        try {
            nextAsk = tick;
        } finally {
            lock.unlock();
        }
    }

    /** Whether all places were taken when they were last asked for; asks again if it is time to. */
    boolean isFull(long now) {
        boolean due;
        boolean answer;
        lock.lock();
        try {
            due = isDue(now);
            answer = full;
        } finally {
            lock.unlock();
        }
        if (due) {
            scope.wake();
        }
        return answer;
    }

    /** Whether there is nothing to do for a circuit any more. */
    boolean isIdle(long now) {
        lock.lock();
        try {
            return waiting == null && running.isEmpty() && !asked && now >= wantedUntil;
        } finally {
            lock.unlock();
        }
    }

    /** Whether no trial is at hand. */
    boolean isUnused() {
        lock.lock();
        try {
            return waiting == null && running.isEmpty() && !asked;
        } finally {
            lock.unlock();
        }
    }

    /** Asks for a trial, renews those at hand, gives back what nobody uses. */
    void work(CircuitCoordination coordination, boolean tried, boolean mayAsk, long now) {
        List<Ticket> renew = new ArrayList<>();
        Ticket unused = null;
        TrialAsk ask = null;
        int trip;
        lock.lock();
        try {
            running.removeIf(ticket -> now >= ticket.runsUntil);
            running.stream()
                    .filter(ticket -> ticket.ours && now - ticket.renewedAt >= RENEW)
                    .forEach(renew::add);
            Ticket ticket = waiting;
            if (ticket != null && (!tried || now >= ticket.usableUntil || now >= wantedUntil)) {
                unused = ticket;
                waiting = null;
            } else if (ticket != null && now - ticket.renewedAt >= RENEW) {
                renew.add(ticket);
            }
            if (mayAsk && waiting == null && !asked && now < wantedUntil && now >= nextAsk) {
                asked = true;
                ask = new TrialAsk(id.organization(), id.name(), scope.nextTrial(), most, atOnce, needed);
            }
            renew.forEach(each -> each.renewedAt = now);
            trip = openings;
        } finally {
            lock.unlock();
        }
        if (unused != null) {
            coordination.endTrial(unused.given, false, needed);
        }
        renew.forEach(ticket -> coordination
                .renewTrial(ticket.given)
                .whenComplete((hold, failed) -> scope.later(() -> renewed(ticket, hold, now))));
        if (ask != null) {
            Trip present = scope.trip(id);
            coordination
                    .askForTrial(ask)
                    .whenComplete((answer, failed) -> scope.later(() -> answered(answer, trip, present, now)));
        }
    }

    /** Gives a place back, and counts how the trial ended. */
    void ended(Ticket ticket, boolean succeeded, int enough) {
        lock.lock();
        try {
            if (!running.remove(ticket)) {
                return;
            }
            nextAsk = Math.min(nextAsk, scope.now());
        } finally {
            lock.unlock();
        }
        CircuitCoordination coordination = scope.coordination();
        (ticket.ours
                        ? coordination.endTrial(ticket.given, succeeded, enough)
                        : coordination.endTrialOfAnother(ticket.given, succeeded, enough))
                .whenComplete((all, failed) -> {
                    if (Boolean.TRUE.equals(all)) {
                        scope.later(() -> scope.close(id, ticket.trip));
                    }
                });
        scope.wake();
    }

    private boolean isDue(long now) {
        return !asked && now >= nextAsk;
    }

    private void wants(Policy policy, int atOnceNow, long now) {
        wantedUntil = Math.max(wantedUntil, now + WANTED);
        most = policy.halfOpenMaxRequests;
        atOnce = atOnceNow;
        needed = policy.successThreshold;
    }

    private void renewed(Ticket ticket, @Nullable TrialHold hold, long asked) {
        Ticket unused = null;
        Place ended = null;
        lock.lock();
        try {
            if (hold == null) {
                return; // nobody knows; it is usable as long as it was
            }
            if (hold == TrialHold.ENDED && running.remove(ticket)) {
                ended = ticket.place;
                nextAsk = Math.min(nextAsk, asked);
            } else if (hold == TrialHold.LOST) {
                waiting = waiting == ticket ? null : waiting;
                return; // a call that is running goes on: its outcome counts here
            } else {
                ticket.usableUntil = asked + USABLE;
                if (hold == TrialHold.WANTED && waiting == ticket && asked - ticket.heldSince >= KEPT_FROM_OTHERS) {
                    unused = ticket;
                    waiting = null;
                    nextAsk = asked + ASK_AGAIN;
                }
            }
        } finally {
            lock.unlock();
        }
        if (ended != null) {
            scope.giveBack(id, ended);
        }
        if (unused != null) {
            scope.coordination().endTrial(unused.given, false, needed);
        }
    }

    private void answered(@Nullable TrialAnswer answer, int trip, @Nullable Trip tried, long askedAt) {
        long now = scope.now();
        GivenTrial stale = null;
        lock.lock();
        try {
            asked = false;
            nextAsk = askedAt + ASK_AGAIN;
            if (answer == null) {
                return;
            }
            full = answer.place() == TrialAnswer.Place.FULL;
            GivenTrial given = answer.given();
            if (given != null && trip == openings) {
                waiting = new Ticket(given, true, askedAt, now);
            } else {
                stale = given;
            }
            if (answer.place() == TrialAnswer.Place.COOLING) {
                nextAsk = Math.max(nextAsk, now + Nanos.of(answer.left()) - SharedScope.AHEAD);
            }
        } finally {
            lock.unlock();
        }
        if (stale != null) {
            scope.coordination().endTrial(stale, false, needed);
        }
        scope.told(id, tried, answer);
    }
}
