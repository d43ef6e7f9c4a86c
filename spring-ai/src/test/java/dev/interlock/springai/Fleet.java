package dev.interlock.springai;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitSnapshot;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.Outcome;
import dev.interlock.test.FakeProvider;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.anthropic.AnthropicChatModel;
import org.springframework.ai.anthropic.AnthropicChatOptions;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.advisor.api.Advisor;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;

/** A planner that depends on a model, and real clients of a fake provider behind it. */
final class Fleet implements AutoCloseable {
    final CircuitBreakerManager circuits;
    final Guard agent;
    final Guard planner;
    final FakeProvider provider = FakeProvider.start();

    /** Of the model's circuit, in the order in which they came. */
    private final List<Outcome> outcomes = new CopyOnWriteArrayList<>();

    Fleet() {
        this(CircuitBreakerConfig.builder().failureThreshold(3).minCallers(1).build());
    }

    Fleet(CircuitBreakerConfig config) {
        circuits = CircuitBreakerManager.create(config);
        agent = circuits.guard("planner");
        planner = agent.dependingOn("model:fake-1");
        circuits.settlements().add((circuit, outcome, took, ago, epoch, settlement) -> {
            if (circuit.name().equals("model:fake-1")) {
                outcomes.add(outcome);
            }
        });
    }

    /** What the first call was for the model; null for a success. */
    @Nullable
    FailureKind firstKind() {
        return outcomes.get(0).kind();
    }

    int callsOfTheModel() {
        return outcomes.size();
    }

    CircuitSnapshot agent() {
        return circuits.snapshot(CircuitId.of("planner"));
    }

    CircuitSnapshot model() {
        return circuits.snapshot(CircuitId.of("model:fake-1"));
    }

    CircuitSnapshot tool() {
        return circuits.snapshot(CircuitId.of("tool:search"));
    }

    static ChatClient client(ChatModel model, Advisor... advisors) {
        return ChatClient.builder(model).defaultAdvisors(advisors).build();
    }

    ChatModel openAi() {
        return OpenAiChatModel.builder()
                .options(OpenAiChatOptions.builder()
                        .baseUrl(provider.uri("/v1").toString())
                        .apiKey("none")
                        .model("fake-1")
                        .maxRetries(0)
                        .timeout(Duration.ofMinutes(10))
                        .build())
                .build();
    }

    ChatModel anthropic() {
        return AnthropicChatModel.builder()
                .options(AnthropicChatOptions.builder()
                        .baseUrl(provider.uri().toString())
                        .apiKey("none")
                        .model("fake-1")
                        .maxTokens(100)
                        .maxRetries(0)
                        .timeout(Duration.ofMinutes(10))
                        .build())
                .build();
    }

    @Override
    public void close() {
        provider.close();
        circuits.close();
    }
}
