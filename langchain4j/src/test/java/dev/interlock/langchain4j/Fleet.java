package dev.interlock.langchain4j;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitSnapshot;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.Outcome;
import dev.interlock.Settlement;
import dev.interlock.test.FakeProvider;
import dev.langchain4j.model.anthropic.AnthropicChatModel;
import dev.langchain4j.model.anthropic.AnthropicStreamingChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A planner that depends on a model, and real clients of a fake provider behind it. */
final class Fleet implements AutoCloseable {
    final CircuitBreakerManager circuits = CircuitBreakerManager.create(
            CircuitBreakerConfig.builder().failureThreshold(3).minCallers(1).build());
    final Guard planner = circuits.guard("planner").dependingOn("model:fake-1");
    final FakeProvider provider = FakeProvider.start();

    /** Of the model's circuit, in the order in which they came. */
    private final List<Outcome> outcomes = new CopyOnWriteArrayList<>();

    /** What counted at each circuit. */
    private final Map<String, List<@Nullable FailureKind>> kinds = new ConcurrentHashMap<>();

    Fleet() {
        circuits.settlements().add((circuit, outcome, took, ago, epoch, settlement) -> {
            if (!circuit.name().equals("planner")) {
                outcomes.add(outcome);
            }
            if (settlement == Settlement.COUNTED) {
                kinds.computeIfAbsent(circuit.name(), name -> new CopyOnWriteArrayList<>())
                        .add(outcome.kind());
            }
        });
    }

    /** What the first call was for what the agent depends on; null for a success. */
    @Nullable
    FailureKind firstKind() {
        return outcomes.get(0).kind();
    }

    /** What counted at a circuit; null for successes. */
    List<@Nullable FailureKind> kinds(String circuit) {
        return kinds.getOrDefault(circuit, List.of());
    }

    CircuitSnapshot agent() {
        return circuits.snapshot(CircuitId.of("planner"));
    }

    CircuitSnapshot model() {
        return circuits.snapshot(CircuitId.of("model:fake-1"));
    }

    OpenAiChatModel openAi() {
        return openAi(provider);
    }

    static OpenAiChatModel openAi(FakeProvider provider) {
        return OpenAiChatModel.builder()
                .baseUrl(provider.uri("/v1").toString())
                .apiKey("none")
                .modelName("fake-1")
                .timeout(Duration.ofSeconds(20))
                .maxRetries(0)
                .httpClientBuilder(HeaderKeepingHttpClient.builder())
                .build();
    }

    AnthropicChatModel anthropic() {
        return AnthropicChatModel.builder()
                .baseUrl(provider.uri("/v1").toString())
                .apiKey("none")
                .modelName("fake-1")
                .timeout(Duration.ofSeconds(20))
                .maxRetries(0)
                .httpClientBuilder(HeaderKeepingHttpClient.builder())
                .build();
    }

    OpenAiStreamingChatModel openAiStreaming() {
        return openAiStreaming(provider);
    }

    static OpenAiStreamingChatModel openAiStreaming(FakeProvider provider) {
        return OpenAiStreamingChatModel.builder()
                .baseUrl(provider.uri("/v1").toString())
                .apiKey("none")
                .modelName("fake-1")
                .timeout(Duration.ofSeconds(20))
                .httpClientBuilder(HeaderKeepingHttpClient.builder())
                .build();
    }

    AnthropicStreamingChatModel anthropicStreaming() {
        return AnthropicStreamingChatModel.builder()
                .baseUrl(provider.uri("/v1").toString())
                .apiKey("none")
                .modelName("fake-1")
                .timeout(Duration.ofSeconds(20))
                .httpClientBuilder(HeaderKeepingHttpClient.builder())
                .build();
    }

    @Override
    public void close() {
        provider.close();
        circuits.close();
    }
}
