package dev.interlock.monitor.budgets;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How much of a budget a name has used at a time. Immutable.
 *
 * @param budget which
 * @param subject whose usage, or {@link Budget#TOGETHER}
 * @param spent what was used
 * @param limits what may be used, with raises
 * @param until when the period is over; where all is used, when a call passes again
 */
public record Spending(Budget budget, String subject, Spent spent, Limits limits, Instant until) {
    /**
     * How much a name has used.
     *
     * @param rules what is in effect
     * @param budget which
     * @param subject whose usage
     * @param slices what counts, the oldest first
     * @param now the wall clock's time
     * @return what it has used
     */
    public static Spending of(BudgetRules rules, Budget budget, String subject, List<Slice> slices, Instant now) {
        Limits limits = rules.limits(budget, subject, now);
        Spent spent = Slice.sum(slices);
        boolean usedUp = limits.used(spent, budget.countsCached()) >= 1;
        Instant until = usedUp
                ? budget.period().free(now, slices, limits, budget.countsCached())
                : budget.period().end(now);
        return new Spending(budget, subject, spent, limits, until);
    }

    /** {@return of the limit that is nearest, the fraction that is used: 1 and more if it is used up} */
    public double used() {
        return limits.used(spent, budget.countsCached());
    }

    /** {@return whether nothing is left} */
    public boolean isUsedUp() {
        return used() >= 1;
    }

    /** {@return what is to be reported of it: {@link Slice#UNMARKED}, {@link Slice#WARNED} or {@link Slice#USED_UP}} */
    public int mark() {
        double used = used();
        return used >= 1 ? Slice.USED_UP : used >= budget.warnAt() ? Slice.WARNED : Slice.UNMARKED;
    }

    /** {@return in words, what was used of which limits} */
    public String text() {
        List<String> parts = new ArrayList<>();
        Long tokens = limits.tokens();
        if (tokens != null) {
            parts.add(String.format(
                    Locale.ROOT, "%,d of %,d tokens", Limits.tokens(spent, budget.countsCached()), tokens));
        }
        Double cost = limits.costUsd();
        if (cost != null) {
            parts.add(String.format(Locale.ROOT, "$%,.2f of $%,.2f", spent.costUsd(), cost));
        }
        Long calls = limits.calls();
        if (calls != null) {
            parts.add(String.format(Locale.ROOT, "%,d of %,d calls", spent.calls(), calls));
        }
        return String.join(", ", parts) + " used in " + budget.period();
    }
}
