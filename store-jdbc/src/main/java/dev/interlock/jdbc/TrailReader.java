package dev.interlock.jdbc;

import dev.interlock.jdbc.Transitions.Line;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads the audit trail for somebody who follows it: each line once, and all of them.
 *
 * <p>A line gets its number when it is written, and appears when its transaction ends. So one may appear below numbers that
 * were read already: where numbers are missing, the reader looks again for {@link #LATEST}, and once more after that. A
 * transaction that has nothing to do for half as long is ended by PostgreSQL. Who stores {@link #progress} with what it made
 * of the lines, and begins there again, misses none and may be given some twice. For one thread.
 */
public final class TrailReader {
    /** For how long a line may appear below numbers that were read. */
    public static final Duration LATEST = PostgresDialect.LONGEST_IDLE.multipliedBy(2);

    /** Beyond this number the lowest are given up, as with a trail from which much was deleted. */
    private static final int MOST_HOLES = 1_000;

    private final Transitions trail;
    private final int atOnce;
    private final LongSupplier nanos;

    /** Missing numbers, by the first of each run of them. */
    private final TreeMap<Long, Hole> holes = new TreeMap<>();

    private long read;
    private boolean hasMore;

    /**
     * Numbers that are missing.
     *
     * @param last of them
     * @param until from which tick one look more is the last
     */
    private record Hole(long last, long until) {}

    TrailReader(Transitions trail, int atOnce, LongSupplier nanos) {
        this.trail = trail;
        this.atOnce = atOnce;
        this.nanos = nanos;
    }

    /**
     * Begins somewhere, with nothing known of what is before.
     *
     * @param progress the number of the line before the first one that is to be read
     */
    public void begin(long progress) {
        holes.clear();
        read = progress;
        hasMore = false;
    }

    /**
     * The next lines; late ones before, once all others were read.
     *
     * @return them, each kind in the order of their numbers
     * @throws dev.interlock.store.StoreUnavailableException if the database cannot be reached; {@link #begin} before the
     *     next time then
     */
    public List<Line> next() {
        List<Line> lines = hasMore ? new ArrayList<>() : late();
        List<Line> fresh = trail.after(read, atOnce);
        long until = nanos.getAsLong() + LATEST.toNanos();
        for (Line line : fresh) {
            note(read + 1, line.id() - 1, until);
            read = line.id();
        }
        hasMore = fresh.size() == atOnce;
        lines.addAll(fresh);
        return lines;
    }

    /** {@return whether there were more lines than the last call gave} */
    public boolean hasMore() {
        return hasMore;
    }

    /** {@return the line that comes next, which is not read by this} */
    public Optional<Line> peek() {
        return trail.after(read, 1).stream().findFirst();
    }

    /** {@return the number up to which no line is missing} */
    public long progress() {
        return holes.isEmpty() ? read : holes.firstKey() - 1;
    }

    private void note(long first, long last, long until) {
        if (first <= last) {
            holes.put(first, new Hole(last, until));
            if (holes.size() > MOST_HOLES) {
                holes.pollFirstEntry();
            }
        }
    }

    /** Looks into all holes, and closes those that are old enough. */
    private List<Line> late() {
        long before = nanos.getAsLong();
        List<Line> found = new ArrayList<>();
        Long first = missingFrom(0);
        while (first != null) {
            long last = lastOfPage(first);
            List<Line> page = trail.after(first - 1, (int) (last - first + 1));
            page.stream().filter(line -> fill(line.id())).forEach(found::add);
            first = missingFrom(last + 1);
        }
        holes.values().removeIf(hole -> before - hole.until() >= 0);
        return found;
    }

    /** The first missing number that is not below one. */
    private @Nullable Long missingFrom(long number) {
        Map.Entry<Long, Hole> around = holes.floorEntry(number);
        return around != null && around.getValue().last() >= number ? (Long) number : holes.higherKey(number);
    }

    /** The last missing number that one page reads with the first of it. */
    private long lastOfPage(long first) {
        long end = first + atOnce - 1;
        return Math.min(end, holes.floorEntry(end).getValue().last());
    }

    /** Whether a number was missing; from now on it is not. */
    private boolean fill(long number) {
        Map.Entry<Long, Hole> around = holes.floorEntry(number);
        if (around == null || around.getValue().last() < number) {
            return false;
        }
        Hole hole = around.getValue();
        holes.remove(around.getKey());
        note(around.getKey(), number - 1, hole.until());
        note(number + 1, hole.last(), hole.until());
        return true;
    }
}
