package dev.interlock.monitor;

import java.time.Instant;

/**
 * An entry of the agent log as it is stored. Immutable.
 *
 * @param organization whose agent it tells of
 * @param startedAt when what it tells began, by the receiver's clock
 * @param entry what was sent
 */
public record LogRow(String organization, Instant startedAt, LogEntry entry) {}
