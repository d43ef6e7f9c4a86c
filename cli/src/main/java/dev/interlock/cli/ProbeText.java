package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/** What is known of a circuit's probe, in a line. */
final class ProbeText {
    private ProbeText() {}

    /** Null if the circuit has none, or the server is of an earlier version. */
    static @Nullable String of(JsonNode circuit, Instant now) {
        JsonNode notProbed = circuit.path("not_probed");
        if (notProbed.isTextual()) {
            return Words.clean("Probe: not carried out by this server. " + notProbed.asText());
        }
        JsonNode probe = circuit.path("probe");
        if (!probe.isObject()) {
            return null;
        }
        StringBuilder text = new StringBuilder("Probe: ");
        text.append(probe.path("trusted").asBoolean() ? "trusted" : "not trusted, so real calls are tried");
        Instant last = time(probe.path("last_at"));
        if (last == null) {
            text.append("; none so far");
        } else {
            text.append("; the last ")
                    .append(probe.path("last_good").asBoolean() ? "was good" : "failed")
                    .append(' ')
                    .append(Words.shortly(Duration.between(last, now)))
                    .append(" ago");
            if (probe.path("last_failure").isTextual()) {
                text.append(" (").append(probe.path("last_failure").asText()).append(')');
            }
        }
        Instant next = time(probe.path("next_at"));
        if (next != null) {
            text.append("; the next ")
                    .append(next.isAfter(now) ? "in " + Words.shortly(Duration.between(now, next)) : "is due");
        }
        Instant trial = time(probe.path("real_trial_at"));
        if (trial != null && trial.isAfter(now)) {
            text.append("; a real trial in ")
                    .append(Words.shortly(Duration.between(now, trial)))
                    .append(" at the latest");
        }
        return Words.clean(text.toString());
    }

    private static @Nullable Instant time(JsonNode text) {
        try {
            return text.isTextual() ? Instant.parse(text.asText()) : null;
        } catch (DateTimeParseException noTime) {
            return null;
        }
    }
}
