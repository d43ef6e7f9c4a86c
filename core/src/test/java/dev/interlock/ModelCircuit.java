package dev.interlock;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a circuit should do, said once more as plainly as possible from the rules of the design: one thread, lists and
 * longs. Numbers in comments are the rules.
 *
 * <p>Where the rules leave room, at the edge of a window of time, it answers with a band, and asks the real circuit which
 * way a doubtful trip went. Probes and randomness are not modelled.
 */
final class ModelCircuit {
    static final long NEVER = Long.MAX_VALUE;
    private static final int NOBODY = -1;
    private static final long SECOND = 1_000_000_000L;

    /** A call that was admitted. */
    static final class Call {
        final int epoch;
        final long begun;
        final boolean timed;
        final long leaseEnd;

        /** Whether it only passed, where the policy observes. */
        final boolean passed;

        final @Nullable Call parent;
        final int caller;
        boolean settled;

        /** Whether it holds its place: an inner call may have taken it over. */
        boolean holds = true;

        /** What became of calls within it. */
        boolean innerAdmitted;

        boolean innerRefused;
        boolean innerFailed;

        Call(int epoch, long begun, boolean timed, long leaseEnd, boolean passed, @Nullable Call parent, int caller) {
            this.parent = parent;
            this.caller = caller;
            this.epoch = epoch;
            this.begun = begun;
            this.timed = timed;
            this.leaseEnd = leaseEnd;
            this.passed = passed;
        }
    }

    /** A figure that may lie anywhere from least to most. */
    record Band(int least, int most) {
        boolean holds(int figure) {
            return figure >= least && figure <= most;
        }
    }

    /** A change of state as listeners should hear it; the cooldown is negative where there is none. */
    record Move(CircuitState from, CircuitState to, int epoch, Set<TransitionCause> causes, long cooldown) {}

    private record Entry(long at, boolean bad) {}

    /** Calls and bad ones that count at some moment: the surest first, then with one more of the doubtful each. */
    private record Count(int calls, int bad) {}

    CircuitBreakerConfig config;
    CircuitState state = CircuitState.CLOSED;
    boolean held;
    long holdEnd = NEVER;
    int epoch;
    long since;
    long openedAt;
    long cooldownEnd;
    int streak;
    private long longestWaitEnd = Long.MIN_VALUE;
    private boolean persons;
    int succeeded;
    int failedTrials;
    int openings;
    int late;
    int repeatedOverrides;
    final List<Move> moves = new ArrayList<>();
    private final BooleanSupplier doubt;
    private final boolean isUpstream;
    private @Nullable ModelCallers callers;
    private int shape;
    private int failedCaller = NOBODY;
    private long turn;
    private final Set<Integer> answeredTrials = new HashSet<>();
    private List<Entry> calls = new ArrayList<>();
    private List<Entry> timed = new ArrayList<>();
    private final List<Call> trials = new ArrayList<>();
    private long turned = Long.MIN_VALUE;
    private List<Band> frozen = List.of();

    /** The doubt is asked, after the real circuit took an outcome, whether it is open now. */
    ModelCircuit(CircuitBreakerConfig config, boolean isUpstream, BooleanSupplier doubt) {
        this.config = config;
        this.isUpstream = isUpstream;
        this.doubt = doubt;
    }

