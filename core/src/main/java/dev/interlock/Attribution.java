package dev.interlock;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which of the circuits around a call a failure is attributed to.
 *
 * <p>A failure of the upstream is attributed to the upstream if there is exactly one, or if the failure names it; else nobody
 * can say, and it stays with the agent. Keys are found by
 * their prefix, and are never that one upstream.
 *
 * @param agent the guard's own circuit
 * @param dependencies what the call depends on
 * @param alternatives what refusals name while it is closed
 */
record Attribution(CircuitId agent, List<CircuitId> dependencies, List<CircuitId> alternatives) {
    private static final String KEY = "key:";
    private static final String MODEL = "model:";
    private static final String TOOL = "tool:";
    private static final String MCP = "mcp:";

    /** The circuit that an outcome is attributed to, or null for all of them: successes, and failures that are nobody's. */
    @Nullable
    CircuitId attributedTo(Outcome outcome) {
        FailureKind kind = outcome.kind();
        if (kind == null || kind.attributedTo() == FailureKind.AttributedTo.NOBODY) {
            return null;
        }
        CircuitId named = named(outcome.attributedTo());
        if (named != null) {
            return named;
        }
        return switch (kind.attributedTo()) {
            case AGENT, NOBODY -> agent;
            case UPSTREAM -> orAgent(upstream());
            case KEY_OR_UPSTREAM -> orAgent(first(only(KEY), upstream()));
            case KEY_OR_AGENT -> orAgent(only(KEY));
            case MODEL, MODEL_AND_KEY -> orAgent(first(only(MODEL), upstream()));
            case TOOL -> orAgent(only(TOOL));
        };
    }

    /** Whether an outcome reaches a circuit, given whom it is {@linkplain #attributedTo attributed to}. */
    static boolean reaches(CircuitId id, @Nullable CircuitId attributed, Outcome outcome) {
        FailureKind kind = outcome.kind();
        return attributed == null
                || attributed.equals(id)
                || kind != null
                        && kind.attributedTo() == FailureKind.AttributedTo.MODEL_AND_KEY
                        && id.name().startsWith(KEY);
    }

    /**
     * Whether an outcome says of a key what all its callers have used together: then it is nobody's fault, and one of them
     * is enough to know it.
     */
    static boolean isOfWholeKey(CircuitId circuit, Outcome outcome) {
        FailureKind kind = outcome.kind();
        return (kind == FailureKind.QUOTA_EXHAUSTED || kind == FailureKind.RATE_LIMITED)
                && circuit.name().startsWith(KEY);
    }

    /** Whether a name says that agents depend on what it names, a key among them. */
    static boolean isUpstream(String name) {
        return name.startsWith(MODEL) || name.startsWith(TOOL) || name.startsWith(KEY) || name.startsWith(MCP);
    }

    private @Nullable CircuitId named(@Nullable String name) {
        if (name == null) {
            return null;
        }
        if (agent.name().equals(name)) {
            return agent;
        }
        for (CircuitId dependency : dependencies) {
            if (dependency.name().equals(name)) {
                return dependency;
            }
        }
        return null;
    }

    private @Nullable CircuitId upstream() {
        CircuitId found = null;
        for (CircuitId dependency : dependencies) {
            if (!dependency.name().startsWith(KEY)) {
                if (found != null) {
                    return null;
                }
                found = dependency;
            }
        }
        return found;
    }

    private @Nullable CircuitId only(String prefix) {
        CircuitId found = null;
        for (CircuitId dependency : dependencies) {
            if (dependency.name().startsWith(prefix)) {
                if (found != null) {
                    return null;
                }
                found = dependency;
            }
        }
        return found;
    }

    private CircuitId orAgent(@Nullable CircuitId found) {
        return found != null ? found : agent;
    }

    private static @Nullable CircuitId first(@Nullable CircuitId one, @Nullable CircuitId other) {
        return one != null ? one : other;
    }
}
