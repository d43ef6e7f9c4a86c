package dev.interlock.jdbc;

import dev.interlock.NamePattern;
import dev.interlock.monitor.budgets.Budget;
import dev.interlock.monitor.budgets.BudgetRules;
import dev.interlock.monitor.budgets.Limits;
import dev.interlock.monitor.budgets.Period;
import dev.interlock.monitor.budgets.Price;
import dev.interlock.monitor.budgets.Raise;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Budgets, what they were raised by, and prices; what was used of them is {@link BudgetUsage}. Each change has a line in
 * {@link AdministrationChanges}. Every method throws {@code StoreUnavailableException} if the database cannot be reached.
 * Safe for use by any thread.
 */
public final class Budgets {
    private static final Logger LOG = LoggerFactory.getLogger(Budgets.class);

    private static final String UPSERT = """
            INSERT INTO budget (organization_id, budget_id, pattern, together, per, zone, tokens, cost_usd, calls,
                counts_cached, warn_at, stops)
            VALUES (:organization, :id, :pattern, :together, :per, :zone, :tokens, :cost, :calls, :cached, :warn, :stops)
            ON CONFLICT (organization_id, budget_id) DO UPDATE SET pattern = excluded.pattern,
                together = excluded.together, per = excluded.per, zone = excluded.zone, tokens = excluded.tokens,
                cost_usd = excluded.cost_usd, calls = excluded.calls, counts_cached = excluded.counts_cached,
                warn_at = excluded.warn_at, stops = excluded.stops
            """;

    private static final String RAISE = """
            INSERT INTO budget_raise (organization_id, budget_id, subject, tokens, cost_usd, calls, ends_at, actor, reason, at)
            VALUES (:organization, :id, :subject, :tokens, :cost, :calls, :until, :actor, :reason, :at)
            """;

    private final Connections database;

    Budgets(Connections database) {
        this.database = database;
    }

    /**
     * What is in effect.
     *
     * @param now raises that ended before this are left out
     * @return the budgets, raises and prices of all organizations; what this version cannot read is left out, and logged
     */
    public BudgetRules rules(Instant now) {
        return database.read(handle -> {
            Map<String, List<Price>> prices = new HashMap<>();
            handle.createQuery("SELECT * FROM model_price ORDER BY organization_id, model")
                    .map((row, context) -> Map.entry(row.getString("organization_id"), price(row)))
                    .forEach(each -> prices.computeIfAbsent(each.getKey(), made -> new ArrayList<>())
                            .add(each.getValue()));
            List<Budget> budgets = handle
                    .createQuery("SELECT * FROM budget ORDER BY organization_id, budget_id")
                    .map((row, context) -> readable(row))
                    .list()
                    .stream()
                    .flatMap(Optional::stream)
                    .toList();
            List<Raise> raises = handle.createQuery("SELECT * FROM budget_raise WHERE ends_at > :now ORDER BY id")
                    .bind("now", now.getEpochSecond())
                    .map((row, context) -> raise(row))
                    .list();
            return new BudgetRules(budgets, raises, prices);
        });
    }

    /**
     * Puts a budget in place of one of the same id, if there is one; what was used stays.
     *
     * @param budget what is in effect from now on
     * @param by who does it
     * @param shown writes a budget as JSON, for the trail
     * @return false, and nothing has changed, if it is new and its organization has as many as it may
     */
    public boolean put(Budget budget, Author by, Function<Budget, String> shown) {
        return database.write(handle -> {
            Optional<Budget> before = find(handle, budget.organization(), budget.id());
            if (before.isEmpty() && count(handle, budget.organization()) >= Budget.MOST) {
                return false;
            }
            handle.createUpdate(UPSERT)
                    .bind("organization", budget.organization())
                    .bind("id", budget.id())
                    .bind("pattern", budget.pattern().text())
                    .bind("together", budget.together() ? 1 : 0)
                    .bind("per", budget.period().text())
                    .bind("zone", budget.period().zone())
                    .bind("tokens", budget.limits().tokens())
                    .bind("cost", budget.limits().costUsd())
                    .bind("calls", budget.limits().calls())
                    .bind("cached", budget.countsCached() ? 1 : 0)
                    .bind("warn", budget.warnAt())
                    .bind("stops", budget.stops() ? 1 : 0)
                    .execute();
            append(
                    handle,
                    budget.organization(),
                    by,
                    before.isPresent() ? AdministrationChanges.CHANGED : AdministrationChanges.CREATED,
                    AdministrationChanges.BUDGET,
                    budget.id(),
                    before.map(shown).orElse(null),
                    shown.apply(budget));
            return true;
        });
    }

    /**
     * Removes a budget, and what was used of it.
     *
     * @param organization whose
     * @param id the budget's
     * @param by who does it
     * @param shown writes a budget as JSON, for the trail
     * @return false if there is none
     */
    public boolean remove(String organization, String id, Author by, Function<Budget, String> shown) {
        return database.write(handle -> {
            Optional<Budget> before = find(handle, organization, id);
            if (before.isEmpty()) {
                return false;
            }
            for (String table : List.of("budget", "budget_usage", "budget_raise")) {
                handle.createUpdate(
                                "DELETE FROM " + table + " WHERE organization_id = :organization AND budget_id = :id")
                        .bind("organization", organization)
                        .bind("id", id)
                        .execute();
            }
            append(
                    handle,
                    organization,
                    by,
                    AdministrationChanges.REMOVED,
                    AdministrationChanges.BUDGET,
                    id,
                    before.map(shown).orElse(null),
                    null);
            return true;
        });
    }

