package dev.interlock;

import dev.interlock.store.CircuitRecord;
import dev.interlock.store.TransitionRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Between circuits and their records: the only place where ticks become wall time, and wall time ticks. */
final class CircuitRecords {
    private CircuitRecords() {}

    static CircuitRecord of(CircuitBreaker circuit, long writer) {
        CircuitSnapshot snapshot = circuit.snapshot();
        Instant wall = circuit.policy().time.wallTime();
        StateTransition last = snapshot.lastTransition();
        Hold hold = snapshot.hold();
        Figures figures = snapshot.figures();
        boolean cooling = snapshot.state() == CircuitState.OPEN && hold == null;
        Instant since = snapshot.since();
        return new CircuitRecord(
                snapshot.id().organization(),
                snapshot.id().name(),
                lowerCase(snapshot.state()),
                snapshot.epoch(),
                figures.failures(),
                figures.calls() - figures.failures(),
                figures.consecutiveFailures(),
                snapshot.openings(),
                snapshot.failedTrials(),
                snapshot.lastFailureAt(),
                since == null ? wall : since,
                snapshot.openedAt(),
                cooling ? wall.plus(cooldownLeft(circuit, snapshot)) : null,
                hold != null,
                hold == null ? null : hold.until(),
                last == null ? null : last.actor(),
                last == null ? null : last.reason(),
                snapshot.policy(),
                writer);
    }

    /** By the epoch itself: a snapshot also says how long it takes until a trial is at hand. */
    private static Duration cooldownLeft(CircuitBreaker circuit, CircuitSnapshot snapshot) {
        Epoch present = circuit.current();
        Policy policy = circuit.policy();
        return present.origin.epoch == snapshot.epoch()
                ? Duration.ofNanos(present.refusal(policy, policy.time.ticks()))
                : snapshot.retryAfter();
    }

    /** A line of the audit trail. */
    static TransitionRecord of(StateTransition transition) {
        Figures figures = transition.figures() == null ? Figures.NONE : transition.figures();
        Hold hold = transition.hold();
        Duration cooldown = transition.cooldown();
        return new TransitionRecord(
                transition.id().organization(),
                transition.id().name(),
                transition.epoch(),
                lowerCase(transition.from()),
                lowerCase(transition.to()),
                transition.at(),
                lowerCase(transition.cause()),
                transition.action() == null ? null : lowerCase(transition.action()),
                false,
                transition.kind() == null ? null : transition.kind().name(),
                cooldown == null ? null : cooldown.toMillis(),
                figures.calls(),
                figures.failures(),
                figures.consecutiveFailures(),
                hold != null,
                hold == null ? null : hold.until(),
                transition.actor(),
                transition.reason(),
                0);
    }

    /** A line of the audit trail for an order that changed nothing. */
    static TransitionRecord repeated(CircuitBreaker circuit, ManualOverride override, Instant at) {
        return confirming(circuit, override, at, TransitionCause.OVERRIDE, lowerCase(override.action()));
    }

    /** A line of the audit trail for a suggestion that cut a cooldown short. */
    static TransitionRecord hastened(CircuitBreaker circuit, ManualOverride suggestion, Instant at) {
        return confirming(circuit, suggestion, at, TransitionCause.HEALTH, null);
    }

    private static TransitionRecord confirming(
            CircuitBreaker circuit,
            ManualOverride override,
            Instant at,
            TransitionCause cause,
            @Nullable String action) {
        CircuitSnapshot snapshot = circuit.snapshot();
        Hold hold = snapshot.hold();
        String state = lowerCase(snapshot.state());
        return new TransitionRecord(
                snapshot.id().organization(),
                snapshot.id().name(),
                snapshot.epoch(),
                state,
                state,
                at,
                lowerCase(cause),
                action,
                true,
                null,
                null,
                0,
                0,
                0,
                hold != null,
                hold == null ? null : hold.until(),
                override.actor(),
                override.reason(),
                0);
    }

    /** The epoch that a circuit resumes after a restart: open with the cooldown that is left, half-open as open with none. */
    static Epoch resume(CircuitRecord record, Policy policy, Origin birth) {
        long epoch = Math.max(birth.epoch, record.epoch() + 1);
        StateTransition resumed = transition(record, state(record), epoch, TransitionCause.RESUMED, policy, false);
        return current(record, policy, false, Origin.resumed(resumed, policy.time.ticks(), record.openings()));
    }

    /** The epoch that follows one which another process has ended. */
    static Epoch adopt(CircuitRecord record, Epoch since, Policy policy) {
        long epoch = Math.max(since.origin.epoch + 1, record.epoch());
        boolean tried = triedTogether(record, policy);
        StateTransition adopted = transition(record, since.state(), epoch, TransitionCause.ADOPTED, policy, tried);
        return current(record, policy, tried, since.origin.adopt(adopted, policy.time.ticks(), record.openings()));
    }

