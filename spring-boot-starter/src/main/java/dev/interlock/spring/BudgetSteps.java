package dev.interlock.spring;

import dev.interlock.Ticker;
import dev.interlock.TimeSource;
import dev.interlock.monitor.budgets.BudgetKeeper;
import dev.interlock.store.StoreUnavailableException;
import java.time.Duration;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/** Keeps budgets every second: reads them before the first call, and brings what was used to the store at the end. */
final class BudgetSteps implements AutoCloseable {
    private static final Log LOG = LogFactory.getLog(BudgetSteps.class);
    private static final Duration EVERY = Duration.ofSeconds(1);

    private final BudgetKeeper keeper;
    private final Ticker ticker;
    private volatile boolean isAway;

    BudgetSteps(BudgetKeeper keeper, TimeSource time) {
        this.keeper = keeper;
        step();
        this.ticker = Ticker.every("interlock-budgets", time, EVERY, this::step);
    }

    /** An outage is logged once; what was used waits meanwhile. */
    private void step() {
        try {
            keeper.step();
            if (isAway) {
                LOG.info("Budgets are kept again");
            }
            isAway = false;
        } catch (StoreUnavailableException away) {
            if (!isAway) {
                LOG.warn("Budgets are not kept until their store can be reached; what was used waits: "
                        + away.getMessage());
            }
            isAway = true;
        }
    }

    @Override
    public void close() {
        ticker.close();
        step();
    }
}
