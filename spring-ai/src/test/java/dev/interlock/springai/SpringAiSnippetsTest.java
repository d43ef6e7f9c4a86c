package dev.interlock.springai;

import static dev.interlock.test.CircuitAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.Guard;
import dev.interlock.Retry;
import dev.interlock.StreamLimits;
import dev.interlock.test.FakeProvider;
import dev.interlock.test.OpenAiAnswers;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.converter.BeanOutputConverter;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.ai.support.ToolCallbacks;
import org.springframework.ai.tool.annotation.Tool;
import reactor.core.publisher.Flux;

/** The program of docs/spring-ai.md, from its first answer to a refusal and back. */
class SpringAiSnippetsTest {
    // tag::spring-ai-agent[]
    static final class Tides {
        @Tool
        String tides(String harbour) {
            return "high at 6:12 and 18:40";
        }
    }

    static ChatClient planner(CircuitBreakerManager circuits, ChatModel model) {
        Guard agent = circuits.guard("planner");
        return ChatClient.builder(model)
                .defaultAdvisors(
                        GuardedAgentAdvisor.of(agent),
                        GuardedModelAdvisor.of(agent.dependingOn("model:kimi-k2"))
                                .withRetry(Retry.upTo(2)))
                .defaultTools((Object[]) GuardedTools.of(agent, ToolCallbacks.from(new Tides())))
                .build();
    }

    static String plan(ChatClient planner, String goal) {
        try {
            return planner.prompt(goal).call().content();
        } catch (CircuitOpenException refused) {
            return "No plan for the next " + refused.retryAfter().toSeconds() + " s.";
        }
    }
    // end::spring-ai-agent[]

    // tag::spring-ai-model[]
    static ChatModel model(String url) {
        return OpenAiChatModel.builder()
                .options(OpenAiChatOptions.builder()
                        .baseUrl(url)
                        .apiKey(System.getenv().getOrDefault("OPENAI_API_KEY", "none"))
                        .model("kimi-k2")
                        .maxRetries(0)
                        .timeout(Duration.ofMinutes(30))
                        .build())
                .build();
    }
    // end::spring-ai-model[]

    // tag::spring-ai-stream[]
    static Flux<String> pieces(Guard agent, ChatModel model, String goal) {
        return ChatClient.builder(model)
                .defaultAdvisors(GuardedModelAdvisor.of(agent.dependingOn("model:kimi-k2"))
                        .withLimits(StreamLimits.none()
                                .firstPiece(Duration.ofSeconds(30))
                                .betweenPieces(Duration.ofSeconds(20))))
                .build()
                .prompt(goal)
                .stream()
                .content();
    }
    // end::spring-ai-stream[]

    // tag::spring-ai-entity[]
    record Plan(String goal, int hour) {}

    static Plan structured(Guard agent, ChatClient planner, String goal) {
        return planner.prompt(goal).call().entity(GuardedConverter.of(new BeanOutputConverter<>(Plan.class), agent));
    }
    // end::spring-ai-entity[]

    private final CircuitBreakerManager circuits =
            CircuitBreakerManager.create(CircuitBreakerConfig.recommended().toBuilder()
                    .cooldown(Duration.ofMillis(300))
                    .build());
    private final FakeProvider provider = FakeProvider.start();
    private final ChatModel model = model(provider.uri("/v1").toString());

    @AfterEach
    void close() {
        circuits.close();
        provider.close();
    }

    @Test
    void the_program_runs_from_an_answer_to_a_refusal_and_back() {
        ChatClient planner = planner(circuits, model);
        provider.then(OpenAiAnswers.toolCall("tides", "{\"harbour\": \"Lima\"}"))
                .otherwise(OpenAiAnswers.text("sail at seven"));
        assertThat(plan(planner, "sail")).isEqualTo("sail at seven");
        assertThat(provider.requests().get(1).body()).contains("high at 6:12");

        provider.otherwise(OpenAiAnswers.error(500, "server_error", "x"));
        await().atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .until(() -> plan(planner, "sail").startsWith("No plan for the next"));
        assertThat(circuits.snapshot(CircuitId.of("planner"))).isClosed();

        provider.otherwise(OpenAiAnswers.text("sail at eight"));
        await().atMost(Duration.ofSeconds(30))
                .until(() -> plan(planner, "sail").equals("sail at eight")
                        && !circuits.snapshot(CircuitId.of("model:kimi-k2")).isNotClosed());
    }

    @Test
    void a_stream_and_a_structured_answer_come_through() {
        Guard agent = circuits.guard("planner");
        provider.then(OpenAiAnswers.stream("sail ", "at seven"));
        assertThat(pieces(agent, model, "sail").collectList().block(Duration.ofSeconds(30)))
                .containsExactly("sail ", "at seven");

        provider.then(OpenAiAnswers.text("{\"goal\": \"sail\", \"hour\": 7}"));
        assertThat(structured(agent, planner(circuits, model), "sail")).isEqualTo(new Plan("sail", 7));
    }
}
