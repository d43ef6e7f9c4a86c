/**
 * What OpenTelemetry's spans say of calls of agents; start from {@link dev.interlock.monitor.spans.CallSpan}. Knows no
 * encoding.
 */
@Alpha
@NullMarked
package dev.interlock.monitor.spans;

import dev.interlock.Alpha;
import org.jspecify.annotations.NullMarked;
