package dev.interlock.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.CallUsage;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CountedCall;
import dev.interlock.Gate;
import dev.interlock.Guard;
import dev.interlock.NamePattern;
import dev.interlock.Outcome;
import dev.interlock.Permit;
import dev.interlock.UsageListener;
import dev.interlock.jdbc.Author;
import dev.interlock.jdbc.Database;
import dev.interlock.jdbc.DatabaseSettings;
import dev.interlock.monitor.EntrySink;
import dev.interlock.monitor.LogEntry;
import dev.interlock.monitor.Receipt;
import dev.interlock.monitor.budgets.Budget;
import dev.interlock.monitor.budgets.BudgetKeeper;
import dev.interlock.monitor.budgets.BudgetRules;
import dev.interlock.monitor.budgets.BudgetStore;
import dev.interlock.monitor.budgets.BudgetsInMemory;
import dev.interlock.monitor.budgets.Limits;
import dev.interlock.monitor.budgets.Period;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Who counts what models used: budgets of a database or of a store of one's own, else the agent log, else nobody. */
class BudgetBeansTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Budget BUDGET = new Budget(
            "default",
            "plans",
            new NamePattern("planner"),
            false,
            Period.read("month", null),
            new Limits(1_000L, null, null),
            false,
            Budget.WARN_AT,
            true);

    private final ApplicationContextRunner runner =
            new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(InterlockAutoConfiguration.class));

    private static Guard planner(AssertableApplicationContext context) {
        return context.getBean(CircuitBreakerManager.class).guard("planner").dependingOn("model:kimi-k2");
    }

    /** A call of a guarded model, as the adapters make it. */
    private static void use(AssertableApplicationContext context, long tokens) {
        CountedCall.begin(planner(context), context.getBean(UsageListener.class))
                .answer("a plan", tokens, 0, 0);
    }

    private static boolean isRefused(AssertableApplicationContext context) {
        try (Permit permit = planner(context).tryAcquire()) {
            if (permit != null) {
                permit.settle(Outcome.cancelled());
            }
            return permit == null;
        }
    }

    private static void awaitRefused(AssertableApplicationContext context) {
        await().atMost(LONG).until(() -> isRefused(context));
        assertThat(context.getBean(CircuitBreakerManager.class).gates().list())
                .extracting(Gate::author)
                .containsExactly(BudgetKeeper.AUTHOR);
    }

    @Test
    void budgets_of_the_database_count_what_models_used_stop_calls_and_are_not_refilled_by_a_restart(
            @TempDir Path folder) {
        String url = "jdbc:sqlite:" + folder.resolve("interlock.db");
        try (Database database = Database.open(new DatabaseSettings(url, null, null))) {
            database.budgets().put(BUDGET, new Author("ada", Instant.now()), Budget::id);
        }
        ApplicationContextRunner stored = runner.withPropertyValues("interlock.store.url=" + url);
        stored.run(context -> {
            assertThat(context).hasSingleBean(BudgetKeeper.class).hasSingleBean(UsageListener.class);
            assertThat(context.getBean(UsageListener.class))
                    .isSameAs(context.getBean(BudgetKeeper.class).meter());
            use(context, 600);
            assertThat(isRefused(context)).isFalse();
        });
        stored.run(context -> {
            use(context, 400);
            awaitRefused(context);
        });
        stored.run(context ->
                assertThat(isRefused(context)).as("before its first call").isTrue());
    }

    @Test
    void a_store_of_ones_own_needs_no_database() {
        runner.withClassLoader(new FilteredClassLoader(Database.class))
                .withBean(
                        BudgetStore.class,
                        () -> new BudgetsInMemory(new BudgetRules(List.of(BUDGET), List.of(), Map.of())))
                .run(context -> {
                    use(context, 1_000);
                    awaitRefused(context);
                });
    }

    @Test
    void without_budgets_here_the_agent_log_says_it_for_those_of_the_server() {
        List<LogEntry> entries = new CopyOnWriteArrayList<>();
        runner.withBean(EntrySink.class, () -> batch -> {
                    entries.addAll(batch.entries());
                    return new Receipt(batch.entries().size(), List.of(), 0);
                })
                .run(context -> {
                    assertThat(context).doesNotHaveBean(BudgetKeeper.class).hasSingleBean(UsageListener.class);
                    use(context, 17);
                });

        assertThat(entries).singleElement().satisfies(entry -> {
            assertThat(entry.agentId()).isEqualTo("planner");
            assertThat(entry.metadata()).containsEntry("input_tokens", 17L);
        });
    }

    @Test
    void a_listener_of_ones_own_hears_it_instead_and_by_default_there_is_none() {
        List<CallUsage> heard = new CopyOnWriteArrayList<>();
        runner.withBean(UsageListener.class, () -> heard::add)
                .withBean(BudgetStore.class, () -> new BudgetsInMemory(BudgetRules.NONE))
                .run(context -> use(context, 17));
        assertThat(heard).extracting(CallUsage::inputTokens).containsExactly(17L);

        runner.run(context -> assertThat(context)
                .doesNotHaveBean(UsageListener.class)
                .doesNotHaveBean(BudgetKeeper.class)
                .doesNotHaveBean(BudgetSteps.class));
    }
}
