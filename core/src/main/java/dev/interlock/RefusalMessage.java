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
 * @param why what a gate says to callers, as {@link Gate#reasonForCallers()} has it; else null
 */
@Beta
public record RefusalMessage(
        String circuit,
        String reason,
        Duration retryAfter,
        List<String> alternatives,
        @Nullable String why) {
    /** The last sentence of each refusal, in every way in. */
    public static final String LAST = "Do not repeat this call.";

    private static final String LOOP = "loop";

    private static final String RETRY = "; retry in ";

    private static final long ALMOST_A_SECOND = 999_999_999;

    /** Copies the list. */
    public RefusalMessage {
        alternatives = List.copyOf(alternatives);
    }

    /**
     * A message without more of a gate than that it refused.
     *
     * @param circuit the name of the circuit that refused
     * @param reason as the message has it
     * @param retryAfter longer than zero
     * @param alternatives names of circuits that were closed at the refusal; may be none
     */
    public RefusalMessage(String circuit, String reason, Duration retryAfter, List<String> alternatives) {
        this(circuit, reason, retryAfter, alternatives, null);
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
        Gate gate = refused.gate();
        return new RefusalMessage(
                circuit,
                gate != null && gate.isOfLoop()
                        ? LOOP
                        : Refusal.of(refused).name().toLowerCase(Locale.ROOT),
                refused.retryAfter(),
                alternatives.stream().filter(each -> !each.equals(circuit)).toList(),
                gate == null ? null : gate.reasonForCallers());
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
        String because = why == null ? "" : " " + why + ".";
        return circuit + words() + retryAfterSeconds() + " s." + because + instead + " " + LAST;
    }

    private String words() {
        return switch (reason) {
            case "gate" -> (why == null ? " is behind a closed gate" : " is over a budget") + RETRY;
            case LOOP ->
                " repeats itself: the same call had the same result several times in this execution;"
                        + " its further calls are refused for ";
            case "held" -> " is held open" + RETRY;
            case "half_open" -> " is half-open, and other calls are its trials" + RETRY;
            default -> " is open" + RETRY;
        };
    }
}