    /**
     * 17: within another call, or within none.
     *
     * @param isHeldBack whether a caller of which that is in doubt is held back
     */
    @Nullable
    Call acquire(int caller, long now, @Nullable Call parent, boolean isHeldBack) {
        ModelCallers.Answer heldBack = heldBack(caller, now, parent);
        asked(caller, now);
        Call lender = lender(now, parent);
        Call call;
        if (lender != null) {
            call = new Call(epoch, now, true, lender.leaseEnd, false, parent, caller);
            lender.holds = false;
            trials.add(call);
        } else if (refusal(now) > 0
                || heldBack == ModelCallers.Answer.YES
                || heldBack == ModelCallers.Answer.PERHAPS && isHeldBack) {
            if (refuses()) {
                refused(parent);
                return null;
            }
            call = new Call(epoch, now, false, NEVER, true, parent, caller);
        } else {
            comeOfTime(now);
            askedOfClosed(caller, now);
            boolean trial = state == CircuitState.HALF_OPEN;
            long leaseEnd = trial ? now + config.trialTimeout().toNanos() : NEVER;
            boolean isTimed = trial || config.slowCallDuration() != null || config.minCallers() > 1;
            call = new Call(epoch, now, isTimed, leaseEnd, false, parent, caller);
            if (trial) {
                trials.add(call);
            }
        }
        for (Call each = parent; each != null; each = each.parent) {
            each.innerAdmitted = true;
        }
        return call;
    }

    /** 18: refused ones, too. */
    private void asked(int caller, long now) {
        if (config.minCallers() > 1) {
            present().asked(caller, now);
        }
    }

    /** A call that closes the circuit, since so many successes are enough now, asks the next epoch. */
    private void askedOfClosed(int caller, long now) {
        if (state == CircuitState.CLOSED) {
            asked(caller, now);
        }
    }

    private ModelCallers present() {
        ModelCallers known = callers;
        return known == null ? callers = new ModelCallers(shape, config.window()) : known;
    }

    /** 18: whether a caller is no trial since its own was the last that failed. */
    ModelCallers.Answer heldBack(int caller, long now, @Nullable Call parent) {
        boolean mayBe = config.minCallers() > 1
                && state != CircuitState.CLOSED
                && !held
                && caller == failedCaller
                && now < cooldownEnd + turn
                && lender(now, parent) == null;
        ModelCallers known = callers;
        return mayBe && known != null ? known.hasAnother(caller, now) : ModelCallers.Answer.NO;
    }

    /** How long a caller that is held back waits. */
    long turnLeft(long now) {
        return cooldownEnd + turn - now;
    }

    /** 17: the circuit, or a gate before it, refuses a call within another. */
    void refused(@Nullable Call parent) {
        for (Call each = parent; each != null; each = each.parent) {
            each.innerRefused = true;
        }
    }

    /** 17: the call around it, of this very epoch, that holds a place. */
    private @Nullable Call lender(long now, @Nullable Call parent) {
        if (state != CircuitState.HALF_OPEN || isEnough()) {
            return null;
        }
        for (Call each = parent; each != null; each = each.parent) {
            if (each.epoch == epoch && !each.passed && isOut(each, now)) {
                return each;
            }
        }
        return null;
    }

    private static boolean isOut(Call trial, long now) {
        return !trial.settled && trial.holds && trial.leaseEnd > now;
    }

    /** In mode observe only what a person opened or holds refuses calls. */
    private boolean refuses() {
        return config.mode() == Mode.ENFORCE || held || persons;
    }

    /** 3: how long a call that comes now has to wait for a trial, or for closed; 0 if that is at hand. */
    long refusal(long now) {
        if (state == CircuitState.CLOSED) {
            return 0;
        }
        if (held) {
            return holdEnd == NEVER ? config.cooldown().toNanos() : holdEnd - now;
        }
        if (state == CircuitState.OPEN) {
            return Math.max(0, cooldownEnd - now);
        }
        int out = trialsOut(now);
        if (isEnough() || (out < config.trialsAtOnce() && out + succeeded < config.halfOpenMaxRequests())) {
            return 0;
        }
        return Math.min(SECOND, nextLeaseEnd(now) - now);
    }

    int trialsOut(long now) {
        return (int) trials.stream().filter(trial -> isOut(trial, now)).count();
    }

    long nextLeaseEnd(long now) {
        return trials.stream()
                .filter(trial -> isOut(trial, now))
                .mapToLong(trial -> trial.leaseEnd)
                .min()
                .orElse(NEVER);
    }

