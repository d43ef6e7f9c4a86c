package dev.interlock.monitor;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** When entries of the agent log began and were sent, by clocks that are not ours. */
final class EntryTimes {
    private static final Duration LONGEST_LATENCY = Duration.ofDays(30);
    private static final Instant YEAR_10000 = Instant.ofEpochSecond(253_402_300_800L);

    private EntryTimes() {}

    /**
     * When a batch was sent, by its own clock. Who does not say so has the receiver's clock; unless all entries are more
     * than 5 minutes from it, then it is another one, and the newest entry has just ended.
     */
    static Instant sentAt(LogBatch batch, Instant now) {
        Instant sentAt = batch.sentAt();
        if (sentAt != null) {
            if (!isPlausible(sentAt)) {
                throw new IllegalArgumentException("sent_at must be a time since 1970 and before 10000");
            }
            return sentAt;
        }
        Instant newest = Instant.EPOCH;
        for (LogEntry entry : batch.entries()) {
            if (problemOfTimes(entry) != null) {
                continue;
            }
            Instant end = entry.timestamp().plusMillis(entry.latencyMs() == null ? 0 : entry.latencyMs());
            newest = end.isAfter(newest) ? end : newest;
        }
        return Duration.between(newest, now).abs().compareTo(LogProcessor.STALE) > 0 ? newest : now;
    }

    static void check(LogEntry entry) {
        String problem = problemOfTimes(entry);
        if (problem != null) {
            throw new IllegalArgumentException(problem);
        }
    }

    private static @Nullable String problemOfTimes(LogEntry entry) {
        if (!isPlausible(entry.timestamp())) {
            return "timestamp must be a time since 1970 and before 10000";
        }
        Long latency = entry.latencyMs();
        return latency != null && latency > LONGEST_LATENCY.toMillis()
                ? "latency_ms must be at most " + LONGEST_LATENCY.toMillis() + " (30 days), but was " + latency
                : null;
    }

    private static boolean isPlausible(Instant time) {
        return !time.isBefore(Instant.EPOCH) && time.isBefore(YEAR_10000);
    }
}
