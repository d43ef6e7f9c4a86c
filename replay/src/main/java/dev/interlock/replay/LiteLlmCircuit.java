package dev.interlock.replay;

import dev.interlock.FailureKind;

/**
 * A deployment in LiteLLM's router, in a model group that has others: a cooldown and nothing after it, so that all calls
 * go through again when it is over. Counters live for a minute, or for a cooldown, from the first thing that they count.
 */
final class LiteLlmCircuit extends PeerCircuit {
    private static final long SECOND = 1_000_000_000L;
    private static final long MINUTE = 60 * SECOND;
    private static final int LEAST_CALLS = 5;
    private static final int ALLOWED_FAILURES = 3;

    /** A number that is forgotten some time after it was first more than 0. */
    private static final class Counter {
        private final long life;
        private long until = Long.MIN_VALUE;
        private int count;

        Counter(long life) {
            this.life = life;
        }

        int count(long now) {
            return now > until ? 0 : count;
        }

        void increment(long now) {
            if (now > until) {
                until = now + life;
                count = 0;
            }
            count++;
        }

        long since() {
            return until - life;
        }
    }

    /** Whether {@code allowed_fails} is set, so that failures are counted and no rate is looked at. */
    private final boolean byCount;

    private final long cooldown;
    private final Counter good = new Counter(MINUTE);
    private final Counter failed = new Counter(MINUTE);
    private final Counter allowed;
    private boolean cools;
    private long coolsUntil;

    LiteLlmCircuit(String name, Incidents incidents, boolean byCount, int cooldownSeconds) {
        super(name, incidents);
        this.byCount = byCount;
        this.cooldown = cooldownSeconds * SECOND;
        this.allowed = new Counter(cooldown);
    }

    @Override
    boolean admits(long now) {
        if (cools && now > coolsUntil) {
            cools = false;
            closed(coolsUntil);
        }
        return !cools;
    }

    @Override
    void giveBack() {
        // It has no places.
    }

    @Override
    void ended(Call call, long now) {
        FailureKind kind = call.kind();
        if (kind == null) {
            good.increment(now);
        } else if (kind != FailureKind.CANCELLED) {
            failed.increment(now);
            if (isLookedAt(kind) && (byCount ? isOneTooMany(now) : isBad(kind, now))) {
                cool(call, now, byCount ? allowed.since() : isAtOnce(kind) ? now : failed.since());
            }
        }
    }

    private void cool(Call call, long now, long firstSign) {
        if (admits(now)) {
            tripped(now, Math.min(now, firstSign));
        }
        cools = true;
        coolsUntil = now + (call.retryAfter() > 0 ? call.retryAfter() : cooldown);
    }

    private boolean isOneTooMany(long now) {
        if (allowed.count(now) >= ALLOWED_FAILURES) {
            return true;
        }
        allowed.increment(now);
        return false;
    }

    private boolean isBad(FailureKind kind, long now) {
        int failures = failed.count(now);
        int all = failures + good.count(now);
        return isAtOnce(kind) || all >= LEAST_CALLS && 2 * failures > all;
    }

    /** A 401, a 404 and a 429; a quota that is used up is a 429 as well. */
    private static boolean isAtOnce(FailureKind kind) {
        return switch (kind) {
            case RATE_LIMITED, QUOTA_EXHAUSTED, AUTHENTICATION, MODEL_NOT_FOUND -> true;
            default -> false;
        };
    }

    /** Not the caller's mistakes, nor connections that failed. */
    private static boolean isLookedAt(FailureKind kind) {
        return switch (kind) {
            case CONNECTION, FORBIDDEN, INVALID_REQUEST, CONTEXT_LENGTH, CONTENT_FILTERED, DOWNSTREAM_OPEN -> false;
            default -> true;
        };
    }
}
