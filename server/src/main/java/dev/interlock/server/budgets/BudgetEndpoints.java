package dev.interlock.server.budgets;

import dev.interlock.jdbc.Author;
import dev.interlock.jdbc.BudgetUsage;
import dev.interlock.jdbc.Budgets;
import dev.interlock.monitor.Redactor;
import dev.interlock.monitor.budgets.Budget;
import dev.interlock.monitor.budgets.BudgetKeeper;
import dev.interlock.monitor.budgets.BudgetRules;
import dev.interlock.monitor.budgets.Limits;
import dev.interlock.monitor.budgets.Price;
import dev.interlock.monitor.budgets.Raise;
import dev.interlock.monitor.budgets.Slice;
import dev.interlock.monitor.budgets.Spending;
import dev.interlock.server.http.Endpoints;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.http.Operations;
import dev.interlock.server.http.Page;
import dev.interlock.server.http.Problem;
import dev.interlock.server.text.Texts;
import dev.interlock.server.workers.Workers;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shows, changes and raises budgets, and the prices that they go by. */
public final class BudgetEndpoints implements Endpoints {
    private static final Logger LOG = LoggerFactory.getLogger(BudgetEndpoints.class);
    private static final int SHOWN = 20;
    private static final int LIMIT = 100;
    private static final int MOST_PRICES = 1_000;

    private final Workers workers;
    private final Budgets budgets;
    private final BudgetUsage usage;
    private final BudgetKeeper keeper;
    private final Clock clock;

    /**
     * Endpoints for all organizations; each caller has its own organization's budgets.
     *
     * @param workers wait for the database
     * @param budgets where budgets lie
     * @param usage where what was used of them lies
     * @param keeper puts and removes their gates
     * @param clock the wall clock
     */
    public BudgetEndpoints(Workers workers, Budgets budgets, BudgetUsage usage, BudgetKeeper keeper, Clock clock) {
        this.workers = workers;
        this.budgets = budgets;
        this.usage = usage;
        this.keeper = keeper;
        this.clock = clock;
    }

    @Override
    public void mount(Operations operations) {
        operations
                .on("listBudgets", this::list)
                .on("getBudget", this::one)
                .on("putBudget", this::put)
                .on("deleteBudget", this::delete)
                .on("raiseBudget", this::raise)
                .on("listPrices", this::prices)
                .on("putPrices", this::putPrices);
    }

    private void list(Exchange exchange) {
        String organization = exchange.caller().organization();
        String agent = exchange.query("agent");
        workers.run(organization, () -> page(organization, agent))
                .onSuccess(page -> page.answer(exchange))
                .onFailure(exchange::fail);
    }

    private Page page(String organization, @Nullable String agent) {
        BudgetRules rules = budgets.rules(clock.instant());
        JsonArray all = new JsonArray();
        for (Budget each : of(rules, organization)) {
            if (agent == null || each.covers(agent)) {
                String name = agent == null ? null : each.together() ? Budget.TOGETHER : agent;
                all.add(BudgetJson.budget(each, spendings(rules, each, name), SHOWN));
            }
        }
        return new Page(new JsonObject().put("budgets", all).toBuffer(), null);
    }

    private void one(Exchange exchange) {
        String organization = exchange.caller().organization();
        String id = exchange.path("budget_id");
        String limit = exchange.query("limit");
        int most = limit == null ? LIMIT : Integer.parseInt(limit);
        workers.run(organization, () -> json(organization, id, most))
                .onSuccess(exchange::answer)
                .onFailure(exchange::fail);
    }

    private JsonObject json(String organization, String id, int most) {
        BudgetRules rules = budgets.rules(clock.instant());
        Budget budget = find(rules, organization, id);
        return BudgetJson.budget(budget, spendings(rules, budget, null), most);
    }

    private void put(Exchange exchange) {
        String organization = exchange.caller().organization();
        String id = exchange.path("budget_id");
        Budget budget = valid(() -> BudgetJson.budget(organization, id, exchange.body()));
        workers.change(organization, () -> {
                    if (!budgets.put(
                            budget,
                            by(exchange),
                            each -> BudgetJson.settings(each).encode())) {
                        throw Problem.conflict("An organization may have " + Budget.MOST
                                + " budgets, and this one has; delete one, or use patterns that cover more names");
                    }
                    keeper.changed(exchange.caller().actor(), "the budget " + id + " was changed");
                    return json(organization, id, SHOWN);
                })
                .onSuccess(changed -> {
                    log(exchange, "A budget was applied", id);
                    exchange.answer(changed);
                })
                .onFailure(exchange::fail);
    }

    private void delete(Exchange exchange) {
        String organization = exchange.caller().organization();
        String id = exchange.path("budget_id");
        workers.change(organization, () -> {
                    if (!budgets.remove(
                            organization,
                            id,
                            by(exchange),
                            each -> BudgetJson.settings(each).encode())) {
                        throw unknown(id);
                    }
                    keeper.changed(exchange.caller().actor(), "the budget " + id + " was removed");
                    return true;
                })
                .onSuccess(removed -> {
                    log(exchange, "A budget was removed", id);
                    exchange.answerNothing();
                })
                .onFailure(exchange::fail);
    }