    /**
     * Whether an epoch goes well with what another process has stored, so that it need not end: both are closed, or that
     * process is trying a circuit that cools down or is tried here; one that is shared is tried by all.
     */
    static boolean isFollowedBy(CircuitRecord record, Epoch since, Policy policy) {
        if (record.isClosedAndClean()) {
            return since.isClosedAndClean() && record.actor() == null;
        }
        if (triedTogether(record, policy)) {
            return since.state() == CircuitState.HALF_OPEN;
        }
        return record.state().equals("half_open") && since.state() != CircuitState.CLOSED && !since.isHeld();
    }

    /**
     * Whether a record that has the epoch of the one which an epoch agrees with is that one: of a store that forgot, two
     * processes may have told different stays of one epoch. What was half-open is resumed as open.
     */
    static boolean isOf(CircuitRecord record, Epoch epoch) {
        StateTransition began = epoch.origin.transition;
        boolean sameState = state(record) == epoch.state()
                || state(record) == CircuitState.HALF_OPEN && epoch.state() == CircuitState.OPEN;
        boolean sameHold = !record.held()
                || record.actor() == null
                || began == null
                || record.actor().equals(began.actor());
        return sameState && record.held() == epoch.isHeld() && sameHold;
    }

    /** Whether all processes that share a circuit try it. */
    private static boolean triedTogether(CircuitRecord record, Policy policy) {
        return record.state().equals("half_open") && policy.scope != null;
    }

    /** A record of a circuit that nothing is stored of. */
    static CircuitRecord closedAndClean(CircuitBreaker circuit) {
        Policy policy = circuit.policy();
        return new CircuitRecord(
                circuit.id().organization(),
                circuit.id().name(),
                "closed",
                circuit.origin().epoch + 1,
                0,
                0,
                0,
                circuit.origin().openings,
                0,
                null,
                policy.time.wallTime(),
                null,
                null,
                false,
                null,
                null,
                null,
                policy.name,
                0);
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
            return term == null ? ClosedEpoch.of(id, origin, policy) : new HeldClosedEpoch(origin, term);
        }
        return new OpenEpoch(origin, trip, cooldownEnd, term);
    }

    /** How long an open circuit still cools down, in nanoseconds. */
    static long cooldownLeft(CircuitRecord record, Instant wall) {
        Instant until = record.cooldownUntil();
        if (until == null) {
            return 0;
        }
        // Never longer than the whole cooldown was, also if the wall clock has stepped back since.
        long left = Nanos.of(Duration.between(wall, until));
        long whole = Nanos.of(Duration.between(openedAt(record), until));
        return Math.max(0, Math.min(left, whole));
    }

    static CircuitId id(CircuitRecord record) {
        return new CircuitId(record.organization(), record.name());
    }

    private static StateTransition transition(
            CircuitRecord record, CircuitState from, long epoch, TransitionCause cause, Policy policy, boolean tried) {
        boolean closed = record.state().equals("closed");
        return new StateTransition(
                id(record),
                from,
                closed ? CircuitState.CLOSED : tried ? CircuitState.HALF_OPEN : CircuitState.OPEN,
                epoch,
                record.changedAt(),
                cause,
                null,
                null,
                closed || record.held() || tried
                        ? null
                        : Duration.ofNanos(cooldownLeft(record, policy.time.wallTime())),
                null,
                record.held() ? new Hold(record.holdUntil(), actor(record), record.reason()) : null,
                record.actor(),
                record.reason());
    }

    private static Epoch current(CircuitRecord record, Policy policy, boolean tried, Origin origin) {
        long now = origin.ticks;
        Instant wall = policy.time.wallTime();
        HoldTerm term = record.held() ? new HoldTerm(holdEnd(record, now, wall)) : null;
        if (record.state().equals("closed")) {
            return term == null ? ClosedEpoch.of(id(record), origin, policy) : new HeldClosedEpoch(origin, term);
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
        // A trial that another process was given since the opening, and that ends here, began in time.
        long opened = tried ? now - Math.max(0, Nanos.of(Duration.between(openedAt(record), wall))) : now;
        Trip trip = new Trip(opened, openedAt(record), figures, record.failedTrials(), now, lastFailureTick);
        return tried
                ? new HalfOpenEpoch(origin, trip, false, null)
                : new OpenEpoch(origin, trip, now + cooldownLeft(record, wall), term);
    }

    private static long holdEnd(CircuitRecord record, long now, Instant wall) {
        Instant until = record.holdUntil();
        return until == null ? Move.NO_END : now + Math.max(0, Nanos.of(Duration.between(wall, until)));
    }

    private static Instant openedAt(CircuitRecord record) {
        Instant openedAt = record.openedAt();
        return openedAt == null ? record.changedAt() : openedAt;
    }

    private static CircuitState state(CircuitRecord record) {
        return CircuitState.valueOf(record.state().toUpperCase(Locale.ROOT));
    }

    private static String actor(CircuitRecord record) {
        String actor = record.actor();
        return actor == null ? "unknown" : actor;
    }

    private static String lowerCase(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
