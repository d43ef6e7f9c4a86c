package dev.interlock.server.budgets;

import dev.interlock.monitor.budgets.Budget;
import dev.interlock.monitor.budgets.BudgetListener;
import dev.interlock.monitor.budgets.Standing;
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
    public void onUsed(Standing standing, Instant at) {
        (standing.isUsedUp() ? usedUp : warned).increment();
        LOG.atWarn()
                .addKeyValue("organization", standing.budget().organization())
                .addKeyValue("budget", standing.budget().id())
                .addKeyValue(
                        "name",
                        standing.subject().equals(Budget.TOGETHER)
                                ? standing.budget().pattern().text()
                                : standing.subject())
                .addKeyValue("used", standing.text())
                .addKeyValue("until", standing.until())
                .log(
                        !standing.isUsedUp()
                                ? "Most of a budget is used"
                                : standing.budget().stops()
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
