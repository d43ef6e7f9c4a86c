package dev.interlock.monitor.budgets;

import java.time.Instant;

/**
 * Hears of budgets, on the thread of {@link BudgetKeeper#step}. Of several processes one reports a budget, once a period
 * and name.
 */
public interface BudgetListener {
    /**
     * Most of a budget is used, or all of it.
     *
     * @param spending how much
     * @param at the wall clock's time
     */
    void onUsed(Spending spending, Instant at);

    /**
     * Nobody knows what the calls of a model cost. Reported once a model and process.
     *
     * @param organization whose calls
     * @param model its name without {@code model:}; empty where calls name none
     */
    default void onUnpriced(String organization, String model) {}
}
