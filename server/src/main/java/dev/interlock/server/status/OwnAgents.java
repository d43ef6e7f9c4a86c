package dev.interlock.server.status;

import dev.interlock.monitor.HealthMonitor;
import dev.interlock.monitor.HealthStatus;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** How one organization's agents are: how many of each status. */
final class OwnAgents {
    private static final String BY_HEALTH = "interlock_agents_by_health";

    private OwnAgents() {}

    static void write(MetricText text, HealthMonitor health, String organization) {
        Map<HealthStatus, Integer> counts = new EnumMap<>(HealthStatus.class);
        health.snapshots(organization).forEach(agent -> counts.merge(agent.status(), 1, Integer::sum));
        text.family(BY_HEALTH, "gauge", "Agents of the caller's organization that had calls in the hour");
        for (HealthStatus status : HealthStatus.values()) {
            text.sample(
                    BY_HEALTH,
                    counts.getOrDefault(status, 0),
                    "status",
                    status.name().toLowerCase(Locale.ROOT));
        }
    }
}
