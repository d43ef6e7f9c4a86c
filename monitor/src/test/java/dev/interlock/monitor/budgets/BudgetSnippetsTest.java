package dev.interlock.monitor.budgets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.Guard;
import dev.interlock.NamePattern;
import dev.interlock.TimeSource;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The Java of docs/budgets.md. */
class BudgetSnippetsTest {
    @Test
    void a_budget_of_a_process() {
        CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults());
        Guard planner = circuits.guard("research-planner").dependingOn("model:kimi-k2");
        // tag::budgets[]
        Budget daily = new Budget(
                "default",
                "research",
                new NamePattern("research-*"),
                false, // each agent for itself
                Period.read("day", "Europe/Berlin"),
                new Limits(2_000_000L, null, null),
                false, // tokens of caches do not count
                Budget.WARN_AT,
                true); // calls are refused once it is used up
        BudgetsInMemory store = new BudgetsInMemory(new BudgetRules(List.of(daily), List.of(), Map.of()));
        BudgetKeeper budgets = new BudgetKeeper(store, circuits.gates(), TimeSource.system());
        budgets.step(); // reads the budgets; then call it every second or so

        budgets.meter().count(planner.id(), planner.dependencies(), new Usage(1_200, 340, 800, null));
        budgets.step();
        // end::budgets[]
        assertThat(store.used(daily, Instant.EPOCH, null).get("research-planner"))
                .singleElement()
                .extracting(slice -> slice.spent().tokens())
                .isEqualTo(740L);
        assertThat(planner.tryAcquire()).isNotNull();
        circuits.close();
    }
}
