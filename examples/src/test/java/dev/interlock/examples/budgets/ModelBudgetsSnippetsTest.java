package dev.interlock.examples.budgets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitOpenException;
import dev.interlock.Gate;
import dev.interlock.Guard;
import dev.interlock.UsageListener;
import dev.interlock.langchain4j.GuardedChatModel;
import dev.interlock.monitor.budgets.Budget;
import dev.interlock.monitor.budgets.BudgetKeeper;
import dev.interlock.monitor.budgets.Limits;
import dev.interlock.monitor.budgets.Spent;
import dev.interlock.springai.GuardedAgentAdvisor;
import dev.interlock.springai.GuardedModelAdvisor;
import dev.interlock.test.FakeProvider;
import dev.interlock.test.OpenAiAnswers;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.client.ChatClient;

/** The models of docs/budgets.md: what answers say of tokens uses a budget up, and its gate stops both frameworks. */
class ModelBudgetsSnippetsTest {
    // tag::budgeted-langchain4j[]
    static GuardedChatModel counted(dev.langchain4j.model.chat.ChatModel model, Guard agent, BudgetKeeper budgets) {
        return GuardedChatModel.of(model, agent.dependingOn("model:kimi-k2")).countedBy(budgets.meter());
    }
    // end::budgeted-langchain4j[]

    // tag::budgeted-spring-ai[]
    static ChatClient counted(org.springframework.ai.chat.model.ChatModel model, Guard agent, UsageListener usage) {
        return ChatClient.builder(model)
                .defaultAdvisors(
                        GuardedAgentAdvisor.of(agent),
                        GuardedModelAdvisor.of(agent.dependingOn("model:kimi-k2"))
                                .countedBy(usage))
                .build();
    }
    // end::budgeted-spring-ai[]

    /** What each answer of the fake provider says. */
    private static final int EACH = 17;

    private static final Budget DAILY = budget(4 * EACH);

    private final BudgetedWorld world = new BudgetedWorld(DAILY);
    private final Guard agent = world.circuits.guard("planner");
    private final BudgetKeeper budgets = world.budgets;
    private final FakeProvider provider = FakeProvider.start().otherwise(OpenAiAnswers.text("a plan"));

    @AfterEach
    void close() {
        provider.close();
        world.close();
    }

    @Test
    void what_models_of_both_frameworks_use_of_one_budget_stops_both_once_it_is_used_up() {
        dev.langchain4j.model.chat.ChatModel one = counted(
                dev.langchain4j.model.openai.OpenAiChatModel.builder()
                        .baseUrl(provider.uri("/v1").toString())
                        .apiKey("none")
                        .modelName("kimi-k2")
                        .maxRetries(0)
                        .build(),
                agent,
                budgets);
        ChatClient other = counted(springModel(), agent, budgets.meter());

        for (int i = 1; i <= 2; i++) {
            assertThat(one.chat("plan")).isEqualTo("a plan");
            assertThat(other.prompt("plan").call().content()).isEqualTo("a plan");
            budgets.step();
            assertThat(spent()).isEqualTo(new Spent(2 * i, 2 * i * EACH, 0, 0, 2 * i * EACH));
        }

        assertThatThrownBy(() -> one.chat("plan"))
                .isInstanceOfSatisfying(CircuitOpenException.class, ModelBudgetsSnippetsTest::isOfTheBudget);
        assertThatThrownBy(() -> other.prompt("plan").call().content())
                .isInstanceOfSatisfying(CircuitOpenException.class, ModelBudgetsSnippetsTest::isOfTheBudget);
        budgets.step();
        assertThat(spent().calls()).as("refused calls are none").isEqualTo(4);
        assertThat(provider.requests()).hasSize(4);

        world.store.put(BudgetedWorld.rules(budget(5 * EACH)));
        budgets.changed("ada", "raised");
        assertThat(one.chat("plan")).isEqualTo("a plan");
    }

    private org.springframework.ai.chat.model.ChatModel springModel() {
        return org.springframework.ai.openai.OpenAiChatModel.builder()
                .options(org.springframework.ai.openai.OpenAiChatOptions.builder()
                        .baseUrl(provider.uri("/v1").toString())
                        .apiKey("none")
                        .model("kimi-k2")
                        .maxRetries(0)
                        .build())
                .build();
    }

    private static void isOfTheBudget(CircuitOpenException refused) {
        Gate gate = Objects.requireNonNull(refused.gate());
        assertThat(gate.author()).isEqualTo(BudgetKeeper.AUTHOR);
        assertThat(gate.until()).isEqualTo(Instant.parse("2027-02-01T00:00:00Z"));
    }

    private Spent spent() {
        return world.spent(DAILY, "planner");
    }

    private static Budget budget(long tokens) {
        return BudgetedWorld.budget("plans", "planner", new Limits(tokens, null, null));
    }
}
