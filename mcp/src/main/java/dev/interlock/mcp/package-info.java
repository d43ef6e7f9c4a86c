/**
 * Guards around what agents call over the Model Context Protocol.
 *
 * <p>Begin with {@link dev.interlock.mcp.GuardedMcp}, or {@link dev.interlock.mcp.GuardedAsyncMcp} for Reactor.
 */
@Beta
@NullMarked
package dev.interlock.mcp;

import dev.interlock.Beta;
import org.jspecify.annotations.NullMarked;
