package dev.interlock.server.traces;

import dev.interlock.monitor.spans.CallSpan;
import dev.interlock.monitor.spans.CallSpan.What;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What is remembered of one trace: its spans as a tree that grows from the leaves, since a span ends, and comes, before the
 * one around it. Guarded by the lock of its key's traces.
 */
final class Trace {
    /** Deeper trees, and circles, are followed no further. */
    private static final int DEEPEST = 64;

    /** How many spans of a trace are remembered; the others are judged as if they were alone. */
    static final int MOST_NODES = 4_096;

    /** The nearest agent around a span, or why there is none. */
    record Around(String agent, boolean isComplete) {}

    private final Map<Long, TraceNode> nodes = new HashMap<>();
    private final List<WaitingCall> waiting = new ArrayList<>(0);
    private String agent = "";
    private boolean severalAgents;
    private int failedAtUnknown;
    private int callsAtUnknown;

    /** When it was last heard of, in ticks. */
    long seen;

    /** What it takes in memory, and was granted. */
    int bytes;

    /** Whether later spans will find it. */
    boolean isRemembered;

    /** Calls that wait to hear whose they are. */
    List<WaitingCall> waiting() {
        return waiting;
    }

    /** Whether a span has come already. */
    boolean knows(long id) {
        TraceNode node = nodes.get(id);
        return node != null && node.what != null;
    }

    /** How many nodes a span would add: itself and the one around it. */
    int missing(long id, long parent) {
        if (nodes.size() >= MOST_NODES) {
            return -1;
        }
        return (nodes.containsKey(id) ? 0 : 1) + (parent == 0 || nodes.containsKey(parent) ? 0 : 1);
    }

    /** Takes note of a span, and passes on what was known of those within it. */
    TraceNode note(long id, long parent, CallSpan call) {
        TraceNode node = node(id);
        if (node.what == null && node.has(TraceNode.HAS_FAILED)) {
            failedAtUnknown--;
        }
        if (node.what == null && node.has(TraceNode.HAS_CALL)) {
            callsAtUnknown--;
        }
        node.what = call.what();
        node.parent = parent == id ? 0 : parent;
        node.agent = call.agent();
        node.tool = call.what() == What.TOOL_CALL ? call.target() : "";
        if (call.guarded()) {
            node.set(TraceNode.GUARDED);
        }
        if (!call.agent().isEmpty()) {
            severalAgents |= !agent.isEmpty() && !agent.equals(call.agent());
            agent = call.agent();
        }
        raise(node, node.passedOn(node.flags()), node.toolWithin);
        return node;
    }

    /** Says something of all spans around one, as far as they are known; the rest is said once they come. */
    void raise(TraceNode from, int flags, String tool) {
        TraceNode node = from;
        int passed = flags;
        while (passed != 0 && node.parent != 0) {
            node = node(node.parent);
            int fresh = node.set(passed);
            if ((fresh & TraceNode.HAS_TOOL_CALL) != 0) {
                node.toolWithin = tool;
            }
            if (node.what == null) {
                failedAtUnknown += (fresh & TraceNode.HAS_FAILED) != 0 ? 1 : 0;
                callsAtUnknown += (fresh & TraceNode.HAS_CALL) != 0 ? 1 : 0;
                return;
            }
            passed = node.passedOn(fresh);
        }
    }

    /** The nearest agent around a span that names none itself. */
    Around agentAround(TraceNode from) {
        TraceNode node = from;
        for (int depth = 0; depth < DEEPEST && node.parent != 0; depth++) {
            TraceNode around = nodes.get(node.parent);
            if (around == null || around.what == null) {
                return new Around("", false);
            }
            if (!around.agent.isEmpty()) {
                return new Around(around.agent, true);
            }
            node = around;
        }
        return new Around("", true);
    }

    /** Whether a guard has counted a span, by itself or by one around it. */
    boolean isGuarded(TraceNode from) {
        TraceNode node = from;
        for (int depth = 0; depth < DEEPEST && node != null; depth++) {
            if (node.has(TraceNode.GUARDED)) {
                return true;
            }
            node = node.parent == 0 ? null : nodes.get(node.parent);
        }
        return false;
    }

    /**
     * Whether a span around this one was taken for the call that this one is: a framework's and its client's span of one
     * call, of which the outer one came first.
     */
    boolean isWithinCounted(TraceNode from, CallSpan call) {
        TraceNode node = from;
        for (int depth = 0; depth < DEEPEST && node.parent != 0; depth++) {
            node = nodes.get(node.parent);
            if (node == null || node.what == null || node.what == What.AGENT) {
                return false;
            }
            if (node.what.isCall()) {
                return node.what == call.what()
                        && node.has(TraceNode.COUNTED)
                        && (call.what() == What.MODEL_CALL || node.tool.equals(call.target()));
            }
        }
        return false;
    }

    /**
     * Whether something within an agent's run failed, as far as anybody can know: what hangs on spans that have not come
     * may be within it.
     */
    boolean hasFailedWithin(TraceNode run) {
        return hasWithin(run, TraceNode.HAS_FAILED, failedAtUnknown);
    }

    /** Whether calls of an agent's run came, as far as anybody can know. */
    boolean hasCallWithin(TraceNode run) {
        return hasWithin(run, TraceNode.HAS_CALL, callsAtUnknown);
    }

    private boolean hasWithin(TraceNode run, int flag, int atUnknown) {
        if (run.has(flag) || atUnknown > 1) {
            return true;
        }
        TraceNode outermost = run;
        for (int depth = 0; atUnknown == 1 && depth < DEEPEST && outermost.parent != 0; depth++) {
            outermost = node(outermost.parent);
        }
        boolean isAround = outermost.what == null && outermost.has(flag); // then it is not within
        return atUnknown == 1 && !isAround;
    }

    /** The one agent that spans of this trace name, or empty if none does, or several do. */
    String onlyAgent() {
        return severalAgents ? "" : agent;
    }

    private TraceNode node(long id) {
        return nodes.computeIfAbsent(id, TraceNode::new);
    }
}