    private void raise(Exchange exchange) {
        String organization = exchange.caller().organization();
        String id = exchange.path("budget_id");
        JsonObject body = exchange.body();
        String agent = body.getString("agent_id");
        String reason = Redactor.standard().redact(body.getString("reason"));
        Limits by = amounts(body);
        workers.change(organization, () -> {
                    Instant now = clock.instant();
                    Budget budget = find(budgets.rules(now), organization, id);
                    mustBeRaisable(budget, by, agent);
                    Raise raise = new Raise(
                            organization,
                            id,
                            agent,
                            by,
                            budget.period().end(now),
                            exchange.caller().actor(),
                            reason,
                            now.truncatedTo(ChronoUnit.MILLIS));
                    if (!budgets.raise(raise, BudgetJson::raise)) {
                        throw unknown(id);
                    }
                    keeper.changed(raise.actor(), reason);
                    return json(organization, id, SHOWN);
                })
                .onSuccess(raised -> {
                    log(exchange, "A budget was raised", id);
                    exchange.answer(raised);
                })
                .onFailure(exchange::fail);
    }

    private static Limits amounts(JsonObject body) {
        if (body.getValue("tokens") == null && body.getValue("cost_usd") == null && body.getValue("calls") == null) {
            throw Problem.invalid("A raise needs tokens, cost_usd or calls: by how much");
        }
        return valid(() -> BudgetJson.limits(body));
    }

    private static void mustBeRaisable(Budget budget, Limits by, @Nullable String agent) {
        Limits limits = budget.limits();
        String without = by.tokens() != null && limits.tokens() == null
                ? "tokens"
                : by.costUsd() != null && limits.costUsd() == null
                        ? "cost_usd"
                        : by.calls() != null && limits.calls() == null ? "calls" : null;
        if (without != null) {
            throw Problem.invalid(
                    without + ": the budget " + budget.id() + " has no limit of that, so it cannot be raised");
        }
        if (agent != null && (budget.together() || !budget.covers(agent))) {
            throw Problem.invalid("agent_id = '" + Texts.shown(agent) + "': the budget " + budget.id()
                    + (budget.together()
                            ? " is shared by all names that it covers; leave agent_id out"
                            : " does not cover that name; its pattern is '"
                                    + budget.pattern().text() + "'"));
        }
    }

    private void prices(Exchange exchange) {
        String organization = exchange.caller().organization();
        workers.run(organization, () -> prices(organization))
                .onSuccess(exchange::answer)
                .onFailure(exchange::fail);
    }

    private JsonObject prices(String organization) {
        return new JsonObject()
                .put(
                        "prices",
                        BudgetJson.prices(
                                budgets.rules(clock.instant()).prices().getOrDefault(organization, List.of())));
    }

    private void putPrices(Exchange exchange) {
        String organization = exchange.caller().organization();
        List<Price> prices = valid(() -> BudgetJson.prices(exchange.body().getJsonObject("prices")));
        if (prices.size() > MOST_PRICES) {
            throw Problem.invalid("prices: may have at most " + MOST_PRICES + " models, but has " + prices.size());
        }
        workers.change(organization, () -> {
                    budgets.putPrices(
                            organization,
                            prices,
                            by(exchange),
                            each -> BudgetJson.prices(each).encode());
                    keeper.changed(exchange.caller().actor(), "prices were changed");
                    return prices(organization);
                })
                .onSuccess(exchange::answer)
                .onFailure(exchange::fail);
    }

    private List<Spending> spendings(BudgetRules rules, Budget budget, @Nullable String name) {
        Instant now = clock.instant();
        Map<String, List<Slice>> used =
                usage.used(budget, budget.period().since(now), name == null ? null : Set.of(name));
        List<Spending> spendings = new ArrayList<>();
        used.forEach((subject, slices) -> {
            if (budget.counts(subject)) {
                spendings.add(Spending.of(rules, budget, subject, slices, now));
            }
        });
        if (name != null && spendings.isEmpty()) {
            spendings.add(Spending.of(rules, budget, name, List.of(), now));
        }
        return spendings;
    }

    private static List<Budget> of(BudgetRules rules, String organization) {
        return rules.budgets().stream()
                .filter(each -> each.organization().equals(organization))
                .toList();
    }

    private static Budget find(BudgetRules rules, String organization, String id) {
        return of(rules, organization).stream()
                .filter(each -> each.id().equals(id))
                .findFirst()
                .orElseThrow(() -> unknown(id));
    }

    private Author by(Exchange exchange) {
        return new Author(exchange.caller().actor(), clock.instant().truncatedTo(ChronoUnit.MILLIS));
    }

    private static <T> T valid(Supplier<T> read) {
        try {
            return read.get();
        } catch (IllegalArgumentException wrong) {
            throw Problem.invalid(Texts.sentence(String.valueOf(wrong.getMessage())));
        }
    }

    private static Problem unknown(String id) {
        return Problem.notFound("The organization has no budget '" + Texts.shown(id)
                + "'; GET /api/v1/budgets lists those that it has");
    }

    private static void log(Exchange exchange, String what, String id) {
        LOG.atInfo()
                .addKeyValue("organization", exchange.caller().organization())
                .addKeyValue("budget", id)
                .addKeyValue("actor", exchange.caller().actor())
                .log(what);
    }
}
