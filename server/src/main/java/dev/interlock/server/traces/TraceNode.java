package dev.interlock.server.traces;

import dev.interlock.monitor.spans.CallSpan.What;
import org.jspecify.annotations.Nullable;

/** A span in its trace: what it is, and what is known of those within it. One that is only referred to is nothing yet. */
final class TraceNode {
    /** A call is within it, and belongs to this agent or to one further out. */
    static final int HAS_CALL = 1;

    /** Something within it failed. */
    static final int HAS_FAILED = 2;

    /** A call of a model is within it, and nothing that makes calls of its own is between. */
    static final int HAS_MODEL_CALL = 4;

    /** The same, of a tool. */
    static final int HAS_TOOL_CALL = 8;

    /** A request within it went to a proxy of this installation. */
    static final int PROXIED = 16;

    /** A guard has counted it, and what is within it. */
    static final int GUARDED = 32;

    /** It was taken for the call itself. */
    static final int COUNTED = 64;

    /** About what a node takes in memory, in bytes. */
    static final int BYTES = 160;

    final long id;
    long parent;

    /** Null until the span itself has come. */
    @Nullable
    What what;

    /** The agent that it names, or empty. */
    String agent = "";

    /** The tool that it calls, or empty. */
    String tool = "";

    /** The tool of a call within it, or empty. */
    String toolWithin = "";

    private int flags;

    TraceNode(long id) {
        this.id = id;
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** Sets flags; those that were not set yet are returned. */
    int set(int some) {
        int fresh = some & ~flags;
        flags |= some;
        return fresh;
    }

    int flags() {
        return flags;
    }

    /** What of its flags is true of the span around it as well. */
    int passedOn(int some) {
        int passed = some & ~(GUARDED | COUNTED);
        if (what == What.AGENT || what != null && what.isCall()) {
            passed &= ~(HAS_MODEL_CALL | HAS_TOOL_CALL | PROXIED);
        }
        return what == What.AGENT && !agent.isEmpty() ? passed & ~HAS_CALL : passed;
    }
}
