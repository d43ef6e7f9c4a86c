package dev.interlock.server.permits;

import dev.interlock.Permit;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Trials whose callers are elsewhere, by the permit's number: a trial's place comes back through its own object. Safe
 * for use by any thread.
 *
 * <p>Few calls are trials. The limit is against a flood: the oldest then go, their leases give the places back, and
 * their outcomes count by age.
 */
final class TrialsOut {
    private record Trial(Permit permit, long issuedTicks) {}

    private final ConcurrentSkipListMap<Long, Trial> trials = new ConcurrentSkipListMap<>();
    private final AtomicInteger size = new AtomicInteger();
    private final int limit;
    private final long lifetime;

    /**
     * Nobody is out.
     *
     * @param limit the most trials to keep
     * @param lifetime nanoseconds after which a permit cannot be settled any more
     */
    TrialsOut(int limit, long lifetime) {
        this.limit = limit;
        this.lifetime = lifetime;
    }

    void add(long number, Permit permit, long now) {
        trials.put(number, new Trial(permit, now));
        size.incrementAndGet();
        Map.Entry<Long, Trial> oldest = trials.firstEntry();
        while (oldest != null && (now - oldest.getValue().issuedTicks() > lifetime || size.get() > limit)) {
            take(oldest.getKey());
            oldest = trials.firstEntry();
        }
    }

    /** The trial of this number, which is then no longer out; null if it is not here. */
    @Nullable
    Permit take(long number) {
        Trial trial = trials.remove(number);
        if (trial == null) {
            return null;
        }
        size.decrementAndGet();
        return trial.permit();
    }

    int size() {
        return size.get();
    }
}
