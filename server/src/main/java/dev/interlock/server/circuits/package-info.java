/**
 * What the API says about circuits, and the overrides it takes for them; start with {@link
 * dev.interlock.server.circuits.CircuitEndpoints}.
 */
@NullMarked
package dev.interlock.server.circuits;

import org.jspecify.annotations.NullMarked;
