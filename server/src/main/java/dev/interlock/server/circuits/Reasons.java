package dev.interlock.server.circuits;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitSnapshot;
import dev.interlock.Hold;
import dev.interlock.StateTransition;
import dev.interlock.monitor.Shares;
import dev.interlock.server.http.Problem;
import dev.interlock.store.OpeningRecord;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The long reasons of overrides that circuits keep in memory, within their organizations' shares of the room for
 * descriptions. A short reason always has room: nobody is kept from an override for lack of memory. Safe for use by any
 * thread.
 */
final class Reasons {
    /** Up to this length a reason is short. */
    static final int SHORT = 64;

    private static final int ENTRY_BYTES = 150;
    private static final int LOOK_EVERY = 100;
    private static final int LOOK_AT = 2_000;

    private final CircuitBreakerManager circuits;
    private final Shares memory;
    private final Map<CircuitId, Integer> held = new HashMap<>();
    private int refused;

    Reasons(CircuitBreakerManager circuits, Shares memory) {
        this.circuits = circuits;
        this.memory = memory;
    }

    /**
     * Takes note of a reason that is about to be given.
     *
     * @throws Problem if it is long and the organization's share is used up
     */
    synchronized void give(CircuitId id, @Nullable String reason) {
        forget(id);
        if (reason == null || !isLong(reason)) {
            return;
        }
        int bytes = ENTRY_BYTES + 2 * reason.length();
        if (!memory.take(id.organization(), bytes)) {
            if (refused++ % LOOK_EVERY == 0) {
                forgetWhatIsGone();
            }
            if (!memory.take(id.organization(), bytes)) {
                throw Problem.conflict("The organization's share of the memory for descriptions is used up"
                        + " (description-memory), so a reason may have at most " + SHORT
                        + " characters at the moment; send the override again with a shorter one");
            }
        }
        held.put(id, bytes);
    }

    private void forget(CircuitId id) {
        Integer bytes = held.remove(id);
        if (bytes != null) {
            memory.give(id.organization(), bytes);
        }
    }

    private static boolean keepsLongReason(CircuitSnapshot circuit) {
        StateTransition last = circuit.lastTransition();
        OpeningRecord opening = circuit.opening();
        Hold hold = circuit.hold();
        return isLong(last == null ? null : last.reason())
                || isLong(opening == null ? null : opening.reason())
                || isLong(hold == null ? null : hold.reason());
    }

    private static boolean isLong(@Nullable String reason) {
        return reason != null && reason.length() > SHORT;
    }

    /** Circuits that went on by themselves since have another reason, or none. */
    private void forgetWhatIsGone() {
        Iterator<Map.Entry<CircuitId, Integer>> each = held.entrySet().iterator();
        for (int i = 0; i < LOOK_AT && each.hasNext(); i++) {
            Map.Entry<CircuitId, Integer> entry = each.next();
            if (!keepsLongReason(circuits.snapshot(entry.getKey()))) {
                each.remove();
                memory.give(entry.getKey().organization(), entry.getValue());
            }
        }
    }
}
