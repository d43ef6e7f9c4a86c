package dev.interlock;

import dev.interlock.store.GivenTrial;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The circuit of one agent, or of something that agents depend on.
 *
 * <p>Get one from {@link CircuitBreakerManager#getOrCreate(CircuitId)}; most callers want a {@link Guard} instead. Safe
 * for use by any thread; nothing here blocks. A success in a closed circuit takes no lock and allocates only the
 * permit, once there is a window. A reference stays good for ever: if the manager has forgotten an idle circuit and
 * made another one for its id, calls go to the new one. If by then the organization is full of circuits that are open,
 * half-open or held, there may be no room for the new one: methods that need it throw {@link TooManyCircuitsException}.
 */
public final class CircuitBreaker extends Circuit {
    CircuitBreaker(CircuitId id, Policy policy, Epoch first) {
        super(id, policy, first);
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
     * The state at this moment. An open circuit stays open after the cooldown until the next call, or outcome without a
     * permit.
     *
     * @return closed, open or half-open
     */
    public CircuitState state() {
        Epoch present = current();
        return present instanceof EvictedEpoch ? snapshot().state() : present.state();
    }

    /**
     * The number of the present epoch: {@link CircuitSnapshot#epoch()} alone, which costs next to nothing.
     *
     * @return rises with each transition
     */
    public long epoch() {
        Epoch present = current();
        return present instanceof EvictedEpoch ? snapshot().epoch() : present.origin.epoch;
    }

    /**
     * Everything that is known of the circuit at this moment.
     *
     * @return a picture of the present epoch; it may miss calls that end at the same moment
     */
    @Override
    public CircuitSnapshot snapshot() {
        return super.snapshot();
    }

    /**
     * The settings that apply.
     *
     * @return those of the most specific pattern that matches the id; a pattern of its organization comes before one of all
     */
    public CircuitBreakerConfig config() {
        return current() instanceof EvictedEpoch evicted ? evicted.successors.policy(id).config : policy().config;
    }

    /**
     * Asks for permission to make one call.
     *
     * @return a permit, to be settled once
     * @throws CircuitOpenException if the circuit refuses, or a gate before it
     * @throws TooManyCircuitsException if this circuit was forgotten and there is no room for another one
     */
    public Permit acquire() {
        Permit permit = acquire(policy().engine.itself, true);
        if (permit == null) {
            throw new IllegalStateException("A refusal neither threw nor admitted");
        }
        return permit;
    }

    /**
     * Asks for permission to make one call, without an exception.
     *
     * @return a permit, to be settled once, or null if the circuit refuses, or a gate before it
     * @throws TooManyCircuitsException if this circuit was forgotten and there is no room for another one
     */
    public @Nullable Permit tryAcquire() {
        return acquire(policy().engine.itself, false);
    }

    /**
     * Takes in a success of a call that had no permit and began just now.
     *
     * @return what became of it
     * @throws TooManyCircuitsException if this circuit was forgotten and there is no room for another one
     */
    public Settlement recordSuccess() {
        return record(Outcome.success());
    }

    /**
     * Takes in a failure of a call that had no permit and began just now.
     *
     * @param kind why the call failed
     * @return what became of it
     * @throws TooManyCircuitsException if this circuit was forgotten and there is no room for another one
     */
    public Settlement recordFailure(FailureKind kind) {
        return record(Outcome.failure(kind));
    }

    /**
     * Takes in an outcome of a call that had no permit and began just now.
     *
     * @param outcome how the call ended
     * @return what became of it
     * @throws TooManyCircuitsException if this circuit was forgotten and there is no room for another one
     */
    public Settlement record(Outcome outcome) {
        return record(outcome, Duration.ZERO);
    }

    /**
     * Takes in an outcome of a call that had no permit. It counts while the circuit is closed; after the cooldown it
     * counts as a trial. If the call began before the last opening or closing, the outcome is late.
     *
     * @param outcome how the call ended
     * @param age how long ago the call began; a negative age counts as zero
     * @return what became of it
     * @throws TooManyCircuitsException if this circuit was forgotten and there is no room for another one
     */
    public Settlement record(Outcome outcome, Duration age) {
        return Settlements.record(this, outcome, age, policy().engine.itself, null);
    }

    /**
     * Carries out an override. An override that repeats what is already so changes nothing, and is reported to
     * listeners as such; so is {@code PROBE_NOW}, which begins no epoch.
     *
     * @param override what to do, and who says so
     * @return true if the circuit began a new epoch
     * @throws TooManyCircuitsException if this circuit was forgotten and there is no room for another one
     */
    public boolean override(ManualOverride override) {
        return Overrides.override(this, override);
    }

    /**
     * Carries out the suggestion of a monitor, if nothing has happened since the monitor looked. Unlike an {@linkplain
     * #override override} a suggestion gives way: to a hold, to any epoch other than the one that the monitor looked
     * at, and to a change that another process has stored first. All this is decided in one step: a hold that begins at
     * the same moment is never touched.
     *
     * @param suggestion {@link OverrideAction#OPEN}, which acts on a closed circuit, or {@link OverrideAction#PROBE_NOW},
     *     which ends the cooldown of an open one
     * @param epoch the epoch that was looked at
     * @return true if it was followed: the circuit has opened, or its cooldown has been cut short
     * @throws IllegalArgumentException if the action is another one
     */
    public boolean suggest(ManualOverride suggestion, long epoch) {
        return Overrides.suggest(this, suggestion, epoch);
    }

    // For guards.

    @Nullable
    Permit acquire(Caller caller, boolean throwing) {
        Permit parent = CallChain.innermost();
        Policy policy = policy();
        if (policy.isGated()) {
            long now = policy.time.ticks();
            GateBoard.Shut shut = policy.engine.gates.covering(id, now);
            if (shut != null) {
                policy.engine.settlements.refused(id, Refusal.GATE);
                return GateRefusals.refuse(id, this, shut, policy.engine, now, throwing, parent);
            }
        }
        SinglePermit permit = Admission.acquire(this, caller, throwing, parent, false);
        if (permit == null) {
            Epoch present = current();
            policy.engine.settlements.refused(id, Refusal.of(present.state(), present.hold()));
        } else if (parent != null) {
            CallChain.note(parent, id, policy.engine, InnerCall.ADMITTED);
        }
        return permit;
    }

    /**
     * As one of several circuits around a call that no gate covers; it is noted in the calls around it once all have
     * admitted it.
     */
    @Nullable
    SinglePermit acquireWithin(@Nullable Permit parent, Caller caller) {
        return Admission.acquire(this, caller, false, parent, true);
    }

    long refusal(Caller caller, @Nullable Permit parent) {
        return Admission.refusal(this, caller, parent);
    }

    /** Takes in the outcome of a call that began at a tick. */
    void settle(ClosedEpoch admitted, Outcome outcome, long began, Caller caller) {
        long took = began == Settlements.UNTIMED ? began : policy().time.coarseTicks() - began;
        Settlements.settle(this, admitted, Place.NONE, outcome, took, caller, null);
    }

    Settlement record(Outcome outcome, Duration age, Caller caller, Caller.@Nullable Alone alone) {
        return Settlements.record(this, outcome, age, caller, alone);
    }

    Settlement record(Outcome outcome, Duration age, long epoch, Caller caller, Caller.@Nullable Alone alone) {
        return Settlements.record(this, outcome, age, epoch, caller, alone);
    }

    Settlement recordTrial(
            Outcome outcome, Duration age, GivenTrial given, Caller caller, Caller.@Nullable Alone alone) {
        return Settlements.recordTrial(this, outcome, age, given, caller, alone);
    }

    void giveBackTrial(GivenTrial given) {
        Settlements.giveBackTrial(this, given);
    }

    @Override
    public String toString() {
        return "CircuitBreaker[" + id + " " + state() + "]";
    }
}
