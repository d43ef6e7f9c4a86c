package dev.interlock.mcp;

import static dev.interlock.test.CircuitAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.CircuitSnapshot;
import dev.interlock.FailureKind;
import dev.interlock.ManualOverride;
import dev.interlock.Outcome;
import dev.interlock.OverrideAction;
import io.modelcontextprotocol.client.McpAsyncClient;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.GetPromptRequest;
import io.modelcontextprotocol.spec.McpSchema.ReadResourceRequest;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.Disposable;

/** Real clients of MCP over HTTP, sync and async, against a server whose tools fail in their ways. */
class GuardedMcpTest {
    private final CircuitBreakerManager circuits = CircuitBreakerManager.create(
            CircuitBreakerConfig.builder().failureThreshold(3).build());
    private final List<Outcome> failures = new CopyOnWriteArrayList<>();

    private ToolServer server;
    private McpSyncClient client;
    private McpAsyncClient async;
    private GuardedMcp guarded;
    private GuardedAsyncMcp guardedAsync;

    @BeforeEach
    void start() throws IOException {
        server = new ToolServer();
        circuits.settlements().add((circuit, outcome, took, ago, epoch, settlement) -> {
            if (!outcome.isSuccess()) {
                failures.add(outcome);
            }
        });
        client = McpClient.sync(transport())
                .requestTimeout(Duration.ofSeconds(2))
                .build();
        client.initialize();
        async = McpClient.async(transport())
                .requestTimeout(Duration.ofSeconds(2))
                .build();
        async.initialize().block();
        guarded = GuardedMcp.of(client, circuits.guard("planner"), "files");
        guardedAsync = GuardedAsyncMcp.of(async, circuits.guard("planner"), "files");
    }

    @AfterEach
    void stop() {
        client.close();
        async.close();
        server.close();
        circuits.close();
    }

    private HttpClientStreamableHttpTransport transport() {
        return HttpClientStreamableHttpTransport.builder(server.address()).build();
    }

    private static CallToolRequest call(String tool) {
        return CallToolRequest.builder(tool).arguments(Map.of("words", "tides")).build();
    }

    private CircuitSnapshot circuit(String name) {
        return circuits.snapshot(CircuitId.of(name));
    }

    private static String text(CallToolResult result) {
        return ((TextContent) result.content().get(0)).text();
    }

    /** Whose a failure was: the only circuit that counted one. */
    private @Nullable String blamed(String tool) {
        return List.of("planner", "tool:files", "tool:files/" + tool).stream()
                .filter(name -> circuit(name).figures().failures() > 0)
                .reduce((a, b) -> a + " and " + b)
                .orElse(null);
    }

    @ParameterizedTest
    @CsvSource({
        "broken, TOOL_ERROR, tool:files/broken",
        "internal, SERVER_ERROR, tool:files",
        "status, CONNECTION, tool:files",
        "gone, CONNECTION, tool:files",
        "hangs, TIMEOUT, tool:files",
        "unauthorized, AUTHENTICATION, tool:files",
        "forbidden, FORBIDDEN, tool:files",
    })
    void a_failing_call_counts_where_it_belongs(String tool, FailureKind kind, String circuit) {
        try {
            guarded.callTool(call(tool));
        } catch (RuntimeException thrown) {
            assertThat(thrown).isNotInstanceOf(CircuitOpenException.class);
        }
        assertThat(failures).isNotEmpty();
        assertThat(failures.get(0).kind()).isEqualTo(kind);
        assertThat(blamed(tool)).isEqualTo(circuit);

        failures.clear();
        circuits.override(CircuitId.of(circuit), ManualOverride.of(OverrideAction.RESET, "ann"));
        guardedAsync.callTool(call(tool)).onErrorComplete().block();
        assertThat(failures.get(0).kind()).as("async").isEqualTo(kind);
        assertThat(blamed(tool)).as("async").isEqualTo(circuit);
    }

