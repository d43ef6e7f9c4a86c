package dev.interlock.monitor;

import dev.interlock.CircuitId;
import dev.interlock.StateTransition;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Transitions of circuits and of health as entries of the agent log. They are marked as guarded and feed nothing, since
 * circuits and figures know them already.
 */
public final class TransitionEntries {
    /** The action name of a circuit's transition. */
    public static final String CIRCUIT = "circuit_transition";

    /** The action name of a transition of health. */
    public static final String HEALTH = "health_transition";

    private TransitionEntries() {}

    /**
     * A circuit's transition. Two servers that report the same one give its entry the same id.
     *
     * @param transition what happened
     * @return its entry
     */
    public static LogEntry of(StateTransition transition) {
        CircuitId id = transition.id();
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
        return LogEntry.builder(id.name(), ActionType.CUSTOM, transition.at())
                .entryId("circuit-" + UUID.nameUUIDFromBytes(id.name().getBytes(StandardCharsets.UTF_8)) + "-"
                        + transition.epoch())
                .actionName(CIRCUIT)
                .outputSummary(transition.describe())
                .errorKind(transition.kind())
                .metadata(metadata)
                .guarded(true)
                .build();
    }

    /**
     * A transition of an agent's health.
     *
     * @param transition what happened
     * @return its entry
     */
    public static LogEntry of(HealthTransition transition) {
        HealthSnapshot snapshot = transition.snapshot();
        List<String> issues = snapshot.issues().stream().map(HealthIssue::text).toList();
        Map<String, @Nullable Object> metadata = new LinkedHashMap<>();
        metadata.put("type", transition.type().wireName());
        metadata.put("from", wireName(transition.from()));
        metadata.put("to", wireName(snapshot.status()));
        metadata.put("score", snapshot.score());
        metadata.put("issues", issues);
        return LogEntry.builder(snapshot.agent().name(), ActionType.CUSTOM, snapshot.at())
                .actionName(HEALTH)
                .outputSummary(snapshot.agent() + ": " + transition.from() + " -> " + snapshot.status() + ", score "
                        + snapshot.score() + (issues.isEmpty() ? "" : ": " + String.join(", ", issues)))
                .metadata(metadata)
                .guarded(true)
                .build();
    }

    private static String wireName(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
