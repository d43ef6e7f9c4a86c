package dev.interlock.server.permits;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which permits have been settled: one bit each, for as long as a copy of the permit could still come. Safe for use by
 * any thread.
 *
 * <p>Permits are numbered in each server's life, so the bits lie close together, in segments; a segment all of whose
 * permits are settled drops its bits. Permits that are out cost nothing here. What grows is bounded: past the limit
 * the organization that has most segments loses those that were not touched for longest, and every permit of it that is
 * as old as those is refused; permits of others are not touched.
 */
final class SettledPermits {
    private static final int SHIFT = 15;
    static final int PERMITS_PER_SEGMENT = 1 << SHIFT;
    private static final int MASK = PERMITS_PER_SEGMENT - 1;
    private static final int FORGOTTEN_SHARE = 16;

    /** What became of a try to settle. */
    enum Answer {
        FIRST,
        REPEATED,
        FORGOTTEN
    }

    private record Key(long generation, long segment) {}

    private record Floor(String organization, long generation) {}

    private final ConcurrentMap<Key, Segment> segments = new ConcurrentHashMap<>();

    /** The permit below which all of an organization are refused; only those that hit the limit are here. */
    private final Map<Floor, Long> floors = new ConcurrentHashMap<>();

    private final int maxSegments;
    private final long lifetime;

    /**
     * An empty memory.
     *
     * @param maxSegments how many runs of {@link #PERMITS_PER_SEGMENT} permits to remember, 4 KiB each while one of them
     *     is out
     * @param lifetime nanoseconds for which a permit can be settled
     */
    SettledPermits(int maxSegments, long lifetime) {
        this.maxSegments = maxSegments;
        this.lifetime = lifetime;
    }

    /** Notes that a permit is settled, unless it is so already. */
    Answer settle(String organization, long generation, long number, long now) {
        Key key = new Key(generation, number >>> SHIFT);
        while (true) {
            if (isForgotten(organization, generation, number)) {
                return Answer.FORGOTTEN;
            }
            Segment segment = segments.get(key);
            if (segment == null) {
                segment = add(organization, key, now);
            }
            // Again, now that a segment is at hand: one that is made after its predecessor was forgotten is made after
            // the floor has risen, so that a thread that finds it here finds the floor as well.
            if (isForgotten(organization, generation, number)) {
                segment.close();
                segments.remove(key, segment);
                return Answer.FORGOTTEN;
            }
            Boolean first = segment.settle((int) number & MASK, now);
            if (first != null) {
                return first ? Answer.FIRST : Answer.REPEATED;
            }
            segments.remove(key, segment); // closed by another thread a moment ago
        }
    }

    /** Whether a permit is settled, or can be settled no more. */
    boolean isSettled(String organization, long generation, long number) {
        Segment segment = segments.get(new Key(generation, number >>> SHIFT));
        return isForgotten(organization, generation, number)
                || segment != null && segment.isSettled((int) number & MASK);
    }

    private boolean isForgotten(String organization, long generation, long number) {
        return !floors.isEmpty() && number < floors.getOrDefault(new Floor(organization, generation), 0L);
    }

    int segments() {
        return segments.size();
    }

    private Segment add(String organization, Key key, long now) {
        segments.forEach((old, segment) -> {
            if (segment.closeIfUntouchedSince(now - lifetime)) {
                segments.remove(old, segment);
            }
        });
        if (segments.size() >= maxSegments) {
            forgetOldest();
        }
        return segments.computeIfAbsent(key, fresh -> new Segment(organization, now));
    }

    /** The floor rises first, so that a thread that finds a segment closed finds its permits refused. */
    private synchronized void forgetOldest() {
        Map<String, List<Map.Entry<Key, Segment>>> byOrganization =
                segments.entrySet().stream().collect(Collectors.groupingBy(entry -> entry.getValue().organization));
        if (segments.size() < maxSegments) {
            return;
        }
        List<Map.Entry<Key, Segment>> all =
                new ArrayList<>(Collections.max(byOrganization.values(), Comparator.comparingInt(List::size)));
        all.sort(Comparator.comparingLong(entry -> entry.getValue().touched()));
        for (Map.Entry<Key, Segment> each :
                all.subList(0, Math.max(1, Math.min(all.size(), maxSegments) / FORGOTTEN_SHARE))) {
            Key key = each.getKey();
            floors.merge(
                    new Floor(each.getValue().organization, key.generation()), (key.segment() + 1) << SHIFT, Math::max);
            each.getValue().close();
            segments.remove(key, each.getValue());
        }
    }

    /** The bits of consecutive permits. */
    private static final class Segment {
        private long @Nullable [] words = new long[PERMITS_PER_SEGMENT / Long.SIZE];
        private final String organization;
        private int settled;
        private boolean closed;
        private long touched;

        Segment(String organization, long now) {
            this.organization = organization;
            touched = now;
        }

        /** True for the first settlement of a permit, false for others, null if this segment is no longer in use. */
        synchronized @Nullable Boolean settle(int permit, long now) {
            if (closed) {
                return null;
            }
            long[] bits = words;
            if (bits == null) {
                return false;
            }
            int word = permit / Long.SIZE;
            long bit = 1L << permit;
            if ((bits[word] & bit) != 0) {
                return false;
            }
            bits[word] |= bit;
            touched = Math.max(touched, now);
            if (++settled == PERMITS_PER_SEGMENT) {
                words = null;
            }
            return true;
        }

        synchronized boolean isSettled(int permit) {
            long[] bits = words;
            return bits == null || (bits[permit / Long.SIZE] & 1L << permit) != 0;
        }

        /** All permits that are settled here were given before the last settlement. */
        synchronized boolean closeIfUntouchedSince(long ticks) {
            if (touched < ticks) {
                closed = true;
            }
            return closed;
        }

        synchronized void close() {
            closed = true;
        }

        synchronized long touched() {
            return touched;
        }
    }
}