    @Test
    void wrong_parameters_are_the_callers_mistake() {
        assertThatThrownBy(() -> guarded.callTool(call("unknown"))).isInstanceOf(RuntimeException.class);

        assertThat(failures.get(0).kind()).isEqualTo(FailureKind.INVALID_REQUEST);
        assertThat(circuit("tool:files").figures().failures()).isZero();
        assertThat(circuit("tool:files/unknown").figures().failures()).isZero();
    }

    @Test
    void what_goes_well_counts_at_the_server_and_at_the_tool() {
        assertThat(text(guarded.callTool(call("search")))).isEqualTo("found");
        assertThat(text(guardedAsync.callTool(call("search")).block())).isEqualTo("found");
        guarded.readResource(ReadResourceRequest.builder("file:///a").build());
        guarded.getPrompt(GetPromptRequest.builder("greet").build());
        guardedAsync
                .readResource(ReadResourceRequest.builder("file:///a").build())
                .block();
        guardedAsync.getPrompt(GetPromptRequest.builder("greet").build()).block();

        assertThat(circuit("tool:files/search")).hasCounted(2, 0);
        assertThat(circuit("tool:files")).hasCounted(6, 0);
        assertThat(circuit("planner")).hasCounted(6, 0);
    }

    @Test
    void a_tool_that_is_broken_is_not_asked_again_and_the_others_are() {
        for (int i = 0; i < 3; i++) {
            guarded.callTool(call("broken"));
        }

        assertThatThrownBy(() -> guarded.callTool(call("broken"))).isInstanceOf(CircuitOpenException.class);
        assertThatThrownBy(() -> guardedAsync.callTool(call("broken")).block())
                .isInstanceOf(CircuitOpenException.class);
        assertThat(text(guarded.callTool(call("search")))).isEqualTo("found");

        assertThat(circuit("tool:files/broken")).isOpen();
        assertThat(circuit("tool:files")).isClosed();
        assertThat(server.calls()).containsExactly("broken", "broken", "broken", "search");
    }

    @Test
    void a_model_reads_that_a_tool_is_gone_and_not_to_call_it_again() {
        for (int i = 0; i < 3; i++) {
            guarded.callTool(call("broken"));
        }

        CallToolResult refused = guarded.answeringRefusals().callTool(call("broken"));
        CallToolResult refusedAsync =
                guardedAsync.answeringRefusals().callTool(call("broken")).block();

        assertThat(refused.isError()).isTrue();
        assertThat(text(refused))
                .matches("The tool broken is not available: tool:files/broken is open; retry in \\d+ s\\."
                        + " Do not repeat this call\\.")
                .doesNotContain("no such page");
        assertThat(text(refusedAsync)).startsWith("The tool broken is not available");
        assertThat(server.calls()).hasSize(3);
    }

    @Test
    void a_subscription_that_is_cancelled_says_nothing_and_each_one_asks() {
        Disposable subscription = guardedAsync.callTool(call("hangs")).subscribe();
        await().until(() -> server.calls().size() == 1);
        subscription.dispose();
        await().until(() -> !failures.isEmpty());

        assertThat(failures).allSatisfy(each -> assertThat(each.kind()).isEqualTo(FailureKind.CANCELLED));
        assertThat(circuit("tool:files")).hasCounted(0, 0);

        guardedAsync.callTool(call("broken")).repeat(4).onErrorComplete().blockLast();
        assertThat(server.calls()).as("three, then the circuit is open").hasSize(1 + 3);
    }

    @Test
    void names_that_a_model_makes_up_are_not_kept() {
        ServerGuards guards = new ServerGuards(circuits.guard("planner"), "files");
        for (int i = 0; i < 1_000; i++) {
            guards.tool("tool-" + i);
        }

        assertThat(guards.tool("tool-7")).isSameAs(guards.tool("tool-7"));
        assertThat(guards.tool("made-up")).isNotSameAs(guards.tool("made-up"));
    }
}
