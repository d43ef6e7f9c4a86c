package dev.interlock.springai;

import dev.interlock.FailureClassifier;
import dev.interlock.FailureKind;
import dev.interlock.Outcome;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a tool throws: as another classifier says, and the tool's own failure where that does not know better. JSON that cannot
 * be read is what the model wrote as arguments, and the agent's: nothing says that a tool read it elsewhere.
 */
final class ToolOutcomes implements FailureClassifier {
    private static final Set<FailureKind> OF_THE_TOOL = EnumSet.of(
            FailureKind.TOOL_ERROR,
            FailureKind.TIMEOUT,
            FailureKind.CONNECTION,
            FailureKind.SERVER_ERROR,
            FailureKind.OVERLOADED);

    private final FailureClassifier own;
    private final String circuit;

    ToolOutcomes(FailureClassifier own, String circuit) {
        this.own = own;
        this.circuit = circuit;
    }

    @Override
    public Outcome ofException(Throwable thrown) {
        Outcome outcome = own.ofException(thrown);
        FailureKind kind = outcome.kind();
        if (kind == FailureKind.ERROR) {
            outcome = waiting(Outcome.failure(FailureKind.TOOL_ERROR), outcome.retryAfter());
        }
        kind = outcome.kind();
        return kind != null && OF_THE_TOOL.contains(kind) ? outcome.attributedTo(circuit) : outcome;
    }

    @Override
    public Outcome ofResult(@Nullable Object result) {
        return own.ofResult(result);
    }

    private static Outcome waiting(Outcome outcome, @Nullable Duration wait) {
        return wait == null ? outcome : outcome.retryAfter(wait);
    }
}
