/** Who there is, and what depends on whom: {@link dev.interlock.server.agents.AgentEndpoints}. */
@NullMarked
package dev.interlock.server.agents;

import org.jspecify.annotations.NullMarked;
