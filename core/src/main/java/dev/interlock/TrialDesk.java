package dev.interlock;

import dev.interlock.LocalCircuits.Recovery;
import dev.interlock.store.GivenTrial;
import dev.interlock.store.TrialHold;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The trials of one shared circuit that this process holds: at most one that waits for a call, and those whose calls are
 * running. Decides only; what it asks for is carried out by {@link TrialPlaces}.
 *
 * <p>It is {@link State#EMPTY} until calls were seen and the cooldown is about to end, then {@link State#ASKING}, and
 * once it was given a trial {@link State#WAITING} for a call; the call that takes it leaves the desk empty. How long the
 * cooldown lasts it asks the epoch each time. Times are ticks. Safe for use by any thread; all is decided under its lock,
 * and nothing of others' runs there.
 */
final class TrialDesk {
    /** What becomes of the next call's trial. */
    enum State {
        EMPTY,
        ASKING,
        WAITING
    }

    static final long NEVER = Long.MAX_VALUE;
    static final long MILLI = 1_000_000L;

    /** How long before the end of a cooldown a trial is asked for, if calls were seen. */
    static final long AHEAD = 200 * MILLI;

    private static final long RENEW = 1_000 * MILLI;

    /** How long a trial waits for a call when another process waits for its place, and when none does. */
    private static final long KEPT_FROM_OTHERS = 2_000 * MILLI;

    private static final long WANTED = 30_000 * MILLI;
    private static final long SEEN_EVERY = 50 * MILLI;
    private static final long ASK_AGAIN = 500 * MILLI;

    /** How often an epoch is asked whether it cools down less long than it did. */
    private static final long LOOK = 1_000 * MILLI;

    /** After this a question counts as lost, though nobody said so. */
    private static final long LOST = 5_000 * MILLI;

    private final ReentrantLock lock = new ReentrantLock();
    private final List<HeldTrial> running = new ArrayList<>();
    private State state = State.EMPTY;
    private @Nullable HeldTrial waiting;
    private TrialRules rules;

    /** The last question's number, and when it was asked; how many openings there had been then, and are now. */
    private int questions;

    private long askedAt;
    private int askedIn;
    private int openings;

    /** Not before this is another question asked. */
    private volatile long askFrom;

    private volatile boolean asking;
    private volatile boolean unstored;
    private volatile boolean full;

    /** In which epoch calls were refused, and when the last one was noted: not each needs to be. */
    private volatile @Nullable Object seenIn;

    private volatile long seenAt;
    private long wantedAt;
    private boolean retired;

    TrialDesk(TrialRules rules, long now) {
        this.rules = rules;
        this.askFrom = now;
        this.seenAt = now - SEEN_EVERY;
        this.wantedAt = now;
    }

    /** The trial that waits for a call, now taken by one; null if there is none. */
    @Nullable
    HeldTrial take(TrialRules wanted, @Nullable Trip trip, long now) {
        lock.lock();
        try {
            HeldTrial held = waiting;
            rules = wanted;
            wantedAt = now;
            if (held == null || !held.isUsable(now)) {
                return null;
            }
            waiting = null;
            state = State.EMPTY;
            held.runsUntil = now + wanted.timeout();
            held.trip = trip;
            running.add(held);
            askFrom = now; // the next call may want one too
            return held;
        } finally {
            lock.unlock();
        }
    }

    /** A trial that another process was given, and whose call has just ended here; null if this desk is retired. */
    @Nullable
    HeldTrial ofAnother(GivenTrial given, TrialRules now, @Nullable Trip trip, long tick) {
        lock.lock();
        try {
            if (retired) {
                return null;
            }
            HeldTrial held = new HeldTrial(given, false, now.needed(), tick, tick);
            held.runsUntil = tick + RENEW;
            held.trip = trip;
            running.add(held);
            return held;
        } finally {
            lock.unlock();
        }
    }

    /** A trial whose call runs here in the place of a call around it; false if this desk is retired. */
    boolean onLoan(HeldTrial held) {
        lock.lock();
        try {
            if (!retired) {
                running.add(held);
            }
            return !retired;
        } finally {
            lock.unlock();
        }
    }

    /** The place of a trial that was taken, so that it can be given back should another process have ended it. */
    void isAt(HeldTrial held, SharedPlace place) {
        lock.lock();
        try {
            held.place = place;
        } finally {
            lock.unlock();
        }
    }

    boolean hasTrial(long now) {
        lock.lock();
        try {
            return waiting != null && waiting.isUsable(now);
        } finally {
            lock.unlock();
        }
    }

    /** Notes that a call was refused; true if it is the first in this epoch. Cheap if one was just before. */
    boolean seen(Object epoch, TrialRules wanted, long now) {
        if (seenIn == epoch && now - seenAt < SEEN_EVERY) {
            return false;
        }
        seenAt = now;
        lock.lock();
        try {
            rules = wanted;
            wantedAt = now;
            boolean first = seenIn != epoch;
            if (first) {
                seenIn = epoch;
                askFrom = now;
                full = false;
            }
            return first;
        } finally {
            lock.unlock();
        }
    }

    /** Whether all places were taken when they were last asked for. */
    boolean isFull() {
        return full;
    }

    /** Whether it is time to ask, once the cooldown is about to end. */
    boolean isDue(long now) {
        return !asking && !unstored && now >= askFrom;
    }

    /** Drops the trial that waits for a call, or is on its way: it belongs to an opening that is over. */
    void drop() {
        lock.lock();
        try {
            openings++;
            if (state == State.WAITING) {
                waiting = null;
                state = State.EMPTY;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Takes this desk out of use if it holds nothing and does not ask. */
    boolean retire() {
        lock.lock();
        try {
            retired = state == State.EMPTY && running.isEmpty();
            return retired;
        } finally {
            lock.unlock();
        }
    }

    /** Looks what time and the circuit's epoch ask for. */
    TrialWork work(Recovery recovery, long now) {
        lock.lock();
        try {
            running.removeIf(held -> now >= held.runsUntil);
            HeldTrial unused = null;
            int ask = 0;
            switch (state) {
                case WAITING -> unused = unusedAt(recovery, now);
                case ASKING -> {
                    if (now - askedAt >= LOST) {
                        become(State.EMPTY);
                        questions++; // should the answer come after all, its trial is given back
                    }
                }
                case EMPTY -> {}
            }
            boolean asks = state == State.EMPTY && mayAsk(recovery, now);
            unstored = asks && !recovery.stored();
            if (asks && !unstored) {
                become(State.ASKING);
                ask = ++questions;
                askedAt = now;
                askedIn = openings;
                wantedAt = recovery.left() > 0 ? now : wantedAt; // calls may come after it as they did before
            }
            List<HeldTrial> renew = renew(now);
            return new TrialWork(unused, renew, ask, unstored, rules, next(recovery, now));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes an answer in.
     *
     * @return whether its trial waits for a call now; if not, it is to be given back
     */
    boolean answered(int ask, @Nullable GivenTrial given, boolean isFull, long now) {
        lock.lock();
        try {
            if (state != State.ASKING || ask != questions) {
                return false;
            }
            become(State.EMPTY);
            full = isFull;
            askFrom = askedAt + ASK_AGAIN;
            if (given == null || askedIn != openings || retired) {
                return false;
            }
            waiting = new HeldTrial(given, true, rules.needed(), askedAt, now);
            become(State.WAITING);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Takes in what became of a trial that was to be kept; returns whether it is to be given back, for others to use. */
    boolean renewed(HeldTrial held, TrialHold hold, long asked) {
        lock.lock();
        try {
            switch (hold) {
                case LOST -> {
                    if (waiting == held) {
                        waiting = null;
                        become(State.EMPTY);
                    }
                    return false; // a call that is running goes on: its outcome counts here
                }
                case ENDED -> {
                    return false;
                }
                case KEPT, WANTED -> {
                    held.keptAt = asked;
                    if (hold == TrialHold.WANTED && waiting == held && asked - held.since >= KEPT_FROM_OTHERS) {
                        waiting = null;
                        become(State.EMPTY);
                        askFrom = asked + ASK_AGAIN;
                        return true;
                    }
                    return false;
                }
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Ends a trial whose call is running; false if it has ended. The next may be asked for. */
    boolean end(HeldTrial held, long now) {
        lock.lock();
        try {
            boolean ran = running.remove(held);
            if (ran && now < askFrom) {
                askFrom = now;
            }
            return ran;
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #end} does, for a trial that another process has ended; its place here is to be given back. */
    @Nullable
    SharedPlace endedElsewhere(HeldTrial held, long now) {
        return end(held, now) ? held.place : null;
    }

    /** Takes the trial out that waits for a call. */
    @Nullable
    HeldTrial clear() {
        lock.lock();
        try {
            HeldTrial held = waiting;
            waiting = null;
            become(State.EMPTY);
            return held;
        } finally {
            lock.unlock();
        }
    }

    private void become(State next) {
        state = next;
        asking = next == State.ASKING;
    }

    private @Nullable HeldTrial unusedAt(Recovery recovery, long now) {
        HeldTrial held = waiting;
        if (held == null || recovery.tried() && held.isUsable(now) && isWanted(recovery, now)) {
            return null;
        }
        waiting = null;
        become(State.EMPTY);
        return held;
    }

    private boolean mayAsk(Recovery recovery, long now) {
        return mayWant(recovery, now) && now >= askFrom && recovery.left() <= AHEAD;
    }

    /** Not while the trials that run here take up all places. */
    private boolean mayWant(Recovery recovery, long now) {
        return recovery.tried() && running.size() < rules.atOnce() && isWanted(recovery, now);
    }

    /** Whether calls would use a trial: one was seen lately, or in the cooldown that goes on. */
    private boolean isWanted(Recovery recovery, long now) {
        return now - wantedAt < WANTED || recovery.left() > 0 && recovery.epoch() == seenIn;
    }

    private List<HeldTrial> renew(long now) {
        List<HeldTrial> renew = new ArrayList<>();
        for (HeldTrial held : running) {
            if (held.ours && now - held.renewedAt >= RENEW) {
                renew.add(held);
            }
        }
        if (waiting != null && now - waiting.renewedAt >= RENEW) {
            renew.add(waiting);
        }
        renew.forEach(held -> held.renewedAt = now);
        return renew;
    }

    private long next(Recovery recovery, long now) {
        long next = NEVER;
        for (HeldTrial held : running) {
            next = Math.min(next, held.ours ? Math.min(held.renewedAt + RENEW, held.runsUntil) : held.runsUntil);
        }
        HeldTrial held = waiting;
        return switch (state) {
            case WAITING -> held == null ? next : Math.min(next, Math.min(held.renewedAt + RENEW, wantedAt + WANTED));
            case ASKING -> Math.min(next, askedAt + LOST);
            case EMPTY -> {
                if (!mayWant(recovery, now)) {
                    yield next;
                }
                long look = now + Math.min(Math.max(0, recovery.left() - AHEAD), LOOK);
                yield Math.min(next, Math.max(askFrom, look));
            }
        };
    }
}
