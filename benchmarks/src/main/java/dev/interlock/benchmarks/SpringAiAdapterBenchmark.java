package dev.interlock.benchmarks;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.Guard;
import dev.interlock.springai.GuardedAgentAdvisor;
import dev.interlock.springai.GuardedModelAdvisor;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.ChatClientRequest;
import org.springframework.ai.chat.client.ChatClientResponse;
import org.springframework.ai.chat.client.advisor.api.Advisor;
import org.springframework.ai.chat.client.advisor.api.CallAdvisor;
import org.springframework.ai.chat.client.advisor.api.CallAdvisorChain;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.prompt.Prompt;

/**
 * A call by a client of Spring AI whose model answers at once: bare, with advisors that do nothing, and guarded. An advisor
 * has its price whatever it does.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SpringAiAdapterBenchmark {
    /** The client alone. */
    @Benchmark
    public @Nullable ChatResponse bare(Clients clients) {
        return ask(clients.bare);
    }

    /** With an advisor that does nothing. */
    @Benchmark
    public @Nullable ChatResponse empty(Clients clients) {
        return ask(clients.empty);
    }

    /** With a guard before the model. */
    @Benchmark
    public @Nullable ChatResponse guarded(Clients clients) {
        return ask(clients.guarded);
    }

    /** With two advisors that do nothing. */
    @Benchmark
    public @Nullable ChatResponse emptyTwice(Clients clients) {
        return ask(clients.emptyTwice);
    }

    /** With a guard before the agent and one before its model. */
    @Benchmark
    public @Nullable ChatResponse guardedTwice(Clients clients) {
        return ask(clients.guardedTwice);
    }

    private static @Nullable ChatResponse ask(ChatClient client) {
        return client.prompt("a trip").call().chatResponse();
    }

    /** Healthy circuits before one model. */
    @State(Scope.Benchmark)
    public static class Clients {
        private final CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.recommended());
        private final ChatClient bare;
        private final ChatClient empty;
        private final ChatClient guarded;
        private final ChatClient emptyTwice;
        private final ChatClient guardedTwice;

        /** Of one answer, made once. */
        public Clients() {
            ChatResponse answer = new ChatResponse(List.of(new Generation(new AssistantMessage("sail at seven"))));
            ChatModel model = new ChatModel() {
                @Override
                public ChatResponse call(Prompt prompt) {
                    return answer;
                }
            };
            Guard agent = circuits.guard("planner");
            Advisor before = new Empty(GuardedAgentAdvisor.DEFAULT_ORDER, "first");
            Advisor after = new Empty(GuardedModelAdvisor.DEFAULT_ORDER, "last");
            Advisor guard = GuardedModelAdvisor.of(agent.dependingOn("model:kimi-k2"));
            bare = client(model);
            empty = client(model, after);
            guarded = client(model, guard);
            emptyTwice = client(model, before, after);
            guardedTwice = client(model, GuardedAgentAdvisor.of(agent), guard);
        }

        private static ChatClient client(ChatModel model, Advisor... advisors) {
            return ChatClient.builder(model).defaultAdvisors(advisors).build();
        }

        /** Ends its threads. */
        @TearDown
        public void end() {
            circuits.close();
        }
    }

    /** Asks what is next. */
    private record Empty(int order, String name) implements CallAdvisor {
        @Override
        public ChatClientResponse adviseCall(ChatClientRequest request, CallAdvisorChain chain) {
            return chain.nextCall(request);
        }

        @Override
        public String getName() {
            return name;
        }

        @Override
        public int getOrder() {
            return order;
        }
    }
}
