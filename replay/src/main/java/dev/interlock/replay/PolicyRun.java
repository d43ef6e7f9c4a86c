package dev.interlock.replay;

import java.util.Collection;
import java.util.PriorityQueue;

/**
 * One policy's life through the log: its circuits, and its calls that have not ended.
 *
 * <p>Calls come in the order of their beginnings. What ends up to then is settled before: at one instant ends come
 * before begins, and each in the order of the file.
 */
final class PolicyRun implements AutoCloseable {

    /** An admitted call that has not ended. */
    private record Pending(Call call, long end, Circuits.Pass pass) implements Comparable<Pending> {
        @Override
        public int compareTo(Pending other) {
            int byEnd = Long.compare(end, other.end);
            return byEnd != 0 ? byEnd : Long.compare(call.line(), other.call.line());
        }
    }

    private final String name;
    private final Circuits circuits;
    private final Incidents incidents;
    private final long slowCall;
    private final PriorityQueue<Pending> pending = new PriorityQueue<>();
    private final Tally tally = new Tally();
    private final Tally inside = new Tally();

    /**
     * A run whose first call is still to come.
     *
     * @param name of the policy
     * @param circuits which answer
     * @param incidents whose calls are counted apart
     * @param slowCall from how many nanoseconds on good calls are counted as slow
     */
    PolicyRun(String name, Circuits circuits, Incidents incidents, long slowCall) {
        this.name = name;
        this.circuits = circuits;
        this.incidents = incidents;
        this.slowCall = slowCall;
    }

    /** A call begins: not before the one that began last. */
    void begin(Call call) {
        settleUntil(call.time());
        circuits.advance(call.time());
        boolean isSlow = call.ok() && call.duration() >= slowCall;
        boolean isInside = incidents.cover(call.time());
        called(tally, call, isSlow);
        if (isInside) {
            called(inside, call, isSlow);
        }
        Circuits.Pass pass = circuits.ask(call);
        if (pass != null) {
            pending.add(new Pending(call, call.end(), pass));
            return;
        }
        rejected(tally, call, isSlow);
        if (isInside) {
            rejected(inside, call, isSlow);
        }
    }

    /** There are no more calls: those that are out end in their time. */
    void finish() {
        settleUntil(Long.MAX_VALUE);
    }

    String name() {
        return name;
    }

    Tally tally() {
        return tally;
    }

    /** Of the calls that began within an incident. */
    Tally inside() {
        return inside;
    }

    long probes() {
        return circuits.probes();
    }

    Collection<? extends Circuit> circuits() {
        return circuits.all();
    }

    @Override
    public void close() {
        circuits.close();
    }

    private static void called(Tally where, Call call, boolean isSlow) {
        where.called(call);
        where.slow += isSlow ? 1 : 0;
    }

    private static void rejected(Tally where, Call call, boolean isSlow) {
        where.rejected(call);
        where.slowAvoided += isSlow ? 1 : 0;
    }

    private void settleUntil(long time) {
        for (Pending next = pending.peek(); next != null && next.end <= time; next = pending.peek()) {
            pending.remove();
            circuits.advance(next.end);
            next.pass.settle(next.call);
        }
    }
}
