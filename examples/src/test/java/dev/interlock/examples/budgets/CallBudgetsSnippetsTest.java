package dev.interlock.examples.budgets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitOpenException;
import dev.interlock.Guard;
import dev.interlock.ManualTimeSource;
import dev.interlock.langchain4j.GuardedChatModel;
import dev.interlock.langchain4j.GuardedTools;
import dev.interlock.monitor.AgentLogger;
import dev.interlock.monitor.AgentRegistry;
import dev.interlock.monitor.Execution;
import dev.interlock.monitor.HealthMonitor;
import dev.interlock.monitor.HealthSettings;
import dev.interlock.monitor.InMemoryLogStore;
import dev.interlock.monitor.LogProcessor;
import dev.interlock.monitor.budgets.Budget;
import dev.interlock.monitor.budgets.BudgetKeeper;
import dev.interlock.monitor.budgets.Limits;
import dev.interlock.monitor.budgets.Spent;
import dev.interlock.springai.GuardedModelAdvisor;
import dev.interlock.test.Answer;
import dev.interlock.test.FakeProvider;
import dev.interlock.test.OpenAiAnswers;
import dev.interlock.test.ReceivedRequest;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.service.AiServices;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.client.ChatClient;

/** The guards of docs/budgets.md: a budget of calls is used up by guards and tools, each call once, and its gate refuses. */
class CallBudgetsSnippetsTest {
    interface Planner {
        String plan(String goal);
    }

    static final class Tides {
        private int asked;

        @Tool
        String tides(String harbour) {
            asked++;
            return "high at " + asked;
        }
    }

    // tag::budgeted-calls[]
    static Planner counted(CircuitBreakerManager circuits, BudgetKeeper budgets, ChatModel model) {
        Guard agent = circuits.guard("planner").countedBy(budgets.meter());
        return AiServices.builder(Planner.class)
                .chatModel(GuardedChatModel.of(model, agent.dependingOn("model:kimi-k2")))
                .tools(GuardedTools.of(agent, new Tides()))
                .build();
    }
    // end::budgeted-calls[]

    private static final Budget OF_TOOLS = budget("tools", "tool:*", 3);
    private static final Budget OF_AGENT = budget("plans", "planner", 100);
    private static final int TOKENS = 17;

    private final BudgetedWorld world = new BudgetedWorld(OF_TOOLS, OF_AGENT);
    private final ManualTimeSource time = world.time;
    private final CircuitBreakerManager circuits = world.circuits;
    private final BudgetKeeper budgets = world.budgets;
    private final Guard agent = circuits.guard("planner").countedBy(budgets.meter());
    private final FakeProvider provider = FakeProvider.start().answering(CallBudgetsSnippetsTest::toolAndPlan);

    @AfterEach
    void close() {
        provider.close();
        world.close();
    }

    /** A call of the tool, and a plan once its answer has been read. */
    private static Answer toolAndPlan(ReceivedRequest request) {
        return request.body().contains("tool_call_id")
                ? OpenAiAnswers.text("sail at seven")
                : OpenAiAnswers.toolCall("tides", "{\"arg0\": \"Lima\", \"harbour\": \"Lima\"}");
    }

    private ChatModel model() {
        return OpenAiChatModel.builder()
                .baseUrl(provider.uri("/v1").toString())
                .apiKey("none")
                .modelName("kimi-k2")
                .maxRetries(0)
                .build();
    }

