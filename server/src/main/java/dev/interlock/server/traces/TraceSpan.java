package dev.interlock.server.traces;

import dev.interlock.monitor.spans.CallSpan;

/**
 * A span as it was sent. Immutable.
 *
 * @param trace the trace's 16 bytes
 * @param id its own 8 bytes, not 0
 * @param parent those of the span around it, 0 if there is none
 * @param start nanoseconds since 1970, by its sender's clock; negative or 0 is none
 * @param end the same
 * @param sender the process that it comes from
 * @param call what of it is about a call
 * @param thinned whether something says that spans like it were left out
 */
record TraceSpan(
        TraceId trace, long id, long parent, long start, long end, Sender sender, CallSpan call, boolean thinned) {
    /** The name of its entry in the log, the same whenever it is sent. */
    String entryId() {
        return trace + "-" + TraceId.hex(id);
    }
}
