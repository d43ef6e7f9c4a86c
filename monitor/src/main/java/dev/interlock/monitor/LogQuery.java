package dev.interlock.monitor;

import org.jspecify.annotations.Nullable;

/**
 * Which rows of the agent log are asked for. Immutable; each null stands for any.
 *
 * @param organization whose agents; always given
 * @param agentId the agent
 * @param executionId the run
 * @param actionType what was done
 * @param status how it came out
 * @param after where the page before ended, as {@link LogPage#next()} said; null for the first page
 * @param limit the most rows, 1 to 1,000
 */
public record LogQuery(
        String organization,
        @Nullable String agentId,
        @Nullable String executionId,
        @Nullable ActionType actionType,
        @Nullable EntryStatus status,
        @Nullable String after,
        int limit) {
    /**
     * Checks the limit.
     *
     * @throws IllegalArgumentException if it is out of range
     */
    public LogQuery {
        if (limit < 1 || limit > 1_000) {
            throw new IllegalArgumentException("A page may have 1 to 1000 rows, but " + limit + " were asked for");
        }
    }

    /**
     * All rows of an agent, the first page.
     *
     * @param organization whose agent
     * @param agentId the agent
     * @param limit the most rows
     * @return the query
     */
    public static LogQuery ofAgent(String organization, String agentId, int limit) {
        return new LogQuery(organization, agentId, null, null, null, null, limit);
    }
}
