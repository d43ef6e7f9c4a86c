package dev.interlock.jdbc;

import java.time.Instant;

/**
 * Who changes a key or a policy, and when, for the trail of such changes. Immutable.
 *
 * @param actor as audit trails write it
 * @param at the wall clock's time
 */
public record Author(String actor, Instant at) {}
