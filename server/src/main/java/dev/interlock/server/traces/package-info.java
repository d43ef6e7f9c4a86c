/**
 * OpenTelemetry's traces as a way in that needs no code: {@link dev.interlock.server.traces.TraceEndpoints}. What a span is
 * says {@link dev.interlock.monitor.spans.CallSpan}; whose it is and whether it counts is judged here.
 */
@NullMarked
package dev.interlock.server.traces;

import org.jspecify.annotations.NullMarked;
