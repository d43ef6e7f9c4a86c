package dev.interlock.server.budgets;

import dev.interlock.monitor.budgets.BudgetKeeper;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/** Figures of budgets, for all organizations together. */
public final class BudgetFigures {
    private BudgetFigures() {}

    /**
     * Registers them.
     *
     * @param meters where figures are kept
     * @param keeper of the server's budgets
     */
    public static void register(MeterRegistry meters, BudgetKeeper keeper) {
        Gauge.builder(
                        "interlock.budgets",
                        keeper,
                        known -> known.rules().budgets().size())
                .description("Budgets of all organizations")
                .register(meters);
        FunctionCounter.builder(
                        "interlock.budget.unpriced",
                        keeper,
                        known -> known.meter().unpriced())
                .description("Calls with tokens of which nobody knows the cost, where a budget covers them")
                .register(meters);
        FunctionCounter.builder(
                        "interlock.budget.lost", keeper, known -> known.meter().lost())
                .description("Additions to what was used that were lost, since too many waited for the database")
                .register(meters);
        FunctionCounter.builder("interlock.budget.without.gate", keeper, BudgetKeeper::withoutRoom)
                .description(
                        "Gates of used up budgets that could not be put, since an organization has as many as it may")
                .register(meters);
    }
}
