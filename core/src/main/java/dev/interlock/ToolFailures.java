package dev.interlock;

import java.time.Duration;

/**
 * Whose a failure is in a call of a tool: the tool's, where it names nobody. A wait, a key or a request that is refused are the
 * tool's, too: a model or a key that the agent needs elsewhere had no part in it.
 */
final class ToolFailures {
    private ToolFailures() {}

    /** What a call of a tool ended with, attributed to the circuit of the tool. */
    static Outcome attributed(Outcome outcome, String circuit) {
        FailureKind kind = outcome.kind();
        if (kind == null || outcome.attributedTo() != null) {
            return outcome;
        }
        if (kind == FailureKind.ERROR) {
            return keepFacts(Outcome.failure(FailureKind.TOOL_ERROR), outcome).attributedTo(circuit);
        }
        return switch (kind.attributedTo()) {
            case AGENT, NOBODY -> outcome;
            default -> outcome.attributedTo(circuit);
        };
    }

    private static Outcome keepFacts(Outcome made, Outcome before) {
        Duration wait = before.retryAfter();
        Duration took = before.took();
        Outcome waiting = wait == null ? made : made.retryAfter(wait);
        return took == null ? waiting : waiting.took(took);
    }
}
