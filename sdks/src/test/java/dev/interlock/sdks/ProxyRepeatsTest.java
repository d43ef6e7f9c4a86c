package dev.interlock.sdks;

import static org.assertj.core.api.Assertions.assertThat;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.models.messages.MessageCreateParams;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.interlock.proxy.Api;
import dev.interlock.proxy.RefusalRepeats;
import dev.interlock.proxy.RefusalRepeats.Asked;
import dev.interlock.proxy.RefusalRepeats.Row;
import dev.langchain4j.model.anthropic.AnthropicChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients of providers at their default retries, through the proxy: the table of docs/proxy.md, which chose its status. */
@Tag("heavy")
@Tag("thorough")
class ProxyRepeatsTest {
    private static final Path ROOT = Path.of(System.getProperty("interlock.root", ".."));

    private static final Map<String, Asked> CLIENTS = Map.of(
            "openai-java", new Asked(Api.OPENAI, ProxyRepeatsTest::openAi),
            "anthropic-java", new Asked(Api.ANTHROPIC, ProxyRepeatsTest::anthropic),
            "LangChain4j, OpenAI", new Asked(Api.OPENAI, ProxyRepeatsTest::langChainOpenAi),
            "LangChain4j, Anthropic", new Asked(Api.ANTHROPIC, ProxyRepeatsTest::langChainAnthropic),
            "MCP Java SDK", new Asked(Api.MCP, ProxyRepeatsTest::mcp));

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
        OpenAIClient client = OpenAIOkHttpClient.builder()
                .baseUrl(address + "/v1")
                .apiKey(key)
                .build();
        try {
            client.chat()
                    .completions()
                    .create(ChatCompletionCreateParams.builder()
                            .model("m")
                            .addUserMessage("a plan")
                            .build());
        } finally {
            client.close();
        }
    }

    private static void anthropic(String address, String key) {
        AnthropicClient client =
                AnthropicOkHttpClient.builder().baseUrl(address).apiKey(key).build();
        try {
            client.messages()
                    .create(MessageCreateParams.builder()
                            .model("m")
                            .maxTokens(50)
                            .addUserMessage("a plan")
                            .build());
        } finally {
            client.close();
        }
    }

    private static void langChainOpenAi(String address, String key) {
        OpenAiChatModel.builder()
                .baseUrl(address + "/v1")
                .apiKey(key)
                .modelName("m")
                .build()
                .chat("a plan");
    }

    private static void langChainAnthropic(String address, String key) {
        AnthropicChatModel.builder()
                .baseUrl(address + "/v1")
                .apiKey(key)
                .modelName("m")
                .build()
                .chat("a plan");
    }

    private static void mcp(String address, String key) {
        URI uri = URI.create(address);
        try (McpSyncClient client = McpClient.sync(
                        HttpClientStreamableHttpTransport.builder("http://" + uri.getAuthority())
                                .endpoint(uri.getPath() + "/mcp")
                                .requestBuilder(HttpRequest.newBuilder().header("Authorization", "Bearer " + key))
                                .build())
                .requestTimeout(Duration.ofSeconds(20))
                .build()) {
            client.initialize();
        }
    }
}
