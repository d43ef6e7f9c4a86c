package dev.interlock.monitor;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A change of an agent's status. Immutable.
 *
 * @param type which change
 * @param from the status before; {@link HealthStatus#UNKNOWN} counts as healthy
 * @param snapshot the agent after it
 */
public record HealthTransition(Type type, HealthStatus from, HealthSnapshot snapshot) {
    /** The changes that have a name; all others are none. */
    public enum Type {
        /** From healthy to degraded. */
        DEGRADING,
        /** From healthy to critical. */
        CRITICAL_FROM_HEALTHY,
        /** From degraded to critical. */
        CRITICAL_FROM_DEGRADED,
        /** From critical to degraded. */
        RECOVERING,
        /** From degraded to healthy. */
        RECOVERED,
        /** From critical to healthy. */
        RECOVERED_FROM_CRITICAL;

        private final String wireName = name().toLowerCase(Locale.ROOT);

        /**
         * The name on the wire and in the database.
         *
         * @return such as {@code critical_from_healthy}
         */
        public String wireName() {
            return wireName;
        }

        static @Nullable Type of(HealthStatus from, HealthStatus to) {
            if (from == to || to == HealthStatus.UNKNOWN) {
                return null;
            }
            return switch (from) {
                case UNKNOWN, HEALTHY ->
                    to == HealthStatus.DEGRADED
                            ? DEGRADING
                            : to == HealthStatus.CRITICAL ? CRITICAL_FROM_HEALTHY : null;
                case DEGRADED -> to == HealthStatus.CRITICAL ? CRITICAL_FROM_DEGRADED : RECOVERED;
                case CRITICAL -> to == HealthStatus.DEGRADED ? RECOVERING : RECOVERED_FROM_CRITICAL;
            };
        }

        boolean isCritical() {
            return this == CRITICAL_FROM_HEALTHY || this == CRITICAL_FROM_DEGRADED;
        }
    }
}
