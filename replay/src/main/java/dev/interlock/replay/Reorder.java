package dev.interlock.replay;

import java.util.ArrayDeque;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Puts calls in the order of their beginnings. A call may come this long after a later one, a minute unless said
 * otherwise; a call that comes later than that is refused.
 *
 * <p>Calls that come in order go through a plain queue; only stragglers pay for a sorted one. Memory is bounded: of more
 * than {@link #MOST} calls within that time the first goes out early, and a call that should have come before it is
 * refused as well.
 */
final class Reorder {
    static final long SPAN = 60_000_000_000L;
    static final int MOST = 500_000;

    private final long span;
    private final int most;
    private final ArrayDeque<Call> inOrder = new ArrayDeque<>();
    private final PriorityQueue<Call> stragglers = new PriorityQueue<>(Call::compareBegin);
    private @Nullable Call latest;
    private long released = Long.MIN_VALUE;

    Reorder() {
        this(SPAN);
    }

    Reorder(long span) {
        this(span, MOST);
    }

    Reorder(long span, int most) {
        this.span = span;
        this.most = most;
    }

    void add(Call call) throws BadRowException {
        Call last = latest;
        if (last == null || call.time() >= last.time()) {
            latest = call;
            inOrder.add(call);
            return;
        }
        if (call.time() < last.time() - span) {
            throw new BadRowException("the call began " + seconds(last.time() - call.time()) + " before that of line "
                    + last.line() + ": must be at most " + seconds(span) + " before the latest one");
        }
        if (call.time() < released) {
            throw new BadRowException("the call began " + seconds(last.time() - call.time()) + " before that of line "
                    + last.line() + ": must not be " + most + " rows late");
        }
        stragglers.add(call);
    }

    /** The next call that no other can overtake any more, or null if one must wait for further rows. */
    @Nullable
    Call poll() {
        Call first = first();
        Call last = latest;
        if (first == null || last == null) {
            return null;
        }
        boolean settled = first.time() < last.time() - span || inOrder.size() + stragglers.size() > most;
        return settled ? take(first) : null;
    }

    /** The next call, for when there are no further rows. */
    @Nullable
    Call drain() {
        Call first = first();
        return first == null ? null : take(first);
    }

    private @Nullable Call first() {
        Call straggler = stragglers.peek();
        Call ordered = inOrder.peek();
        if (straggler == null || ordered == null) {
            return straggler == null ? ordered : straggler;
        }
        return straggler.compareBegin(ordered) < 0 ? straggler : ordered;
    }

    @SuppressWarnings("ReferenceEquality") // that very call, not one like it
    private Call take(Call first) {
        Call straggler = stragglers.peek();
        if (straggler == first) {
            stragglers.remove();
        } else {
            inOrder.remove();
        }
        released = first.time();
        return first;
    }

    private static String seconds(long nanos) {
        return nanos / 1_000_000_000 + " s";
    }
}
