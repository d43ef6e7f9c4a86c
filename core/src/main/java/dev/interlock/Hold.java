package dev.interlock;

import java.io.Serializable;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A hold that is in effect.
 *
 * @param until when it ends by itself, or null for never; by the wall clock at the time the hold was made
 * @param actor who holds
 * @param reason why, or null
 */
public record Hold(
        @Nullable Instant until, String actor, @Nullable String reason) implements Serializable {}
