package dev.interlock.replay;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.Writer;
import java.math.BigDecimal;
import java.math.RoundingMode;

/** A report for programs: an array with an object a policy. */
final class JsonReport {
    private static final int SHARE_DIGITS = 6;
    private static final int SECONDS_DIGITS = 3;

    private JsonReport() {}

    static void write(Report report, boolean circuits, Writer out) throws IOException {
        DefaultPrettyPrinter pretty = new DefaultPrettyPrinter();
        pretty.indentArraysWith(new DefaultIndenter("  ", "\n"));
        pretty.indentObjectsWith(new DefaultIndenter("  ", "\n"));
        try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
            json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            json.setPrettyPrinter(pretty);
            json.writeStartArray();
            for (Report.OfPolicy policy : report.policies()) {
                json.writeStartObject();
                json.writeStringField("policy", policy.name());
                json.writeNumberField("circuits", policy.circuitCount());
                write(json, policy.line(), policy);
                if (circuits) {
                    json.writeArrayFieldStart("by_circuit");
                    for (Report.OfCircuit circuit : policy.circuits()) {
                        json.writeStartObject();
                        json.writeStringField("circuit", circuit.name());
                        write(json, circuit.line(), null);
                        json.writeEndObject();
                    }
                    json.writeEndArray();
                }
                json.writeEndObject();
            }
            json.writeEndArray();
        }
    }

    private static void write(
            JsonGenerator json, Report.Line line, Report.@org.jspecify.annotations.Nullable OfPolicy policy)
            throws IOException {
        json.writeNumberField("calls", line.calls());
        json.writeNumberField("failures", line.failures());
        json.writeNumberField("rejected", line.rejected());
        json.writeNumberField("failed_avoided", line.failedAvoided());
        decimal(json, "failed_avoided_share", line.failedAvoidedShare(), SHARE_DIGITS);
        json.writeNumberField("good_blocked", line.goodBlocked());
        decimal(json, "good_blocked_share", line.goodBlockedShare(), SHARE_DIGITS);
        json.writeNumberField("openings", line.openings());
        if (policy != null) {
            json.writeNumberField("circuits_opened", policy.circuitsOpened());
        }
        json.writeNumberField("late", line.late());
        json.writeNumberField("flaps", line.flaps());
        decimal(json, "median_seconds_to_open", line.medianSecondsToOpen(), SECONDS_DIGITS);
        decimal(json, "median_seconds_to_recover", line.medianSecondsToRecover(), SECONDS_DIGITS);
    }

    private static void decimal(JsonGenerator json, String name, double value, int digits) throws IOException {
        if (Double.isNaN(value)) {
            json.writeNullField(name);
        } else {
            BigDecimal rounded = BigDecimal.valueOf(value).setScale(digits, RoundingMode.HALF_UP);
            json.writeNumberField(
                    name, new BigDecimal(rounded.stripTrailingZeros().toPlainString()));
        }
    }
}
