package dev.interlock.examples.loops;

import dev.interlock.Guard;
import dev.interlock.monitor.AgentLogger;
import dev.interlock.monitor.Execution;
import dev.interlock.springai.GuardedModelAdvisor;
import dev.interlock.springai.GuardedTools;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.ai.support.ToolCallbacks;
import org.springframework.ai.tool.annotation.Tool;
import org.springframework.ai.tool.annotation.ToolParam;

/** The runs of docs/spring-ai.md: one that repeats a tool is refused. */
class SpringAiLoopsSnippetsTest {
    // tag::loops-spring-ai[]
    static ChatClient searcher(Guard agent, ChatModel model, Object tools) {
        return ChatClient.builder(model)
                .defaultAdvisors(GuardedModelAdvisor.of(agent.dependingOn("model:kimi-k2")))
                .defaultTools((Object[]) GuardedTools.of(
                        agent,
                        context -> ((Execution) context.getContext().get("run")).tools(),
                        ToolCallbacks.from(tools)))
                .build();
    }

    static String search(AgentLogger log, ChatClient searcher, String goal) {
        try (Execution run = log.execution("searcher")) {
            return searcher.prompt(goal).toolContext(Map.of("run", run)).call().content();
        }
    }
    // end::loops-spring-ai[]

    private final RepeatingModel world = new RepeatingModel();

    @AfterEach
    void close() {
        world.close();
    }

    final class Search {
        @Tool
        String search(@ToolParam String words) {
            return world.tool();
        }
    }

    @Test
    void a_run_that_repeats_a_tool_is_refused_and_another_goes_on() {
        ChatModel model = OpenAiChatModel.builder()
                .options(OpenAiChatOptions.builder()
                        .baseUrl(world.provider.uri("/v1").toString())
                        .apiKey("none")
                        .model("kimi-k2")
                        .maxRetries(0)
                        .build())
                .build();
        ChatClient searcher = searcher(world.agent, model, new Search());

        world.assertThatRunsAreStopped(() -> search(world.log, searcher, "tides"));
    }
}
