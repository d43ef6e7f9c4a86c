package dev.interlock;

import dev.interlock.store.CircuitRecord;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The state of one circuit, and the one place where it is replaced.
 *
 * <p>All state hangs from {@code current}, an object for the present epoch. Epochs decide and return a {@link Move};
 * {@link #replace} makes it, by one compare-and-set, and hands what follows to the {@link Aftermath}. Invariants:
 *
 * <ul>
 *   <li>the epoch's number rises with every move and never comes twice for an id ({@link Registry} sees to successors);
 *   <li>a move is made only from the epoch that decided it, or from another object of that epoch ({@link #follow});
 *   <li>a closed epoch is replaced by another object only after it was sealed ({@link #renew}), so that nothing that was
 *       counted is lost;
 *   <li>the policy is written before the epoch is looked at, and read after it: whatever object of a closed epoch is
 *       present counts by a policy that is at least as new.
 * </ul>
 *
 * <p>{@link CircuitBreaker} is its face; {@link Admission} lets calls in and {@link Settlements} takes outcomes in. A
 * circuit without a window costs 56 bytes with its epoch: it has no room for another field. Decisions 0002 and 0090.
 */
class Circuit {
    private static final VarHandle CURRENT;
    private static final VarHandle LATE;

    /** Idleness is distinguished by units of 2^30 ns, about a second. */
    private static final int IDLE_SHIFT = 30;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            CURRENT = lookup.findVarHandle(Circuit.class, "current", Epoch.class);
            LATE = lookup.findVarHandle(Circuit.class, "late", int.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    final CircuitId id;
    private volatile Epoch current;
    private volatile Policy policy;

    /** Late outcomes; the highest bit says that a call which this circuit has admitted has enclosed others. */
    private volatile int late;

    /** Plain: either of two writes of about the same second is good enough. */
    private int lastUsed;

    Circuit(CircuitId id, Policy policy, Epoch first) {
        this.id = id;
        this.policy = policy;
        this.current = first;
        this.lastUsed = idleUnits(policy.time.coarseTicks());
    }

    final Epoch current() {
        return current;
    }

    final Policy policy() {
        return policy;
    }

    final Origin origin() {
        return current.origin;
    }

    final boolean isIn(Epoch epoch) {
        return current == epoch;
    }

    final boolean isEvicted() {
        return current instanceof EvictedEpoch;
    }

    final boolean isClosedAndClean() {
        return current.isClosedAndClean();
    }

    CircuitSnapshot snapshot() {
        Epoch present = current;
        return present instanceof EvictedEpoch evicted
                ? evicted.successors.snapshot(id)
                : CircuitSnapshot.of(id, present, policy, late & Integer.MAX_VALUE);
    }

    /** How long the epoch of a snapshot cools down yet, if it goes on. */
    final Duration cooldownLeft(CircuitSnapshot snapshot) {
        Epoch present = current;
        Policy policy = this.policy;
        return present.origin.epoch == snapshot.epoch()
                ? Duration.ofNanos(present.refusal(policy, policy.time.ticks()))
                : snapshot.retryAfter();
    }

    final void touch(Policy policy) {
        touch(policy.time.coarseTicks());
    }

    /** Notes that the circuit is used, at a tick of the coarse clock. */
    final void touch(long now) {
        int present = idleUnits(now);
        if (lastUsed != present) {
            lastUsed = present;
        }
    }

    final int lastUsed() {
        return lastUsed;
    }

    static int idleUnits(long ticks) {
        return (int) (ticks >>> IDLE_SHIFT);
    }

    /** Counts an outcome that came too late for its epoch. */
    final Settlement late() {
        policy.engine.timers.wakeForChore();
        int seen = late;
        while ((seen & Integer.MAX_VALUE) != Integer.MAX_VALUE && !LATE.compareAndSet(this, seen, seen + 1)) {
            seen = late;
        }
        return Settlement.LATE;
    }

    /** Notes that a call which this circuit has admitted may enclose others. */
    final void encloses() {
        int seen = late;
        while (seen >= 0 && !LATE.compareAndSet(this, seen, seen | Integer.MIN_VALUE)) {
            seen = late;
        }
    }

    /** Whether a call that this circuit has admitted may ever have enclosed others. */
    final boolean mayEnclose() {
        return late < 0;
    }

    /** Makes a move that an epoch decided; null if somebody else was faster. */
    final @Nullable Epoch move(Epoch from, Move move, long now, @Nullable Place firstTrial) {
        Policy policy = this.policy;
        Epoch next = probed(Epochs.next(id, from, move, policy, now, firstTrial), policy);
        return replace(from, next) ? next : null;
    }

    /** Makes a move that an epoch decided also where the epoch goes on as another object; null if it is over. */
    final @Nullable Epoch follow(Epoch epoch, Move move, long now) {
        for (Epoch present = epoch; present == epoch || goesOn(epoch, present); present = current) {
            Epoch next = move(present, move, now, null);
            if (next != null) {
                return next;
            }
        }
        return null;
    }

    /** Whether an epoch in closed goes on as another object. */
    static boolean goesOn(Epoch epoch, Epoch present) {
        return present instanceof ClosedEpoch && present.origin == epoch.origin;
    }

    /**
     * Makes a move, by the one compare-and-set with which a circuit changes its state, and notes what follows; false if
     * somebody else was faster.
     */
    private boolean replace(Epoch from, Epoch next) {
        Engine engine = policy.engine;
        boolean moved = false;
        try {
            moved = CURRENT.compareAndSet(this, from, next);
            if (moved) {
                HoldTerm ended = from.holdTerm();
                if (ended != null) {
                    ended.abandon(engine.timers);
                }
                PromisedMoves.check(id, from, next, next.origin.ticks);
                engine.followed().moved(id);
            }
        } catch (Throwable cut) {
            // What follows must not fail a call, whose outcome has been taken in: it is done again by the timers.
            if (!moved) {
                throw cut;
            }
            engine.followed().cutShort();
        }
        return moved;
    }

    /** Puts another object of the same epoch in place of one that is sealed, unless somebody else has. */
    final void renew(ClosedEpoch sealed) {
        CURRENT.compareAndSet(this, sealed, Epochs.copy(id, sealed, policy));
    }

    /** From now on the successes of calls that begin in closed are looked at, since a probe has failed. */
    final void watch() {
        boolean done = false;
        while (!done && current instanceof ClosedEpoch closed) {
            closed.seal();
            ClosedEpoch watched = Epochs.copy(id, closed, policy);
            watched.watch();
            done = CURRENT.compareAndSet(this, closed, watched);
        }
    }

    /** Ends this circuit for ever; false if anything has happened to it since the epoch was sealed. */
    final boolean end(ClosedEpoch sealed, EvictedEpoch.Successors successors) {
        return CURRENT.compareAndSet(this, sealed, new EvictedEpoch(sealed.origin, successors));
    }

    /** Lets another policy apply; the present epoch goes on. */
    final void apply(Policy newPolicy) {
        policy = newPolicy;
        fit();
    }

    /** Lets the present epoch go by the policy that applies: it may have changed while the epoch was being made. */
    final void fit() {
        if (policy.probe() != null) {
            policy.engine.followed().probed(id);
        }
        for (Epoch present = current;
                present instanceof ClosedEpoch closed && !closed.fits(policy);
                present = current) {
            closed.seal();
            renew(closed);
        }
        if (current instanceof OpenEpoch open) {
            Policy policy = this.policy;
            Prober present = open.prober();
            if (policy.probe() == null) {
                open.probedBy(null);
                if (present != null) {
                    present.stop();
                }
            } else if (present == null) {
                probed(open, policy);
                present = open.prober();
                if (present != null) {
                    present.start();
                }
            }
        }
    }

    /** Begins what an epoch needs that has just begun, or that a store kept: its hold's timer, its prober. */
    final void begin() {
        Epoch present = current;
        present.begun();
        HoldTerm hold = present.holdTerm();
        if (hold != null) {
            hold.begin(policy.engine.timers, this::onTime);
        }
        Prober prober = present instanceof OpenEpoch open ? open.prober() : null;
        if (prober != null) {
            prober.start();
        }
    }

    /** Lets time do what it asks for without a call: end a hold. */
    final void onTime() {
        Epoch present = current;
        if (present.isHeld()) {
            long now = policy.time.ticks();
            Move move = present.moveAt(policy, now);
            if (move != null) {
                follow(present, move, now);
            }
        }
    }

    /** Does what other processes and this one have found together, if the epoch that they speak of goes on. */
    final boolean carryOut(Move move, Epoch epoch) {
        Epoch present = current;
        return (present == epoch || goesOn(epoch, present)) && follow(present, move, policy.time.ticks()) != null;
    }

    /**
     * Takes over what another process has stored, if nothing has happened here since an epoch began.
     *
     * @return the epoch that goes on or begins here, or null if something has happened
     */
    final @Nullable Epoch adopt(CircuitRecord record, Epoch since) {
        Policy policy = this.policy;
        if (CircuitRecords.isFollowedBy(record, since, policy)) {
            return since;
        }
        for (Epoch present = since; present == since || goesOn(since, present); present = current) {
            Epoch next = probed(Epochs.adopt(record, present, policy), policy);
            if (replace(present, next)) {
                return next;
            }
        }
        return null;
    }

    /**
     * Lets the present epoch begin again above an epoch, unless that is so already.
     *
     * @param at when it counts as begun, or null for when it did begin
     */
    final void raise(long epoch, @Nullable Instant at) {
        for (Epoch present = current; present.origin.epoch <= epoch; present = current) {
            if (present instanceof EvictedEpoch evicted) {
                evicted.successors.raise(id, epoch, at);
                return;
            }
            Policy policy = this.policy;
            Epoch next = probed(Epochs.again(id, present, policy.engine.above(epoch), at, policy), policy);
            if (replace(present, next)) {
                return;
            }
        }
    }

    /** Ends the present cooldown as early as another process did, which is no new epoch; probes begin as early. */
    final void shorten(CircuitRecord record) {
        if (current instanceof OpenEpoch open && CircuitRecords.cools(record)) {
            long now = policy.time.ticks();
            long end = now + CircuitRecords.cooldownLeft(record, policy.time.wallTime());
            if (end < open.cooldownEnd()) {
                open.shorten(end);
                hasten(open, end);
            }
        }
    }

    /** Gates have changed: probes may wait for one. */
    final void gatesChanged() {
        Prober prober = current instanceof OpenEpoch open ? open.prober() : null;
        if (prober != null) {
            prober.gatesChanged();
        }
    }

    /** Lets the first probe of an epoch come at a tick, if it would come later. */
    static void hasten(OpenEpoch open, long tick) {
        Prober prober = open.prober();
        if (prober != null) {
            prober.hasten(tick);
        }
    }

    /** The tick at which a hold ends that an override begins now. */
    static long holdEnd(ManualOverride override, Policy policy, long now) {
        Instant until = override.until();
        if (until == null) {
            return Move.NO_END;
        }
        // From here on the hold goes by ticks: a wall clock that is set moves it neither way.
        Duration left = Duration.between(policy.time.wallTime(), until);
        return left.isNegative() ? now : now + Nanos.of(left);
    }

    /** Gives an open epoch its prober before anybody can see it: trusted probes decide whether trials are let in. */
    private Epoch probed(Epoch epoch, Policy policy) {
        if (epoch instanceof OpenEpoch open && policy.probe() != null && !open.isHeld()) {
            Engine engine = policy.engine;
            ProbedCircuit probed = engine.trusts.find(id);
            Probe probe = probed == null || !probed.isTrusted() ? null : engine.probes.of(id);
            if (probed != null && probe != null) {
                open.probedBy(new Prober(open, () -> isIn(open) ? this.policy : null, probe, probed, engine));
            }
        }
        return epoch;
    }
}
