package dev.interlock.sdks;

import static dev.interlock.test.CircuitAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitSnapshot;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.proxy.Api;
import dev.interlock.proxy.ProxyOnManager;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.catalina.LifecycleException;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A client and a server of the MCP Java SDK, over streamable HTTP with a session and answers in events, through the proxy:
 * each tool has a circuit of its own, and what the server does is the server's.
 */
class McpThroughTheProxyTest {
    @TempDir
    Path folder;

    private final CircuitBreakerManager circuits = CircuitBreakerManager.create(
            CircuitBreakerConfig.builder().failureThreshold(3).build());
    private Toolbox toolbox;
    private ProxyOnManager proxy;
    private McpSyncClient client;

    @BeforeEach
    void start() throws LifecycleException {
        toolbox = new Toolbox(folder);
        proxy = new ProxyOnManager(circuits, List.of(ProxyOnManager.upstream("files", Api.MCP, toolbox.uri())));
        client = McpClient.sync(HttpClientStreamableHttpTransport.builder(
                                "http://" + proxy.uri("").getAuthority())
                        .endpoint("/proxy/files/mcp")
                        .requestBuilder(HttpRequest.newBuilder()
                                .header("Authorization", "Bearer " + ProxyOnManager.key("planner")))
                        .openConnectionOnStartup(true)
                        .build())
                .requestTimeout(Duration.ofSeconds(20))
                .build();
        client.initialize();
    }

    @AfterEach
    void stop() throws LifecycleException {
        client.close();
        proxy.close();
        toolbox.close();
        circuits.close();
    }

    private CallToolResult call(String tool) {
        return client.callTool(CallToolRequest.builder(tool)
                .arguments(Map.of("words", "tides"))
                .build());
    }

    private static String text(CallToolResult result) {
        return ((TextContent) result.content().get(0)).text();
    }

    private CircuitSnapshot circuit(String name) {
        return circuits.snapshot(CircuitId.of(name));
    }

    @Test
    void tools_are_listed_and_called_in_one_session() {
        assertThat(client.listTools().tools()).extracting(Tool::name).contains("search", "broken");
        assertThat(text(call("search"))).isEqualTo("found");
        assertThat(text(call("search"))).isEqualTo("found");

        assertThat(toolbox.calls()).containsExactly("search", "search");
        assertThat(circuit("tool:files/search")).isClosed().hasCounted(2, 0);
        assertThat(circuit("tool:files")).isClosed();
    }

    @Test
    void a_tool_that_fails_opens_its_own_circuit_and_no_other() {
        for (int i = 0; i < 3; i++) {
            assertThat(text(call("broken"))).isEqualTo("no such page");
        }
        CallToolResult refused = call("broken");

        assertThat(circuit("tool:files/broken")).isOpen();
        assertThat(circuit("tool:files")).isClosed();
        assertThat(circuit("planner").figures().failures()).isZero();
        assertThat(refused.isError()).isTrue();
        assertThat(text(refused)).matches("tool:files/broken is open; retry in \\d+ s\\. Do not repeat this call\\.");
        assertThat(refused.meta().get("dev.interlock/refusal"))
                .asInstanceOf(InstanceOfAssertFactories.MAP)
                .containsEntry("code", "circuit_open")
                .containsEntry("reason", "open");
        assertThat(text(call("search"))).isEqualTo("found");
        assertThat(toolbox.calls()).containsExactly("broken", "broken", "broken", "search");
    }

    @Test
    void a_tool_that_there_is_not_is_the_callers_mistake() {
        for (int i = 0; i < 5; i++) {
            assertThatThrownBy(() -> call("made-up")).isInstanceOf(McpError.class);
        }

        assertThat(circuit("tool:files")).isClosed();
        assertThat(circuit("tool:files/made-up")).isClosed();
        assertThat(circuit("planner")).isClosed();
    }

    @Test
    void a_server_that_is_gone_opens_its_circuit_and_not_the_tools_or_the_agents() throws LifecycleException {
        call("search");
        toolbox.close();
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> call("search")).isInstanceOf(RuntimeException.class);
        }

        assertThat(circuit("tool:files")).isOpen();
        assertThat(circuit("tool:files/search")).isClosed();
        assertThat(circuit("planner").figures().failures()).isZero();
    }

    @Test
    void what_is_no_call_of_a_tool_is_refused_as_an_error() {
        circuits.getOrCreate(CircuitId.of("tool:files")).override(ManualOverride.of(OverrideAction.OPEN, "ada"));

        assertThatThrownBy(() -> client.listTools())
                .isInstanceOf(McpError.class)
                .hasMessageMatching("tool:files is open; retry in \\d+ s\\. Do not repeat this call\\.");
        assertThat(call("search").isError()).isTrue();
        assertThat(toolbox.calls()).isEmpty();
    }
}