    Settlement settle(Call call, Outcome outcome, long now) {
        if (call.settled) {
            return Settlement.REPEATED;
        }
        call.settled = true;
        boolean failed = outcome.isFailed();
        for (Call each = call.parent; failed && each != null; each = each.parent) {
            each.innerFailed = true;
        }
        if (call.epoch != epoch) { // 7
            return isLate();
        }
        if (call.passed) {
            return state == CircuitState.HALF_OPEN ? Settlement.IGNORED : isLate();
        }
        boolean ownFailure = failed && !call.innerRefused && !call.innerFailed;
        if ((call.innerAdmitted || call.innerRefused) && !ownFailure) { // 17
            return Settlement.IGNORED;
        }
        Duration said = outcome.took();
        long took = said != null ? said.toNanos() : call.timed ? now - call.begun : -1;
        return take(outcome, took, call.caller, said != null ? now - said.toNanos() : call.begun, now);
    }

    /**
     * 15.
     *
     * @param isHeldBack whether a caller of which that is in doubt is held back
     */
    Settlement record(int caller, Outcome outcome, long age, long now, BooleanSupplier isHeldBack) {
        if (now - age < turned) {
            return isLate();
        }
        Duration said = outcome.took();
        long took = said != null ? said.toNanos() : -1;
        ModelCallers.Answer heldBack = heldBack(caller, now, null);
        asked(caller, now);
        if (state != CircuitState.CLOSED) {
            if (refusal(now) > 0
                    || isIgnored(outcome) && !isSlow(outcome, took)
                    || heldBack == ModelCallers.Answer.YES
                    || heldBack == ModelCallers.Answer.PERHAPS && isHeldBack.getAsBoolean()) {
                return Settlement.IGNORED;
            }
            comeOfTime(now);
            if (now - age < turned) {
                return isLate();
            }
            askedOfClosed(caller, now);
        }
        return take(outcome, took, caller, now - (took >= 0 ? took : age), now);
    }

    boolean override(OverrideAction action, long end, long now) {
        boolean open = state == CircuitState.OPEN;
        boolean closed = state == CircuitState.CLOSED;
        boolean moves = true;
        switch (action) {
            case OPEN -> {
                if (!open) {
                    open(now, Set.of(TransitionCause.OVERRIDE), null, -1);
                    persons = true;
                } else if (!refuses()) {
                    move(CircuitState.OPEN, Set.of(TransitionCause.OVERRIDE), Math.max(0, cooldownEnd - now), now);
                    coolDown(now, Math.max(0, cooldownEnd - now));
                    persons = true;
                } else {
                    moves = false;
                }
            }
            case CLOSE -> {
                if (!closed || held) {
                    close(now, TransitionCause.OVERRIDE);
                } else {
                    moves = false;
                }
            }
            case RESET -> {
                close(now, TransitionCause.OVERRIDE);
                if (callers != null) {
                    callers.reset();
                }
            }
            case HOLD_OPEN -> {
                if (open && held && end == holdEnd) {
                    moves = false;
                } else {
                    hold(CircuitState.OPEN, end, now);
                }
            }
            case HOLD_CLOSED -> {
                if (closed && held && end == holdEnd) {
                    moves = false;
                } else {
                    hold(CircuitState.CLOSED, end, now);
                }
            }
            case RELEASE -> {
                if (held) {
                    release(now, TransitionCause.OVERRIDE);
                } else {
                    moves = false;
                }
            }
            case PROBE_NOW -> {
                moves = false;
                if (open && !held) {
                    cooldownEnd = Math.min(cooldownEnd, now);
                }
            }
        }
        if (!moves) {
            repeatedOverrides++;
        }
        return moves;
    }

    /** 10: the only thing that time does by itself. */
    void advance(long now) {
        if (held && holdEnd <= now) {
            release(holdEnd, TransitionCause.HOLD_ENDED);
        }
    }

