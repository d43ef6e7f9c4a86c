package dev.interlock.replay;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.Writer;
import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

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
                if (policy.probes() > 0) {
                    json.writeNumberField("probes", policy.probes());
                }
                json.writeNumberField("good_p90_ms", report.p90Millis());
                Report.Parts parts = policy.parts();
                if (parts != null) {
                    json.writeNumberField("incidents", report.incidents());
                    write(json, "inside", parts.inside());
                    write(json, "outside", parts.outside());
                }
                for (Report.OfSlowRule rule : report.slowRules()) {
                    if (rule.name().equals(policy.name())) {
                        write(json, "without_slow_rule", rule);
                    } else if (rule.name().equals(policy.name() + Report.OfSlowRule.SUFFIX)) {
                        write(json, "with_slow_rule", rule);
                    }
                }
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

    private static void write(JsonGenerator json, Report.Line line, Report.@Nullable OfPolicy policy)
            throws IOException {
        write(json, line.calls());
        json.writeNumberField("openings", line.openings());
        if (policy != null) {
            json.writeNumberField("circuits_opened", policy.circuitsOpened());
        }
        json.writeNumberField("late", line.late());
        json.writeNumberField("flaps", line.flaps());
        decimal(json, "median_seconds_to_open", line.medianSecondsToOpen(), SECONDS_DIGITS);
        decimal(json, "median_seconds_to_recover", line.medianSecondsToRecover(), SECONDS_DIGITS);
    }

    private static void write(JsonGenerator json, Report.Shares calls) throws IOException {
        json.writeNumberField("calls", calls.calls());
        json.writeNumberField("failures", calls.failures());
        json.writeNumberField("rejected", calls.rejected());
        json.writeNumberField("failed_avoided", calls.failedAvoided());
        decimal(json, "failed_avoided_share", calls.failedAvoidedShare(), SHARE_DIGITS);
        json.writeNumberField("good_blocked", calls.goodBlocked());
        decimal(json, "good_blocked_share", calls.goodBlockedShare(), SHARE_DIGITS);
    }

    private static void write(JsonGenerator json, String name, Report.Part part) throws IOException {
        json.writeObjectFieldStart(name);
        write(json, part.calls());
        json.writeNumberField("openings", part.openings());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, String name, Report.OfSlowRule rule) throws IOException {
        json.writeObjectFieldStart(name);
        json.writeNumberField("slow", rule.slow());
        json.writeNumberField("slow_avoided", rule.slowAvoided());
        decimal(json, "slow_avoided_share", rule.slowAvoidedShare(), SHARE_DIGITS);
        json.writeNumberField("quick_blocked", rule.quickBlocked());
        decimal(json, "quick_blocked_share", rule.quickBlockedShare(), SHARE_DIGITS);
        json.writeNumberField("failed_avoided", rule.calls().failedAvoided());
        decimal(json, "failed_avoided_share", rule.calls().failedAvoidedShare(), SHARE_DIGITS);
        json.writeNumberField("openings", rule.openings());
        json.writeEndObject();
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
