package dev.interlock.server.sync;

import dev.interlock.CircuitId;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A circuit that clients watch: who they are, and when it changed last, by the organization's count. A change costs what
 * its watchers are. Safe for use by any thread.
 */
final class Watched {
    private static final Watcher[] NOBODY = {};

    private final CircuitId id;
    private @Nullable Watcher[] watchers = NOBODY;
    private int count;
    private long epoch;
    private volatile long changed;
    private volatile long policyChanged;

    Watched(CircuitId id) {
        this.id = id;
    }

    CircuitId id() {
        return id;
    }

    /** When it changed last; 0 if nobody has seen it change. */
    long changed() {
        return changed;
    }

    /** When it began to follow another policy, or its policy changed. */
    long policyChanged() {
        return policyChanged;
    }

    /** Whether an epoch is newer than what was heard of the circuit; it is known from now on. */
    synchronized boolean enters(long newer) {
        if (newer <= epoch) {
            return false;
        }
        epoch = newer;
        return true;
    }

    /** Whether a move of it was heard of. */
    synchronized boolean hasMoved() {
        return epoch > 0;
    }

    void changedAt(long count) {
        changed = count;
    }

    void policyChangedAt(long count) {
        policyChanged = count;
        changed = count;
    }

    synchronized void add(Watcher watcher) {
        if (count == watchers.length) {
            watchers = Arrays.copyOf(watchers, count + 1 + (count >> 1));
        }
        watchers[count++] = watcher;
    }

    /** Whether nobody is left. */
    synchronized boolean remove(Watcher watcher) {
        for (int i = 0; i < count; i++) {
            if (watchers[i] == watcher) {
                watchers[i] = watchers[--count];
                watchers[count] = null;
                break;
            }
        }
        return count == 0;
    }

    /** Those who watch at this moment. */
    @SuppressWarnings("unchecked")
    synchronized List<Watcher> watchers() {
        return (List<Watcher>) (List<?>) List.of((Object[]) Arrays.copyOf(watchers, count));
    }
}
