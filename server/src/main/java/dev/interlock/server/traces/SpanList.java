package dev.interlock.server.traces;

import dev.interlock.monitor.spans.CallSpan;
import dev.interlock.monitor.spans.CallSpanBuilder;
import dev.interlock.server.text.Texts;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The spans of one body, and how many of it were refused. For one thread at a time. */
final class SpanList {
    /** Exporters send 512 at a time, collectors 8,192. */
    static final int MOST = 20_000;

    private final CallSpanBuilder call = CallSpan.builder();
    private final List<TraceSpan> spans = new ArrayList<>();
    private int refused;
    private @Nullable String problem;

    /** To be filled with what the next span says of a call. */
    CallSpanBuilder call() {
        return call.clear();
    }

    /** The next span is read. */
    void add(byte[] trace, byte[] id, byte[] parent, String traceState, long start, long end, Sender sender) {
        if (trace.length != 16 || isZero(trace)) {
            refuse("trace_id must have 16 bytes that are not all 0");
        } else if (id.length != 8 || isZero(id)) {
            refuse("span_id must have 8 bytes that are not all 0");
        } else if (parent.length != 0 && parent.length != 8) {
            refuse("parent_span_id must have 8 bytes, or none");
        } else if (spans.size() >= MOST) {
            refuse("A request may have at most " + MOST + " spans");
        } else {
            CallSpan read = call.build();
            spans.add(new TraceSpan(
                    new TraceId(number(trace, 0), number(trace, 8)),
                    number(id, 0),
                    parent.length == 0 ? 0 : number(parent, 0),
                    start,
                    end,
                    sender,
                    read,
                    read.thinned() || isThinned(traceState)));
        }
    }

    /** A span is not taken in; of several reasons the first is answered. */
    void refuse(@Nullable String why) {
        refused++;
        if (problem == null) {
            problem = Texts.sentence(String.valueOf(why));
        }
    }

    List<TraceSpan> spans() {
        return spans;
    }

    int refused() {
        return refused;
    }

    /** Why the first one was refused, or null if none was. */
    @Nullable
    String problem() {
        return problem;
    }

    /** Whether a trace's state, as its header has it, bears a sampling threshold that leaves spans out. */
    static boolean isThinned(String traceState) {
        for (String member : traceState.isEmpty() ? new String[0] : traceState.split(",", 33)) {
            String each = member.strip();
            if (each.startsWith("ot=")) {
                for (String part : each.substring("ot=".length()).split(";", 33)) {
                    if (part.startsWith("th:")
                            && !part.substring("th:".length()).matches("0*")) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private static boolean isZero(byte[] bytes) {
        for (byte each : bytes) {
            if (each != 0) {
                return false;
            }
        }
        return true;
    }

    private static long number(byte[] bytes, int from) {
        long number = 0;
        for (int i = from; i < from + 8; i++) {
            number = number << 8 | bytes[i] & 0xFF;
        }
        return number;
    }
}
