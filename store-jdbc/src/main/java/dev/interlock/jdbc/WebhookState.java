package dev.interlock.jdbc;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How sending to a webhook goes. Immutable.
 *
 * @param failingSince since when nothing arrives; null while it does
 * @param resumeAt when the next attempt is made; null if nothing keeps it
 * @param dead whether it is sent nothing any more, since a message could not be delivered in all its attempts
 * @param deliveredAt when something arrived last
 * @param lastError why the last attempt failed; null if it did not
 * @param leftOut messages that were not stored, since too many were waiting
 * @param waiting messages that are stored and have not arrived
 * @param deadMessages messages that are not sent any more
 */
public record WebhookState(
        @Nullable Instant failingSince,
        @Nullable Instant resumeAt,
        boolean dead,
        @Nullable Instant deliveredAt,
        @Nullable String lastError,
        long leftOut,
        long waiting,
        long deadMessages) {}
