package dev.interlock.examples.langchain4j;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.langchain4j.FallbackChatModel;
import dev.interlock.langchain4j.GuardedChatModel;
import dev.interlock.langchain4j.GuardedTools;
import dev.interlock.langchain4j.HeaderKeepingHttpClient;
import dev.interlock.spring.Guarded;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.service.AiServices;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.stereotype.Service;

/** Spring Boot and LangChain4j: a planner with a tool and two models, and a plan by hand when neither answers. */
@SpringBootApplication
public class TripApplication {
    public static void main(String[] args) {
        SpringApplication.run(TripApplication.class, args);
    }

    /** What LangChain4j makes of the model and its tools. */
    public interface Planner {
        String plan(String goal);
    }

    /** A tool; its circuit is {@code tool:tides}. */
    public static class Tides {
        @Tool
        public String tides(String harbour) {
            return "high at 6:12 and 18:40";
        }
    }

    /** The second model is asked while the first one's circuit is open, and when it fails. */
    @Bean
    ChatModel model(
            CircuitBreakerManager circuits,
            @Value("${trip.first}") String first,
            @Value("${trip.second}") String second) {
        return FallbackChatModel.of(guarded(circuits, first, "kimi-k2"), guarded(circuits, second, "glm-5"));
    }

    @Bean
    Planner planner(CircuitBreakerManager circuits, ChatModel model) {
        return AiServices.builder(Planner.class)
                .chatModel(model)
                .tools(GuardedTools.of(circuits.guard("planner"), new Tides()))
                .build();
    }

    private static GuardedChatModel guarded(CircuitBreakerManager circuits, String url, String name) {
        return GuardedChatModel.of(
                OpenAiChatModel.builder()
                        .baseUrl(url)
                        .apiKey(System.getenv().getOrDefault("OPENAI_API_KEY", "none"))
                        .modelName(name)
                        .maxRetries(0)
                        .httpClientBuilder(HeaderKeepingHttpClient.builder())
                        .build(),
                circuits.guard("planner").dependingOn("model:" + name));
    }

    /** What the rest of the application calls. Its circuit opens when neither model answers. */
    @Service
    public static class Trips {
        private final Planner planner;

        Trips(Planner planner) {
            this.planner = planner;
        }

        @Guarded(value = "trips", fallbackMethod = "byHand")
        public String plan(String goal) {
            return planner.plan(goal);
        }

        String byHand(String goal, RuntimeException failed) {
            return "a plan by hand: " + goal;
        }
    }
}
