package dev.interlock.examples.loops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitId;
import dev.interlock.mcp.GuardedAsyncMcp;
import dev.interlock.mcp.GuardedMcp;
import dev.interlock.monitor.Execution;
import dev.interlock.test.Answer;
import dev.interlock.test.ReceivedRequest;
import io.modelcontextprotocol.client.McpAsyncClient;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The runs of docs/mcp.md: one that repeats a tool is refused, whichever client it uses. */
class McpLoopsSnippetsTest {
    private static final Pattern ID = Pattern.compile("\"id\":(\"[^\"]*\"|\\d+)");

    // tag::loops-mcp[]
    static CallToolResult search(GuardedMcp files, Execution run, String words) {
        return files.loggedBy(run.tools())
                .callTool(CallToolRequest.builder("search")
                        .arguments(Map.of("words", words))
                        .build());
    }
    // end::loops-mcp[]

    private final RepeatingModel world = new RepeatingModel();

    @AfterEach
    void close() {
        world.close();
    }

    /** A server of MCP that says the same whatever it is asked. */
    private static Answer answerOfServer(ReceivedRequest request) {
        Matcher id = ID.matcher(request.body());
        if (!request.method().equals("POST")) {
            return Answer.status(405);
        }
        if (!id.find()) {
            return Answer.status(202);
        }
        String result = request.body().contains("\"method\":\"initialize\"")
                ? "{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{\"tools\":{}},"
                        + "\"serverInfo\":{\"name\":\"files\",\"version\":\"1\"}}"
                : "{\"content\":[{\"type\":\"text\",\"text\":\"nothing\"}]}";
        return Answer.json("{\"jsonrpc\":\"2.0\",\"id\":" + id.group(1) + ",\"result\":" + result + "}");
    }

    private static String text(CallToolResult result) {
        return result.content().stream()
                .map(each -> ((TextContent) each).text())
                .collect(Collectors.joining());
    }

    @Test
    void a_run_that_repeats_a_tool_of_mcp_is_refused_whichever_client_it_uses() {
        world.provider.answering(McpLoopsSnippetsTest::answerOfServer);
        String address = world.provider.uri().toString();
        try (McpSyncClient sync = McpClient.sync(
                        HttpClientStreamableHttpTransport.builder(address).build())
                .build()) {
            sync.initialize();
            GuardedMcp files = GuardedMcp.of(sync, world.agent, "files").answeringRefusals();
            McpAsyncClient async = McpClient.async(
                            HttpClientStreamableHttpTransport.builder(address).build())
                    .build();
            async.initialize().block();
            GuardedAsyncMcp others =
                    GuardedAsyncMcp.of(async, world.agent, "files").answeringRefusals();
            CallToolRequest request = CallToolRequest.builder("search")
                    .arguments(Map.of("words", "tides"))
                    .build();
            try (Execution run = world.log.execution("searcher");
                    Execution another = world.log.execution("searcher")) {
                assertThat(text(search(files, run, "tides"))).isEqualTo("nothing");
                world.awaitLogged();
                assertThat(text(others.loggedBy(run.tools()).callTool(request).block()))
                        .isEqualTo("nothing");
                world.awaitLogged();
                assertThat(text(search(files, run, "tides"))).isEqualTo("nothing");
                world.awaitLogged();

                assertThat(text(search(files, run, "tides")))
                        .startsWith("The tool search is not available: searcher" + RepeatingModel.REPEATS);
                assertThat(text(others.loggedBy(run.tools()).callTool(request).block()))
                        .startsWith("The tool search is not available: searcher" + RepeatingModel.REPEATS);
                assertThat(text(search(files, another, "tides"))).isEqualTo("nothing");
            }
            async.close();
        }
        assertThat(world.found()).isEqualTo(1);
        assertThat(world.circuits
                        .snapshot(CircuitId.of("tool:files/search"))
                        .figures()
                        .calls())
                .as("four calls were made")
                .isEqualTo(4);
    }
}