    /** 13. */
    void change(CircuitBreakerConfig other) {
        boolean sameShape = other.window().equals(config.window())
                && (other.slowCallDuration() == null) == (config.slowCallDuration() == null);
        if (!sameShape) {
            calls = new ArrayList<>();
            timed = new ArrayList<>();
            shape++;
            if (state == CircuitState.CLOSED) {
                callers = null;
            }
        }
        config = other;
    }

    /** Calls, failures, timed and slow ones. */
    List<Band> figures(long now) {
        if (state != CircuitState.CLOSED) { // 8
            return frozen;
        }
        List<Band> bands = new ArrayList<>();
        for (List<Entry> entries : List.of(calls, timed)) {
            List<Count> counts = counts(entries, now);
            Count least = counts.get(0);
            Count most = counts.get(counts.size() - 1);
            bands.add(new Band(least.calls, most.calls));
            bands.add(new Band(least.bad, most.bad));
        }
        return bands;
    }

    /** From now on exactly these, which lay within the bands. */
    void freeze(Figures figures) {
        frozen = List.of(
                new Band(figures.calls(), figures.calls()),
                new Band(figures.failures(), figures.failures()),
                new Band(figures.timed(), figures.timed()),
                new Band(figures.slow(), figures.slow()));
    }

    /** When the oldest call may, and when it must, have left the window. */
    long oldestCall() {
        return calls.isEmpty() ? NEVER : calls.get(0).at;
    }

    /** @param began when the call began, as far as anybody knows */
    private Settlement take(Outcome outcome, long took, int caller, long began, long now) {
        boolean slow = isSlow(outcome, took);
        boolean ignored = isIgnored(outcome);
        boolean answered = isAnswered(outcome);
        boolean failed = !outcome.isSuccess() && !ignored && !answered;
        if (failed && isCallersOwn(outcome, caller, began)) {
            return Settlement.IGNORED;
        }
        if (state == CircuitState.HALF_OPEN && answered && !slow) { // 5
            ignored = !answeredTrials.add(caller);
            answered = false;
        }
        if (ignored && !slow) { // 5
            return Settlement.IGNORED;
        }
        boolean first = note(caller, answered, ignored, failed, slow, now);
        boolean lives = !failed && !ignored && (!answered || first);
        long wait = failed ? waitOf(outcome) : -1;
        if (failed && wait > 0) {
            longestWaitEnd = Math.max(longestWaitEnd, now + wait);
        } else if (lives && !(state == CircuitState.HALF_OPEN && slow)) {
            longestWaitEnd = Long.MIN_VALUE;
        }
        if (state == CircuitState.HALF_OPEN) { // 4
            if (failed || slow) {
                failedTrials++;
                open(now, Set.of(TransitionCause.TRIAL_FAILED), outcome.kind(), wait);
                failedCaller = caller;
            } else {
                succeeded++;
                if (isEnough()) {
                    close(now, TransitionCause.TRIALS_SUCCEEDED);
                }
            }
            return Settlement.COUNTED;
        }
        if (!ignored) {
            calls.add(new Entry(now, failed));
            streak = failed ? streak + 1 : lives ? 0 : streak; // 2
        }
        if (config.slowCallDuration() != null) {
            timed.add(new Entry(now, slow));
        }
        if (!held && (failed || slow)) { // 1
            Set<TransitionCause> sure = EnumSet.noneOf(TransitionCause.class);
            Set<TransitionCause> possible = EnumSet.noneOf(TransitionCause.class);
            if (failed && config.treatment(outcome.kind(), wait > 0) == Treatment.TRIP) {
                sure.add(TransitionCause.FAILURE_KIND);
            }
            if (failed && config.failureThreshold() != null && streak >= config.failureThreshold()) {
                sure.add(TransitionCause.FAILURE_STREAK);
            }
            judge(calls, config.failureRateThreshold(), TransitionCause.FAILURE_RATE, sure, possible, now);
            judge(timed, config.slowCallRateThreshold(), TransitionCause.SLOW_CALL_RATE, sure, possible, now);
            ModelCallers.Answer enough =
                    config.minCallers() > 1 ? present().allow(config.minCallers(), now) : ModelCallers.Answer.YES;
            boolean isSure = !sure.isEmpty() && enough == ModelCallers.Answer.YES;
            boolean mayBe = !(sure.isEmpty() && possible.isEmpty()) && enough != ModelCallers.Answer.NO;
            if (isSure || mayBe && doubt.getAsBoolean()) {
                possible.addAll(sure);
                open(now, possible, outcome.kind(), wait);
            }
        }
        return Settlement.COUNTED;
    }

