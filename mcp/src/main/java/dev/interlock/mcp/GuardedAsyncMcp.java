package dev.interlock.mcp;

import dev.interlock.Alpha;
import dev.interlock.CircuitOpenException;
import dev.interlock.FailureClassifier;
import dev.interlock.Guard;
import dev.interlock.Outcome;
import dev.interlock.Permit;
import dev.interlock.TooManyCircuitsException;
import dev.interlock.ToolListener;
import dev.interlock.threads.Reporting;
import io.modelcontextprotocol.client.McpAsyncClient;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.GetPromptRequest;
import io.modelcontextprotocol.spec.McpSchema.GetPromptResult;
import io.modelcontextprotocol.spec.McpSchema.ReadResourceRequest;
import io.modelcontextprotocol.spec.McpSchema.ReadResourceResult;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * As {@link GuardedMcp}, for Reactor: each subscription asks for a permit of its own, so a retry behind it is seen, and a
 * subscription that is cancelled says nothing of anybody.
 */
public final class GuardedAsyncMcp {
    private final McpAsyncClient client;
    private final ServerGuards guards;
    private final boolean answersRefusals;
    private final @Nullable ToolListener run;

    private GuardedAsyncMcp(
            McpAsyncClient client, ServerGuards guards, boolean answersRefusals, @Nullable ToolListener run) {
        this.client = client;
        this.guards = guards;
        this.answersRefusals = answersRefusals;
        this.run = run;
    }

    /**
     * Guards a client.
     *
     * @param client initialized or not; what else it can do is done with it directly
     * @param agent the guard of the agent that calls
     * @param server what the circuits of the server and its tools are named by, such as {@code files}
     * @return ends with a {@link CircuitOpenException} for what is refused
     */
    public static GuardedAsyncMcp of(McpAsyncClient client, Guard agent, String server) {
        Objects.requireNonNull(client, "There must be a client to guard");
        return new GuardedAsyncMcp(client, new ServerGuards(agent, server), false, null);
    }

    /**
     * This client, which answers calls of tools that are refused with an error result, as {@link
     * GuardedMcp#answeringRefusals} does.
     *
     * @return another client
     */
    public GuardedAsyncMcp answeringRefusals() {
        return new GuardedAsyncMcp(client, guards, true, run);
    }

    /**
     * This client for one run of the agent, as {@link GuardedMcp#loggedBy} makes one: each subscription is a call.
     *
     * @param listener the run
     * @return another client
     */
    @Alpha
    public GuardedAsyncMcp loggedBy(ToolListener listener) {
        Objects.requireNonNull(listener, "There must be a run that hears of calls");
        return new GuardedAsyncMcp(client, guards, answersRefusals, listener);
    }

    /**
     * Calls a tool.
     *
     * @param request names it
     * @return what it answers, which may be an error
     */
    public Mono<CallToolResult> callTool(CallToolRequest request) {
        ServerGuards.Guarded tool = guards.tool(request.name());
        Mono<CallToolResult> guarded = heard(tool, request, guarded(tool, client.callTool(request)));
        return answersRefusals
                ? guarded.onErrorResume(
                        CircuitOpenException.class,
                        refused -> Mono.just(
                                Refusals.result(request.name(), tool.guard().message(refused))))
                : guarded;
    }

    /**
     * Reads a resource.
     *
     * @param request names it
     * @return its contents
     */
    public Mono<ReadResourceResult> readResource(ReadResourceRequest request) {
        return guarded(guards.server(), client.readResource(request));
    }

    /**
     * Asks for a prompt.
     *
     * @param request names it
     * @return its messages
     */
    public Mono<GetPromptResult> getPrompt(GetPromptRequest request) {
        return guarded(guards.server(), client.getPrompt(request));
    }

    private Mono<CallToolResult> heard(
            ServerGuards.Guarded tool, CallToolRequest request, Mono<CallToolResult> guarded) {
        ToolListener listener = run;
        if (listener == null) {
            return guarded;
        }
        return Mono.defer(() -> {
            ToolListener.Call call = listener.begins(
                    tool.guard(), guards.name(request.name()), ToolTexts.arguments(request)); // throws a refusal
            FailureClassifier outcomes = tool.outcomes();
            return guarded.doOnSuccess(result -> ended(call, outcomes.ofResult(result), ToolTexts.result(result)))
                    .doOnError(thrown -> ended(call, outcomes.ofException(thrown), thrown.getMessage()))
                    .doOnCancel(() -> ended(call, Outcome.cancelled(), null));
        });
    }

    private static void ended(ToolListener.Call call, Outcome outcome, @Nullable String result) {
        Reporting.safely(() -> call.ended(outcome, result));
    }

    private static <T> Mono<T> guarded(ServerGuards.Guarded guarded, Mono<T> call) {
        return Mono.defer(() -> {
            Permit permit;
            try {
                permit = guarded.guard().acquire();
            } catch (CircuitOpenException | TooManyCircuitsException refused) {
                return Mono.error(refused);
            }
            FailureClassifier outcomes = guarded.outcomes();
            return call.doOnSuccess(result -> permit.settle(outcomes.ofResult(result)))
                    .doOnError(thrown -> permit.settle(outcomes.ofException(thrown)))
                    .doOnCancel(() -> permit.settle(Outcome.cancelled()));
        });
    }
}
