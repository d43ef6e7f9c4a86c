package dev.interlock.springai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.proxy.Api;
import dev.interlock.proxy.RefusalRepeats;
import dev.interlock.proxy.RefusalRepeats.Asked;
import dev.interlock.proxy.RefusalRepeats.Row;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.ai.anthropic.AnthropicChatModel;
import org.springframework.ai.anthropic.AnthropicChatOptions;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;

/** Models of Spring AI at their default retries, through the proxy: their rows of the table of docs/proxy.md. */
@Tag("heavy")
class ProxyRepeatsTest {
    private static final Path ROOT = Path.of(System.getProperty("interlock.root", ".."));

    private static final Map<String, Asked> CLIENTS = Map.of(
            "Spring AI, OpenAI", new Asked(Api.OPENAI, ProxyRepeatsTest::openAi),
            "Spring AI, Anthropic", new Asked(Api.ANTHROPIC, ProxyRepeatsTest::anthropic));

    private static Map<String, Row> rows;

    @BeforeAll
    static void ask() throws Exception {
        rows = RefusalRepeats.of(CLIENTS);
    }

    static Set<String> clients() {
        return CLIENTS.keySet();
    }

    @ParameterizedTest
    @MethodSource("clients")
    void a_refusal_is_repeated_as_often_as_the_page_says(String client) throws Exception {
        assertThat(rows.get(client).repeats()).isEqualTo(RefusalRepeats.documented(ROOT, client));
    }

    @ParameterizedTest
    @MethodSource("clients")
    void at_most_one_call_comes_after_the_one_that_opens_the_circuit(String client) {
        assertThat(rows.get(client).afterOpening()).isBetween(0, 1);
    }

    private static void openAi(String address, String key) {
        OpenAiChatModel.builder()
                .options(OpenAiChatOptions.builder()
                        .baseUrl(address + "/v1")
                        .apiKey(key)
                        .model("m")
                        .build())
                .build()
                .call("a plan");
    }

    private static void anthropic(String address, String key) {
        AnthropicChatModel.builder()
                .options(AnthropicChatOptions.builder()
                        .baseUrl(address)
                        .apiKey(key)
                        .model("m")
                        .maxTokens(50)
                        .build())
                .build()
                .call("a plan");
    }
}
