package dev.interlock.benchmarks;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.mcp.GuardedMcp;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A call of a tool by the client of the MCP SDK, bare and guarded by an agent's, a server's and a tool's circuit. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class McpAdapterBenchmark {
    /** The client alone. */
    @Benchmark
    public CallToolResult bare(Tools tools) {
        return tools.client.callTool(tools.request);
    }

    /** With a guard. */
    @Benchmark
    public CallToolResult guarded(Tools tools) {
        return tools.guarded.callTool(tools.request);
    }

    /** With a guard that answers refusals. */
    @Benchmark
    public CallToolResult answering(Tools tools) {
        return tools.answering.callTool(tools.request);
    }

    /** Healthy circuits before one client. */
    @State(Scope.Benchmark)
    public static class Tools {
        private final CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.recommended());
        private final McpSyncClient client = McpClient.sync(new McpInProcess()).build();
        private final GuardedMcp guarded = GuardedMcp.of(client, circuits.guard("planner"), "harbour");
        private final GuardedMcp answering = guarded.answeringRefusals();
        private final CallToolRequest request = CallToolRequest.builder("tides")
                .arguments(Map.of("place", "Lima"))
                .build();

        /** With the session begun. */
        public Tools() {
            client.initialize();
        }

        /** Ends its threads. */
        @TearDown
        public void end() {
            client.close();
            circuits.close();
        }
    }
}
