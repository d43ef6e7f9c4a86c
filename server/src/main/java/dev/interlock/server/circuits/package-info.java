/**
 * What the API tells of circuits, and the orders it takes for them; start with {@link
 * dev.interlock.server.circuits.CircuitEndpoints}.
 */
@NullMarked
package dev.interlock.server.circuits;

import org.jspecify.annotations.NullMarked;
