package dev.interlock.monitor;

import dev.interlock.CircuitId;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** About how many bytes agents take in memory. */
final class AgentBytes {
    /** What objects take in addition to their letters, on a JVM with compressed references. */
    private static final int AGENT_BYTES = 300;

    private static final int ENTRY_BYTES = 40;
    private static final int DEPENDENCY_BYTES = 40;
    private static final int TEXT_BYTES = 44;

    private AgentBytes() {}

    static long of(Agent agent) {
        long sum = of(agent.id()) + of(agent.displayName());
        for (Map.Entry<String, String> each : agent.metadata().entrySet()) {
            sum += ENTRY_BYTES + of(each.getKey()) + of(each.getValue());
        }
        for (String each : agent.dependencies()) {
            sum += DEPENDENCY_BYTES + of(each);
        }
        return sum;
    }

    static long of(CircuitId id) {
        return AGENT_BYTES + of(id.name());
    }

    static long ofDependency(String name) {
        return DEPENDENCY_BYTES + of(name);
    }

    private static long of(@Nullable String text) {
        if (text == null) {
            return 0;
        }
        boolean narrow = text.chars().allMatch(letter -> letter < 256);
        return TEXT_BYTES + (narrow ? text.length() : 2L * text.length());
    }
}
