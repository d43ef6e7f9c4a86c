package dev.interlock.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitBreakerConfig;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The setting {@code alternatives}: which names it takes, and what it says of others. */
class AlternativesSettingTest {
    private static List<String> read(@Nullable Object value) {
        Map<String, @Nullable Object> settings = new HashMap<>();
        settings.put("alternatives", value);
        return PolicySettings.read(settings).alternatives();
    }

    private static void refused(@Nullable Object value, String problem) {
        assertThatThrownBy(() -> read(value)).hasMessage("Invalid setting: " + problem);
    }

    @Test
    void names_in_their_order_and_as_many_as_a_call_may_depend_on() {
        List<String> most = IntStream.range(0, 16).mapToObj(i -> "model:" + i).toList();
        assertThat(read(most)).isEqualTo(most);
        assertThat(read(List.of("x".repeat(256)))).hasSize(1);
        assertThat(read(null)).isEmpty();
        assertThat(PolicySettings.read(Map.of()).alternatives()).isEmpty();
        refused(Collections.nCopies(17, "model:a"), "alternatives = 17 names: must be at most 16");
    }

    @Test
    void what_is_no_list_of_names() {
        String list = ": must be a list of names of circuits, such as [\"model:kimi-k2-mini\"]";
        refused("model:a", "alternatives = model:a" + list);
        refused(List.of(1), "alternatives = [1]" + list);
        refused(Map.of("model:a", true), "alternatives = {model:a=true}" + list);
    }

    @Test
    void each_wrong_name_with_its_place_and_what_would_be_right() {
        String name = ": must be the name of a circuit: 1 to 256 printable characters, not blank";
        refused(List.of("model:a", " "), "alternatives[1] = ' '" + name);
        refused(List.of("a\u202eb"), "alternatives[0] = 'a?b'" + name);
        refused(List.of("x".repeat(257)), "alternatives[0] = '" + "x".repeat(40) + "...' of 257 characters" + name);
        refused(List.of("myModel*"), "alternatives[0] = 'myModel*': must be the name of one circuit, and no pattern");
        refused(List.of("a", "b", "a"), "alternatives[2] = 'a': must be given once");
        assertThatThrownBy(() ->
                        CircuitBreakerConfig.builder().alternatives("*", "").build())
                .as("all mistakes at once")
                .hasMessageStartingWith("2 invalid settings: alternatives[0] = '*'")
                .hasMessageContaining("alternatives[1] = ''");
    }
}
