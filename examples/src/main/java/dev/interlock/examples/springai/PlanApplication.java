package dev.interlock.examples.springai;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitOpenException;
import dev.interlock.Guard;
import dev.interlock.springai.GuardedAgentAdvisor;
import dev.interlock.springai.GuardedModelAdvisor;
import dev.interlock.springai.GuardedTools;
import java.time.Duration;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.ai.support.ToolCallbacks;
import org.springframework.ai.tool.annotation.Tool;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.stereotype.Service;

/** Spring Boot and Spring AI: a planner with a model and a tool, which says when to ask again while it is refused. */
@SpringBootApplication
public class PlanApplication {
    public static void main(String[] args) {
        SpringApplication.run(PlanApplication.class, args);
    }

    /** A tool; its circuit is {@code tool:tides}. */
    public static class Tides {
        @Tool(description = "When it is high water in a harbour")
        public String tides(String harbour) {
            return "high at 6:12 and 18:40";
        }
    }

    /** Without retries of its own, and with a limit that cuts no long answer: the guard sees to both. */
    @Bean
    ChatModel model(@Value("${plan.model}") String url) {
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

    /** One question is a call of the agent; each round of it is a call of the model. */
    @Bean
    ChatClient planner(CircuitBreakerManager circuits, ChatModel model) {
        Guard agent = circuits.guard("planner");
        return ChatClient.builder(model)
                .defaultAdvisors(
                        GuardedAgentAdvisor.of(agent), GuardedModelAdvisor.of(agent.dependingOn("model:kimi-k2")))
                .defaultTools((Object[]) GuardedTools.of(agent, ToolCallbacks.from(new Tides())))
                .build();
    }

    /** What the rest of the application calls. */
    @Service
    public static class Plans {
        private final ChatClient planner;

        Plans(ChatClient planner) {
            this.planner = planner;
        }

        public String plan(String goal) {
            try {
                return String.valueOf(planner.prompt(goal).call().content());
            } catch (CircuitOpenException refused) {
                return "No plan for the next " + refused.retryAfter().toSeconds() + " s.";
            }
        }
    }
}