    @Test
    void calls_of_guarded_tools_use_up_a_budget_of_tools_and_the_gate_refuses_the_next_one() {
        Planner planner = counted(circuits, budgets, model());
        for (int i = 1; i <= 3; i++) {
            assertThat(planner.plan("sail")).isEqualTo("sail at seven");
            budgets.step();
            assertThat(spent(OF_TOOLS, "tool:tides").calls()).isEqualTo(i);
        }
        assertThat(last()).contains("high at 3");

        assertThat(planner.plan("sail")).as("goes on without the tool").isEqualTo("sail at seven");

        assertThat(last())
                .contains("The tool tides is not available: ")
                .contains(" is over a budget; retry in ")
                .contains(". The budget ");
        budgets.step();
        assertThat(spent(OF_TOOLS, "tool:tides").calls())
                .as("refused ones are none")
                .isEqualTo(3);
        Spent ofAgent = spent(OF_AGENT, "planner");
        assertThat(ofAgent.calls()).as("eight of the model, three of the tool").isEqualTo(11);
        assertThat(ofAgent.tokens())
                .as("a counted guard brings the tokens of its model")
                .isEqualTo(8 * TOKENS);
    }

    @Test
    void a_model_of_spring_ai_counts_in_the_place_of_its_guard() {
        provider.otherwise(OpenAiAnswers.text("sail at seven"));
        ChatClient client = ChatClient.builder(org.springframework.ai.openai.OpenAiChatModel.builder()
                        .options(org.springframework.ai.openai.OpenAiChatOptions.builder()
                                .baseUrl(provider.uri("/v1").toString())
                                .apiKey("none")
                                .model("kimi-k2")
                                .maxRetries(0)
                                .build())
                        .build())
                .defaultAdvisors(
                        dev.interlock.springai.GuardedAgentAdvisor.of(agent),
                        GuardedModelAdvisor.of(agent.dependingOn("model:kimi-k2")))
                .build();

        assertThat(client.prompt("sail").call().content()).isEqualTo("sail at seven");
        client.prompt("sail").stream().content().blockLast();
        budgets.step();

        assertThat(spent(OF_AGENT, "planner").calls()).isEqualTo(2);
    }

    @Test
    void calls_of_a_plain_guard_use_up_a_budget_of_its_agent() {
        world.store.put(BudgetedWorld.rules(budget("plans", "planner", 2)));
        budgets.changed("ada", "set");
        for (int i = 0; i < 2; i++) {
            String plan = agent.call(() -> "a plan");
            assertThat(plan).isEqualTo("a plan");
            budgets.step();
        }

        assertThatThrownBy(() -> agent.call(() -> "another plan"))
                .isInstanceOfSatisfying(
                        CircuitOpenException.class,
                        refused -> assertThat(
                                        Objects.requireNonNull(refused.gate()).author())
                                .isEqualTo(BudgetKeeper.AUTHOR));
    }

    @Test
    void a_call_that_is_counted_and_logged_counts_once() {
        try (HealthMonitor health = HealthMonitor.start(circuits, HealthSettings.defaults(), time, Runnable::run)) {
            LogProcessor processor = new LogProcessor(health, new AgentRegistry(), new InMemoryLogStore(), time);
            processor.countBy(budgets.meter());
            AgentLogger log = AgentLogger.to(processor).time(time).build();
            try (Execution run = log.execution("planner")) {
                for (Guard each : List.of(agent, circuits.guard("planner"))) {
                    GuardedTools.of(each, context -> run.tools(), new Tides())
                            .values()
                            .iterator()
                            .next()
                            .execute(request(), "memory");
                }
            }
            log.close();
            budgets.step();
        }

        assertThat(spent(OF_TOOLS, "tool:tides").calls())
                .as("one by the guard, one by the log")
                .isEqualTo(2);
    }

    private static dev.langchain4j.agent.tool.ToolExecutionRequest request() {
        return dev.langchain4j.agent.tool.ToolExecutionRequest.builder()
                .name("tides")
                .arguments("{\"harbour\": \"Lima\", \"arg0\": \"Lima\"}")
                .build();
    }

    /** What the model was sent last. */
    private String last() {
        return provider.requests().get(provider.requests().size() - 1).body();
    }

    private Spent spent(Budget budget, String subject) {
        return world.spent(budget, subject);
    }

    private static Budget budget(String id, String pattern, long calls) {
        return BudgetedWorld.budget(id, pattern, new Limits(null, null, calls));
    }
}
