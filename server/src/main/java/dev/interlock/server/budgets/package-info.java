/** What agents and upstreams may use, over REST: {@link dev.interlock.server.budgets.BudgetEndpoints}. */
@NullMarked
package dev.interlock.server.budgets;

import org.jspecify.annotations.NullMarked;
