package dev.interlock;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.OpeningRecord;
import dev.interlock.store.TransitionRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Between circuits and their records: the only place where ticks become wall time, and wall time ticks. */
final class CircuitRecords {
    private CircuitRecords() {}

    /**
     * A circuit's record.
     *
     * @param cooldownLeft of its epoch: a snapshot also says how long it takes until a trial is at hand
     * @param writer the generation of the process that writes it
     */
    static CircuitRecord of(CircuitSnapshot snapshot, Instant wall, Duration cooldownLeft, long writer) {
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
                cooling ? wall.plus(cooldownLeft) : null,
                hold != null,
                hold == null ? null : hold.until(),
                last == null ? null : last.actor(),
                last == null ? null : last.reason(),
                snapshot.policy(),
                writer,
                snapshot.opening());
    }

    /** Why a circuit opens. */
    static OpeningRecord opening(Move move) {
        ManualOverride override = move.override;
        return new OpeningRecord(
                lowerCase(move.cause),
                move.kind == null ? null : move.kind.name(),
                override == null ? null : override.actor(),
                override == null ? null : override.reason());
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

    /** A line of the audit trail for an override that changed nothing. */
    static TransitionRecord repeated(CircuitSnapshot snapshot, ManualOverride override, Instant at) {
        return confirming(snapshot, override, at, TransitionCause.OVERRIDE, lowerCase(override.action()));
    }

    /** A line of the audit trail for a suggestion that cut a cooldown short. */
    static TransitionRecord hastened(CircuitSnapshot snapshot, ManualOverride suggestion, Instant at) {
        return confirming(snapshot, suggestion, at, TransitionCause.HEALTH, null);
    }

    private static TransitionRecord confirming(
            CircuitSnapshot snapshot,
            ManualOverride override,
            Instant at,
            TransitionCause cause,
            @Nullable String action) {
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
        return state(record) == CircuitState.HALF_OPEN && since.state() != CircuitState.CLOSED && !since.isHeld();
    }

    /**
     * Whether a record that has the epoch of the one which an epoch agrees with is that one: of a store that forgot, two
     * processes may have stored different epochs of one number. What was half-open is resumed as open.
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
    static boolean triedTogether(CircuitRecord record, Policy policy) {
        return state(record) == CircuitState.HALF_OPEN && policy.fleet != null;
    }

    /** A record of a circuit that nothing is stored of. */
    static CircuitRecord closedAndClean(CircuitId id, Origin origin, Policy policy) {
        return new CircuitRecord(
                id.organization(),
                id.name(),
                "closed",
                policy.engine.above(origin.epoch),
                0,
                0,
                0,
                origin.openings,
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

    /** Whether a cooldown runs. */
    static boolean cools(CircuitRecord record) {
        return state(record) == CircuitState.OPEN && !record.held();
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

    static Instant openedAt(CircuitRecord record) {
        Instant openedAt = record.openedAt();
        return openedAt == null ? record.changedAt() : openedAt;
    }

    /**
     * The state of a record, or what decides in its place where a newer version has more states than this one: what is
     * neither closed nor half-open refuses calls.
     */
    static CircuitState state(CircuitRecord record) {
        String state = record.state();
        return state.contains("half")
                ? CircuitState.HALF_OPEN
                : state.contains("closed") ? CircuitState.CLOSED : CircuitState.OPEN;
    }

    static String actor(CircuitRecord record) {
        String actor = record.actor();
        return actor == null ? "unknown" : actor;
    }

    private static String lowerCase(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** A circuit that was evicted and its successor are two objects of one id. */
    static CircuitChange both(CircuitChange one, CircuitChange other) {
        List<TransitionRecord> lines = new ArrayList<>(one.transitions());
        lines.addAll(other.transitions());
        CircuitRecord newer = one.record().epoch() >= other.record().epoch() ? one.record() : other.record();
        return new CircuitChange(newer, one.basis(), lines);
    }
}
