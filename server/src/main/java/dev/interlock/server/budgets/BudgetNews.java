package dev.interlock.server.budgets;

import dev.interlock.monitor.budgets.Budget;
import dev.interlock.monitor.budgets.BudgetListener;
import dev.interlock.monitor.budgets.Spending;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the log and in figures which budgets are nearly or wholly used. Safe for use by any thread. */
public final class BudgetNews implements BudgetListener {
    private static final Logger LOG = LoggerFactory.getLogger(BudgetNews.class);

    private final Counter warned;
    private final Counter usedUp;

    /**
     * News for one server.
     *
     * @param meters where figures are kept
     */
    public BudgetNews(MeterRegistry meters) {
        warned = counter(meters, "warned");
        usedUp = counter(meters, "used_up");
    }

    @Override
    public void onUsed(Spending spending, Instant at) {
        (spending.isUsedUp() ? usedUp : warned).increment();
        LOG.atWarn()
                .addKeyValue("organization", spending.budget().organization())
                .addKeyValue("budget", spending.budget().id())
                .addKeyValue(
                        "name",
                        spending.subject().equals(Budget.TOGETHER)
                                ? spending.budget().pattern().text()
                                : spending.subject())
                .addKeyValue("used", spending.text())
                .addKeyValue("until", spending.until())
                .log(
                        !spending.isUsedUp()
                                ? "Most of a budget is used"
                                : spending.budget().stops()
                                        ? "A budget is used up: calls are refused until then"
                                        : "A budget is used up: calls go on");
    }

    @Override
    public void onUnpriced(String organization, String model) {
        LOG.atWarn()
                .addKeyValue("organization", organization)
                .addKeyValue("model", model)
                .log("Nobody knows what calls of this model cost, so budgets of money do not count them;"
                        + " PUT /api/v1/prices, or report cost_usd");
    }

    private static Counter counter(MeterRegistry meters, String event) {
        return Counter.builder("interlock.budget.events")
                .description("Budgets that were nearly used up, or wholly, once a period and name")
                .tag("event", event)
                .register(meters);
    }
}
