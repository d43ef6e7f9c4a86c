package dev.interlock.benchmarks;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.FailureClassifier;
import dev.interlock.FailureKind;
import dev.interlock.ManualTimeSource;
import dev.interlock.Outcome;
import dev.interlock.Permit;
import dev.interlock.settings.PolicySettings;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/**
 * A provider that refuses every call and asks to be called again at once, or nearly: how many calls of a client that obeys
 * reach it in ten seconds.
 */
final class Waits implements BlamePart {
    private static final Duration PLAYED = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofMillis(1);
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int UNAVAILABLE = 503;
    private static final List<String> POLICIES = List.of("default", "recommended", "upstream", "attempts");

    @Override
    public String name() {
        return "waits";
    }

    @Override
    public void play(PrintStream out, long seed) {
        out.println("## Waits");
        out.println();
        out.println(
                "A provider refuses every call and asks for a short wait; the client calls once a millisecond for 10 s."
                        + " Calls that reach the provider, of 10,000:");
        out.println();
        out.println(
                "| policy | status | " + String.join(" | ", asked(Instant.EPOCH).keySet()) + " |");
        out.println("|---|---|" + "---|".repeat(asked(Instant.EPOCH).size()));
        for (String policy : POLICIES) {
            for (int status : new int[] {TOO_MANY_REQUESTS, UNAVAILABLE}) {
                StringBuilder row = new StringBuilder("| `" + policy + "` | " + status + " |");
                asked(Instant.EPOCH)
                        .keySet()
                        .forEach(asked -> row.append(' ')
                                .append(reached(policy, status, asked, seed))
                                .append(" |"));
                out.println(row);
            }
        }
    }

    /** What the provider asks for, in words, and as a header has it; null where only the body can say it. */
    private static Map<String, Outcome> asked(Instant now) {
        Outcome limited = Outcome.failure(FailureKind.RATE_LIMITED);
        Map<String, Outcome> asked = new LinkedHashMap<>();
        asked.put("no wait", limited);
        for (int millis : new int[] {0, 1, 5, 50}) {
            asked.put(millis + " ms", limited.retryAfter(Duration.ofMillis(millis)));
        }
        asked.put(
                "a date past",
                FailureClassifier.ofHttpStatus(
                        TOO_MANY_REQUESTS, "Thu, 01 Jan 1970 00:00:00 GMT", now.plusSeconds(60)));
        return asked;
    }

    private static int reached(String policy, int status, String asked, long seed) {
        ManualTimeSource time = new ManualTimeSource();
        Random random = new Random(seed);
        int reached = 0;
        try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .defaults(Objects.requireNonNull(PolicySettings.builtIn(policy)))
                .time(time)
                .executor(Runnable::run)
                .randomness(random::nextDouble)
                .build()) {
            CircuitBreaker model = circuits.getOrCreate("model:m");
            while (time.ticks() < PLAYED.toNanos()) {
                Permit permit = model.tryAcquire();
                if (permit != null) {
                    reached++;
                    permit.settle(outcome(
                            status,
                            Objects.requireNonNull(asked(time.wallTime()).get(asked))));
                }
                time.advance(PAUSE);
            }
        }
        return reached;
    }

    private static Outcome outcome(int status, Outcome limited) {
        Duration wait = limited.retryAfter();
        if (status == TOO_MANY_REQUESTS) {
            return limited;
        }
        Outcome overloaded = Outcome.failure(FailureKind.OVERLOADED);
        return wait == null ? overloaded : overloaded.retryAfter(wait);
    }
}
