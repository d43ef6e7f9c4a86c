package dev.interlock.monitor;

import java.time.Instant;

/**
 * An entry of the agent log as it is stored. Immutable.
 *
 * @param organization whose agent it is about
 * @param startedAt when what it reports began, by the receiver's clock
 * @param entry what was sent
 */
public record LogRow(String organization, Instant startedAt, LogEntry entry) {}
