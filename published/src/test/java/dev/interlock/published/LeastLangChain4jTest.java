package dev.interlock.published;

import static dev.interlock.test.CircuitAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.CircuitSnapshot;
import dev.interlock.Guard;
import dev.interlock.langchain4j.FallbackChatModel;
import dev.interlock.langchain4j.GuardedChatModel;
import dev.interlock.langchain4j.GuardedStreamingChatModel;
import dev.interlock.langchain4j.GuardedTools;
import dev.interlock.langchain4j.HeaderKeepingHttpClient;
import dev.interlock.test.FakeProvider;
import dev.interlock.test.OpenAiAnswers;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.tool.ToolProviderResult;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The adapter as it was compiled, with the least release of LangChain4j that it says it works with. */
class LeastLangChain4jTest {
    private final CircuitBreakerManager circuits = CircuitBreakerManager.create(
            CircuitBreakerConfig.builder().failureThreshold(3).minCallers(1).build());
    private final Guard planner = circuits.guard("planner").dependingOn("model:first");
    private final FakeProvider provider = FakeProvider.start();

    @AfterEach
    void close() {
        provider.close();
        circuits.close();
    }

    interface Planner {
        String plan(String goal);
    }

    static final class Tides {
        @Tool
        String tides(String harbour) {
            return "high at 6:12";
        }
    }

    private CircuitSnapshot circuit(String name) {
        return circuits.snapshot(CircuitId.of(name));
    }

    private static OpenAiChatModel model(FakeProvider provider) {
        return OpenAiChatModel.builder()
                .baseUrl(provider.uri("/v1").toString())
                .apiKey("none")
                .modelName("fake-1")
                .maxRetries(0)
                .httpClientBuilder(HeaderKeepingHttpClient.builder())
                .build();
    }

    @Test
    void the_page_names_the_release_that_is_tested_here() throws IOException {
        assertThat(ChatModel.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .getPath())
                .endsWith("langchain4j-core-1.13.0.jar");
        assertThat(Files.readString(Published.ROOT.resolve("docs/langchain4j.md")))
                .contains("The oldest release that works is LangChain4j 1.13");
    }

    @Test
    void an_agent_asks_its_second_model_and_calls_a_guarded_tool() {
        try (FakeProvider second = FakeProvider.start()) {
            provider.otherwise(OpenAiAnswers.error(503, "server_error", "x"));
            second.then(OpenAiAnswers.toolCall("tides", "{\"harbour\": \"Lima\"}"))
                    .otherwise(OpenAiAnswers.text("sail at seven"));
            Planner agent = AiServices.builder(Planner.class)
                    .chatModel(FallbackChatModel.of(
                            GuardedChatModel.of(model(provider), planner),
                            GuardedChatModel.of(
                                    model(second), circuits.guard("planner").dependingOn("model:second"))))
                    .tools(GuardedTools.of(circuits.guard("planner"), new Tides()))
                    .build();

            assertThat(agent.plan("sail")).isEqualTo("sail at seven");

            assertThat(second.requests().get(1).body()).contains("high at 6:12");
            assertThat(circuit("tool:tides")).hasCounted(1, 0);
            assertThat(circuit("model:second")).hasCounted(2, 0);
            assertThat(circuit("model:first")).hasCounted(2, 2);
        }
    }

    @Test
    void a_wait_that_a_provider_asks_for_reaches_the_circuit() {
        provider.otherwise(OpenAiAnswers.error(429, "rate_limit", "x").withRetryAfter(Duration.ofSeconds(100)));
        ChatModel model = GuardedChatModel.of(model(provider), planner);
        assertThatThrownBy(() -> model.chat("Hello")).isNotInstanceOf(CircuitOpenException.class);

        CircuitOpenException refused = catchThrowableOfType(CircuitOpenException.class, () -> model.chat("Hello"));

        assertThat(refused.retryAfter()).isGreaterThan(Duration.ofSeconds(90));
    }

    @Test
    void a_stream_is_guarded_until_it_ends() throws Exception {
        provider.otherwise(OpenAiAnswers.stream("Hel", "lo"));
        StreamingChatModel model = GuardedStreamingChatModel.of(
                OpenAiStreamingChatModel.builder()
                        .baseUrl(provider.uri("/v1").toString())
                        .apiKey("none")
                        .modelName("fake-1")
                        .httpClientBuilder(HeaderKeepingHttpClient.builder())
                        .build(),
                planner);
        CompletableFuture<ChatResponse> end = new CompletableFuture<>();
        List<String> pieces = new CopyOnWriteArrayList<>();

        model.chat("Hello", new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(String piece) {
                pieces.add(piece);
            }

            @Override
            public void onCompleteResponse(ChatResponse response) {
                end.complete(response);
            }

            @Override
            public void onError(Throwable thrown) {
                end.completeExceptionally(thrown);
            }
        });

        assertThat(end.get(30, TimeUnit.SECONDS).aiMessage().text()).isEqualTo("Hello");
        assertThat(pieces).containsExactly("Hel", "lo");
        assertThat(circuit("model:first")).hasCounted(1, 0);
    }

    /** Their results are a map there, which later releases have tools for. */
    @Test
    void the_tools_of_a_provider_are_guarded_and_stay_what_they_are() {
        ToolSpecification search =
                ToolSpecification.builder().name("search").description("x").build();

        ToolProviderResult guarded = GuardedTools.of(
                        planner,
                        request -> ToolProviderResult.builder()
                                .add(search, (call, memory) -> "found")
                                .immediateReturnToolNames(Set.of("search"))
                                .build())
                .provideTools(null);

        assertThat(guarded.tools()).containsOnlyKeys(search);
        assertThat(guarded.immediateReturnToolNames()).containsExactly("search");
        ToolExecutionRequest call = ToolExecutionRequest.builder()
                .id("1")
                .name("search")
                .arguments("{}")
                .build();
        assertThat(guarded.tools().get(search).execute(call, "memory")).isEqualTo("found");
        assertThat(circuit("tool:search")).hasCounted(1, 0);
    }
}
