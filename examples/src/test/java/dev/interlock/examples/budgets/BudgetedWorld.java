package dev.interlock.examples.budgets;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.ManualTimeSource;
import dev.interlock.NamePattern;
import dev.interlock.monitor.budgets.Budget;
import dev.interlock.monitor.budgets.BudgetKeeper;
import dev.interlock.monitor.budgets.BudgetRules;
import dev.interlock.monitor.budgets.BudgetsInMemory;
import dev.interlock.monitor.budgets.Limits;
import dev.interlock.monitor.budgets.Period;
import dev.interlock.monitor.budgets.Slice;
import dev.interlock.monitor.budgets.Spent;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Circuits with budgets of a day, at a time that a test moves. */
final class BudgetedWorld implements AutoCloseable {
    final ManualTimeSource time = new ManualTimeSource(Instant.parse("2027-01-31T18:00:00Z"));
    final CircuitBreakerManager circuits = CircuitBreakerManager.builder()
            .defaults(CircuitBreakerConfig.defaults())
            .time(time)
            .build();
    final BudgetsInMemory store;
    final BudgetKeeper budgets;

    BudgetedWorld(Budget... all) {
        store = new BudgetsInMemory(rules(all));
        budgets = new BudgetKeeper(store, circuits.gates(), time);
        budgets.step();
    }

    /** What of a budget one that it is for has used. */
    Spent spent(Budget budget, String subject) {
        return store.used(budget, Instant.EPOCH, null).get(subject).stream()
                .map(Slice::spent)
                .reduce(Spent.NOTHING, Spent::plus);
    }

    static Budget budget(String id, String pattern, Limits limits) {
        return new Budget(
                "default",
                id,
                new NamePattern(pattern),
                false,
                Period.read("day", null),
                limits,
                false,
                Budget.WARN_AT,
                true);
    }

    static BudgetRules rules(Budget... all) {
        return new BudgetRules(List.of(all), List.of(), Map.of());
    }

    @Override
    public void close() {
        circuits.close();
    }
}
