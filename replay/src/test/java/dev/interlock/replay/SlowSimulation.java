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
final class SlowSimulation {
    private static final long SEED_OF_A_REPLAY = 1;

    /** An admitted call of an epoch. */
    record Ticket(int epoch) {}

    private record Trial(Ticket ticket, long leaseEnd) {}

    private final CircuitBreakerConfig config;
    private final Random random = new Random(SEED_OF_A_REPLAY);
    private final List<Boolean> lastCalls = new ArrayList<>();
    private final List<Trial> trialsOut = new ArrayList<>();

    private String state = "closed";
    private int epoch;
    private int streak;
    private long openUntil;
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
            if (now < openUntil) {
                return null;
            }
            state = "half-open";
            epoch++;
            trialsOut.clear();
            trialsSucceeded = 0;
        }
        trialsOut.removeIf(trial -> trial.leaseEnd <= now);
        if (trialsOut.size() >= config.trialsAtOnce()
                || trialsOut.size() + trialsSucceeded >= config.halfOpenMaxRequests()) {
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
                failedTrials++;
                open(kind, now);
            } else if (++trialsSucceeded == config.successThreshold()) {
                state = "closed";
                epoch++;
                streak = 0;
                failedTrials = 0;
                lastCalls.clear();
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
        }
    }

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

    private void open(FailureKind kind, long now) {
        Duration base = config.cooldowns().getOrDefault(kind, config.cooldown());
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
