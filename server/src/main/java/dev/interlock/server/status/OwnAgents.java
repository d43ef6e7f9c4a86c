package dev.interlock.server.status;

import dev.interlock.monitor.HealthMonitor;
import dev.interlock.monitor.HealthStatus;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** How one organization's agents are, in the text format of Prometheus: how many of each status. */
final class OwnAgents {
    private OwnAgents() {}

    static String write(HealthMonitor health, String organization) {
        Map<HealthStatus, Integer> counts = new EnumMap<>(HealthStatus.class);
        health.snapshots(organization).forEach(agent -> counts.merge(agent.status(), 1, Integer::sum));
        StringBuilder text = new StringBuilder();
        text.append(
                "# HELP interlock_agents_by_health Agents of the caller's organization that had calls in the hour\n");
        text.append("# TYPE interlock_agents_by_health gauge\n");
        for (HealthStatus status : HealthStatus.values()) {
            text.append("interlock_agents_by_health{status=\"")
                    .append(status.name().toLowerCase(Locale.ROOT))
                    .append("\"} ")
                    .append(counts.getOrDefault(status, 0))
                    .append('\n');
        }
        return text.toString();
    }
}
