package dev.interlock;

import dev.interlock.store.CircuitCoordination;
import dev.interlock.store.GivenTrial;
import dev.interlock.store.TrialAnswer;
import dev.interlock.store.TrialAsk;
import dev.interlock.store.TrialHold;
import java.util.ArrayList;
import java.util.List;
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
        private final GivenTrial given;
        private long usableUntil;
        private long renewedAt;
        private long heldSince;
        private long runsUntil = Long.MAX_VALUE;

        Ticket(GivenTrial given, long asked, long now) {
            this.given = given;
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
    private static final long ASK_AGAIN = 500 * MILLI;

    private final CircuitId id;
    private final SharedScope scope;
    private final List<Ticket> running = new ArrayList<>();
    private @Nullable Ticket waiting;
    private @Nullable Phase seenIn;
    private boolean asked;
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
    Lease take(Policy policy, int atOnceNow, long now) {
        synchronized (this) {
            Ticket ticket = waiting;
            wants(policy, atOnceNow, now);
            if (ticket != null && now < ticket.usableUntil) {
                waiting = null;
                ticket.runsUntil = now + policy.trialTimeout;
                running.add(ticket);
                nextAsk = now; // the next call may want one too
                return new SharedLease(ticket.runsUntil, this, ticket, policy.successThreshold);
            }
        }
        scope.wake();
        return null;
    }

    synchronized boolean hasTrial(long now) {
        Ticket ticket = waiting;
        return ticket != null && now < ticket.usableUntil;
    }

    /** Notes that a call was refused; true if it is the first in this stay. */
    synchronized boolean seen(Phase stay, Policy policy, long now) {
        wants(policy, policy.trialsAtOnce, now);
        boolean first = seenIn != stay;
        if (first) {
            seenIn = stay;
            nextAsk = Long.MIN_VALUE;
            full = false;
        }
        return first;
    }

    /** Calls may come at the end of a cooldown as they did before. */
    synchronized void wantedUntil(long tick) {
        wantedUntil = Math.max(wantedUntil, tick + WANTED);
    }

    /** Not before this tick. */
    synchronized void askAt(long tick) {
        nextAsk = tick;
    }

    synchronized boolean isFull() {
        return full;
    }

    /** Whether there is nothing to do for a circuit any more. */
    synchronized boolean isIdle(long now) {
        return waiting == null && running.isEmpty() && !asked && now >= wantedUntil;
    }

    /** Whether no trial is at hand. */
    synchronized boolean isUnused() {
        return waiting == null && running.isEmpty() && !asked;
    }

    /** Asks for a trial, renews those at hand, gives back what nobody uses. */
    void work(CircuitCoordination coordination, boolean tried, long now) {
        List<Ticket> renew = new ArrayList<>();
        Ticket unused = null;
        TrialAsk ask = null;
        synchronized (this) {
            running.removeIf(ticket -> now >= ticket.runsUntil);
            running.stream().filter(ticket -> now - ticket.renewedAt >= RENEW).forEach(renew::add);
            Ticket ticket = waiting;
            if (ticket != null && (!tried || now >= ticket.usableUntil || now >= wantedUntil)) {
                unused = ticket;
                waiting = null;
            } else if (ticket != null && now - ticket.renewedAt >= RENEW) {
                renew.add(ticket);
            }
            if (tried && waiting == null && !asked && now < wantedUntil && now >= nextAsk) {
                asked = true;
                ask = new TrialAsk(id.organization(), id.name(), scope.nextTrial(), most, atOnce, needed);
            }
            renew.forEach(each -> each.renewedAt = now);
        }
        if (unused != null) {
            coordination.endTrial(unused.given, false, needed);
        }
        renew.forEach(ticket -> coordination
                .renewTrial(ticket.given)
                .whenComplete((hold, failed) -> scope.later(() -> renewed(ticket, hold, now))));
        if (ask != null) {
            coordination.askForTrial(ask).whenComplete((answer, failed) -> scope.later(() -> answered(answer, now)));
        }
    }

    /** Gives a place back, and counts how the trial ended. */
    void ended(Ticket ticket, boolean succeeded, int enough) {
        synchronized (this) {
            if (!running.remove(ticket)) {
                return;
            }
            nextAsk = Math.min(nextAsk, scope.now());
        }
        scope.coordination().endTrial(ticket.given, succeeded, enough).whenComplete((all, failed) -> {
            if (Boolean.TRUE.equals(all)) {
                scope.later(() -> scope.close(id));
            }
        });
        scope.wake();
    }

    private void wants(Policy policy, int atOnceNow, long now) {
        wantedUntil = Math.max(wantedUntil, now + WANTED);
        most = policy.halfOpenMaxRequests;
        atOnce = atOnceNow;
        needed = policy.successThreshold;
    }

    private void renewed(Ticket ticket, @Nullable TrialHold hold, long asked) {
        Ticket unused = null;
        synchronized (this) {
            if (hold == null) {
                return; // nobody knows; it is usable as long as it was
            }
            if (hold == TrialHold.LOST) {
                waiting = waiting == ticket ? null : waiting;
                return; // a call that is running goes on: its outcome counts here
            }
            ticket.usableUntil = asked + USABLE;
            if (hold == TrialHold.WANTED && waiting == ticket && asked - ticket.heldSince >= KEPT_FROM_OTHERS) {
                unused = ticket;
                waiting = null;
                nextAsk = asked + ASK_AGAIN;
            }
        }
        if (unused != null) {
            scope.coordination().endTrial(unused.given, false, needed);
        }
    }

    private void answered(@Nullable TrialAnswer answer, long askedAt) {
        long now = scope.now();
        synchronized (this) {
            asked = false;
            nextAsk = askedAt + ASK_AGAIN;
            if (answer == null) {
                return;
            }
            full = answer.place() == TrialAnswer.Place.FULL;
            GivenTrial given = answer.given();
            if (given != null) {
                waiting = new Ticket(given, askedAt, now);
                return;
            }
            if (answer.place() == TrialAnswer.Place.COOLING) {
                nextAsk = Math.max(nextAsk, now + Nanos.of(answer.left()) - SharedScope.AHEAD);
            }
        }
        scope.told(id, answer);
    }
}
