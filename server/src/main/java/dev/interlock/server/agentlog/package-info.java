/** What agents did: {@link dev.interlock.server.agentlog.LogEndpoints}. */
@NullMarked
package dev.interlock.server.agentlog;

import org.jspecify.annotations.NullMarked;
