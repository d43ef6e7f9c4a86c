/**
 * Budgets: how many tokens, dollars and calls agents and upstreams may use in a time, and the gates of those that are used
 * up. Start with {@link dev.interlock.monitor.budgets.BudgetKeeper}.
 */
@Alpha
@NullMarked
package dev.interlock.monitor.budgets;

import dev.interlock.Alpha;
import org.jspecify.annotations.NullMarked;
