package dev.interlock.examples.loops;

import dev.interlock.Guard;
import dev.interlock.langchain4j.GuardedChatModel;
import dev.interlock.langchain4j.GuardedTools;
import dev.interlock.monitor.AgentLogger;
import dev.interlock.monitor.Execution;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.invocation.InvocationParameters;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.UserMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The runs of docs/langchain4j.md: one that repeats a tool is refused. */
class LangChain4jLoopsSnippetsTest {
    // tag::loops-langchain4j[]
    interface Searcher {
        String search(@UserMessage String goal, InvocationParameters parameters);
    }

    static Searcher searcher(Guard agent, ChatModel model, Object tools) {
        return AiServices.builder(Searcher.class)
                .chatModel(GuardedChatModel.of(model, agent.dependingOn("model:kimi-k2")))
                .tools(GuardedTools.of(
                        agent,
                        context -> context.invocationParameters()
                                .<Execution>get("run")
                                .tools(),
                        tools))
                .build();
    }

    static String search(AgentLogger log, Searcher searcher, String goal) {
        try (Execution run = log.execution("searcher")) {
            return searcher.search(goal, InvocationParameters.from("run", run));
        }
    }
    // end::loops-langchain4j[]

    private final RepeatingModel world = new RepeatingModel();

    @AfterEach
    void close() {
        world.close();
    }

    final class Search {
        @Tool
        String search(String words) {
            return world.tool();
        }
    }

    @Test
    void a_run_that_repeats_a_tool_is_refused_and_another_goes_on() {
        ChatModel model = OpenAiChatModel.builder()
                .baseUrl(world.provider.uri("/v1").toString())
                .apiKey("none")
                .modelName("kimi-k2")
                .maxRetries(0)
                .build();
        Searcher searcher = searcher(world.agent, model, new Search());

        world.assertThatRunsAreStopped(() -> search(world.log, searcher, "tides"));
    }
}
