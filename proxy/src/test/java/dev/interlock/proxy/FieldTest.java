package dev.interlock.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FieldTest {
    private static final Field FILTERED = new Field("finish_reason", "\"content_filter\"");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"finish_reason\":\"content_filter\"}",
                "{\"finish_reason\": \"content_filter\"",
                "{\"finish_reason\":\r\n\t \"content_filter\",",
                "[{\"finish_reason\":\"stop\"},{\"finish_reason\":\"content_filter\"}]",
                "\"finish_reason\":\"finish_reason\":\"content_filter\""
            })
    void a_field_with_its_value_is_found(String json) {
        assertThat(FILTERED.isIn(json.getBytes(UTF_8))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{\"finish_reason\":",
                "{\"finish_reason\": ",
                "{\"finish_reason\":\"content_filter",
                "{\"finish_reason\":\"content_filters\"}",
                "{\"finish_reason\":\u00a0\"content_filter\"}",
                "{\"reason\":\"content_filter\"}",
                "{\"finish_reason\":null,\"other\":\"content_filter\"}"
            })
    void another_field_or_another_value_is_not(String json) {
        assertThat(FILTERED.isIn(json.getBytes(UTF_8))).isFalse();
    }
}
