/**
 * What circuits do, as meters of Micrometer and attributes of OpenTelemetry's spans.
 *
 * <p>Begin with {@link dev.interlock.micrometer.CircuitMeters}.
 */
@Beta
@NullMarked
package dev.interlock.micrometer;

import dev.interlock.Beta;
import org.jspecify.annotations.NullMarked;
