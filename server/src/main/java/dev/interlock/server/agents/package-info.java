/** The agents, and what depends on what: {@link dev.interlock.server.agents.AgentEndpoints}. */
@NullMarked
package dev.interlock.server.agents;

import org.jspecify.annotations.NullMarked;
