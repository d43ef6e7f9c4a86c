package dev.interlock.server.budgets;

import dev.interlock.NamePattern;
import dev.interlock.monitor.budgets.Budget;
import dev.interlock.monitor.budgets.Limits;
import dev.interlock.monitor.budgets.Period;
import dev.interlock.monitor.budgets.Price;
import dev.interlock.monitor.budgets.Raise;
import dev.interlock.monitor.budgets.Spending;
import dev.interlock.server.circuits.CircuitJson;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Budgets and prices as JSON. */
final class BudgetJson {
    private static final Comparator<Spending> FULLEST =
            Comparator.comparingDouble(Spending::used).reversed().thenComparing(Spending::subject);

    private BudgetJson() {}

    /** Reads the schema {@code BudgetSettings}; throws {@link IllegalArgumentException} with what is wrong. */
    static Budget budget(String organization, String id, JsonObject body) {
        return new Budget(
                organization,
                id,
                new NamePattern(body.getString("pattern")),
                Boolean.TRUE.equals(body.getBoolean("together")),
                Period.read(body.getString("per"), body.getString("zone")),
                limits(body),
                "all".equals(body.getString("count")),
                number(body, "warn_at", Budget.WARN_AT),
                !"warn".equals(body.getString("on_exceeded")));
    }

    static Limits limits(JsonObject body) {
        return new Limits(body.getLong("tokens"), number(body, "cost_usd"), body.getLong("calls"));
    }

    static List<Price> prices(JsonObject prices) {
        List<Price> all = new ArrayList<>();
        for (Map.Entry<String, Object> each : prices) {
            JsonObject price = prices.getJsonObject(each.getKey());
            all.add(new Price(
                    new NamePattern(each.getKey()),
                    number(price, "input", 0),
                    number(price, "output", 0),
                    number(price, "cache_read")));
        }
        return all;
    }

    static JsonObject prices(List<Price> prices) {
        JsonObject all = new JsonObject();
        prices.forEach(each -> all.put(
                each.model().text(),
                new JsonObject()
                        .put("input", each.input())
                        .put("output", each.output())
                        .put("cache_read", each.cacheRead())));
        return all;
    }

    static JsonObject settings(Budget budget) {
        return new JsonObject()
                .put("id", budget.id())
                .put("pattern", budget.pattern().text())
                .put("together", budget.together())
                .put("per", budget.period().text())
                .put("zone", budget.period().zone())
                .put("tokens", budget.limits().tokens())
                .put("cost_usd", budget.limits().costUsd())
                .put("calls", budget.limits().calls())
                .put("count", budget.countsCached() ? "all" : "uncached")
                .put("warn_at", budget.warnAt())
                .put("on_exceeded", budget.stops() ? "stop" : "warn");
    }

    /** The schema {@code Budget}: settings, and the names that have used most of it. */
    static JsonObject budget(Budget budget, List<Spending> spendings, int most) {
        List<Spending> sorted = new ArrayList<>(spendings);
        sorted.sort(FULLEST);
        JsonArray usage = new JsonArray();
        sorted.stream().limit(most).forEach(each -> usage.add(spending(each)));
        return settings(budget)
                .put("names", sorted.size())
                .put("used_up", sorted.stream().filter(Spending::isUsedUp).count())
                .put("usage", usage);
    }

    private static JsonObject spending(Spending spending) {
        Limits limits = spending.limits();
        return new JsonObject()
                .put("agent_id", spending.subject().equals(Budget.TOGETHER) ? null : spending.subject())
                .put("calls", spending.spent().calls())
                .put("tokens", spending.spent().tokens())
                .put("cached_tokens", spending.spent().cachedTokens())
                .put("cost_usd", spending.spent().costUsd())
                .put("unpriced_tokens", spending.spent().unpricedTokens())
                .put(
                        "limits",
                        new JsonObject()
                                .put("tokens", limits.tokens())
                                .put("cost_usd", limits.costUsd())
                                .put("calls", limits.calls()))
                .put("used", spending.used())
                .put("used_up", spending.isUsedUp())
                .put("until", CircuitJson.text(spending.until()));
    }

    /** A raise, for the trail of changes. */
    static String raise(Raise raise) {
        return new JsonObject()
                .put(
                        "raised",
                        new JsonObject()
                                .put("agent_id", raise.subject())
                                .put("tokens", raise.by().tokens())
                                .put("cost_usd", raise.by().costUsd())
                                .put("calls", raise.by().calls())
                                .put("until", CircuitJson.text(raise.until()))
                                .put("reason", raise.reason()))
                .encode();
    }

    private static double number(JsonObject body, String field, double otherwise) {
        Double value = number(body, field);
        return value == null ? otherwise : value;
    }

    private static @Nullable Double number(JsonObject body, String field) {
        Number value = body.getNumber(field);
        return value == null ? null : (Double) value.doubleValue();
    }
}
