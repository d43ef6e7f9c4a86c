package dev.interlock.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.TransitionCause;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A circuit changed. Immutable.
 *
 * @param circuit whose
 * @param from the state before
 * @param to the state now
 * @param cause why
 * @param kind the failure that did it, or null
 * @param figures what had been counted when it left closed
 * @param waitMillis until when calls are refused, in milliseconds of the story from now on
 * @param held whether somebody holds it
 * @param actor whose override it was, or null
 * @param reason why they did, or null
 */
record Change(
        String circuit,
        CircuitState from,
        CircuitState to,
        TransitionCause cause,
        @Nullable FailureKind kind,
        Figures figures,
        long waitMillis,
        boolean held,
        @Nullable String actor,
        @Nullable String reason) {

    /**
     * What a circuit had counted.
     *
     * @param calls calls in the window
     * @param failures failures among them
     * @param slow slow ones among them
     * @param streak failures in a row
     */
    record Figures(int calls, int failures, int slow, int streak) {}

    /**
     * Reads the data of a message {@code circuit_state}.
     *
     * @param data what the server sent
     * @param speed how much faster than the clock the story goes
     */
    static Change read(JsonNode data, int speed) {
        JsonNode stats = data.path("stats");
        int failures = stats.path("failure_count").asInt();
        String kind = stats.path("kind").textValue();
        return new Change(
                data.path("agent_id").asText(),
                CircuitState.valueOf(upper(data.path("from"))),
                CircuitState.valueOf(upper(data.path("state"))),
                TransitionCause.valueOf(upper(data.path("cause"))),
                kind == null ? null : FailureKind.valueOf(kind),
                new Figures(
                        stats.path("success_count").asInt() + failures,
                        failures,
                        stats.path("slow_count").asInt(),
                        stats.path("consecutive_failures").asInt()),
                stats.path("retry_after_ms").asLong() * speed,
                data.path("held").asBoolean(),
                data.path("actor").textValue(),
                data.path("reason").textValue());
    }

    private static String upper(JsonNode text) {
        return text.asText().toUpperCase(Locale.ROOT);
    }
}
