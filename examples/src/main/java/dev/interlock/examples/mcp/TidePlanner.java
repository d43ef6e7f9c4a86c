package dev.interlock.examples.mcp;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.Guard;
import dev.interlock.langchain4j.GuardedChatModel;
import dev.interlock.langchain4j.HeaderKeepingHttpClient;
import dev.interlock.mcp.GuardedMcp;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.service.AiServices;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import java.util.Map;
import java.util.stream.Collectors;

/** A planner whose tool is at an MCP server. While that fails, the model reads that it is to go on without the tool. */
public final class TidePlanner {
    /** What LangChain4j makes of the model and the tool. */
    public interface Planner {
        String plan(String goal);
    }

    /** A tool of the server for the model; its circuits are {@code tool:harbour} and {@code tool:harbour/tides}. */
    static final class Tides {
        private final GuardedMcp harbour;

        Tides(GuardedMcp harbour) {
            this.harbour = harbour;
        }

        @Tool
        String tides(String place) {
            CallToolResult result = harbour.callTool(CallToolRequest.builder("tides")
                    .arguments(Map.of("place", place))
                    .build());
            return result.content().stream()
                    .filter(TextContent.class::isInstance)
                    .map(content -> ((TextContent) content).text())
                    .collect(Collectors.joining("\n"));
        }
    }

    private TidePlanner() {}

    /** Takes the address of a model, that of an MCP server, and goals: one plan is printed for each. */
    public static void main(String[] args) {
        try (CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.recommended());
                McpSyncClient server = server(args[1])) {
            Planner planner = planner(circuits, args[0], server);
            for (int i = 2; i < args.length; i++) {
                System.out.println(planner.plan(args[i]));
            }
        }
    }

    public static McpSyncClient server(String address) {
        McpSyncClient server = McpClient.sync(
                        HttpClientStreamableHttpTransport.builder(address).build())
                .build();
        server.initialize();
        return server;
    }

    public static Planner planner(CircuitBreakerManager circuits, String url, McpSyncClient server) {
        Guard agent = circuits.guard("planner");
        ChatModel model = GuardedChatModel.of(
                OpenAiChatModel.builder()
                        .baseUrl(url)
                        .apiKey(System.getenv().getOrDefault("OPENAI_API_KEY", "none"))
                        .modelName("kimi-k2")
                        .maxRetries(0)
                        .httpClientBuilder(HeaderKeepingHttpClient.builder())
                        .build(),
                agent.dependingOn("model:kimi-k2"));
        return AiServices.builder(Planner.class)
                .chatModel(model)
                .tools(new Tides(GuardedMcp.of(server, agent, "harbour").answeringRefusals()))
                .build();
    }
}
