package dev.interlock.mcp;

import static dev.interlock.test.CircuitAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The blocks of docs/mcp.md. */
class McpSnippetsTest {
    // tag::mcp-manager[]
    static CircuitBreakerManager circuits(McpSyncClient client) {
        return CircuitBreakerManager.builder()
                .defaults(CircuitBreakerConfig.recommended())
                .policy("tool:files", CircuitBreakerConfig.recommendedWithProbe())
                .probe("tool:files", id -> client.listTools() != null)
                .build();
    }
    // end::mcp-manager[]

    // tag::mcp-call[]
    static CallToolResult search(CircuitBreakerManager circuits, McpSyncClient client, String words) {
        GuardedMcp files =
                GuardedMcp.of(client, circuits.guard("planner"), "files").answeringRefusals();
        return files.callTool(CallToolRequest.builder("search")
                .arguments(Map.of("words", words))
                .build());
    }
    // end::mcp-call[]

    @Test
    void a_tool_is_called_and_the_server_is_probed() throws IOException {
        try (ToolServer server = new ToolServer();
                McpSyncClient client = McpClient.sync(HttpClientStreamableHttpTransport.builder(server.address())
                                .build())
                        .build();
                CircuitBreakerManager circuits = circuits(client)) {
            client.initialize();

            CallToolResult found = search(circuits, client, "tides");

            assertThat(((TextContent) found.content().get(0)).text()).isEqualTo("found");
            assertThat(circuits.snapshot(CircuitId.of("tool:files/search"))).hasCounted(1, 0);
            assertThat(circuits.snapshot(CircuitId.of("tool:files")).probe()).isNotNull();
        }
    }
}
