package dev.interlock.monitor.budgets;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where budgets and what was used of them lie, for all processes that share it: the one place that sums. Every method may
 * wait, and throws {@code StoreUnavailableException} if the store cannot be reached. Must be safe for use by any thread.
 */
public interface BudgetStore {
    /**
     * What is in effect.
     *
     * @param now raises that ended before this are left out
     * @return the budgets, raises and prices of all organizations
     */
    BudgetRules rules(Instant now);

    /**
     * Adds to what was used, all of it or nothing.
     *
     * @param used what this process has counted since it added last
     */
    void add(List<Used> used);

    /**
     * What was used of a budget, by all processes together.
     *
     * @param budget which
     * @param since only slices that begin then or later
     * @param subjects of these names; null for all
     * @return by name, the oldest slice first
     */
    Map<String, List<Slice>> used(Budget budget, Instant since, @Nullable Collection<String> subjects);

    /**
     * Notes that a budget is nearly or wholly used, so that one process reports it, once a period.
     *
     * @param spending how much is used
     * @param slice the start of a slice in which something was used
     * @param now the wall clock's time
     * @return false if that, or that it is used up, was noted before
     */
    boolean mark(Spending spending, Instant slice, Instant now);

    /**
     * What was counted in one process.
     *
     * @param organization whose
     * @param budget the budget's id
     * @param subject whose usage, or {@link Budget#TOGETHER}
     * @param slice the start of its slice
     * @param spent what was used
     */
    record Used(String organization, String budget, String subject, Instant slice, Spent spent) {}
}
