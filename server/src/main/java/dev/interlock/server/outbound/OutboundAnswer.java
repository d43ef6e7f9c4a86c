package dev.interlock.server.outbound;

import org.jspecify.annotations.Nullable;

/**
 * What is read of an answer. Immutable.
 *
 * @param status its status, redirects included
 * @param retryAfter its header {@code Retry-After} as it is; null if it has none
 */
public record OutboundAnswer(int status, @Nullable String retryAfter) {}
