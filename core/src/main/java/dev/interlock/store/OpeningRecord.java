package dev.interlock.store;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * Why a circuit opened, over restarts and in all processes: plain values as the audit trail has them, so that those of a
 * newer version are carried and shown as they are. Immutable.
 *
 * @param cause why, in lower case, such as {@code failure_streak} or {@code override}
 * @param kind the failure that tripped it, such as {@code TIMEOUT}, or null
 * @param actor who opened it, or null for the circuit itself
 * @param reason the reason given, or null
 */
public record OpeningRecord(
        String cause,
        @Nullable String kind,
        @Nullable String actor,
        @Nullable String reason) implements Serializable {}
