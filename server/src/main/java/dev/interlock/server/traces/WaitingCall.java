package dev.interlock.server.traces;

import dev.interlock.server.security.Caller;

/** A call that has been counted for what it called, and waits to hear whose it was. Each is equal to itself alone. */
final class WaitingCall {
    /** About what one takes in memory, in bytes. */
    static final int BYTES = 640;

    final SpanCall call;
    final TraceNode node;
    final Trace trace;
    final Caller caller;

    /** When it waits no longer, in ticks. */
    final long until;

    WaitingCall(SpanCall call, TraceNode node, Trace trace, Caller caller, long until) {
        this.call = call;
        this.node = node;
        this.trace = trace;
        this.caller = caller;
        this.until = until;
    }
}
