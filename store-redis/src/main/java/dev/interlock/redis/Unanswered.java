package dev.interlock.redis;

import dev.interlock.redis.Debts.Key;
import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitRecord;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Changes that were written to a store without an answer: whether it took one shows at the next look at the circuit. Anyone who
 * wrote it may not write it again, since it then finds what it wanted. At most one a circuit. Safe for use by any thread.
 */
final class Unanswered {
    private final Map<Key, CircuitChange> changes = new ConcurrentHashMap<>();

    void add(Collection<CircuitChange> written) {
        written.forEach(change -> changes.put(Key.of(change.record()), change));
    }

    /** Whether something of that circuit was written without an answer. */
    boolean mayHave(CircuitRecord of) {
        return !changes.isEmpty() && changes.containsKey(Key.of(of));
    }

    /** The circuit was written again, with an answer: it says it all. */
    void answered(CircuitChange again) {
        changes.remove(Key.of(again.record()));
    }

    /**
     * The change of a circuit, if the store took it; only once.
     *
     * @param there what it has of the circuit
     */
    @Nullable
    CircuitChange taken(@Nullable CircuitRecord there) {
        if (there == null || changes.isEmpty()) {
            return null;
        }
        Key key = Key.of(there);
        CircuitChange change = changes.get(key);
        return change != null && isOf(change.record(), there) && changes.remove(key, change) ? change : null;
    }

    private static boolean isOf(CircuitRecord written, CircuitRecord there) {
        return written.writer() == there.writer()
                && written.epoch() == there.epoch()
                && written.state().equals(there.state());
    }
}
