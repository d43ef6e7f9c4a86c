package dev.interlock;

import dev.interlock.store.CircuitRecord;
import dev.interlock.store.GivenTrial;
import dev.interlock.threads.Reporting;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The circuit of one agent, or of something that agents depend on.
 *
 * <p>Get one from {@link CircuitBreakerManager#getOrCreate(CircuitId)}; most callers want a {@link Guard} instead. Safe
 * for use by any thread; nothing here blocks, and a closed circuit neither locks nor allocates but for the permit. A
 * reference stays good for ever: when the manager has forgotten an idle circuit and made it anew, calls go to the new
 * one.
 *
 * <p>How it works: all state hangs from {@code epoch}, an object for the present epoch. Epochs decide and return a
 * {@link Move}; the one compare-and-set in {@link #move} makes it so.
 */
public final class CircuitBreaker {
    private static final VarHandle PHASE;
    private static final VarHandle LATE;

    /** Idleness is told apart by units of 2^30 ns, about a second. */
    private static final int IDLE_SHIFT = 30;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            PHASE = lookup.findVarHandle(CircuitBreaker.class, "current", Epoch.class);
            LATE = lookup.findVarHandle(CircuitBreaker.class, "late", int.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final CircuitId id;
    private volatile Epoch current;
    private volatile Policy policy;
    private volatile int late;

    /** Plain: whichever of two writes of about the same second survives is good enough. */
    private int lastUsed;

    CircuitBreaker(CircuitId id, Policy policy, Epoch first) {
        this.id = id;
        this.policy = policy;
        this.current = first;
        this.lastUsed = (int) (policy.time.coarseTicks() >>> IDLE_SHIFT);
    }

    /**
     * What this circuit is called.
     *
     * @return its id
     */
    public CircuitId id() {
        return id;
    }

    /**
     * The state at this moment; an open circuit reads open until a call comes after the cooldown.
     *
     * @return closed, open or half-open
     */
    public CircuitState state() {
        return current instanceof EvictedEpoch ? policy.manager.snapshot(id).state() : current.state();
    }

    /**
     * The number of the present epoch: {@link CircuitSnapshot#epoch()} alone, which costs next to nothing.
     *
     * @return rises with each transition
     */
    public long epoch() {
        Epoch present = current;
        return present instanceof EvictedEpoch ? policy.manager.snapshot(id).epoch() : present.origin.epoch;
    }

    /**
     * All there is to know at this moment.
     *
     * @return a consistent picture of the present epoch
     */
    public CircuitSnapshot snapshot() {
        Epoch present = current;
        return present instanceof EvictedEpoch
                ? policy.manager.snapshot(id)
                : CircuitSnapshot.of(id, present, policy, late);
    }

    /**
     * The settings in force.
     *
     * @return those of the most specific pattern that matches the id
     */
    public CircuitBreakerConfig config() {
        return policy.manager.policyTable().resolve(id).config;
    }

    /**
     * Asks for leave to make one call.
     *
     * @return a permit, to be settled once
     * @throws CircuitOpenException if the circuit refuses
     */
    public Permit acquire() {
        Permit permit = acquire(policy.manager.classifier(), true);
        if (permit == null) {
            throw new IllegalStateException("A refusal neither threw nor admitted");
        }
        return permit;
    }

    /**
     * Asks for leave to make one call, without an exception.
     *
     * @return a permit, to be settled once, or null if the circuit refuses
     */
    public @Nullable Permit tryAcquire() {
        return acquire(policy.manager.classifier(), false);
    }

    /**
     * Takes in a success that no permit asked for, of a call that began just now.
     *
     * @return what became of it
     */
    public Settlement recordSuccess() {
        return record(Outcome.success());
    }

    /**
     * Takes in a failure that no permit asked for, of a call that began just now.
     *
     * @param kind why the call failed
     * @return what became of it
     */
    public Settlement recordFailure(FailureKind kind) {
        return record(Outcome.failure(kind));
    }

    /**
     * Takes in an outcome that no permit asked for, of a call that began just now.
     *
     * @param outcome how the call ended
     * @return what became of it
     */
    public Settlement record(Outcome outcome) {
        return record(outcome, Duration.ZERO);
    }

    /**
     * Takes in an outcome that no permit asked for. It counts in closed; after the cooldown it counts as a trial; one
     * whose call began before the last opening or closing is late.
     *
     * @param outcome how the call ended
     * @param age how long ago the call began; a negative age counts as zero
     * @return what became of it
     */
    public Settlement record(Outcome outcome, Duration age) {
        return recordAged(outcome, Math.max(0, Nanos.of(age)), ANY_EPOCH, null);
    }

    /**
     * Takes in the outcome of a call that an epoch admitted which is known by its number only. Late if the circuit is in
     * another epoch now, unless it was only forgotten and made anew.
     */
    Settlement record(Outcome outcome, Duration age, long epoch) {
        return recordAged(outcome, Math.max(0, Nanos.of(age)), epoch, null);
    }

    /** Takes in the outcome of a call that another process admitted as a trial; its place is given back in any case. */
    Settlement recordTrial(Outcome outcome, Duration age, GivenTrial given) {
        Place place = trialOfAnother(given);
        Settlement settlement = recordAged(outcome, Math.max(0, Nanos.of(age)), ANY_EPOCH, place);
        if (place != null) {
            place.unused();
        }
        return settlement;
    }

    /** Gives the place of a trial back that another process admitted, and whose outcome does not concern this circuit. */
    void giveBackTrial(GivenTrial given) {
        Place place = trialOfAnother(given);
        if (place != null) {
            place.unused();
        }
    }

    private @Nullable Place trialOfAnother(GivenTrial given) {
        Policy policy = this.policy;
        return policy.scope == null
                ? null
                : policy.scope.places().ofAnother(id, policy.trials, given, policy.time.ticks());
    }

    /**
     * Carries out an order. Repeating what is already so changes nothing, and is told to listeners as such.
     *
     * @param override what to do, and who says so
     * @return true if the circuit began a new epoch
     */
    public boolean override(ManualOverride override) {
        while (true) {
            Epoch present = current;
            if (present instanceof EvictedEpoch) {
                return live().override(override);
            }
            Policy policy = this.policy;
            long now = policy.time.ticks();
            Move move = present.override(override, policy, now, holdEnd(override, policy, now));
            if (move == null) {
                if (override.action() == OverrideAction.PROBE_NOW && present instanceof OpenEpoch open) {
                    hasten(open, now);
                }
                policy.manager.repeated(this, override);
                return false;
            }
            if (move(present, move, now, null) != null) {
                return true;
            }
        }
    }

    /**
     * Carries out what a monitor found, if nothing has happened since it looked. Unlike an {@linkplain #override
     * override} a suggestion gives way: to a hold, to any other epoch than the one it was made of, and to what another
     * process was first to store. All this is decided in one step; no hold that begins at the same moment is touched.
     *
     * @param suggestion {@link OverrideAction#OPEN}, which acts on a closed circuit, or {@link OverrideAction#PROBE_NOW},
     *     which ends the cooldown of an open one
     * @param epoch the epoch that was looked at
     * @return true if it was followed: the circuit has opened, or its cooldown has been cut short
     * @throws IllegalArgumentException if the action is another one
     */
    public boolean suggest(ManualOverride suggestion, long epoch) {
        boolean opens = suggestion.action() == OverrideAction.OPEN;
        if (!opens && suggestion.action() != OverrideAction.PROBE_NOW) {
            throw new IllegalArgumentException(
                    "Only OPEN and PROBE_NOW can be suggested, but not " + suggestion.action() + ": give an override");
        }
        Epoch present = current;
        if (present instanceof EvictedEpoch) {
            CircuitBreaker live = liveOrNull();
            return live != null && live.suggest(suggestion, epoch);
        }
        if (present.origin.epoch != epoch || present.isHeld()) {
            return false;
        }
        Policy policy = this.policy;
        long now = policy.time.ticks();
        if (opens) {
            return present instanceof ClosedEpoch
                    && move(present, Move.suggested(CircuitState.OPEN, suggestion, present.figures(now)), now, null)
                            != null;
        }
        if (present instanceof OpenEpoch open && open.cooldownEnd() > now) {
            open.shorten(now);
            hasten(open, now);
            policy.manager.hastened(this, suggestion);
            return true;
        }
        return false;
    }

    /** A permit; or null, or an exception, if the call is refused. */
    @Nullable
    Permit acquire(FailureClassifier classifier, boolean throwing) {
        while (true) {
            Policy policy = this.policy;
            Epoch present = current;
            if (present instanceof ClosedEpoch) {
                touch(policy);
                return new SinglePermit(this, present, classifier, policy.timed ? policy.time.ticks() : UNTIMED);
            }
            if (present instanceof EvictedEpoch) {
                return live().acquire(classifier, throwing);
            }
            long now = policy.time.ticks();
            Move move = present.moveAt(policy, now);
            // Who makes a circuit half-open is its first trial: the lease is there before anybody can see it.
            Place first = move != null && move.to == CircuitState.HALF_OPEN ? firstTrial(move, policy, now) : null;
            if (move != null && (first != null || move.to != CircuitState.HALF_OPEN)) {
                Permit trial = follow(present, move, policy, now, first, classifier);
                if (trial != null) {
                    return trial;
                }
                continue;
            }
            if (present instanceof HalfOpenEpoch trying) {
                Place place = admit(trying, policy, now);
                if (place != null) {
                    touch(policy);
                    return new TrialPermit(this, present, classifier, now, place);
                }
                if (trying.isEnough(policy)) {
                    continue; // the last success came this moment, so this call belongs to the epoch after
                }
            }
            long wait = refusal(present, policy, now);
            if (throwing) {
                throw new CircuitOpenException(id, present.state(), Math.max(1, wait), present.hold());
            }
            return null;
        }
    }

    /** Moves, and gives the permit of the first trial if that is what the move began; apart, to keep refusals short. */
    private @Nullable Permit follow(
            Epoch present, Move move, Policy policy, long now, @Nullable Place first, FailureClassifier classifier) {
        Epoch next = move(present, move, now, first);
        if (first == null) {
            return null;
        }
        if (next == null) {
            first.unused();
            return null;
        }
        touch(policy);
        return new TrialPermit(this, next, classifier, now, first);
    }

    /** How long a call that has just been refused should wait. */
    private long refusal(Epoch present, Policy policy, long now) {
        long wait = present.refusal(policy, now);
        return policy.scope == null || present.isHeld()
                ? wait
                : policy.scope.places().refused(id, present, wait, policy.trials, now);
    }

    static final long UNTIMED = -1;

    private static final long ANY_EPOCH = -1;

    /** How long a call that comes now would have to wait, in nanoseconds; 0 if it would be admitted. Moves nothing. */
    long refusal() {
        Policy policy = this.policy;
        Epoch present = current;
        if (present instanceof ClosedEpoch) {
            return 0;
        }
        if (present instanceof EvictedEpoch) {
            return live().refusal();
        }
        long now = policy.time.ticks();
        long wait = present.moveAt(policy, now) != null ? 0 : present.refusal(policy, now);
        boolean admits = policy.scope == null || policy.scope.places().hasTrial(id, now);
        return admits || wait > 0 ? wait : refusal(present, policy, now);
    }

    /** The closed epoch that admits a call which needs no clock and no permit, or null: then ask for a permit. */
    @Nullable
    ClosedEpoch enter() {
        Policy policy = this.policy;
        if (current instanceof ClosedEpoch closed && !policy.timed) {
            touch(policy);
            return closed;
        }
        return null;
    }

    /** The success of a call that {@link #enter} let in. */
    void succeed(ClosedEpoch admitted) {
        if (current == admitted) {
            admitted.succeed(policy);
        } else {
            settle(admitted, Place.NONE, Outcome.success(), UNTIMED);
        }
    }

    /**
     * Takes in the outcome of a call that an epoch admitted.
     *
     * @param tookNanos how long the call took, negative if nobody measured
     */
    Settlement settle(Epoch admitted, Place place, Outcome outcome, long tookNanos) {
        Policy policy = this.policy;
        if (current != admitted) {
            return settleElsewhere(admitted, outcome, tookNanos);
        }
        touch(policy);
        if (outcome.isSuccess() && !policy.isSlow(tookNanos) && admitted instanceof ClosedEpoch closed) {
            closed.succeed(policy);
            return Settlement.COUNTED;
        }
        Evidence evidence = Evidence.of(outcome, tookNanos, policy, policy.time.ticks());
        Settlement settlement = take(admitted, place, evidence);
        if (current instanceof EvictedEpoch && evidence.failed()) {
            // What was just counted has been forgotten with its circuit.
            return settleElsewhere(admitted, outcome, tookNanos);
        }
        return settlement;
    }

    /** A failure of the call that concerns another of its circuits: gives a trial's place back. */
    Settlement settleIgnored(Epoch admitted, Place place) {
        if (current != admitted) {
            return current instanceof EvictedEpoch ? Settlement.IGNORED : isLate();
        }
        return take(admitted, place, Evidence.ofAnothersFailure(0));
    }

    /** Makes as if a permit had never been given. */
    void giveBack(Epoch admitted, Place place) {
        admitted.giveBack(place);
        place.unused();
    }

    /** Does what other processes and this one have found together, if the epoch that it concerns goes on. */
    boolean carryOut(Move move, Epoch epoch) {
        return current == epoch && move(epoch, move, policy.time.ticks(), null) != null;
    }

    /** Lets time do what it asks for without a call: end a hold. */
    void onTime() {
        Epoch present = current;
        if (present.isHeld()) {
            long now = policy.time.ticks();
            Move move = present.moveAt(policy, now);
            if (move != null) {
                move(present, move, now, null);
            }
        }
    }

    /** Starts what a circuit needs that begins in an epoch which a store kept. */
    void resume() {
        Epoch epoch = probed(current, policy);
        begin(epoch, epoch, policy);
    }

    /**
     * Takes over what another process has stored, if nothing has happened here since an epoch began.
     *
     * @return the epoch that goes on or begins here, or null if something has happened
     */
    @Nullable
    Epoch adopt(CircuitRecord record, Epoch since) {
        Policy policy = this.policy;
        if (CircuitRecords.isFollowedBy(record, since, policy)) {
            return since;
        }
        Epoch next = probed(CircuitRecords.adopt(record, since, policy), policy);
        return replace(since, next, policy) ? next : null;
    }

    /**
     * Lets the present epoch begin again above an epoch, unless that is so already.
     *
     * @param at when it counts as begun, or null for when it did begin
     */
    void raise(long epoch, @Nullable Instant at) {
        for (Epoch present = current; present.origin.epoch <= epoch; present = current) {
            Policy policy = this.policy;
            if (present instanceof EvictedEpoch) {
                policy.manager.raise(id, epoch, at);
                return;
            }
            Epoch next = probed(CircuitRecords.again(id, present, epoch + 1, at, policy), policy);
            if (replace(present, next, policy)) {
                return;
            }
        }
    }

    /** Ends the present cooldown as early as another process did, which is no new epoch. */
    void shorten(CircuitRecord record) {
        if (current instanceof OpenEpoch open && record.state().equals("open") && !record.held()) {
            long now = policy.time.ticks();
            open.shorten(now + CircuitRecords.cooldownLeft(record, policy.time.wallTime()));
        }
    }

    /** Puts another policy in force; the present epoch goes on. */
    void apply(Policy newPolicy) {
        policy = newPolicy;
        while (current instanceof ClosedEpoch closed) {
            if (closed.isOf(newPolicy.scope) || PHASE.compareAndSet(this, closed, closed.rescoped(id, newPolicy))) {
                closed.reshape(newPolicy.shape);
                break;
            }
        }
        if (current instanceof OpenEpoch open) {
            Prober present = open.prober();
            if (newPolicy.probe() == null) {
                open.probedBy(null);
                if (present != null) {
                    present.stop();
                }
            } else if (present == null) {
                Prober prober = newProber(open, newPolicy);
                open.probedBy(prober);
                if (prober != null) {
                    prober.start();
                }
            }
        }
    }

    /** Forgets this circuit if it is closed, without a streak, not held, all stored, and was not used after a moment. */
    boolean evict(int notUsedAfter) {
        if (current instanceof ClosedEpoch closed
                && closed.isClosedAndClean()
                && closed.streak() == 0
                && lastUsed - notUsedAfter <= 0
                && !policy.manager.isUnwritten(this)) {
            policy.manager.raiseBirth(closed.origin.epoch); // before anybody can make a successor
            return PHASE.compareAndSet(this, closed, new EvictedEpoch(closed.origin));
        }
        return false;
    }

    boolean isEvicted() {
        return current instanceof EvictedEpoch;
    }

    boolean isIn(Epoch epoch) {
        return current == epoch;
    }

    boolean isClosedAndClean() {
        return current.isClosedAndClean();
    }

    boolean hasStreak() {
        return current instanceof ClosedEpoch closed && closed.streak() > 0;
    }

    Origin origin() {
        return current.origin;
    }

    Epoch current() {
        return current;
    }

    Policy policy() {
        return policy;
    }

    int lastUsed() {
        return lastUsed;
    }

    static int idleUnits(long ticks) {
        return (int) (ticks >>> IDLE_SHIFT);
    }

    private Settlement take(Epoch epoch, Place place, Evidence evidence) {
        Move move = epoch.settle(policy, place, evidence);
        place.ended(evidence.isGood());
        if (move != null && move(epoch, move, evidence.now(), null) == null) {
            // Another thread ended this epoch first. In closed the outcome counted there; a trial's came too late.
            return epoch instanceof ClosedEpoch ? Settlement.COUNTED : isLate();
        }
        return evidence.isSilent() ? Settlement.IGNORED : Settlement.COUNTED;
    }

    /**
     * Takes in an outcome by its age.
     *
     * @param given the trial that the call was, in another process; null if it was none
     */
    private Settlement recordAged(Outcome outcome, long ageNanos, long epoch, @Nullable Place given) {
        while (true) {
            Policy policy = this.policy;
            Epoch present = current;
            if (present instanceof EvictedEpoch) {
                return live().recordAged(outcome, ageNanos, epoch, given);
            }
            touch(policy);
            long now = policy.time.ticks();
            if (now - ageNanos < present.begins()) {
                return isLate();
            }
            if (epoch != ANY_EPOCH && epoch != present.origin.epoch && present.origin.transition != null) {
                return isLate();
            }
            Evidence evidence = Evidence.of(outcome, outcome.tookNanos(), policy, now);
            if (present instanceof ClosedEpoch) {
                return settle(present, Place.NONE, outcome, outcome.tookNanos());
            }
            if (evidence.isSilent()) {
                return Settlement.IGNORED;
            }
            Move move = present.moveAt(policy, now);
            boolean tries = move != null && move.to == CircuitState.HALF_OPEN;
            Place first = move == null || !tries ? null : given != null ? given : firstTrial(move, policy, now);
            if (move != null && (first != null || move.to != CircuitState.HALF_OPEN)) {
                Epoch next = move(present, move, now, first);
                if (next != null && first != null) {
                    return take(next, first, evidence);
                }
                if (first != null && first != given) {
                    first.unused();
                }
                continue;
            }
            Place place = !(present instanceof HalfOpenEpoch trying)
                    ? null
                    : given != null ? given : admit(trying, policy, now);
            if (place == null && present instanceof HalfOpenEpoch trying && trying.isEnough(policy)) {
                continue;
            }
            return place == null ? Settlement.IGNORED : take(present, place, evidence);
        }
    }

    /** The first trial's lease; null where other processes share the circuit and have not agreed to it. */
    private @Nullable Place firstTrial(Move move, Policy policy, long now) {
        return policy.scope == null
                ? new Place(now + policy.trialTimeout)
                : policy.scope
                        .places()
                        .take(id, move.cause == TransitionCause.REAL_TRIAL ? policy.realTrials : policy.trials, now);
    }

    /** A further trial's lease, or null if there is no place for it, here or among all who share the circuit. */
    private @Nullable Place admit(HalfOpenEpoch trying, Policy policy, long now) {
        if (policy.scope == null) {
            return trying.admit(policy, now);
        }
        if (!trying.hasPlace(policy, now)) {
            return null;
        }
        Place place = policy.scope.places().take(id, trying.rules(policy), now);
        if (place == null || trying.admit(policy, now, place)) {
            return place;
        }
        place.unused();
        return null;
    }

    /** The epoch that admitted the call is over; if eviction was its end, the outcome counts in the successor. */
    private Settlement settleElsewhere(Epoch admitted, Outcome outcome, long tookNanos) {
        Epoch present = current;
        if (present instanceof ClosedEpoch && present.origin == admitted.origin) {
            return settle(present, Place.NONE, outcome, tookNanos); // the same epoch, under a policy of another scope
        }
        if (!(present instanceof EvictedEpoch)) {
            return isLate();
        }
        boolean endedByEviction = admitted.origin == present.origin;
        CircuitBreaker live = endedByEviction ? liveOrNull() : policy.manager.find(id);
        if (live == null) {
            return isLate();
        }
        Epoch successor = live.current;
        return endedByEviction && successor instanceof ClosedEpoch && successor.origin.transition == null
                ? live.settle(successor, Place.NONE, outcome, tookNanos)
                : live.isLate();
    }

    private @Nullable CircuitBreaker liveOrNull() {
        try {
            return live();
        } catch (TooManyCircuitsException full) {
            return null;
        }
    }

    private Settlement isLate() {
        LATE.getAndAdd(this, 1);
        return Settlement.LATE;
    }

    /** This circuit, or the one that took its place. */
    private CircuitBreaker live() {
        return current instanceof EvictedEpoch ? policy.manager.getOrCreate(id) : this;
    }

    private void touch(Policy policy) {
        int present = idleUnits(policy.time.coarseTicks());
        if (lastUsed != present) {
            lastUsed = present;
        }
    }

    /** The one line that changes a circuit's state, and what follows from it; null if somebody else was faster. */
    private @Nullable Epoch move(Epoch from, Move move, long now, @Nullable Place firstTrial) {
        Policy policy = this.policy;
        Epoch next = next(from, move, policy, now, firstTrial);
        return replace(from, next, policy) ? next : null;
    }

    private boolean replace(Epoch from, Epoch next, Policy policy) {
        if (!PHASE.compareAndSet(this, from, next)) {
            return false;
        }
        // What follows must not fail a call, whose outcome has been taken in.
        Reporting.safely(() -> begin(from, next, policy));
        StateTransition transition = next.origin.transition;
        if (transition != null) {
            policy.manager.moved(this, transition);
        }
        return true;
    }

    private Epoch next(Epoch from, Move move, Policy policy, long now, @Nullable Place firstTrial) {
        Instant wall = policy.time.wallTime();
        boolean opens = move.to == CircuitState.OPEN;
        boolean realTrial = move.cause == TransitionCause.REAL_TRIAL;
        Trip trip = move.to == CircuitState.CLOSED ? null : trip(from, move, now, wall);
        boolean cools = opens && !move.held && !move.cooled;
        long cooldown =
                trip != null && cools ? policy.cooldown(trip.failedTrials(), move.kind, move.retryAfterNanos) : 0;
        StateTransition transition = new StateTransition(
                id,
                from.state(),
                move.to,
                from.origin.epoch + 1,
                wall,
                move.cause,
                move.action(),
                move.kind,
                opens && !move.held ? Duration.ofNanos(cooldown) : null,
                move.figures,
                move.hold(),
                move.override == null ? null : move.override.actor(),
                move.override == null ? null : move.override.reason());
        Origin origin = from.origin.next(now, transition);
        HoldTerm holdTerm = move.held ? new HoldTerm(move.holdEnd) : null;
        if (trip == null) {
            return holdTerm != null ? new HeldClosedEpoch(origin, holdTerm) : ClosedEpoch.of(id, origin, policy);
        }
        if (opens) {
            return probed(new OpenEpoch(origin, trip, now + cooldown, holdTerm), policy);
        }
        return new HalfOpenEpoch(origin, realTrial ? trip.withRealTrial(now) : trip, realTrial, firstTrial);
    }

    private static Trip trip(Epoch from, Move move, long now, Instant wall) {
        Trip before = from.trip();
        if (before == null) {
            Figures figures = move.figures == null ? Figures.NONE : move.figures;
            return new Trip(now, wall, figures, 0, now, from.lastFailure());
        }
        if (from.state() != CircuitState.HALF_OPEN) {
            return before;
        }
        return before.again(now, wall, move.grows, move.kind != null ? now : before.lastFailure());
    }

    private void begin(Epoch from, Epoch epoch, Policy policy) {
        Timers timers = policy.manager.timers();
        HoldTerm ended = from.holdTerm();
        if (ended != null) {
            ended.abandon(timers);
        }
        HoldTerm begun = epoch.holdTerm();
        if (begun != null) {
            begun.begin(timers, this::onTime);
        }
        if (epoch instanceof OpenEpoch open) {
            Policy present = this.policy;
            if (present != policy) {
                apply(present); // it changed while the move was being decided
            }
            Prober prober = open.prober();
            if (prober != null) {
                prober.start();
            }
        }
    }

    private Epoch probed(Epoch epoch, Policy policy) {
        if (epoch instanceof OpenEpoch open) {
            open.probedBy(newProber(open, policy));
        }
        return epoch;
    }

    private @Nullable Prober newProber(OpenEpoch open, Policy policy) {
        Probe probe = policy.probe() == null || open.isHeld() ? null : policy.manager.probe(id);
        return probe == null
                ? null
                : new Prober(this, open, probe, policy.manager.timers(), policy.manager.probeExecutor());
    }

    private static void hasten(OpenEpoch open, long now) {
        Prober prober = open.prober();
        if (prober != null) {
            prober.hasten(now);
        }
    }

    private static long holdEnd(ManualOverride override, Policy policy, long now) {
        Instant until = override.until();
        if (until == null) {
            return Move.NO_END;
        }
        // From here on the hold goes by ticks: a wall clock that is set moves it neither way.
        Duration left = Duration.between(policy.time.wallTime(), until);
        return left.isNegative() ? now : now + Nanos.of(left);
    }

    @Override
    public String toString() {
        return "CircuitBreaker[" + id + " " + state() + "]";
    }
}
