package dev.interlock.langchain4j;

import static dev.interlock.test.CircuitAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.CircuitSnapshot;
import dev.interlock.FailureKind;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.test.OpenAiAnswers;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.exception.HttpException;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.tool.AiServiceTool;
import dev.langchain4j.service.tool.ToolExecutionResult;
import dev.langchain4j.service.tool.ToolExecutor;
import dev.langchain4j.service.tool.ToolProvider;
import dev.langchain4j.service.tool.ToolProviderRequest;
import dev.langchain4j.service.tool.ToolProviderResult;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GuardedToolsTest {
    private final Fleet fleet = new Fleet();

    @AfterEach
    void close() {
        fleet.close();
    }

    interface Planner {
        String plan(String goal);
    }

    static final class Search {
        int asked;

        @Tool
        String search(String words) {
            asked++;
            throw new java.io.UncheckedIOException(new java.net.SocketTimeoutException("secret-host timed out"));
        }
    }

    static final class OtherSearch {
        @Tool
        String search(String words) {
            return words;
        }
    }

    private CircuitSnapshot tool() {
        return fleet.circuits.snapshot(CircuitId.of("tool:search"));
    }

    @Test
    void a_tool_that_fails_opens_its_own_circuit_and_the_model_reads_that_it_is_gone() {
        Search search = new Search();
        Planner planner = AiServices.builder(Planner.class)
                .chatModel(GuardedChatModel.of(fleet.openAi(), fleet.planner))
                .tools(GuardedTools.of(fleet.circuits.guard("planner"), search))
                .build();
        for (int i = 0; i < 4; i++) {
            fleet.provider.then(OpenAiAnswers.toolCall("search", "{\"words\": \"tides\"}"));
        }
        fleet.provider.otherwise(OpenAiAnswers.text("Without the search."));

        assertThat(planner.plan("tides")).isEqualTo("Without the search.");

        assertThat(search.asked).isEqualTo(3);
        assertThat(tool()).isOpen().wasOpenedBy(FailureKind.TOOL_ERROR);
        assertThat(fleet.agent().figures().failures()).isZero();
        assertThat(fleet.provider.requests().get(4).body())
                .contains("The tool search is not available: tool:search is open; retry in ")
                .contains("Do not repeat this call.");
    }

    @Test
    void a_refusal_names_no_reason_of_a_provider() {
        Search search = new Search();
        ToolExecutor guarded =
                GuardedTools.of(fleet.planner, search).values().iterator().next();
        ToolExecutionRequest request = request();
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> guarded.execute(request, "memory")).isInstanceOf(RuntimeException.class);
        }

        String text = guarded.execute(request, "memory");

        assertThat(text).startsWith("The tool search is not available").doesNotContain("secret-host");
        ToolExecutionResult result = guarded.executeWithContext(request, null);
        assertThat(result.isError()).isTrue();
        assertThat(result.resultText()).startsWith("The tool search is not available");
    }

    @Test
    void an_error_result_is_the_tools_failure() {
        ToolExecutor failing = new ToolExecutor() {
            @Override
            public String execute(ToolExecutionRequest request, Object memoryId) {
                return "";
            }

            @Override
            public ToolExecutionResult executeWithContext(
                    ToolExecutionRequest request, dev.langchain4j.invocation.InvocationContext context) {
                return ToolExecutionResult.builder()
                        .isError(true)
                        .resultText("no such page")
                        .build();
            }
        };

        GuardedToolExecutor.of(failing, fleet.circuits.guard("planner").dependingOn("tool:search"))
                .executeWithContext(request(), null);

        assertThat(fleet.firstKind()).isEqualTo(FailureKind.TOOL_ERROR);
        assertThat(fleet.agent().figures().failures()).isZero();
    }

    static List<Throwable> failuresOfTools() {
        return List.of(
                new SocketTimeoutException("timed out"),
                new ConnectException("no route"),
                new HttpException(503, "busy"),
                new HttpException(429, "too many"),
                new HttpException(401, "no such key"),
                new HttpException(400, "no such place"),
                new IllegalArgumentException("no such place"));
    }

    /** A planner depends on a model: neither that nor the planner has part in what a tool fails with. */
    @ParameterizedTest
    @MethodSource("failuresOfTools")
    void what_a_tool_fails_with_is_the_tools_whatever_else_its_agent_depends_on(Throwable thrown) {
        ToolExecutor failing = (request, memory) -> {
            throw new IllegalStateException(thrown);
        };
        ToolProvider provider = request ->
                ToolProviderResult.builder().add(specification(), failing).build();

        for (ToolExecutor guarded : List.of(
                GuardedTools.of(fleet.planner, provider)
                        .provideTools(null)
                        .aiServiceTools()
                        .get(0)
                        .toolExecutor(),
                GuardedToolExecutor.of(failing, fleet.planner.dependingOn("tool:other")))) {
            assertThatThrownBy(() -> guarded.execute(request(), "memory")).hasCause(thrown);
        }

        assertThat(fleet.kinds("tool:search")).hasSize(1).doesNotContainNull();
        assertThat(fleet.kinds("tool:other")).isEqualTo(fleet.kinds("tool:search"));
        assertThat(fleet.kinds("model:fake-1")).isEmpty();
        assertThat(fleet.kinds("planner")).isEmpty();
    }

    /** What a tool's own guard refuses would reach the model with a text that invites it to try again. */
    @Test
    void a_refusal_by_a_circuit_below_the_tool_is_one_too() {
        fleet.circuits.override(CircuitId.of("index"), ManualOverride.of(OverrideAction.OPEN, "ann"));
        ToolExecutor asking = (request, memory) -> {
            try {
                return fleet.circuits.guard("index").call(() -> "found");
            } catch (CircuitOpenException refused) {
                throw new IllegalStateException(refused);
            }
        };
        ToolExecutor guarded = GuardedToolExecutor.of(asking, fleet.planner.dependingOn("tool:search"));

        assertThat(guarded.execute(request(), "memory")).startsWith("The tool search is not available");
        assertThat(guarded.executeWithContext(request(), null).isError()).isTrue();
        assertThat(tool()).hasCounted(0, 0);
    }

    private static ToolSpecification specification() {
        return ToolSpecification.builder().name("search").description("x").build();
    }

    @Test
    void the_tools_of_a_provider_are_guarded_and_stay_what_they_are() {
        ToolSpecification specification = specification();
        ToolProvider provider = new ToolProvider() {
            @Override
            public ToolProviderResult provideTools(ToolProviderRequest request) {
                return ToolProviderResult.builder()
                        .add(specification, (call, memory) -> "found")
                        .build();
            }

            @Override
            public boolean isDynamic() {
                return true;
            }
        };

        ToolProvider guarded = GuardedTools.of(fleet.planner, provider);

        AiServiceTool tool = guarded.provideTools(null).aiServiceTools().get(0);
        assertThat(tool.toolSpecification()).isEqualTo(specification);
        assertThat(tool.toolExecutor().execute(request(), "memory")).isEqualTo("found");
        assertThat(tool()).hasCounted(1, 0);
        assertThat(guarded.isDynamic()).isTrue();
    }

    @Test
    void two_tools_of_one_name_are_refused() {
        assertThatThrownBy(() -> GuardedTools.of(fleet.planner, new Search(), new OtherSearch()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Two tools are named search");
    }

    private static ToolExecutionRequest request() {
        return ToolExecutionRequest.builder()
                .id("1")
                .name("search")
                .arguments("{\"words\": \"tides\"}")
                .build();
    }
}
