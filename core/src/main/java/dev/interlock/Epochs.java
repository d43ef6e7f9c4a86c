package dev.interlock;

import dev.interlock.store.CircuitRecord;
import dev.interlock.store.TrialEnd;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How an epoch begins: by a {@linkplain #next move}, from a record after a {@linkplain #resume restart} or of {@linkplain
 * #adopt another process}, {@linkplain #again once more} above an epoch, or as a {@linkplain #copy second object} of the
 * same epoch. Makes them; who puts them in place is {@link Circuit}.
 */
final class Epochs {
    private static final long NO_WAIT = -1;

    private Epochs() {}

    /** An epoch in closed that counts for itself, or with all processes, as the policy says. */
    static ClosedEpoch closed(CircuitId id, Origin origin, Policy policy, @Nullable Callers callers) {
        ClosedEpoch closed = policy.fleet == null
                ? new ClosedEpoch(origin)
                : new SharedClosedEpoch(origin, id, policy.fleet.tallies());
        closed.keep(callers, policy);
        return closed;
    }

    /** The same epoch for the policy that applies now; its streak goes along, a window only if it is of the same kind. */
    static ClosedEpoch copy(CircuitId id, ClosedEpoch sealed, Policy policy) {
        ClosedEpoch copy = counting(id, sealed, policy);
        copy.keepWaits(sealed, policy);
        return copy;
    }

    private static ClosedEpoch counting(CircuitId id, ClosedEpoch sealed, Policy policy) {
        if (sealed instanceof HeldClosedEpoch held) {
            return new HeldClosedEpoch(held, policy);
        }
        return policy.fleet == null
                ? new ClosedEpoch(sealed, policy)
                : new SharedClosedEpoch(sealed, id, policy, policy.fleet.tallies());
    }

    /** The epoch to which a move leads. */
    static Epoch next(CircuitId id, Epoch from, Move move, Policy policy, long now, @Nullable Place firstTrial) {
        Instant wall = policy.time.wallTime();
        boolean opens = move.to == CircuitState.OPEN;
        boolean realTrial = move.cause == TransitionCause.REAL_TRIAL;
        Trip trip = move.to == CircuitState.CLOSED ? null : trip(from, move, now, wall);
        boolean cools = opens && !move.held && !move.cooled;
        long cooldown = trip != null && cools ? cooldown(from, move, trip, policy, now) : 0;
        StateTransition transition = new StateTransition(
                id,
                from.state(),
                move.to,
                policy.engine.above(from.origin.epoch),
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
        Callers callers = callers(from, policy);
        if (callers != null && move.action() == OverrideAction.RESET) {
            callers.forgetOutcomes();
        }
        if (trip == null) {
            return holdTerm != null
                    ? new HeldClosedEpoch(origin, holdTerm, policy, callers)
                    : closed(id, origin, policy, callers);
        }
        if (opens) {
            return new OpenEpoch(origin, trip, now + cooldown, holdTerm, callers);
        }
        long turn = from instanceof OpenEpoch open ? open.turnEnd() : now;
        return new HalfOpenEpoch(
                origin, realTrial ? trip.withRealTrial(now) : trip, realTrial, firstTrial, callers, turn);
    }

    /** Callers outlive epochs, where anything goes by them. */
    private static @Nullable Callers callers(Epoch from, Policy policy) {
        Callers callers = from.callers();
        return callers != null && callers.shape == policy.shape ? callers : null;
    }

    private static long cooldown(Epoch from, Move move, Trip trip, Policy policy, long now) {
        if (from instanceof OpenEpoch open) {
            return Math.max(0, open.cooldownEnd() - now); // a person's open on open keeps the cooldown
        }
        long left = trip.waitEnd() == RollingWindow.NEVER ? NO_WAIT : trip.waitEnd() - now;
        return policy.cooldown(trip.failedTrials(), move.kind, move.retryAfterNanos, left);
    }

    private static Trip trip(Epoch from, Move move, long now, Instant wall) {
        Trip before = from.trip();
        long own = move.retryAfterNanos > 0 ? now + move.retryAfterNanos : RollingWindow.NEVER;
        long waitEnd = Math.max(from.waitEnd(), own);
        if (before == null) {
            Figures figures = move.figures == null ? Figures.NONE : move.figures;
            return new Trip(
                    now,
                    wall,
                    figures,
                    0,
                    now,
                    from.lastFailure(),
                    waitEnd,
                    TrialEnd.NOBODY,
                    CircuitRecords.opening(move));
        }
        long lastFailure = move.kind != null ? now : before.lastFailure();
        Trip trip = from.state() != CircuitState.HALF_OPEN
                ? before
                : before.again(now, wall, move.grows, lastFailure, waitEnd, move.failedCaller);
        return move.action() == OverrideAction.OPEN ? trip.because(CircuitRecords.opening(move)) : trip;
    }

    /**
     * The epoch that a circuit resumes after a restart: open with the cooldown that is left, half-open as open with none.
     * Of a circuit that processes share, what is open or held goes on under the number that the others show; a local one
     * may have had higher numbers that were not stored.
     */
    static Epoch resume(CircuitRecord record, Policy policy) {
        CircuitState from = CircuitRecords.state(record);
        boolean goesOn = policy.fleet != null && from != CircuitState.HALF_OPEN;
        long epoch = goesOn ? record.epoch() : policy.engine.above(record.epoch());
        StateTransition resumed = transition(record, from, epoch, TransitionCause.RESUMED, policy, false);
        long now = policy.time.ticks();
        ProbedCircuit probed = policy.engine.trusts.find(CircuitRecords.id(record));
        long realTrial = probed == null ? RollingWindow.NEVER : probed.trust().countedFrom();
        Origin origin = Origin.resumed(resumed, now, record.openings());
        return recorded(record, policy, false, null, origin, realTrial == RollingWindow.NEVER ? now : realTrial);
    }

    /** The epoch that follows one which another process has ended. */
    static Epoch adopt(CircuitRecord record, Epoch since, Policy policy) {
        boolean above = record.epoch() > since.origin.epoch;
        long epoch = above ? record.epoch() : policy.engine.above(since.origin.epoch);
        boolean tried = CircuitRecords.triedTogether(record, policy);
        StateTransition adopted = transition(record, since.state(), epoch, TransitionCause.ADOPTED, policy, tried);
        Origin origin = since.origin.adopt(adopted, policy.time.ticks(), record.openings());
        Trip before = since.trip();
        long realTrial = before == null || tried ? origin.ticks : before.realTrial();
        return recorded(record, policy, tried, callers(since, policy), origin, realTrial);
    }

    /**
     * The same epoch once more under a higher epoch; trials that are out are not taken along.
     *
     * @param at when it counts as begun, or null for when it did begin
     */
    static Epoch again(CircuitId id, Epoch present, long epoch, @Nullable Instant at, Policy policy) {
        long now = policy.time.ticks();
        StateTransition before = present.origin.transition;
        CircuitState state = present.state() == CircuitState.CLOSED ? CircuitState.CLOSED : CircuitState.OPEN;
        long cooldownEnd = present instanceof OpenEpoch open ? open.cooldownEnd() : now;
        StateTransition again = new StateTransition(
                id,
                present.state(),
                state,
                epoch,
                at != null ? at : before == null ? policy.time.wallTime() : before.at(),
                TransitionCause.ADOPTED,
                null,
                null,
                state == CircuitState.CLOSED || present.isHeld()
                        ? null
                        : Duration.ofNanos(Math.max(0, cooldownEnd - now)),
                null,
                present.hold(),
                before == null ? null : before.actor(),
                before == null ? null : before.reason());
        Origin origin = present.origin.adopt(again, now, present.origin.openings);
        HoldTerm term = present.holdTerm() == null ? null : present.holdTerm().copy();
        Trip trip = present.trip();
        if (trip == null) {
            return term == null
                    ? closed(id, origin, policy, present.callers())
                    : new HeldClosedEpoch(origin, term, policy, present.callers());
        }
        return new OpenEpoch(origin, trip, cooldownEnd, term, present.callers());
    }

    private static StateTransition transition(
            CircuitRecord record, CircuitState from, long epoch, TransitionCause cause, Policy policy, boolean tried) {
        boolean closed = CircuitRecords.state(record) == CircuitState.CLOSED;
        return new StateTransition(
                CircuitRecords.id(record),
                from,
                closed ? CircuitState.CLOSED : tried ? CircuitState.HALF_OPEN : CircuitState.OPEN,
                epoch,
                record.changedAt(),
                cause,
                null,
                null,
                closed || record.held() || tried
                        ? null
                        : Duration.ofNanos(CircuitRecords.cooldownLeft(record, policy.time.wallTime())),
                null,
                record.held() ? new Hold(record.holdUntil(), CircuitRecords.actor(record), record.reason()) : null,
                record.actor(),
                record.reason());
    }

    private static Epoch recorded(
            CircuitRecord record,
            Policy policy,
            boolean tried,
            @Nullable Callers callers,
            Origin origin,
            long realTrial) {
        long now = origin.ticks;
        Instant wall = policy.time.wallTime();
        HoldTerm term = record.held() ? new HoldTerm(holdEnd(record, now, wall)) : null;
        if (CircuitRecords.state(record) == CircuitState.CLOSED) {
            return term == null
                    ? closed(CircuitRecords.id(record), origin, policy, callers)
                    : new HeldClosedEpoch(origin, term, policy, callers);
        }
        Figures figures = new Figures(
                record.failureCount() + record.successCount(),
                record.failureCount(),
                0,
                0,
                record.consecutiveFailures());
        Instant lastFailure = record.lastFailureAt();
        long lastFailureTick =
                lastFailure == null ? RollingWindow.NEVER : now - Nanos.of(Duration.between(lastFailure, wall));
        // A call that began since the opening began in time, also if this process was not there or had not heard of it.
        Instant openedAt = CircuitRecords.openedAt(record);
        long opened = now - Math.max(0, Nanos.of(Duration.between(openedAt, wall)));
        Trip trip = new Trip(
                opened,
                openedAt,
                figures,
                record.failedTrials(),
                realTrial,
                lastFailureTick,
                RollingWindow.NEVER,
                TrialEnd.NOBODY,
                record.opening());
        return tried
                ? new HalfOpenEpoch(origin, trip, false, null, callers, now)
                : new OpenEpoch(origin, trip, now + CircuitRecords.cooldownLeft(record, wall), term, callers);
    }

    private static long holdEnd(CircuitRecord record, long now, Instant wall) {
        Instant until = record.holdUntil();
        return until == null ? Move.NO_END : now + Math.max(0, Nanos.of(Duration.between(wall, until)));
    }
}
