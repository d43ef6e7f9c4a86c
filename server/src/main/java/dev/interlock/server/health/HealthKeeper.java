package dev.interlock.server.health;

import dev.interlock.CircuitId;
import dev.interlock.jdbc.HealthHistory;
import dev.interlock.monitor.HealthListener;
import dev.interlock.monitor.HealthSnapshot;
import dev.interlock.monitor.HealthTransition;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Stores each transition of health, and at most one other line a minute of an agent. Called by one thread at a time.
 */
public final class HealthKeeper implements HealthListener {
    private static final Duration EVERY = Duration.ofMinutes(1);
    private static final int MOST = 50_000;

    private final HealthHistory history;

    /** When an agent's last line was noted; the longest unheard first. */
    private final Map<CircuitId, Instant> noted = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<CircuitId, Instant> eldest) {
            return size() > MOST;
        }
    };

    /**
     * A keeper.
     *
     * @param history where the lines go
     */
    public HealthKeeper(HealthHistory history) {
        this.history = history;
    }

    @Override
    public void onTransition(HealthTransition transition) {
        history.note(transition.snapshot(), transition.type());
        noted.put(transition.snapshot().agent(), transition.snapshot().at());
    }

    @Override
    public void onUpdate(HealthSnapshot snapshot) {
        Instant last = noted.get(snapshot.agent());
        if (last == null
                || !snapshot.at().isBefore(last.plus(EVERY))
                || snapshot.at().isBefore(last.minus(EVERY))) {
            history.note(snapshot, null);
            noted.put(snapshot.agent(), snapshot.at());
        }
    }
}
