package dev.interlock.store;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What lies in a store of a circuit's probes: plain values, times by the wall clock. Immutable.
 *
 * @param organization who owns the circuit
 * @param name what it protects
 * @param trusted whether its probes decide
 * @param tried whether a real trial was let in since it opened
 * @param realTrialAt when the last real trial was let in or, if none was since, when it opened; null if it never has
 * @param changedAt when all this became so; of two records of one circuit the one of the later time is the newer
 */
public record ProbeRecord(
        String organization,
        String name,
        boolean trusted,
        boolean tried,
        @Nullable Instant realTrialAt,
        Instant changedAt) {
    /**
     * Checks that nothing is missing.
     *
     * @throws NullPointerException if a value is null that must not be; the message names it
     */
    public ProbeRecord {
        Objects.requireNonNull(organization, "organization");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(changedAt, "changedAt");
    }
}
