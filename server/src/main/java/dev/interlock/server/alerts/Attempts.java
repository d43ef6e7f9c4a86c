package dev.interlock.server.alerts;

import dev.interlock.facts.RetryAfter;
import dev.interlock.jdbc.WebhookOutbox.Failure;
import dev.interlock.server.outbound.OutboundAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What follows of an attempt to send a message: that it arrived, when it is tried again, or that it is dead. */
final class Attempts {
    /** How long a message waits after its first failure, its second, and so on; after the last wait it is tried once more. */
    static final List<Duration> WAITS = List.of(
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            Duration.ofMinutes(2),
            Duration.ofMinutes(10),
            Duration.ofMinutes(30),
            Duration.ofHours(1),
            Duration.ofHours(3),
            Duration.ofHours(6));

    private static final Duration LONGEST = Duration.ofHours(6);
    private static final int GONE = 410;

    /** The receiver takes this message for a bad one; it may well take others. */
    private static final Set<Integer> OF_MESSAGE = Set.of(400, 413, 415, 422);

    private Attempts() {}

    static boolean arrived(OutboundAnswer answer) {
        return answer.status() >= 200 && answer.status() < 300;
    }

    /** What follows of an answer that is none of success. */
    static Failure failure(OutboundAnswer answer, int failedBefore, Instant now, RandomGenerator random) {
        if (answer.status() == GONE) {
            return new Failure("the receiver answered 410: it wants no messages any more", null, true);
        }
        boolean redirect = answer.status() >= 300 && answer.status() < 400;
        String error = "the receiver answered " + answer.status()
                + (redirect ? ", a redirect, which is not followed: change the address" : "");
        Instant retry = retry(failedBefore, now, random);
        Duration asked = RetryAfter.ofHeader(answer.retryAfter(), now);
        if (retry != null && asked != null) {
            Instant wanted = now.plus(asked.compareTo(LONGEST) < 0 ? asked : LONGEST);
            retry = retry.isAfter(wanted) ? retry : wanted;
        }
        return new Failure(error, retry, !OF_MESSAGE.contains(answer.status()));
    }

    /** What follows if there was no answer. */
    static Failure failure(String why, int failedBefore, Instant now, RandomGenerator random) {
        return new Failure(why, retry(failedBefore, now, random), true);
    }

    private static @Nullable Instant retry(int failedBefore, Instant now, RandomGenerator random) {
        if (failedBefore >= WAITS.size()) {
            return null;
        }
        long millis = WAITS.get(failedBefore).toMillis();
        return now.plusMillis(millis + random.nextLong(millis / 10 + 1));
    }
}
