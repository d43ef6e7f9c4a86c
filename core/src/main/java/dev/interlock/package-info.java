/** Circuit breakers for fleets of AI agents; start from {@link dev.interlock.CircuitBreakerManager}. */
@NullMarked
package dev.interlock;

import org.jspecify.annotations.NullMarked;
