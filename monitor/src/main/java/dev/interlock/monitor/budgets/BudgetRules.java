package dev.interlock.monitor.budgets;

import dev.interlock.NamePattern;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is in effect: budgets, what they were raised by, and prices. Immutable.
 *
 * @param budgets of all organizations
 * @param raises those that have not ended
 * @param prices of each organization
 */
public record BudgetRules(List<Budget> budgets, List<Raise> raises, Map<String, List<Price>> prices) {
    /** There are none. */
    public static final BudgetRules NONE = new BudgetRules(List.of(), List.of(), Map.of());

    /** Copies all. */
    public BudgetRules {
        budgets = List.copyOf(budgets);
        raises = List.copyOf(raises);
        Map<String, List<Price>> sorted = new HashMap<>();
        prices.forEach((organization, some) -> {
            List<Price> most = new ArrayList<>(some);
            most.sort(Comparator.comparing(Price::model, Comparator.<NamePattern>naturalOrder()));
            sorted.put(organization, List.copyOf(most));
        });
        prices = Map.copyOf(sorted);
    }

    /** {@return a budget, or null} */
    @Nullable
    Budget find(String organization, String id) {
        for (Budget each : budgets) {
            if (each.id().equals(id) && each.organization().equals(organization)) {
                return each;
            }
        }
        return null;
    }

    /**
     * What a name may use at a time.
     *
     * @param budget which budget
     * @param subject whose usage
     * @param now the wall clock's time
     * @return its limits with what they were raised by
     */
    public Limits limits(Budget budget, String subject, Instant now) {
        Limits limits = budget.limits();
        for (Raise each : raises) {
            if (each.counts(budget, subject, now)) {
                limits = limits.plus(each.by());
            }
        }
        return limits;
    }
}
