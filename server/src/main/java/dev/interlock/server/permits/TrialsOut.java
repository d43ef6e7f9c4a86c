package dev.interlock.server.permits;

import dev.interlock.Permit;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Trials whose callers are elsewhere, by the permit's number: a trial's place comes back through its own object. Safe
 * for use by any thread.
 *
 * <p>Few calls are trials. The limit is against a flood: the oldest of the organization that has most then go, their leases give the places back, and
 * their outcomes count by age.
 */
final class TrialsOut {
    /**
     * One of them.
     *
     * @param organization whose it is
     * @param permit settles it
     * @param issuedTicks when it was given
     */
    record Trial(String organization, Permit permit, long issuedTicks) {}

    private final ConcurrentSkipListMap<Long, Trial> trials = new ConcurrentSkipListMap<>();
    private final Map<String, Integer> of = new ConcurrentHashMap<>();
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

    void add(String organization, long number, Permit permit, long now) {
        trials.put(number, new Trial(organization, permit, now));
        of.merge(organization, 1, Integer::sum);
        size.incrementAndGet();
        Map.Entry<Long, Trial> oldest = trials.firstEntry();
        while (oldest != null && now - oldest.getValue().issuedTicks() > lifetime) {
            take(oldest.getKey());
            oldest = trials.firstEntry();
        }
        while (size.get() > limit && loseOne()) {}
    }

    /** The trial of this number, which is then no longer out; null if it is not here. */
    @Nullable
    Permit take(long number) {
        Trial trial = trials.remove(number);
        if (trial == null) {
            return null;
        }
        size.decrementAndGet();
        of.computeIfPresent(trial.organization(), (name, count) -> count > 1 ? count - 1 : null);
        return trial.permit();
    }

    /** The trial of this number, which stays out; null if it is not here. */
    @Nullable
    Trial find(long number) {
        return trials.get(number);
    }

    /** The oldest of the organization that has most; false if there is none. */
    private boolean loseOne() {
        String largest = of.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElse("");
        for (Map.Entry<Long, Trial> each : trials.entrySet()) {
            if (each.getValue().organization().equals(largest)) {
                return take(each.getKey()) != null;
            }
        }
        return false;
    }

    int size() {
        return size.get();
    }
}
