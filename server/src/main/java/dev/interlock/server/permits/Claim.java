package dev.interlock.server.permits;

import org.jspecify.annotations.Nullable;

/**
 * A permit that is about to be settled: by this server's own memory it has not been. To be settled once, whatever the
 * others say. Immutable.
 *
 * @param token the permit
 * @param report how its call ended
 * @param own whether this life of this server gave it
 * @param age nanoseconds since it was given, 0 or more
 * @param caller who made the call, or null for its agent
 */
record Claim(
        PermitToken token,
        Report report,
        boolean own,
        long age,
        @Nullable String caller) {
    /** Who made a call: whom the report names, or whom the permit did, or who reports. */
    static @Nullable String caller(PermitToken token, Report report, @Nullable String source) {
        if (report.caller() != null) {
            return report.caller();
        }
        return token.caller() != null ? token.caller() : source;
    }
}
