package dev.interlock.monitor;

import dev.interlock.CircuitId;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the calls of one agent came to lately, a minute and an hour, until a store has it and nothing more can come. Safe
 * for use by any thread; locks itself alone.
 */
final class AgentSeries {
    /** A call that ended more than this many minutes ago comes too late. */
    static final int LATEST = 10;

    private static final class Part {
        private final int length;
        private final long start;
        private final @Nullable CallFigures[] figures;
        private boolean changed;

        Part(int length, long start) {
            this.length = length;
            this.start = start;
            this.figures = new CallFigures[length == SeriesRow.HOUR ? 1 : length];
        }

        CallFigures at(long minute) {
            int slot = figures.length == 1 ? 0 : (int) (minute - start);
            CallFigures present = figures[slot];
            if (present == null) {
                present = new CallFigures();
                figures[slot] = present;
            }
            changed = true;
            return present;
        }

        boolean isOver(long now) {
            return start + length <= now;
        }
    }

    private final CircuitId agent;
    private final CallSeries clock;

    /** A few: the present and the last ones, of both lengths. */
    private final List<Part> parts = new ArrayList<>(4);

    private boolean judged;

    AgentSeries(CircuitId agent, CallSeries clock) {
        this.agent = agent;
        this.clock = clock;
    }

    /** Counts calls that ended alike, at a tick. */
    synchronized void add(long ended, boolean failed, int bucket, int count, long now) {
        long present = clock.minute(now);
        long minute = Math.min(clock.minute(ended), present);
        if (present - minute <= LATEST) {
            part(SeriesRow.MINUTES, minute).at(minute).add(failed, bucket, count);
            part(SeriesRow.HOUR, minute).at(minute).add(failed, bucket, count);
        }
    }

    synchronized void refuse(long minute, int count) {
        part(SeriesRow.MINUTES, minute).at(minute).refuse(count);
        part(SeriesRow.HOUR, minute).at(minute).refuse(count);
    }

    /**
     * Takes what a store should have, and forgets what it has and nothing more can come to.
     *
     * @param unfinished also of minutes that are not over
     */
    synchronized void take(long minute, boolean unfinished, List<SeriesRow> rows) {
        boolean due = unfinished;
        for (Part part : parts) {
            due |= part.changed && part.isOver(minute);
        }
        for (Iterator<Part> all = parts.iterator(); due && all.hasNext(); ) {
            Part part = all.next();
            // An hour is brought along whenever minutes are, so that little of it is lost with the process.
            if (part.changed && (unfinished || part.length == SeriesRow.HOUR || part.isOver(minute))) {
                rows.add(SeriesRow.of(agent, part.length, part.start, part.figures));
                part.changed = false;
            }
        }
        parts.removeIf(part -> !part.changed && part.isOver(minute - LATEST));
    }

    /** All that is remembered. */
    synchronized List<SeriesRow> rows() {
        return parts.stream()
                .map(part -> SeriesRow.of(agent, part.length, part.start, part.figures))
                .toList();
    }

    /** Whether its agent is being judged: then somebody holds on to this object. */
    synchronized void judged(boolean is) {
        judged = is;
    }

    synchronized boolean isOfNoUse() {
        return !judged && parts.isEmpty();
    }

    private Part part(int length, long minute) {
        long start = Math.floorDiv(minute, length) * length;
        for (Part part : parts) {
            if (part.length == length && part.start == start) {
                return part;
            }
        }
        parts.removeIf(part -> part.isOver(minute - 2 * SeriesRow.HOUR)); // where no store takes anything
        Part fresh = new Part(length, start);
        parts.add(fresh);
        return fresh;
    }
}
