package dev.interlock.replay;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.ProbeSettings;
import java.util.Objects;

/**
 * The same with a probe that answers at once: rules 16 and 20 as they are written. A trusted probe says when trials are let
 * in, but for a real one now and then; trust is looked for in closed, earned by a good answer, and lost when real
 * trials or three real calls show that a probe was wrong; a failure in closed raises a suspicion.
 */
final class ProbedSimulation extends SlowSimulation {
    private static final long HOUR = 3_600_000_000_000L;
    private static final long NEVER = Long.MAX_VALUE;
    private static final int MOST_AFTER_A_LOSS = 30;

    private final ProbeAnswers answers;
    private final ProbeSettings probe;
    private final long interval;
    private final long spacing;

    private boolean trusted;
    private boolean asked;
    private boolean lastGood;
    private long askedAt = -1;
    private int before;

    /** Real calls that are still to succeed before trust is lost; 0 while nobody looks at them. */
    private int callsToGo;

    /** The ticks at which the search for trust, and the probes of an open circuit, go on. */
    private long searchAt;

    private long probeAt = NEVER;
    private int misses;
    private int quickTries;
    private long suspectedAt = -NEVER;

    private int goodInOpen;
    private boolean openWithTrust;
    private boolean ready;
    private boolean openedByProbes;
    private boolean triedSince;
    private boolean realTrial;
    private long realTrialFrom;

    int losses;
    int trips;
    int realTrials;

    ProbedSimulation(CircuitBreakerConfig config, ProbeAnswers answers, long now) {
        super(config);
        this.answers = answers;
        this.probe = Objects.requireNonNull(config.probe());
        interval = probe.interval().toNanos();
        spacing = probe.spacing().toNanos();
        searchAt = now + someTimeOfAnHour();
    }

    private long someTimeOfAnHour() {
        return (long) (random.nextDouble() * HOUR);
    }

    private boolean isGood(long now) {
        before = askedAt == now ? before + 1 : 0;
        askedAt = now;
        return answers.isGood("a", now, before);
    }

    private void heard(boolean good, boolean inClosed) {
        asked = true;
        lastGood = good;
        callsToGo = !good && trusted ? 3 : 0;
        trusted |= good && inClosed;
    }

    @Override
    void advance(long now) {
        while (Math.min(searchAt, probeAt) <= now) {
            if (probeAt <= searchAt) {
                probeOpen(probeAt);
            } else {
                search(searchAt);
            }
        }
    }

    private void probeOpen(long now) {
        probeAt = NEVER;
        if (!trusted) {
            return;
        }
        boolean good = isGood(now);
        heard(good, false);
        goodInOpen = good ? goodInOpen + 1 : 0;
        ready = goodInOpen >= probe.needed();
        probeAt = ready ? NEVER : now + (good ? spacing : interval);
    }

    private void search(long now) {
        searchAt = NEVER;
        if (trusted || !state.equals("closed")) {
            return;
        }
        heard(isGood(now), true);
        if (trusted) {
            quickTries = 0;
            misses = 0;
        } else if (quickTries > 1) {
            quickTries--;
            searchAt = now + spacing;
        } else {
            quickTries = 0;
            searchAt = now + Math.min(HOUR, interval << Math.min(misses++, 20));
        }
    }

    private void searchBy(long tick) {
        if (searchAt == NEVER || tick < searchAt) {
            searchAt = tick;
        }
    }

    /** A circuit that moves and is not trusted looks for trust within an hour. */
    private void moved(long now) {
        if (!trusted && searchAt == NEVER) {
            searchAt = now + someTimeOfAnHour();
        }
    }

    private void lose(long now) {
        losses++;
        trusted = false;
        callsToGo = 0;
        quickTries = (int) Math.min(MOST_AFTER_A_LOSS, Math.max(1, interval / spacing));
        misses = 0;
        searchBy(now + spacing);
    }

    @Override
    void failedInClosed(long now) {
        callsToGo = 0;
        if (!asked && !trusted) {
            search(now);
        }
        if (probe.suspicion() == 0 || !trusted || !state.equals("closed") || now - interval < suspectedAt) {
            return;
        }
        suspectedAt = now;
        boolean anyGood = false;
        for (int i = 0; i < probe.suspicion(); i++) {
            boolean good = isGood(now);
            anyGood |= good;
            if (good || !anyGood) {
                heard(good, true);
            }
        }
        if (!anyGood) {
            trips++;
            open(null, now);
            openedByProbes = true;
            opened(true, now);
        }
    }

    @Override
    void succeededInClosed(Ticket ticket, long now) {
        if (callsToGo > 0 && --callsToGo == 0) {
            lose(now);
        }
    }

    @Override
    boolean mayTry(long now) {
        boolean byProbes = openWithTrust && trusted;
        if (!byProbes || ready) {
            realTrial = false;
            return true;
        }
        long after = probe.realTrialAfter().toNanos();
        long due = realTrialFrom + after;
        if (due <= openUntil) {
            due = openUntil + Math.min(after, interval + probe.needed() * spacing);
        }
        realTrial = openedByProbes && !triedSince || now >= due;
        return realTrial;
    }

    @Override
    void halfOpened(long now) {
        moved(now);
        probeAt = NEVER;
        if (realTrial) {
            realTrials++;
            realTrialFrom = now;
            triedSince = true;
        }
    }

    @Override
    int trialsAtOnce() {
        return realTrial ? 1 : super.trialsAtOnce();
    }

    @Override
    boolean growsByTrials() {
        return !realTrial;
    }

    @Override
    void opened(boolean trips, long now) {
        moved(now);
        openWithTrust = trusted;
        ready = false;
        goodInOpen = 0;
        probeAt = trusted ? openUntil : NEVER;
        realTrial = false;
        if (trips) {
            realTrialFrom = now;
            triedSince = false;
        }
    }

    @Override
    void closed(long now) {
        moved(now);
        openedByProbes = false;
        if (trusted && realTrial && asked && !lastGood) {
            lose(now);
        } else if (callsToGo == 0 && !trusted) {
            misses = 0;
            searchBy(now + (quickTries > 0 ? spacing : interval));
        }
        realTrial = false;
    }
}
