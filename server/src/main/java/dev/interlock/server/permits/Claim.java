package dev.interlock.server.permits;

/**
 * A permit that is about to be settled: by this server's own memory it has not been. To be settled once, whatever the
 * others say. Immutable.
 *
 * @param token the permit
 * @param report how its call ended
 * @param own whether this life of this server gave it
 * @param age nanoseconds since it was given, 0 or more
 */
record Claim(PermitToken token, Report report, boolean own, long age) {}
