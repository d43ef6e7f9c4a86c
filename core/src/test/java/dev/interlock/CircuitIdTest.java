package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a name says of what it names. */
class CircuitIdTest {
    @ParameterizedTest
    @CsvSource({
        "model:gpt-5, true",
        "tool:search, true",
        "key:one, true",
        "mcp:files, true",
        "planner, false",
        "models:gpt-5, false",
        "planner of model:gpt-5, false",
    })
    void agents_depend_on_what_a_name_calls_a_model_a_tool_a_key_or_a_server_of_tools(String name, boolean upstream) {
        assertThat(CircuitId.of(name).namesUpstream()).isEqualTo(upstream);
    }
}
