package dev.interlock.monitor.budgets;

import dev.interlock.CallListener;
import dev.interlock.CallUsage;
import dev.interlock.CircuitId;
import dev.interlock.Outcome;
import dev.interlock.TimeSource;
import dev.interlock.UsageListener;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Counts what calls use, in memory, until {@link BudgetKeeper} brings it to the store. Waits for nothing; safe for use by
 * any thread. A call of an organization without budgets costs a look into a map.
 */
public final class BudgetMeter implements UsageListener, CallListener {
    private static final int MOST_WAITING = 200_000;
    private static final int MOST_MODELS = 1_000;
    private static final int MOST_CALLED = 10_000;

    private record Key(String organization, String budget, String subject, Instant slice) {}

    private record Called(CircuitId agent, List<CircuitId> dependencies) {}

    /** How often something was called; how many of these were taken is for the thread that takes. */
    private static final class Calls {
        final LongAdder sum = new LongAdder();
        long taken;
    }

    private record Rules(List<Budget> budgets, List<Price> prices) {}

    private final TimeSource time;
    private final Map<Key, Spent> waiting = new ConcurrentHashMap<>();
    private final Map<Called, Calls> calls = new ConcurrentHashMap<>();
    private final Set<String> unpricedModels = ConcurrentHashMap.newKeySet();
    private final LongAdder unpriced = new LongAdder();
    private final LongAdder lost = new LongAdder();
    private volatile Map<String, Rules> rules = Map.of();
    private volatile BudgetListener listener = (spending, at) -> {};

    BudgetMeter(TimeSource time) {
        this.time = time;
    }

    /**
     * Counts a call of a guarded model.
     *
     * @param usage what a guarded model of LangChain4j or Spring AI reports, to which this meter was given
     */
    @Override
    public void used(CallUsage usage) {
        count(usage.guard().id(), usage.guard().dependencies(), Usage.of(usage));
    }

    /**
     * Counts a call of a {@linkplain dev.interlock.Guard#countedBy counted} guard: from the second one on it adds one to a
     * number, and takes no lock. It counts in the period in which it is {@linkplain BudgetKeeper#step brought} to the store.
     */
    @Override
    public void called(CircuitId agent, List<CircuitId> dependencies, Outcome outcome) {
        if (!rules.containsKey(agent.organization())) {
            return;
        }
        Called called = new Called(agent, dependencies);
        Calls known = calls.get(called);
        if (known == null && calls.size() >= MOST_CALLED) {
            count(agent, dependencies, Usage.UNKNOWN);
        } else {
            (known != null ? known : calls.computeIfAbsent(called, made -> new Calls())).sum.increment();
        }
    }

    /**
     * Counts a call that has ended, well or not.
     *
     * @param agent whose call
     * @param dependencies what it depended on
     * @param usage what it used; {@link Usage#UNKNOWN} if nobody says: then it is a call alone
     */
    public void count(CircuitId agent, Collection<CircuitId> dependencies, Usage usage) {
        count(agent, dependencies, usage, 1);
    }

    /**
     * Counts what a call used that has been counted as a call already.
     *
     * @param agent whose call
     * @param dependencies what it depended on
     * @param usage what it used
     */
    public void countUsage(CircuitId agent, Collection<CircuitId> dependencies, Usage usage) {
        if (usage.isKnown()) {
            count(agent, dependencies, usage, 0);
        }
    }

    private void count(CircuitId agent, Collection<CircuitId> dependencies, Usage usage, int calls) {
        Rules own = rules.get(agent.organization());
        if (own == null) {
            return;
        }
        List<String> names = new ArrayList<>(dependencies.size() + 1);
        names.add(agent.name());
        dependencies.forEach(each -> names.add(each.name()));
        Instant now = time.wallTime();
        Spent spent = null;
        for (Budget each : own.budgets) {
            Set<String> subjects = each.subjects(names);
            if (!subjects.isEmpty()) {
                spent = spent == null ? spent(names, own.prices, usage, calls) : spent;
                Instant slice = each.period().slice(now);
                for (String subject : subjects) {
                    add(new Key(each.organization(), each.id(), subject, slice), spent);
                }
                warnIfUnpriced(each, names, spent);
            }
        }
    }

    private Spent spent(List<String> names, List<Price> prices, Usage usage, int calls) {
        long cost = 0;
        long unpricedTokens = 0;
        Double reported = usage.costUsd();
        if (reported != null) {
            cost = Spent.nanos(reported);
        } else if (usage.isKnown()) {
            Price price = Price.of(Price.modelOf(names), prices);
            if (price != null) {
                cost = price.nanos(usage);
            } else {
                unpricedTokens = usage.inputTokens() + usage.outputTokens();
                unpriced.increment();
            }
        }
        return new Spent(calls, usage.uncached(), usage.cached(), cost, unpricedTokens);
    }

    private void warnIfUnpriced(Budget budget, List<String> names, Spent spent) {
        if (spent.unpricedTokens() > 0 && budget.limits().costUsd() != null) {
            String named = Price.modelOf(names);
            String model = named == null ? "" : named;
            String key = budget.organization() + '\n' + model;
            if (unpricedModels.size() < MOST_MODELS && unpricedModels.add(key)) {
                listener.onUnpriced(budget.organization(), model);
            }
        }
    }

    private void add(Key key, Spent spent) {
        if (waiting.size() >= MOST_WAITING && !waiting.containsKey(key)) {
            lost.increment();
            return;
        }
        waiting.merge(key, spent, Spent::plus);
    }

    /** {@return calls whose tokens no budget of money counted, since nobody knew their price} */
    public long unpriced() {
        return unpriced.sum();
    }

    /** {@return additions that never reached the store, since more waited than may} */
    public long lost() {
        return lost.sum();
    }

    void listen(BudgetListener hearer) {
        listener = hearer;
    }

    void apply(BudgetRules present) {
        Map<String, List<Budget>> budgets = new HashMap<>();
        present.budgets()
                .forEach(each -> budgets.computeIfAbsent(each.organization(), made -> new ArrayList<>())
                        .add(each));
        Map<String, Rules> next = new HashMap<>();
        budgets.forEach((organization, some) -> next.put(
                organization, new Rules(List.copyOf(some), present.prices().getOrDefault(organization, List.of()))));
        rules = Map.copyOf(next);
    }

    /** What waits, which waits no more. */
    @SuppressWarnings("ModifyCollectionInEnhancedForLoop") // a concurrent one, whose iterator goes on
    List<BudgetStore.Used> take() {
        calls.forEach(this::take);
        List<BudgetStore.Used> taken = new ArrayList<>();
        for (Key key : waiting.keySet()) {
            @Nullable Spent spent = waiting.remove(key);
            if (spent != null) {
                taken.add(new BudgetStore.Used(key.organization, key.budget, key.subject, key.slice, spent));
            }
        }
        return taken;
    }

    private void take(Called called, Calls present) {
        long now = present.sum.sum();
        int fresh = (int) Math.min(now - present.taken, Integer.MAX_VALUE);
        if (fresh > 0) {
            present.taken += fresh;
            count(called.agent, called.dependencies, Usage.UNKNOWN, fresh);
        }
    }

    /** Waits again: the store could not be reached. */
    void putBack(List<BudgetStore.Used> taken) {
        taken.forEach(
                each -> add(new Key(each.organization(), each.budget(), each.subject(), each.slice()), each.spent()));
    }
}
