package dev.interlock.benchmarks;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.Guard;
import dev.interlock.Retry;
import dev.interlock.langchain4j.GuardedChatModel;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A call of a LangChain4j model that answers at once, bare and guarded by an agent's and a model's circuit. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LangChain4jAdapterBenchmark {
    /** The model alone. */
    @Benchmark
    public ChatResponse bare(Models models) {
        return models.bare.chat(models.request);
    }

    /** With a guard. */
    @Benchmark
    public ChatResponse guarded(Models models) {
        return models.guarded.chat(models.request);
    }

    /** With a guard that would try again. */
    @Benchmark
    public ChatResponse retried(Models models) {
        return models.retried.chat(models.request);
    }

    /** Healthy circuits before one model. */
    @State(Scope.Benchmark)
    public static class Models {
        private final CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.recommended());
        private final ChatRequest request =
                ChatRequest.builder().messages(UserMessage.from("a trip")).build();
        private final ChatModel bare;
        private final ChatModel guarded;
        private final ChatModel retried;

        /** Of one answer, made once. */
        public Models() {
            ChatResponse answer = ChatResponse.builder()
                    .aiMessage(AiMessage.from("sail at seven"))
                    .finishReason(FinishReason.STOP)
                    .build();
            bare = new ChatModel() {
                @Override
                public ChatResponse doChat(ChatRequest asked) {
                    return answer;
                }
            };
            Guard guard = circuits.guard("planner").dependingOn("model:kimi-k2");
            guarded = GuardedChatModel.of(bare, guard);
            retried = GuardedChatModel.of(bare, guard).withRetry(Retry.upTo(3));
        }

        /** Ends its threads. */
        @TearDown
        public void end() {
            circuits.close();
        }
    }
}
