package dev.interlock.server.traces;

import dev.interlock.monitor.Shares;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The traces of one key, that last heard of last, within its organization's share of the memory for all; what another key
 * sends is no business of theirs. Who uses it holds its monitor.
 */
final class KeyTraces {
    static final Duration REMEMBERED = Duration.ofMinutes(10);
    static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Names that the spans of one key bring into being, in a day. */
    static final int MOST_NAMES = 1_000;

    /** What a key named, and failures of it that do not count yet, are forgotten after this long without a span. */
    private static final Duration IDLE = Duration.ofDays(1);

    /** What one key may take of its organization's share. */
    static final int MOST_BYTES = 8 << 20;

    private static final int TRACE_BYTES = 400;
    private static final int NAME_BYTES = 120;

    private final String organization;
    private final Shares memory;
    private final Map<TraceId, Trace> traces = new LinkedHashMap<>(16, 0.75f, true);

    /** In the order in which they began to wait. */
    private final Set<WaitingCall> waiting = new LinkedHashSet<>();

    private final Set<String> names = new HashSet<>();
    private final ThinnedCalls thinned = new ThinnedCalls();
    private long bytes;
    private long used;
    private boolean namesSwept;

    KeyTraces(String organization, Shares memory) {
        this.organization = organization;
        this.memory = memory;
    }

    /** Failures of spans whose source leaves others out. */
    ThinnedCalls thinned() {
        return thinned;
    }

    /** The trace of an id, begun if there is none; with nothing remembered if there is no room. */
    Trace trace(TraceId id, long now, List<WaitingCall> evicted) {
        used = now;
        Trace trace = traces.get(id);
        if (trace == null) {
            trace = new Trace();
            trace.isRemembered = true;
            trace.isRemembered = grant(trace, TRACE_BYTES, evicted);
            if (trace.isRemembered) {
                traces.put(id, trace);
            }
        }
        trace.seen = now;
        return trace;
    }

    /** Room for more of a trace, for which the traces that were heard of longest ago make way. */
    boolean grant(Trace trace, int more, List<WaitingCall> evicted) {
        if (!trace.isRemembered) {
            return false;
        }
        while (bytes + more > MOST_BYTES || !memory.take(organization, more)) {
            Iterator<Trace> eldest = traces.values().iterator();
            Trace first = eldest.hasNext() ? eldest.next() : trace;
            if (first == trace) {
                return false;
            }
            eldest.remove();
            forget(first, evicted);
        }
        bytes += more;
        trace.bytes += more;
        return true;
    }

    /** A call waits to hear whose it is; false if there is no room for that. */
    boolean await(WaitingCall call, List<WaitingCall> evicted) {
        if (!grant(call.trace, WaitingCall.BYTES, evicted)) {
            return false;
        }
        call.trace.waiting().add(call);
        waiting.add(call);
        return true;
    }

    /** A call waits no longer; it is in the list of its trace no more. */
    void awaited(WaitingCall call) {
        waiting.remove(call);
        release(call.trace, WaitingCall.BYTES);
    }

    /** What has waited long enough, or whose trace is too old to be remembered. */
    List<WaitingCall> due(long now) {
        List<WaitingCall> due = new ArrayList<>();
        Iterator<WaitingCall> first = waiting.iterator();
        while (first.hasNext()) {
            WaitingCall call = first.next();
            if (call.until > now) {
                break;
            }
            first.remove();
            call.trace.waiting().remove(call);
            release(call.trace, WaitingCall.BYTES);
            due.add(call);
        }
        Iterator<Trace> eldest = traces.values().iterator();
        while (eldest.hasNext()) {
            Trace trace = eldest.next();
            if (now - trace.seen < REMEMBERED.toNanos()) {
                break;
            }
            eldest.remove();
            forget(trace, due);
        }
        namesSwept = false;
        return due;
    }

    /** All that waits. */
    List<WaitingCall> all() {
        List<WaitingCall> all = new ArrayList<>();
        traces.values().forEach(trace -> forget(trace, all));
        traces.clear();
        waiting.clear();
        return all;
    }

    /**
     * Whether spans of this key may bring a name into being.
     *
     * @param exists of a name that came before, whether there is a circuit of it still
     */
    boolean mayName(String name, Predicate<String> exists) {
        if (names.contains(name)) {
            return true;
        }
        if (names.size() >= MOST_NAMES && !namesSwept) {
            namesSwept = true;
            int before = names.size();
            names.removeIf(each -> !exists.test(each));
            give((before - names.size()) * (long) NAME_BYTES);
        }
        if (names.size() >= MOST_NAMES || !memory.take(organization, NAME_BYTES)) {
            return false;
        }
        bytes += NAME_BYTES;
        return names.add(name);
    }

    /** Whether nothing is worth remembering. */
    boolean isIdle(long now) {
        if (traces.isEmpty() && now - used > IDLE.toNanos()) {
            give(names.size() * (long) NAME_BYTES);
            names.clear();
            thinned.clear();
        }
        return traces.isEmpty() && names.isEmpty() && thinned.isEmpty();
    }

    /** What is taken of the memory for all. */
    long bytes() {
        return bytes;
    }

    /** How many calls wait. */
    int waitingCalls() {
        return waiting.size();
    }

    private void forget(Trace trace, List<WaitingCall> calls) {
        calls.addAll(trace.waiting());
        trace.waiting().forEach(waiting::remove);
        trace.waiting().clear();
        trace.isRemembered = false;
        release(trace, trace.bytes);
    }

    private void release(Trace trace, int some) {
        trace.bytes -= some;
        give(some);
    }

    private void give(long some) {
        bytes -= some;
        memory.give(organization, some);
    }
}
