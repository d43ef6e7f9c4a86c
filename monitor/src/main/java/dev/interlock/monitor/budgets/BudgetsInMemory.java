package dev.interlock.monitor.budgets;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Budgets of one process, which end with it: what was used is forgotten at its end. Safe for use by any thread.
 */
public final class BudgetsInMemory implements BudgetStore {
    private record Key(String organization, String budget, String subject) {}

    private final Map<Key, SortedMap<Instant, Slice>> used = new HashMap<>();
    private BudgetRules rules;

    /**
     * Budgets that can be {@linkplain #put changed}.
     *
     * @param rules what is in effect
     */
    public BudgetsInMemory(BudgetRules rules) {
        this.rules = rules;
    }

    /**
     * Puts other rules in place of those that were there; what was used is kept. {@link BudgetKeeper#changed} is to follow.
     *
     * @param others what is in effect from now on
     */
    public synchronized void put(BudgetRules others) {
        rules = others;
    }

    @Override
    public synchronized BudgetRules rules(Instant now) {
        return rules;
    }

    @Override
    public synchronized void add(List<Used> more) {
        for (Used each : more) {
            slices(each.organization(), each.budget(), each.subject())
                    .merge(
                            each.slice(),
                            new Slice(each.slice(), each.spent(), Slice.UNMARKED),
                            (one, other) -> new Slice(one.start(), one.spent().plus(other.spent()), one.mark()));
        }
    }

    @Override
    public synchronized Map<String, List<Slice>> used(
            Budget budget, Instant since, @Nullable Collection<String> subjects) {
        Map<String, List<Slice>> found = new HashMap<>();
        used.forEach((key, slices) -> {
            if (key.budget.equals(budget.id()) && key.organization.equals(budget.organization())) {
                slices.headMap(since).clear();
                if (!slices.isEmpty() && (subjects == null || subjects.contains(key.subject))) {
                    found.put(key.subject, new ArrayList<>(slices.values()));
                }
            }
        });
        used.values().removeIf(Map::isEmpty);
        return found;
    }

    @Override
    public synchronized boolean mark(Spending spending, Instant slice, Instant now) {
        Budget budget = spending.budget();
        int mark = spending.mark();
        SortedMap<Instant, Slice> slices = slices(budget.organization(), budget.id(), spending.subject());
        Slice present = slices.get(slice);
        if (present == null || present.mark() >= mark) {
            return false;
        }
        slices.put(slice, new Slice(slice, present.spent(), mark));
        return true;
    }

    private SortedMap<Instant, Slice> slices(String organization, String budget, String subject) {
        return used.computeIfAbsent(new Key(organization, budget, subject), made -> new TreeMap<>());
    }
}
