package dev.interlock.monitor.loops;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The last calls of one execution. For one thread at a time. */
final class CallHistory {
    /** A call: what was called, what came of it, and when. */
    private record Past(
            String call, String end, boolean failed, boolean isBlind, int turn, Instant began, Instant ended) {
        boolean isSame(Past other) {
            return call.equals(other.call) && end.equals(other.end);
        }
    }

    /** How many turns are remembered. */
    private static final int TURNS = 16;

    private static final String FAILED = "failed";
    private static final String UNKNOWN = "unknown";

    private final LoopSettings settings;
    private final List<Past> last = new ArrayList<>();

    /** Turns that requests to models said, the oldest first. */
    private final Deque<String> turns = new ArrayDeque<>();

    private boolean hasTurns;

    /** Whether somebody reports calls as they are made; what requests to models say of them is then the same again. */
    private boolean isReported;

    private boolean isModelReported;
    private int turn;
    private Instant touched = Instant.MIN;

    CallHistory(LoopSettings settings) {
        this.settings = settings;
    }

    Instant touched() {
        return touched;
    }

    /** A model was asked: what is called next is another turn. */
    void modelCalled(Instant now) {
        touched = now;
        isModelReported = true;
        hasTurns = true;
        turn++;
    }

    /** A request to a model said what a turn called; false if that is known already. */
    boolean turned(String id, Instant now) {
        touched = now;
        if (isReported || turns.contains(id)) {
            return false;
        }
        turns.addLast(id);
        if (turns.size() > TURNS) {
            turns.removeFirst();
        }
        hasTurns = true;
        turn++;
        return true;
    }

    /** Calls are reported as they are made. */
    void reported() {
        if (!isReported && !turns.isEmpty()) {
            last.clear(); // what requests said until now comes a second time
            hasTurns = isModelReported;
        }
        isReported = true;
    }

    /** Takes a call in; returns how many were the same, or 0 if that is no loop. */
    int called(LoopCall call, Instant now) {
        touched = now;
        if (call.arguments() == null) {
            return 0; // by its name alone nobody knows whether it is the same
        }
        boolean isBlind = !call.failed() && call.result() == null;
        Past next = new Past(
                hash(call.tool() + '\n' + canonical(call.arguments())),
                (call.failed() ? FAILED : "") + (call.result() == null ? UNKNOWN : hash(canonical(call.result()))),
                call.failed(),
                isBlind,
                turn,
                call.began(),
                call.ended());
        for (Past each : last) {
            if (each.isSame(next) && isOfOneTurn(each, next)) {
                return 0;
            }
        }
        last.add(next);
        while (last.size() > Math.max(settings.within(), LoopSettings.BLIND)) {
            last.remove(0);
        }
        return isBlind ? blind() : repeats(next);
    }

    /** A model may ask for one thing several times at once; that is one step. */
    private boolean isOfOneTurn(Past one, Past other) {
        return hasTurns ? one.turn == other.turn : one.began.isBefore(other.ended) && other.began.isBefore(one.ended);
    }

    private int repeats(Past next) {
        int same = 0;
        int from = Math.max(0, last.size() - settings.within());
        for (Past each : last.subList(from, last.size())) {
            same += each.isSame(next) ? 1 : 0;
        }
        same = Math.max(same, failuresInARow(next));
        return same >= settings.repeats() ? same : 0;
    }

    /** In a row they are the same whatever they say: an error often bears a time or a number. */
    private int failuresInARow(Past next) {
        int same = 0;
        for (int i = last.size() - 1; i >= 0; i--) {
            Past each = last.get(i);
            if (!each.failed || !each.call.equals(next.call)) {
                break;
            }
            same++;
        }
        return next.failed ? same : 0;
    }

    /** The last six are the same, or two of them take turns. */
    private int blind() {
        int size = last.size();
        if (size < LoopSettings.BLIND) {
            return 0;
        }
        for (int i = size - LoopSettings.BLIND; i < size; i++) {
            if (!last.get(i).isBlind || i + 2 < size && !last.get(i).isSame(last.get(i + 2))) {
                return 0;
            }
        }
        return last.get(size - 1).isSame(last.get(size - 2)) ? LoopSettings.BLIND : LoopSettings.BLIND / 2;
    }

    private String canonical(@Nullable String text) {
        return text == null ? "" : CanonicalJson.of(text, settings.ignored());
    }

    /** Nothing of what was called is kept. */
    private static String hash(String text) {
        return Digests.of(text);
    }
}