    private void judge(
            List<Entry> entries,
            @Nullable Double threshold,
            TransitionCause cause,
            Set<TransitionCause> sure,
            Set<TransitionCause> possible,
            long now) {
        if (threshold == null) {
            return;
        }
        List<Count> counts = counts(entries, now);
        long reached = counts.stream()
                .filter(count -> count.calls >= config.minRequestsForRate()
                        && count.calls > 0
                        && (double) count.bad / count.calls >= threshold)
                .count();
        if (reached > 0) {
            (reached == counts.size() ? sure : possible).add(cause);
        }
    }

    /** 2: an outcome counts for at least the window and at most a tenth longer; the oldest leave first. */
    private List<Count> counts(List<Entry> entries, long now) {
        Duration span = config.window().time();
        int sure = 0;
        int possible = 0;
        if (span == null) {
            sure = possible = Math.min(entries.size(), config.window().calls());
        } else {
            long window = span.toNanos();
            for (Entry entry : entries) {
                sure += now - entry.at < window ? 1 : 0;
                possible += now - entry.at <= window + window / 10 ? 1 : 0;
            }
        }
        List<Count> counts = new ArrayList<>();
        for (int size = sure; size <= possible; size++) {
            List<Entry> counted = entries.subList(entries.size() - size, entries.size());
            counts.add(new Count(size, (int) counted.stream().filter(Entry::bad).count()));
        }
        return counts;
    }

    private boolean isIgnored(Outcome outcome) {
        if (outcome.kind() == null) {
            return false;
        }
        Treatment treatment = config.treatment(outcome.kind(), waitOf(outcome) > 0);
        return treatment == Treatment.IGNORE || treatment == Treatment.ANSWERED && !isUpstream;
    }

    private boolean isAnswered(Outcome outcome) {
        return outcome.kind() != null
                && isUpstream
                && config.treatment(outcome.kind(), waitOf(outcome) > 0) == Treatment.ANSWERED;
    }

    /** 18: a time-out during a good call of another caller. */
    private boolean isCallersOwn(Outcome outcome, int caller, long began) {
        return config.minCallers() > 1
                && outcome.kind() == FailureKind.TIMEOUT
                && callers != null
                && callers.wasGoodForAnother(caller, began);
    }

    /** Notes how a caller's call ended; whether it is an answered mistake that is the first since another outcome. */
    private boolean note(int caller, boolean answered, boolean ignored, boolean failed, boolean slow, long now) {
        boolean isGood = !answered && !ignored && !failed && !slow; // says nothing where nobody has asked yet
        if (callers == null && (state != CircuitState.CLOSED || isGood || !answered && config.minCallers() <= 1)) {
            return false;
        }
        if (answered) {
            return present().isAnswered(caller, slow, now);
        }
        if (ignored) {
            present().fails(caller, now);
        } else {
            present().ended(caller, failed, slow, now);
        }
        return false;
    }

    private boolean isSlow(Outcome outcome, long took) {
        return config.slowCallDuration() != null
                && took >= config.slowCallDuration().toNanos()
                && (!isIgnored(outcome) || outcome.kind() == FailureKind.CANCELLED);
    }

    private Settlement isLate() {
        late++;
        return Settlement.LATE;
    }

