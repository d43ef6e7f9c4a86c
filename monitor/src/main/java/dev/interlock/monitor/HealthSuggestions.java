package dev.interlock.monitor;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitState;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import org.jspecify.annotations.Nullable;

/** What health asks of circuits, and in which words: a failing agent's is opened, a recovered one's tries at once. */
final class HealthSuggestions {
    private static final int LONGEST_REASON = 1_024;

    private HealthSuggestions() {}

    /**
     * Suggests to a circuit what a judgement calls for, if anything.
     *
     * @param type the transition that the judgement was, or null
     * @param when which critical agents open their circuit
     */
    static void make(
            CircuitBreaker circuit,
            AgentHealth.Judgement judgement,
            HealthTransition.@Nullable Type type,
            HealthSettings.Opens when) {
        HealthSnapshot snapshot = judgement.snapshot();
        CircuitState state = judgement.circuit().state();
        long epoch = judgement.circuit().epoch();
        if (judgement.recovered() && state == CircuitState.OPEN) {
            circuit.suggest(because(OverrideAction.PROBE_NOW, recovery(snapshot)), epoch);
        } else if (snapshot.status() == HealthStatus.CRITICAL && state == CircuitState.CLOSED) {
            String failing = judgement.failing();
            boolean opens = switch (when) {
                case FAILING -> failing != null;
                case CRITICAL -> type != null && type.isCritical();
                case NEVER -> false;
            };
            if (opens) {
                circuit.suggest(because(OverrideAction.OPEN, reason(snapshot, failing)), epoch);
            }
        }
    }

    private static String reason(HealthSnapshot snapshot, @Nullable String failing) {
        StringBuilder reason = new StringBuilder("critical, score ").append(snapshot.score());
        if (failing != null) {
            reason.append(", failing: ").append(failing);
        }
        String separator = "; seen: ";
        for (HealthIssue issue : snapshot.issues()) {
            reason.append(separator).append(issue.text());
            separator = ", ";
        }
        return reason.toString();
    }

    private static String recovery(HealthSnapshot snapshot) {
        HealthFigures since = snapshot.sinceOpening();
        HealthFigures figures = since != null ? since : snapshot.figures();
        return "recovered, score " + snapshot.score() + ": " + (figures.calls() - figures.failures()) + " of "
                + figures.calls() + " calls since the opening succeeded";
    }

    private static ManualOverride because(OverrideAction action, String reason) {
        return ManualOverride.of(action, HealthMonitor.ACTOR)
                .because(reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON));
    }
}
