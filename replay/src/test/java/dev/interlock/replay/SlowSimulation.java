package dev.interlock.replay;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.FailureKind;
import dev.interlock.Treatment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * One circuit that is asked by one caller, after the rules as they are written and not after the product's code: slow,
 * with lists, on plain seconds. Knows windows of calls, streaks, kinds, growing cooldowns with jitter, trials and their
 * leases; waits that failures ask for, slow calls, overrides and probes it does not know.
 */
class SlowSimulation {
    private static final long SEED_OF_A_REPLAY = 1;

    /** An admitted call of an epoch. */
    record Ticket(int epoch) {}

    private record Trial(Ticket ticket, long leaseEnd) {}

    final CircuitBreakerConfig config;
    final Random random = new Random(SEED_OF_A_REPLAY);
    private final List<Boolean> lastCalls = new ArrayList<>();
    private final List<Trial> trialsOut = new ArrayList<>();

    String state = "closed";
    int epoch;
    long openUntil;
    private int streak;
    private int failedTrials;
    private int trialsSucceeded;

    int openings;
    int late;

    SlowSimulation(CircuitBreakerConfig config) {
        this.config = config;
    }

    /** A ticket, or null. */
    @Nullable
    Ticket ask(long now) {
        if (state.equals("closed")) {
            return new Ticket(epoch);
        }
        if (state.equals("open")) {
            if (now < openUntil || !mayTry(now)) {
                return null;
            }
            state = "half-open";
            epoch++;
            trialsOut.clear();
            trialsSucceeded = 0;
            halfOpened(now);
        }
        trialsOut.removeIf(trial -> trial.leaseEnd <= now);
        if (trialsOut.size() >= trialsAtOnce() || trialsOut.size() + trialsSucceeded >= config.halfOpenMaxRequests()) {
            return null;
        }
        Ticket ticket = new Ticket(epoch);
        trialsOut.add(new Trial(ticket, now + config.trialTimeout().toNanos()));
        return ticket;
    }

    void end(Ticket ticket, @Nullable FailureKind kind, long now) {
        if (ticket.epoch != epoch) {
            late++;
            return;
        }
        Treatment treatment = kind == null ? null : config.treatment(kind, false);
        boolean ignored = treatment == Treatment.IGNORE || treatment == Treatment.ANSWERED;
        if (state.equals("half-open")) {
            trialsOut.removeIf(trial -> trial.ticket == ticket);
            if (ignored) {
                return;
            }
            if (kind != null) {
                failedTrials += growsByTrials() ? 1 : 0;
                open(kind, now);
                opened(false, now);
            } else if (++trialsSucceeded == config.successThreshold()) {
                state = "closed";
                epoch++;
                streak = 0;
                failedTrials = 0;
                lastCalls.clear();
                closed(now);
            }
            return;
        }
        if (ignored) {
            return;
        }
        streak = kind == null ? 0 : streak + 1;
        lastCalls.add(kind != null);
        while (lastCalls.size() > config.window().calls()) {
            lastCalls.remove(0);
        }
        if (kind != null && (treatment == Treatment.TRIP || isStreak() || isRate())) {
            open(kind, now);
            opened(true, now);
        }
        if (kind == null) {
            succeededInClosed(ticket, now);
        } else {
            failedInClosed(now);
        }
    }

    /** What time does by itself until then. */
    void advance(long now) {}

    /** Whether a circuit whose cooldown is over lets a trial in. */
    boolean mayTry(long now) {
        return true;
    }

    int trialsAtOnce() {
        return config.trialsAtOnce();
    }

    boolean growsByTrials() {
        return true;
    }

    void halfOpened(long now) {}

    /** @param trips whether it was closed before */
    void opened(boolean trips, long now) {}

    void closed(long now) {}

    void succeededInClosed(Ticket ticket, long now) {}

    void failedInClosed(long now) {}

    private boolean isStreak() {
        Integer threshold = config.failureThreshold();
        return threshold != null && streak >= threshold;
    }

    private boolean isRate() {
        Double threshold = config.failureRateThreshold();
        int bad = 0;
        for (boolean failed : lastCalls) {
            bad += failed ? 1 : 0;
        }
        return threshold != null
                && lastCalls.size() >= config.minRequestsForRate()
                && (double) bad / lastCalls.size() >= threshold;
    }

    final void open(@Nullable FailureKind kind, long now) {
        Duration own = kind == null ? null : config.cooldowns().get(kind);
        Duration base = own == null ? config.cooldown() : own;
        Duration most = config.cooldownMax().compareTo(base) > 0 ? config.cooldownMax() : base;
        double length = base.toNanos();
        for (int i = 0; i < failedTrials; i++) {
            length *= config.cooldownMultiplier();
        }
        length = Math.min(length, most.toNanos()) * (1 + config.cooldownJitter() * random.nextDouble());
        state = "open";
        epoch++;
        openings++;
        openUntil = now + (long) length;
    }
}
