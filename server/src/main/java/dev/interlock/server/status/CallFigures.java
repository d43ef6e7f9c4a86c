package dev.interlock.server.status;

import dev.interlock.CircuitId;
import dev.interlock.CircuitListener;
import dev.interlock.CircuitOpenException;
import dev.interlock.Outcome;
import dev.interlock.Refusal;
import dev.interlock.Settlement;
import dev.interlock.SettlementListener;
import dev.interlock.StateTransition;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Counts what the calls and circuits of each organization do, for that organization to see. Safe for use by any thread; an
 * organization that is known costs neither a lock nor an allocation.
 */
public final class CallFigures implements CircuitListener, SettlementListener {
    /** Of further ones, which made-up tokens could name, nothing is counted: that takes some kilobytes each. */
    private static final int MOST_ORGANIZATIONS = 10_000;

    private final ConcurrentMap<String, OwnCalls> organizations = new ConcurrentHashMap<>();
    private final OwnCalls others = new OwnCalls();

    /**
     * A permit was given.
     *
     * @param organization to whom
     */
    public void granted(String organization) {
        of(organization).granted();
    }

    /**
     * A permit was refused by a circuit, or a gate before it.
     *
     * @param organization to whom
     * @param refused what the caller hears
     */
    public void refused(String organization, CircuitOpenException refused) {
        of(organization).refused(Refusal.of(refused));
    }

    /**
     * A permit was refused since there is no room for another circuit.
     *
     * @param organization to whom
     */
    public void refusedForWantOfRoom(String organization) {
        of(organization).refused(Refusal.FULL);
    }

    @Override
    public void onSettled(
            CircuitId circuit, Outcome outcome, long tookNanos, long agoNanos, long epoch, Settlement settlement) {
        of(circuit.organization()).settled(outcome, settlement);
    }

    @Override
    public void onTransition(StateTransition transition) {
        of(transition.id().organization()).moved(transition);
    }

    void write(MetricText text, String organization) {
        OwnCalls own = organizations.get(organization);
        (own == null ? new OwnCalls() : own).write(text);
    }

    private OwnCalls of(String organization) {
        OwnCalls own = organizations.get(organization);
        if (own != null) {
            return own;
        }
        return organizations.size() >= MOST_ORGANIZATIONS
                ? others
                : organizations.computeIfAbsent(organization, first -> new OwnCalls());
    }
}
