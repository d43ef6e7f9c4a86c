package dev.interlock.server.permits;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.interlock.monitor.budgets.Usage;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads what a call used: the fields {@code tokens_in}, {@code tokens_out}, {@code tokens_cached} and {@code cost_usd}. */
final class UsageFields implements BodyReader.FieldReader {
    private static final String TOKENS = "a whole number of tokens, 0 to " + Usage.MOST_TOKENS;
    private static final String DOLLARS = "a number of US dollars, 0 to " + (long) Usage.MOST_USD;

    private long in;
    private long out;
    private long cached;
    private @Nullable Double cost;

    @Override
    public void read(JsonParser json, String field) throws IOException, BadBodyException {
        if (json.currentToken() == JsonToken.VALUE_NULL) {
            return;
        }
        switch (field) {
            case "tokens_in" -> in = tokens(json, field);
            case "tokens_out" -> out = tokens(json, field);
            case "tokens_cached" -> cached = tokens(json, field);
            default -> cost = dollars(json, field);
        }
    }

    Usage usage() {
        return in == 0 && out == 0 && cached == 0 && cost == null ? Usage.UNKNOWN : new Usage(in, out, cached, cost);
    }

    private static long tokens(JsonParser json, String field) throws IOException, BadBodyException {
        double value = number(json, field, TOKENS);
        if (!(value >= 0 && value <= Usage.MOST_TOKENS && value == Math.rint(value))) {
            throw BadBodyException.of(field, json.getText(), TOKENS);
        }
        return (long) value;
    }

    private static double dollars(JsonParser json, String field) throws IOException, BadBodyException {
        double value = number(json, field, DOLLARS);
        if (!(value >= 0 && value <= Usage.MOST_USD)) {
            throw BadBodyException.of(field, json.getText(), DOLLARS);
        }
        return value;
    }

    private static double number(JsonParser json, String field, String allowed) throws IOException, BadBodyException {
        if (json.currentToken() != JsonToken.VALUE_NUMBER_INT && json.currentToken() != JsonToken.VALUE_NUMBER_FLOAT) {
            throw BadBodyException.of(field, BodyReader.value(json), allowed);
        }
        return json.getDoubleValue();
    }
}