    private void open(long now, Set<TransitionCause> causes, @Nullable FailureKind kind, long wait) {
        long cooldown = cooldown(kind, wait, now);
        freezeAndCount(now);
        move(CircuitState.OPEN, causes, cooldown, now);
        coolDown(now, cooldown);
    }

    /** 18: the caller whose trial failed last is none for a tenth of the cooldown, at least a second. */
    private void coolDown(long now, long cooldown) {
        cooldownEnd = now + cooldown;
        turn = Math.max(SECOND, cooldown / 10);
    }

    /** 9: what a failure asks for; zero is nothing. */
    private long waitOf(Outcome failure) {
        if (failure.retryAfter() == null || failure.retryAfter().isZero()) {
            return -1;
        }
        long atLeast =
                Math.max(failure.retryAfter().toNanos(), config.retryAfterMin().toNanos());
        return Math.min(atLeast, config.retryAfterMax().toNanos());
    }

    /** 9 and 19, with a random share of nothing. */
    private long cooldown(@Nullable FailureKind kind, long wait, long now) {
        long asked = config.minCallers() > 1 ? wait : longestWaitEnd == Long.MIN_VALUE ? -1 : longestWaitEnd - now;
        if (kind == FailureKind.RATE_LIMITED && wait > 0) {
            return asked;
        }
        long base =
                (kind == null ? config.cooldown() : config.cooldowns().getOrDefault(kind, config.cooldown())).toNanos();
        long cap = Math.max(config.cooldownMax().toNanos(), base);
        double grown = base;
        for (int i = 0; i < failedTrials && grown < cap; i++) {
            grown *= config.cooldownMultiplier();
        }
        return Math.max(asked, (long) Math.min(grown, cap));
    }

    private void freezeAndCount(long now) {
        if (state != CircuitState.OPEN) {
            failedCaller = NOBODY;
        }
        if (state == CircuitState.CLOSED) {
            frozen = figures(now);
        }
        if (state != CircuitState.OPEN) {
            openings++;
            openedAt = now;
            turned = now;
        }
    }

    /** 3: the first call after the cooldown is itself the first trial. 13: fewer successes may now be enough. */
    private void comeOfTime(long now) {
        if (state == CircuitState.OPEN) {
            move(CircuitState.HALF_OPEN, Set.of(TransitionCause.COOLDOWN_OVER), -1, now);
            trials.clear();
            answeredTrials.clear();
            succeeded = 0;
        } else if (isEnough()) {
            close(now, TransitionCause.TRIALS_SUCCEEDED);
        }
    }

    private boolean isEnough() {
        return state == CircuitState.HALF_OPEN && succeeded >= config.successThreshold();
    }

    private void close(long now, TransitionCause cause) { // 8
        move(CircuitState.CLOSED, Set.of(cause), -1, now);
        calls.clear();
        timed.clear();
        streak = 0;
        failedTrials = 0;
        longestWaitEnd = Long.MIN_VALUE;
        persons = false;
        turned = now;
    }

    private void hold(CircuitState where, long end, long now) {
        if (where == CircuitState.OPEN) {
            persons |= state == CircuitState.CLOSED;
            freezeAndCount(now);
            move(CircuitState.OPEN, Set.of(TransitionCause.OVERRIDE), -1, now);
        } else {
            close(now, TransitionCause.OVERRIDE);
        }
        held = true;
        holdEnd = end;
    }

    private void release(long now, TransitionCause cause) {
        if (state == CircuitState.OPEN) {
            move(CircuitState.OPEN, Set.of(cause), 0, now);
            coolDown(now, 0);
        } else {
            close(now, cause);
        }
    }

    private void move(CircuitState to, Set<TransitionCause> causes, long cooldown, long now) {
        epoch++;
        moves.add(new Move(state, to, epoch, causes, cooldown));
        state = to;
        since = now;
        held = false;
        holdEnd = NEVER;
        if (callers != null && callers.shape != shape) {
            callers = null;
        }
    }
}
