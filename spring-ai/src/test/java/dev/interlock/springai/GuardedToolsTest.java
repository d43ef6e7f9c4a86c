package dev.interlock.springai;

import static dev.interlock.test.CircuitAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitOpenException;
import dev.interlock.FailureKind;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.test.OpenAiAnswers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.support.ToolCallbacks;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.ToolCallbackProvider;
import org.springframework.ai.tool.annotation.Tool;
import org.springframework.ai.tool.annotation.ToolParam;
import org.springframework.ai.tool.execution.ToolExecutionException;

class GuardedToolsTest {
    private final Fleet fleet = new Fleet();

    @AfterEach
    void close() {
        fleet.close();
    }

    /** Fails, each time with what it is given. */
    static final class Search {
        RuntimeException thrown = new IllegalStateException("secret-host is down");
        int asked;

        @Tool(returnDirect = true)
        String search(@ToolParam String words) {
            asked++;
            throw thrown;
        }
    }

    static final class Fixed {
        @Tool
        String search(@ToolParam String words) {
            return "found " + words;
        }
    }

    private ToolCallback guarded(Object tools) {
        return GuardedTools.of(fleet.planner, ToolCallbacks.from(tools))[0];
    }

    @Test
    void a_refusal_is_a_sentence_that_the_model_reads_and_the_conversation_goes_on() {
        Search search = new Search();
        for (int i = 0; i < 4; i++) {
            fleet.provider.then(OpenAiAnswers.toolCall("search", "{\"words\": \"tides\"}"));
        }
        fleet.provider.otherwise(OpenAiAnswers.text("Without the search."));
        ChatClient client = ChatClient.builder(fleet.openAi())
                .defaultAdvisors(GuardedAgentAdvisor.of(fleet.agent), GuardedModelAdvisor.of(fleet.planner))
                .defaultTools((Object[]) GuardedTools.of(fleet.agent, new NotDirect(ToolCallbacks.from(search)[0])))
                .build();

        assertThat(client.prompt("tides").call().content()).isEqualTo("Without the search.");

        assertThat(search.asked).isEqualTo(3);
        assertThat(fleet.tool()).isOpen().wasOpenedBy(FailureKind.TOOL_ERROR);
        assertThat(fleet.agent().figures().failures()).isZero();
        assertThat(fleet.provider.requests().get(4).body())
                .contains("The tool search is not available: tool:search is open; retry in ")
                .contains("Do not repeat this call.");
    }

    @Test
    void a_refusal_is_an_exception_of_tools_that_names_no_reason() {
        Search search = new Search();
        ToolCallback guarded = guarded(search);
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> guarded.call("{\"words\": \"x\"}")).hasMessageContaining("secret-host");
        }

        assertThatThrownBy(() -> guarded.call("{\"words\": \"x\"}", null))
                .isInstanceOf(ToolExecutionException.class)
                .hasMessageStartingWith("The tool search is not available: tool:search is open")
                .hasMessageNotContaining("secret-host")
                .hasCauseInstanceOf(CircuitOpenException.class);
        assertThat(search.asked).isEqualTo(3);
    }

    /** What a tool's own guard refuses would reach the model with a text that invites it to try again. */
    @Test
    void a_refusal_by_a_circuit_below_the_tool_is_one_too() {
        fleet.circuits
                .getOrCreate(fleet.circuits.guard("index").id())
                .override(ManualOverride.of(OverrideAction.OPEN, "ann"));
        Search search = new Search();
        search.thrown = new IllegalStateException(refusal());

        assertThatThrownBy(() -> guarded(search).call("{\"words\": \"x\"}"))
                .isInstanceOf(ToolExecutionException.class)
                .hasMessageStartingWith("The tool search is not available");
        assertThat(fleet.tool()).hasCounted(0, 0);
    }

    private CircuitOpenException refusal() {
        try {
            fleet.circuits.guard("index").run(() -> {});
            throw new AssertionError("admitted");
        } catch (CircuitOpenException refused) {
            return refused;
        }
    }

    @Test
    void a_tool_whose_backend_is_away_fails_itself_whatever_else_its_agent_depends_on() {
        Search search = new Search();
        search.thrown = new UncheckedIOException(new ConnectException("no route"));

        assertThatThrownBy(() -> guarded(search).call("{\"words\": \"x\"}")).hasRootCauseInstanceOf(IOException.class);

        assertThat(fleet.tool()).hasCounted(1, 1);
        assertThat(fleet.model()).hasCounted(0, 0);
        assertThat(fleet.agent()).hasCounted(0, 0);
    }

    @Test
    void arguments_that_cannot_be_read_are_the_agents() {
        assertThatThrownBy(() -> guarded(new Fixed()).call("no JSON")).isInstanceOf(RuntimeException.class);

        assertThat(fleet.tool().figures().failures()).isZero();
        assertThat(fleet.agent()).hasCounted(1, 1);
    }

    @Test
    void the_tools_of_a_provider_are_guarded_and_stay_what_they_are() {
        ToolCallback plain = ToolCallbacks.from(new Search())[0];
        ToolCallbackProvider provider = GuardedTools.of(fleet.agent, ToolCallbackProvider.from(plain));

        ToolCallback guarded = provider.getToolCallbacks()[0];

        assertThat(guarded.getToolDefinition()).isEqualTo(plain.getToolDefinition());
        assertThat(guarded.getToolMetadata().returnDirect()).isTrue();
        assertThat(guarded(new Fixed()).call("{\"words\": \"tides\"}")).isEqualTo("\"found tides\"");
        assertThat(fleet.tool()).hasCounted(1, 0);
    }

    /** The tool without its flag to answer directly. */
    private record NotDirect(ToolCallback tool) implements ToolCallback {
        @Override
        public org.springframework.ai.tool.definition.ToolDefinition getToolDefinition() {
            return tool.getToolDefinition();
        }

        @Override
        public String call(String input) {
            return tool.call(input);
        }
    }
}
