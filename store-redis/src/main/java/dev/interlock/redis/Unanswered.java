package dev.interlock.redis;

import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitRecord;
import dev.interlock.store.TransitionRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Changes that were written to Redis without an answer: whether it took one shows at the next look at the circuit. The one
 * that wrote it does not write its lines again, since it then finds what it wanted. Of a circuit the first such change since
 * there was an answer is kept: whichever of several writes was taken, it has what belongs to the first. Safe for use by any
 * thread.
 */
final class Unanswered {
    private static final Duration CLOCKS_APART = Duration.ofMillis(250);

    private final Map<Debts.Key, CircuitChange> changes = new ConcurrentHashMap<>();

    void add(Collection<CircuitChange> written) {
        written.forEach(change -> changes.putIfAbsent(Debts.Key.of(change.record()), change));
    }

    /** The circuit was written again, with an answer: it says it all. */
    void answered(CircuitChange again) {
        changes.remove(Debts.Key.of(again.record()));
    }

    /** The change of a circuit, if Redis took it; whatever was in the way is the answer to it. */
    @Nullable
    CircuitChange inTheWay(CircuitRecord there) {
        CircuitChange change = changes.remove(Debts.Key.of(there));
        return change != null && isOf(change.record(), there) ? change : null;
    }

    /**
     * The same for who only looks: what a circuit did by itself gives way to what is found, and is not written again. An
     * override is.
     *
     * @param there what Redis has of the circuit, or null
     */
    @Nullable
    CircuitChange found(@Nullable CircuitRecord there) {
        if (there == null || changes.isEmpty()) {
            return null;
        }
        CircuitChange change = changes.get(Debts.Key.of(there));
        boolean isOwn = change == null || change.transitions().stream().anyMatch(TransitionRecord::isOverride);
        return isOwn ? null : inTheWay(there);
    }

    /** Whether a record is that of a change, or goes on from it: by the same process, or by another from the same opening. */
    private static boolean isOf(CircuitRecord written, CircuitRecord there) {
        return there.writer() == written.writer()
                ? there.epoch() >= written.epoch()
                : there.epoch() > written.epoch() && isSame(written.openedAt(), there.openedAt());
    }

    private static boolean isSame(@Nullable Instant one, @Nullable Instant other) {
        return one != null
                && other != null
                && Duration.between(one, other).abs().compareTo(CLOCKS_APART) <= 0;
    }
}
