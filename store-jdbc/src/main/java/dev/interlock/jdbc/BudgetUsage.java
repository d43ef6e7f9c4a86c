package dev.interlock.jdbc;

import dev.interlock.monitor.budgets.Budget;
import dev.interlock.monitor.budgets.BudgetRules;
import dev.interlock.monitor.budgets.BudgetStore;
import dev.interlock.monitor.budgets.Slice;
import dev.interlock.monitor.budgets.Spending;
import dev.interlock.monitor.budgets.Spent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/**
 * What was used of budgets, in a database: all processes add to the same rows, so their usage sums up, and a restart forgets
 * none of it. An addition whose answer was lost is made again: of usage rather too much counts than too little. Every method
 * throws {@code StoreUnavailableException} if the database cannot be reached. Safe for use by any thread.
 */
public final class BudgetUsage implements BudgetStore {
    private static final int AT_ONCE = 500;

    private static final String ADD = """
            INSERT INTO budget_usage AS known (organization_id, budget_id, subject, starts_at, calls, tokens, cached_tokens,
                cost_nanos, unpriced_tokens, mark)
            VALUES (:organization, :budget, :subject, :start, :calls, :tokens, :cached, :cost, :unpriced, 0)
            ON CONFLICT (organization_id, budget_id, subject, starts_at) DO UPDATE SET calls = known.calls + excluded.calls,
                tokens = known.tokens + excluded.tokens, cached_tokens = known.cached_tokens + excluded.cached_tokens,
                cost_nanos = known.cost_nanos + excluded.cost_nanos,
                unpriced_tokens = known.unpriced_tokens + excluded.unpriced_tokens
            """;

    /** Two processes that add at one time take rows in one order: none waits for the other for ever. */
    private static final Comparator<Used> ONE_ORDER = Comparator.comparing(Used::organization)
            .thenComparing(Used::budget)
            .thenComparing(Used::subject)
            .thenComparing(Used::slice);

    private final Connections database;
    private final Budgets budgets;

    BudgetUsage(Connections database) {
        this.database = database;
        this.budgets = new Budgets(database);
    }

    @Override
    public BudgetRules rules(Instant now) {
        return budgets.rules(now);
    }

    @Override
    public void add(List<Used> used) {
        List<Used> sorted = new ArrayList<>(used);
        sorted.sort(ONE_ORDER);
        database.write(handle -> {
            for (int from = 0; from < sorted.size(); from += AT_ONCE) {
                try (PreparedBatch batch = handle.prepareBatch(ADD)) {
                    sorted.subList(from, Math.min(from + AT_ONCE, sorted.size()))
                            .forEach(each -> batch.bind("organization", each.organization())
                                    .bind("budget", each.budget())
                                    .bind("subject", each.subject())
                                    .bind("start", each.slice().getEpochSecond())
                                    .bind("calls", each.spent().calls())
                                    .bind("tokens", each.spent().tokens())
                                    .bind("cached", each.spent().cachedTokens())
                                    .bind("cost", each.spent().costNanos())
                                    .bind("unpriced", each.spent().unpricedTokens())
                                    .add());
                    batch.execute();
                }
            }
            return true;
        });
    }

    @Override
    public Map<String, List<Slice>> used(Budget budget, Instant since, @Nullable Collection<String> subjects) {
        Map<String, List<Slice>> found = new HashMap<>();
        if (subjects == null) {
            read(budget, since, null, found);
            return found;
        }
        List<String> all = new ArrayList<>(subjects);
        for (int from = 0; from < all.size(); from += AT_ONCE) {
            read(budget, since, all.subList(from, Math.min(from + AT_ONCE, all.size())), found);
        }
        return found;
    }

    private void read(Budget budget, Instant since, @Nullable List<String> subjects, Map<String, List<Slice>> found) {
        database.read(handle -> {
            Query query = handle.createQuery(
                            """
                            SELECT * FROM budget_usage
                            WHERE organization_id = :organization AND budget_id = :budget AND starts_at >= :since
                            """ + (subjects == null ? "" : " AND subject IN (<subjects>)") + " ORDER BY starts_at")
                    .bind("organization", budget.organization())
                    .bind("budget", budget.id())
                    .bind("since", since.getEpochSecond());
            if (subjects != null) {
                query.bindList("subjects", subjects);
            }
            query.map((row, context) -> Map.entry(
                            row.getString("subject"),
                            new Slice(
                                    Instant.ofEpochSecond(row.getLong("starts_at")),
                                    new Spent(
                                            row.getLong("calls"),
                                            row.getLong("tokens"),
                                            row.getLong("cached_tokens"),
                                            row.getLong("cost_nanos"),
                                            row.getLong("unpriced_tokens")),
                                    row.getInt("mark"))))
                    .forEach(each -> found.computeIfAbsent(each.getKey(), made -> new ArrayList<>())
                            .add(each.getValue()));
            return found;
        });
    }

    @Override
    public boolean mark(Spending spending, Instant slice, Instant now) {
        Budget budget = spending.budget();
        return database.write(handle -> {
            int marked = handle.createUpdate("""
                                UPDATE budget_usage SET mark = :mark
                                WHERE organization_id = :organization AND budget_id = :budget AND subject = :subject
                                    AND starts_at = :start AND :mark > mark
                                """)
                    .bind("mark", spending.mark())
                    .bind("organization", budget.organization())
                    .bind("budget", budget.id())
                    .bind("subject", spending.subject())
                    .bind("start", slice.getEpochSecond())
                    .execute();
            if (marked == 1) {
                EventTable.add(handle, database.dialect(), List.of(WebhookEvent.of(spending, now)));
            }
            return marked == 1;
        });
    }
}
