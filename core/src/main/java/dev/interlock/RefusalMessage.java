package dev.interlock;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a refusal says, to a program and to a model that reads it: who refuses and why, when to retry, what may be called
 * instead, and one last sentence. Nothing in it was written by a person or a provider. Immutable.
 *
 * @param circuit the name of the circuit that refused
 * @param reason {@code open}, {@code half_open}, {@code held}, {@code gate} where a gate before the circuit refused, or {@code
 *     loop} where the execution repeats itself
 * @param retryAfter longer than zero
 * @param alternatives names of circuits that were closed at the refusal; may be none
 */
@Beta
public record RefusalMessage(String circuit, String reason, Duration retryAfter, List<String> alternatives) {
    /** The last sentence of each refusal, in every way in. */
    public static final String LAST = "Do not repeat this call.";

    /** The author of the gate of an execution in a loop. */
    private static final String LOOP = "loop";

    private static final long ALMOST_A_SECOND = 999_999_999;

    /** Copies the list. */
    public RefusalMessage {
        alternatives = List.copyOf(alternatives);
    }

    /**
     * What a refusal says.
     *
     * @param refused the refusal
     * @param alternatives names of circuits that are closed; that of the refusal itself is left out
     * @return its message
     */
    public static RefusalMessage of(CircuitOpenException refused, List<String> alternatives) {
        String circuit = refused.id().name();
        return new RefusalMessage(
                circuit,
                isLoop(refused.gate()) ? LOOP : Refusal.of(refused).name().toLowerCase(Locale.ROOT),
                refused.retryAfter(),
                alternatives.stream().filter(each -> !each.equals(circuit)).toList());
    }

    private static boolean isLoop(@Nullable Gate gate) {
        return gate != null && gate.author().equals(LOOP);
    }

    /**
     * When to retry, rounded up, so that a caller that waits as long is not early.
     *
     * @return whole seconds, at least 1
     */
    public long retryAfterSeconds() {
        return Math.max(1, retryAfter.plusNanos(ALMOST_A_SECOND).toSeconds());
    }

    /**
     * All of it in words.
     *
     * @return such as {@code model:gpt-5 is open; retry in 42 s. Instead: model:gpt-5-mini. Do not repeat this call.}
     */
    public String sentence() {
        String instead = alternatives.isEmpty() ? "" : " Instead: " + String.join(", ", alternatives) + ".";
        return circuit + words() + "; retry in " + retryAfterSeconds() + " s." + instead + " " + LAST;
    }

    private String words() {
        return switch (reason) {
            case "gate" -> " is behind a closed gate";
            case LOOP -> " repeats itself: the same call came to the same end several times in this execution";
            case "held" -> " is held open";
            case "half_open" -> " is half-open, and other calls are its trials";
            default -> " is open";
        };
    }
}
