package dev.interlock.spring;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.InvalidSettingsException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.springframework.core.env.Environment;

/**
 * Reads the policies again while the application runs, and lets those apply that have changed. Circuits keep their state,
 * streaks, cooldowns and holds. Safe for use by any thread.
 *
 * <p>Policies that somebody puts at the manager by code are left alone, unless they have a pattern that properties had.
 */
public final class PolicyRefresher {
    private final CircuitBreakerManager circuits;
    private final Environment environment;
    private final ReentrantLock lock = new ReentrantLock();
    private BoundPolicies present;

    PolicyRefresher(CircuitBreakerManager circuits, Environment environment, BoundPolicies present) {
        this.circuits = circuits;
        this.environment = environment;
        this.present = present;
    }

    /**
     * Reads the properties now.
     *
     * @return one sentence for each policy that was added, changed or removed; none if all is as it was
     * @throws InvalidSettingsException naming every mistake; all policies stay as they are
     */
    public List<String> refresh() {
        lock.lock();
        try {
            BoundPolicies next = BoundPolicies.read(environment);
            List<String> changes = new ArrayList<>();
            if (!next.defaults().equals(present.defaults())) {
                circuits.putDefaultPolicy(next.defaults());
                changes.add("default policy changed");
            }
            next.patterns().forEach((pattern, config) -> {
                CircuitBreakerConfig before = present.patterns().get(pattern);
                if (!config.equals(before)) {
                    circuits.putPolicy(pattern, config);
                    changes.add("policy " + pattern + (before == null ? " added" : " changed"));
                }
            });
            Map<String, CircuitBreakerConfig> gone = new LinkedHashMap<>(present.patterns());
            gone.keySet().removeAll(next.patterns().keySet());
            gone.keySet().forEach(pattern -> {
                circuits.removePolicy(pattern);
                changes.add("policy " + pattern + " removed");
            });
            present = next;
            return changes;
        } finally {
            lock.unlock();
        }
    }
}
