package dev.interlock.clients;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What a step of a scenario expects of an answer: fields that must be there, others do not matter. A value is one to be
 * equal to, or a map of {@code least}, {@code most}, {@code not}, {@code contains}; a map of other names goes deeper.
 */
final class Expectation {
    private Expectation() {}

    static void assertThatItIs(JsonNode answer, JsonNode expected, String where) {
        expected.fields()
                .forEachRemaining(field -> one(
                        answer.path(field.getKey()),
                        field.getValue(),
                        field.getKey() + " of " + answer + " at " + where));
    }

    private static void one(JsonNode value, JsonNode expected, String what) {
        if (!expected.isObject()) {
            if (expected.isNumber()) {
                assertThat(value.isNumber()).as(what).isTrue();
                assertThat(value.asDouble()).as(what).isEqualTo(expected.asDouble());
            } else if (expected.isNull()) {
                assertThat(value.isNull() || value.isMissingNode()).as(what).isTrue();
            } else {
                assertThat(value).as(what).isEqualTo(expected);
            }
            return;
        }
        if (expected.has("least")) {
            assertThat(value.asDouble(Double.NaN))
                    .as(what)
                    .isGreaterThanOrEqualTo(expected.path("least").asDouble());
        } else if (expected.has("most")) {
            assertThat(value.asDouble(Double.NaN))
                    .as(what)
                    .isLessThanOrEqualTo(expected.path("most").asDouble());
        } else if (expected.has("not")) {
            assertThat(value.asText())
                    .as(what)
                    .isNotEqualTo(expected.path("not").asText());
        } else if (expected.has("contains")) {
            assertThat(value.toString())
                    .as(what)
                    .contains(expected.path("contains").asText());
        } else {
            assertThatItIs(value, expected, what);
        }
        assertThat(expected.isEmpty()).as(what + ": something is expected").isFalse();
    }
}
