/**
 * The agent log, health, and their tie to circuits; start from {@link dev.interlock.monitor.LogEntry}, one thing that an
 * agent did.
 */
@Beta
@NullMarked
package dev.interlock.monitor;

import dev.interlock.Beta;
import org.jspecify.annotations.NullMarked;
