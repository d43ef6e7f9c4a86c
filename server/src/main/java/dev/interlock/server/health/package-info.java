/** How agents are: {@link dev.interlock.server.health.HealthEndpoints}. */
@NullMarked
package dev.interlock.server.health;

import org.jspecify.annotations.NullMarked;
