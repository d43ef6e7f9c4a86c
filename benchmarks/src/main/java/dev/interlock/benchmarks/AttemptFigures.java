package dev.interlock.benchmarks;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.ManualTimeSource;
import dev.interlock.Outcome;
import dev.interlock.Permit;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * A lone agent with two retries whose attempts are guarded, at a partial fault: a call ends at its first good attempt, at
 * a refusal, or after the third attempt.
 */
final class AttemptFigures {
    private static final int ATTEMPTS = 3;
    private static final double BACKGROUND = 0.018;

    /** As two SDKs of models wait before their retries, in seconds. */
    private static final double[] WAITS = {0.5, 1};

    /** How whole calls fared. */
    private static final class Tally {
        private long good;
        private long goodRefused;
        private long bad;
        private long badStopped;
        private long failedAttempts;
    }

    private AttemptFigures() {}

    /** The share of good calls that were refused while the fault lasted, by policy. */
    static Map<String, Double> play(
            PrintStream out, Map<String, CircuitBreakerConfig> policies, double failure, int incidents, long seed) {
        out.printf(
                Locale.ROOT,
                "**Guarded attempts, two retries**, a lone agent, an attempt fails with probability %.1f%n%n"
                        + "| policy | good calls refused | bad calls stopped early | failed attempts an incident |%n|---|---:|---:|---:|%n",
                failure);
        Map<String, Double> refused = new java.util.LinkedHashMap<>();
        policies.forEach((name, config) -> {
            Tally tally = new Tally();
            for (int i = 0; i < incidents; i++) {
                incident(config, failure, Quantiles.incidents().at((i + 0.5) / incidents), seed + i, tally);
            }
            double share = (double) tally.goodRefused / tally.good;
            refused.put(name, share);
            out.printf(
                    Locale.ROOT,
                    "| `%s` | %.2f %% | %.0f %% | %.0f |%n",
                    name,
                    100 * share,
                    100.0 * tally.badStopped / tally.bad,
                    (double) tally.failedAttempts / incidents);
        });
        out.println();
        return refused;
    }

    private static void incident(CircuitBreakerConfig config, double failure, double length, long seed, Tally tally) {
        Random random = new Random(seed);
        ManualTimeSource time = new ManualTimeSource();
        Quantiles gaps = Quantiles.gaps();
        Quantiles durations = Quantiles.durations();
        try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .defaults(config)
                .time(time)
                .randomness(new Random(seed + 1)::nextDouble)
                .executor(Runnable::run)
                .build()) {
            Guard guard = circuits.guard("agent");
            double start = -length;
            while (start < 2 * length) {
                boolean isInside = start >= 0 && start < length;
                double p = isInside ? failure : BACKGROUND;
                boolean[] fails = new boolean[ATTEMPTS];
                double[] took = new double[ATTEMPTS];
                boolean isGood = false;
                for (int i = 0; i < ATTEMPTS; i++) {
                    fails[i] = random.nextDouble() < p;
                    took[i] = durations.at(random.nextDouble());
                    isGood |= !fails[i];
                }
                boolean refused = false;
                double spent = 0;
                for (int i = 0; i < ATTEMPTS; i++) {
                    Permit permit = guard.tryAcquire();
                    if (permit == null) {
                        refused = true;
                        break;
                    }
                    spent += advance(time, took[i]);
                    permit.settle(fails[i] ? Outcome.failure(FailureKind.SERVER_ERROR) : Outcome.success());
                    tally.failedAttempts += fails[i] && isInside ? 1 : 0;
                    if (!fails[i]) {
                        break;
                    }
                    spent += i < WAITS.length ? advance(time, WAITS[i]) : 0;
                }
                if (isInside) {
                    tally.good += isGood ? 1 : 0;
                    tally.goodRefused += isGood && refused ? 1 : 0;
                    tally.bad += isGood ? 0 : 1;
                    tally.badStopped += !isGood && refused ? 1 : 0;
                }
                double gap = Math.max(0.001, gaps.at(random.nextDouble()) - spent);
                advance(time, gap);
                start += spent + gap;
            }
        }
    }

    private static double advance(ManualTimeSource time, double seconds) {
        time.advance(Duration.ofNanos((long) (seconds * 1e9)));
        return seconds;
    }
}
