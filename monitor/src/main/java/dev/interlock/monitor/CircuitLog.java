package dev.interlock.monitor;

import dev.interlock.CircuitId;
import dev.interlock.CircuitListener;
import dev.interlock.CircuitState;
import dev.interlock.StateTransition;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Logs the transitions of one organization's circuits. They feed nothing, since the circuit knows them already. */
final class CircuitLog implements CircuitListener {
    private final AgentLogger logger;
    private final String organization;

    CircuitLog(AgentLogger logger, @Nullable String organization) {
        this.logger = logger;
        this.organization = organization == null ? CircuitId.DEFAULT_ORGANIZATION : organization;
    }

    @Override
    public void onTransition(StateTransition transition) {
        if (!transition.id().organization().equals(organization)) {
            return;
        }
        Map<String, @Nullable Object> metadata = new LinkedHashMap<>();
        metadata.put("from", wireName(transition.from()));
        metadata.put("to", wireName(transition.to()));
        metadata.put("epoch", transition.epoch());
        metadata.put("cause", transition.cause().name().toLowerCase(Locale.ROOT));
        if (transition.actor() != null) {
            metadata.put("actor", transition.actor());
        }
        if (transition.reason() != null) {
            metadata.put("reason", transition.reason());
        }
        if (transition.cooldown() != null) {
            metadata.put("cooldown_ms", transition.cooldown().toMillis());
        }
        logger.log(LogEntry.builder(transition.id().name(), ActionType.CUSTOM, transition.at())
                .actionName("circuit_transition")
                .outputSummary(transition.describe())
                .errorKind(transition.kind())
                .metadata(metadata)
                .guarded(true)
                .build());
    }

    private static String wireName(CircuitState state) {
        return state.name().toLowerCase(Locale.ROOT);
    }
}
