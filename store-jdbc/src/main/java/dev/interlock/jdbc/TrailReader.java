package dev.interlock.jdbc;

import dev.interlock.jdbc.Transitions.Line;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Reads the audit trail for somebody who follows it: each line once, and all of them.
 *
 * <p>A line gets its number when it is written, and appears when its transaction ends. So one may appear below numbers that
 * were read already: where numbers are missing, the reader looks again for {@link #LATEST}, which is longer than any
 * transaction lasts. Who stores {@link #progress} with what it made of the lines, and begins there again, misses none and
 * may be given some twice. For one thread.
 */
public final class TrailReader {
    /** For how long a line may appear below numbers that were read. */
    public static final Duration LATEST = Duration.ofMinutes(1);

    /** Beyond so many the lowest are given up, as of a trail from which much was deleted. */
    private static final int MOST_HOLES = 10_000;

    private final Transitions trail;
    private final int atOnce;

    /** Missing numbers, by the first of each run of them. */
    private final TreeMap<Long, Hole> holes = new TreeMap<>();

    private long read;
    private boolean hasMore;

    private record Hole(long last, Instant until) {}

    TrailReader(Transitions trail, int atOnce) {
        this.trail = trail;
        this.atOnce = atOnce;
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
     * The next lines.
     *
     * @param now the wall clock's time
     * @return late ones first, each kind in the order of their numbers
     * @throws dev.interlock.store.StoreUnavailableException if the database cannot be reached; {@link #begin} before the
     *     next time then
     */
    public List<Line> next(Instant now) {
        List<Line> lines = late(now);
        List<Line> fresh = trail.after(read, atOnce);
        for (Line line : fresh) {
            note(read + 1, line.id() - 1, now.plus(LATEST));
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

    private void note(long first, long last, Instant until) {
        if (first <= last) {
            holes.put(first, new Hole(last, until));
            if (holes.size() > MOST_HOLES) {
                holes.pollFirstEntry();
            }
        }
    }

    private List<Line> late(Instant now) {
        holes.values().removeIf(hole -> !now.isBefore(hole.until()));
        List<Line> found = new ArrayList<>();
        if (holes.isEmpty()) {
            return found;
        }
        long end = holes.lastEntry().getValue().last();
        long from = holes.firstKey() - 1;
        while (from < end) {
            List<Line> page = trail.after(from, atOnce);
            for (Line line : page) {
                if (fill(line.id())) {
                    found.add(line);
                }
            }
            from = page.size() < atOnce ? end : page.get(page.size() - 1).id();
        }
        return found;
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