    /**
     * Raises a budget. What was reported of it may be reported again.
     *
     * @param raise by how much, until when, by whom and why
     * @param shown writes the raise as JSON, for the trail
     * @return false if there is no such budget
     */
    public boolean raise(Raise raise, Function<Raise, String> shown) {
        return database.write(handle -> {
            if (find(handle, raise.organization(), raise.budget()).isEmpty()) {
                return false;
            }
            handle.createUpdate(RAISE)
                    .bind("organization", raise.organization())
                    .bind("id", raise.budget())
                    .bind("subject", raise.subject())
                    .bind("tokens", raise.by().tokens())
                    .bind("cost", raise.by().costUsd())
                    .bind("calls", raise.by().calls())
                    .bind("until", raise.until().getEpochSecond())
                    .bind("actor", raise.actor())
                    .bind("reason", raise.reason())
                    .bind("at", raise.at().getEpochSecond())
                    .execute();
            EventTable.add(handle, database.dialect(), List.of(WebhookEvent.of(raise)));
            handle.createUpdate("""
                            UPDATE budget_usage SET mark = 0 WHERE organization_id = :organization AND budget_id = :id
                            """ + (raise.subject() == null ? "" : " AND subject = :subject"))
                    .bind("organization", raise.organization())
                    .bind("id", raise.budget())
                    .bind("subject", raise.subject())
                    .execute();
            append(
                    handle,
                    raise.organization(),
                    new Author(raise.actor(), raise.at()),
                    AdministrationChanges.CHANGED,
                    AdministrationChanges.BUDGET,
                    raise.budget(),
                    null,
                    shown.apply(raise));
            return true;
        });
    }

    /**
     * Puts an organization's prices in place of those that were there.
     *
     * @param organization whose
     * @param prices all of them
     * @param by who does it
     * @param shown writes prices as JSON, for the trail
     */
    public void putPrices(String organization, List<Price> prices, Author by, Function<List<Price>, String> shown) {
        database.write(handle -> {
            List<Price> before = handle.createQuery(
                            "SELECT * FROM model_price WHERE organization_id = :organization ORDER BY model")
                    .bind("organization", organization)
                    .map((row, context) -> price(row))
                    .list();
            handle.createUpdate("DELETE FROM model_price WHERE organization_id = :organization")
                    .bind("organization", organization)
                    .execute();
            if (!prices.isEmpty()) {
                try (PreparedBatch batch = handle.prepareBatch("""
                        INSERT INTO model_price (organization_id, model, input, output, cache_read)
                        VALUES (:organization, :model, :input, :output, :read)
                        """)) {
                    prices.forEach(each -> batch.bind("organization", organization)
                            .bind("model", each.model().text())
                            .bind("input", each.input())
                            .bind("output", each.output())
                            .bind("read", each.cacheRead())
                            .add());
                    batch.execute();
                }
            }
            append(
                    handle,
                    organization,
                    by,
                    AdministrationChanges.CHANGED,
                    AdministrationChanges.PRICES,
                    AdministrationChanges.PRICES,
                    shown.apply(before),
                    shown.apply(prices));
            return true;
        });
    }

    private void append(
            Handle handle,
            String organization,
            Author by,
            String action,
            String subject,
            String name,
            @Nullable String before,
            @Nullable String after) {
        AdministrationChanges.append(
                handle, database.dialect(), organization, by, action, subject, name, before, after);
    }

    private static int count(Handle handle, String organization) {
        return handle.createQuery("SELECT count(*) FROM budget WHERE organization_id = :organization")
                .bind("organization", organization)
                .mapTo(Integer.class)
                .one();
    }

    private static Optional<Budget> find(Handle handle, String organization, String id) {
        return handle.createQuery("SELECT * FROM budget WHERE organization_id = :organization AND budget_id = :id")
                .bind("organization", organization)
                .bind("id", id)
                .map((row, context) -> budget(row))
                .findOne();
    }

    /** A budget that another version wrote may say what this one does not know. */
    private static Optional<Budget> readable(ResultSet row) throws SQLException {
        try {
            return Optional.of(budget(row));
        } catch (IllegalArgumentException unknown) {
            LOG.atWarn()
                    .addKeyValue("organization", row.getString("organization_id"))
                    .addKeyValue("budget", row.getString("budget_id"))
                    .addKeyValue("reason", unknown.getMessage())
                    .log("A budget cannot be read, and is left out");
            return Optional.empty();
        }
    }

    private static Budget budget(ResultSet row) throws SQLException {
        return new Budget(
                row.getString("organization_id"),
                row.getString("budget_id"),
                new NamePattern(row.getString("pattern")),
                row.getInt("together") != 0,
                Period.read(row.getString("per"), row.getString("zone")),
                limits(row),
                row.getInt("counts_cached") != 0,
                row.getDouble("warn_at"),
                row.getInt("stops") != 0);
    }

    private static Raise raise(ResultSet row) throws SQLException {
        return new Raise(
                row.getString("organization_id"),
                row.getString("budget_id"),
                row.getString("subject"),
                limits(row),
                Instant.ofEpochSecond(row.getLong("ends_at")),
                row.getString("actor"),
                row.getString("reason"),
                Instant.ofEpochSecond(row.getLong("at")));
    }

    private static Limits limits(ResultSet row) throws SQLException {
        return new Limits(whole(row, "tokens"), fraction(row, "cost_usd"), whole(row, "calls"));
    }

    private static Price price(ResultSet row) throws SQLException {
        return new Price(
                new NamePattern(row.getString("model")),
                row.getDouble("input"),
                row.getDouble("output"),
                fraction(row, "cache_read"));
    }

    private static @Nullable Long whole(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : (Long) value;
    }

    private static @Nullable Double fraction(ResultSet row, String column) throws SQLException {
        double value = row.getDouble(column);
        return row.wasNull() ? null : (Double) value;
    }
}
