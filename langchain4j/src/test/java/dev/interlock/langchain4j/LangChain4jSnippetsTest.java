package dev.interlock.langchain4j;

import static dev.interlock.test.CircuitAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.Guard;
import dev.interlock.Retry;
import dev.interlock.StreamLimits;
import dev.interlock.StreamTimeoutException;
import dev.interlock.test.FakeProvider;
import dev.interlock.test.OpenAiAnswers;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.service.AiServices;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The program of docs/langchain4j.md, from its first answer to a fallback and back. */
class LangChain4jSnippetsTest {
    // tag::langchain4j-agent[]
    interface Planner {
        String plan(String goal);
    }

    static final class Tides {
        @Tool
        String tides(String harbour) {
            return "high at 6:12 and 18:40";
        }
    }

    static GuardedChatModel model(Guard agent, String url, String name) {
        return GuardedChatModel.of(
                        OpenAiChatModel.builder()
                                .baseUrl(url)
                                .apiKey(System.getenv().getOrDefault("OPENAI_API_KEY", "none"))
                                .modelName(name)
                                .maxRetries(0)
                                .httpClientBuilder(HeaderKeepingHttpClient.builder())
                                .build(),
                        agent.dependingOn("model:" + name))
                .withRetry(Retry.upTo(2));
    }

    static Planner planner(CircuitBreakerManager circuits, String first, String second) {
        Guard agent = circuits.guard("planner");
        return AiServices.builder(Planner.class)
                .chatModel(FallbackChatModel.of(model(agent, first, "kimi-k2"), model(agent, second, "glm-5")))
                .tools(GuardedTools.of(agent, new Tides()))
                .build();
    }
    // end::langchain4j-agent[]

    private final CircuitBreakerManager circuits =
            CircuitBreakerManager.create(CircuitBreakerConfig.recommended().toBuilder()
                    .cooldown(Duration.ofMillis(300))
                    .build());
    private final FakeProvider first = FakeProvider.start();
    private final FakeProvider second = FakeProvider.start().otherwise(OpenAiAnswers.text("from the second"));

    @AfterEach
    void close() {
        circuits.close();
        first.close();
        second.close();
    }

    @Test
    void the_program_runs_from_an_answer_to_a_fallback_and_back() {
        Planner planner =
                planner(circuits, first.uri("/v1").toString(), second.uri("/v1").toString());
        first.then(OpenAiAnswers.toolCall("tides", "{\"harbour\": \"Lima\"}"))
                .otherwise(OpenAiAnswers.text("sail at seven"));
        assertThat(planner.plan("sail")).isEqualTo("sail at seven");
        assertThat(first.requests().get(1).body()).contains("high at 6:12");

        first.otherwise(OpenAiAnswers.error(500, "server_error", "x"));
        for (int i = 0; i < 4; i++) {
            assertThat(planner.plan("sail")).isEqualTo("from the second");
        }
        assertThat(circuits.snapshot(CircuitId.of("model:kimi-k2"))).isOpen();
        assertThat(circuits.snapshot(CircuitId.of("planner"))).isClosed();

        first.otherwise(OpenAiAnswers.text("sail at eight"));
        await().until(() -> planner.plan("sail").equals("sail at eight")
                && !circuits.snapshot(CircuitId.of("model:kimi-k2")).isNotClosed());
    }

    // tag::langchain4j-stream[]
    static StreamingChatModel streaming(Guard agent, String url) {
        return GuardedStreamingChatModel.of(
                        OpenAiStreamingChatModel.builder()
                                .baseUrl(url)
                                .apiKey("none")
                                .modelName("kimi-k2")
                                .httpClientBuilder(HeaderKeepingHttpClient.builder())
                                .build(),
                        agent.dependingOn("model:kimi-k2"))
                .withLimits(
                        StreamLimits.none().firstPiece(Duration.ofSeconds(30)).betweenPieces(Duration.ofSeconds(2)))
                .withRetry(Retry.upTo(3));
    }
    // end::langchain4j-stream[]

    @Test
    void a_stream_that_stalls_ends() {
        first.otherwise(OpenAiAnswers.pieces("half").thenStalled());
        List<Throwable> ends = new CopyOnWriteArrayList<>();

        streaming(circuits.guard("planner"), first.uri("/v1").toString())
                .chat("sail", new StreamingChatResponseHandler() {
                    @Override
                    public void onCompleteResponse(ChatResponse response) {
                        ends.add(new AssertionError("complete"));
                    }

                    @Override
                    public void onError(Throwable thrown) {
                        ends.add(thrown);
                    }
                });

        await().until(() -> !ends.isEmpty());
        assertThat(ends).hasSize(1);
        assertThat(ends.get(0)).isInstanceOf(StreamTimeoutException.class);
    }
}
