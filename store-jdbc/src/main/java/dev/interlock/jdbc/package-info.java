/**
 * Circuits, audit trail, policies, keys and settings in SQLite or PostgreSQL; start from {@link
 * dev.interlock.jdbc.Database}. Everything here blocks, so that it belongs on a thread that may wait.
 */
@Beta
@NullMarked
package dev.interlock.jdbc;

import dev.interlock.Beta;
import org.jspecify.annotations.NullMarked;
