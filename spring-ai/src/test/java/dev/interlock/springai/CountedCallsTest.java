package dev.interlock.springai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.interlock.CallUsage;
import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.FailureKind;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.Retry;
import dev.interlock.StreamLimits;
import dev.interlock.UsageListener;
import dev.interlock.test.Answer;
import dev.interlock.test.AnthropicAnswers;
import dev.interlock.test.OpenAiAnswers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.support.ToolCallbacks;
import org.springframework.ai.tool.annotation.Tool;
import org.springframework.ai.tool.annotation.ToolParam;

/** What models used is heard once a call, in the rounds of an agent, in streams, repeated, within each other or refused. */
class CountedCallsTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SOON = Duration.ofMillis(1);
    private static final Answer BUSY = OpenAiAnswers.error(500, "server_error", "x");

    private final Fleet fleet = new Fleet();
    private final List<CallUsage> heard = new CopyOnWriteArrayList<>();
    private final UsageListener listener = heard::add;

    static final class Search {
        @Tool
        String search(@ToolParam String words) {
            return "found " + words;
        }
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    private GuardedModelAdvisor counted() {
        return GuardedModelAdvisor.of(fleet.planner).countedBy(listener);
    }

    /** A guarded agent with a guarded model and a tool. */
    private ChatClient agent(ChatModel model) {
        return ChatClient.builder(model)
                .defaultAdvisors(GuardedAgentAdvisor.of(fleet.agent), counted())
                .defaultTools((Object[]) ToolCallbacks.from(new Search()))
                .build();
    }

    private List<Long> outputs() {
        return heard.stream().map(CallUsage::outputTokens).toList();
    }

    @Test
    void each_round_of_a_guarded_agent_is_one_call_of_its_model() {
        fleet.provider
                .then(OpenAiAnswers.toolCall("search", "{\"words\": \"tides\"}"))
                .then(OpenAiAnswers.text("High at six."));

        assertThat(agent(fleet.openAi()).prompt("tides").call().content()).isEqualTo("High at six.");

        assertThat(heard).hasSize(2).allSatisfy(usage -> {
            assertThat(usage.inputTokens()).isEqualTo(12);
            assertThat(usage.outputTokens()).isEqualTo(5);
            assertThat(usage.guard().id()).isEqualTo(CircuitId.of("planner"));
            assertThat(usage.guard().dependencies()).containsExactly(CircuitId.of("model:fake-1"));
            assertThat(usage.outcome().isSuccess()).isTrue();
        });
    }

    @Test
    void streams_are_heard_once_when_they_end() {
        fleet.provider.then(AnthropicAnswers.stream("a ", "plan"));
        List<String> pieces = agent(fleet.anthropic()).prompt("plan").stream()
                .content()
                .collectList()
                .block(LONG);

        assertThat(pieces).containsExactly("a ", "plan");
        assertThat(heard).singleElement().satisfies(usage -> {
            assertThat(usage.inputTokens()).isEqualTo(12);
            assertThat(usage.outputTokens()).isEqualTo(5);
            assertThat(usage.outcome().isSuccess()).isTrue();
        });
    }

    @Test
    void tokens_of_a_cache_are_among_those_that_went_in_wherever_the_provider_says_them() {
        fleet.provider.then(json(
                "{'id':'1','object':'chat.completion','created':1,'model':'fake-1','choices':[{'index':0,'message':{'role':'assistant','content':'a"
                        + " plan'},'finish_reason':'stop'}],'usage':{'prompt_tokens':12,"
                        + "'completion_tokens':5,'total_tokens':17,'prompt_tokens_details':{'cached_tokens':4}}}"));
        Fleet.client(fleet.openAi(), counted()).prompt("plan").call().content();
        fleet.provider.then(json(
                "{'id':'msg_1','type':'message','role':'assistant','model':'fake-1','content':[{'type':'text','text':'a"
                        + " plan'}],'stop_reason':'end_turn','stop_sequence':null,'usage':{'input_tokens':8,"
                        + "'cache_read_input_tokens':4,'cache_creation_input_tokens':3,'output_tokens':5}}"));
        Fleet.client(fleet.anthropic(), counted()).prompt("plan").call().content();

        assertThat(heard).extracting(CallUsage::inputTokens).containsExactly(12L, 15L);
        assertThat(heard).extracting(CallUsage::cachedTokens).containsExactly(4L, 4L);
        assertThat(outputs()).containsExactly(5L, 5L);
    }

    private static Answer json(String text) {
        return Answer.json(text.replace('\'', '"'));
    }

    @Test
    void each_attempt_is_a_call_whose_failure_cost_what_nobody_knows() {
        fleet.provider.then(BUSY).then(OpenAiAnswers.text("a plan"));

        Fleet.client(fleet.openAi(), counted().withRetry(Retry.upTo(3).delays(SOON, SOON)))
                .prompt("plan")
                .call()
                .content();

        assertThat(outputs()).containsExactly(0L, 5L);
        assertThat(heard.get(0).outcome().kind()).isEqualTo(FailureKind.SERVER_ERROR);
    }

    @Test
    void a_refused_call_or_stream_is_none() {
        fleet.circuits.override(CircuitId.of("planner"), ManualOverride.of(OverrideAction.HOLD_OPEN, "ada"));
        ChatClient client = Fleet.client(fleet.openAi(), counted());

        assertThatThrownBy(() -> client.prompt("plan").call().content()).isInstanceOf(CircuitOpenException.class);
        assertThatThrownBy(() -> client.prompt("plan").stream().content().blockLast(LONG))
                .isInstanceOf(CircuitOpenException.class);

        assertThat(heard).isEmpty();
        assertThat(fleet.provider.requests()).isEmpty();
    }

    @Test
    void of_two_advisors_of_models_the_inner_one_is_heard() {
        fleet.provider.then(OpenAiAnswers.text("a plan")).then(AnthropicAnswers.stream("a ", "plan"));
        GuardedModelAdvisor outer = GuardedModelAdvisor.of(fleet.circuits.guard("team"))
                .countedBy(listener)
                .withOrder(GuardedModelAdvisor.DEFAULT_ORDER - 1);

        Fleet.client(fleet.openAi(), outer, counted()).prompt("plan").call().content();
        Fleet.client(fleet.anthropic(), outer, counted()).prompt("plan").stream()
                .content()
                .blockLast(LONG);

        assertThat(heard)
                .extracting(usage -> usage.guard().id())
                .containsExactly(CircuitId.of("planner"), CircuitId.of("planner"));
        assertThat(outputs()).containsExactly(5L, 5L);
    }

    @Test
    void a_stream_that_ends_early_is_one_call_with_what_was_said_by_then() {
        StreamLimits limits = StreamLimits.none().betweenPieces(Duration.ofMillis(500));
        ChatClient client = Fleet.client(fleet.anthropic(), counted().withLimits(limits));
        fleet.provider.then(AnthropicAnswers.pieces("a ").thenReset());
        assertThatThrownBy(() -> client.prompt("plan").stream().content().blockLast(LONG))
                .isNotInstanceOf(CircuitOpenException.class);
        fleet.provider.then(AnthropicAnswers.pieces("a ").thenStalled());
        assertThatThrownBy(() -> client.prompt("plan").stream().content().blockLast(LONG))
                .isNotInstanceOf(CircuitOpenException.class);
        fleet.provider.then(AnthropicAnswers.pieces("a ", "plan").thenStalled());
        Fleet.client(fleet.anthropic(), counted()).prompt("plan").stream()
                .content()
                .blockFirst(LONG);

        await().atMost(LONG).until(() -> heard.size() == 3);
        assertThat(heard)
                .extracting(usage -> usage.outcome().kind())
                .containsExactly(FailureKind.CONNECTION, FailureKind.TIMEOUT, FailureKind.CANCELLED);
    }
}
