package dev.interlock.monitor;

import dev.interlock.FailureKind;
import dev.interlock.monitor.budgets.Usage;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What calls used, as entries of the agent log say it: tokens in, out and of caches lie in an entry's metadata. */
final class EntryUsage {
    /** All tokens that went in, those of caches included. */
    static final String INPUT = "input_tokens";

    /** Tokens that came out. */
    static final String OUTPUT = "output_tokens";

    /** How many of those that went in a cache had. */
    static final String CACHED = "cached_tokens";

    /** In metadata: that the guard of the call has somebody who counts it, so that its entry is no call a second time. */
    static final String COUNTED = "counted";

    private EntryUsage() {}

    /** Whether an entry is of a call that somebody else counts, or of none, since it was refused. */
    static boolean isNoCall(LogEntry entry) {
        return entry.errorKind() == FailureKind.DOWNSTREAM_OPEN
                || Boolean.TRUE.equals(entry.metadata().get(COUNTED));
    }

    /** What an entry's call used. */
    static Usage of(LogEntry entry) {
        long input = tokens(entry.metadata().get(INPUT));
        long output = tokens(entry.metadata().get(OUTPUT));
        Long sum = entry.tokenCount();
        Double cost = entry.costUsd();
        cost = cost == null ? null : (Double) Math.min(cost, Usage.MOST_USD);
        if (input == 0 && output == 0 && sum != null) {
            return Usage.ofSum(Math.min(sum, Usage.MOST_TOKENS), cost);
        }
        if (input == 0 && output == 0 && cost == null) {
            return Usage.UNKNOWN;
        }
        return new Usage(input, output, tokens(entry.metadata().get(CACHED)), cost);
    }

    /** Tokens in and out together. */
    static long sum(Map<String, Long> split) {
        return split.getOrDefault(INPUT, 0L) + split.getOrDefault(OUTPUT, 0L);
    }

    /** Metadata with what is known of tokens. */
    static Map<String, @Nullable Object> with(Map<String, @Nullable Object> metadata, Map<String, Long> split) {
        if (split.isEmpty()) {
            return metadata;
        }
        Map<String, @Nullable Object> both = new LinkedHashMap<>(metadata);
        both.putAll(split);
        return both;
    }

    private static long tokens(@Nullable Object value) {
        return value instanceof Number number ? Math.max(0, Math.min(number.longValue(), Usage.MOST_TOKENS)) : 0;
    }
}
