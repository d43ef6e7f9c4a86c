package dev.interlock.benchmarks;

import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpClientTransport;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.Implementation;
import io.modelcontextprotocol.spec.McpSchema.InitializeResult;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCRequest;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse;
import io.modelcontextprotocol.spec.McpSchema.ServerCapabilities;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A server that answers every call of a tool at once, on the caller's thread, and never a byte is written. */
final class McpInProcess implements McpClientTransport {
    private final CallToolResult answer = CallToolResult.builder(
                    List.of(TextContent.builder("high at 6:12").build()))
            .build();
    private volatile @Nullable Function<Mono<JSONRPCMessage>, Mono<JSONRPCMessage>> client;

    @Override
    public Mono<Void> connect(Function<Mono<JSONRPCMessage>, Mono<JSONRPCMessage>> handler) {
        client = handler;
        return Mono.empty();
    }

    @Override
    public Mono<Void> sendMessage(JSONRPCMessage message) {
        if (message instanceof JSONRPCRequest request) {
            Object result = request.method().equals("initialize") ? session() : answer;
            return Objects.requireNonNull(client)
                    .apply(Mono.just(JSONRPCResponse.result(request.id(), result)))
                    .then();
        }
        return Mono.empty();
    }

    private InitializeResult session() {
        return InitializeResult.builder(
                        protocolVersions().get(0),
                        ServerCapabilities.builder().tools(true).build(),
                        Implementation.builder("harbour", "1").build())
                .build();
    }

    @Override
    public Mono<Void> closeGracefully() {
        return Mono.empty();
    }

    @Override
    @SuppressWarnings("unchecked") // what it was sent is what the client expects
    public <T> T unmarshalFrom(Object data, TypeRef<T> type) {
        return (T) data;
    }
}
