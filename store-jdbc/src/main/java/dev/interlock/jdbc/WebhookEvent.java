package dev.interlock.jdbc;

import dev.interlock.monitor.EntryJson;
import dev.interlock.monitor.HealthIssue;
import dev.interlock.monitor.HealthSnapshot;
import dev.interlock.monitor.HealthTransition;
import dev.interlock.monitor.budgets.Budget;
import dev.interlock.monitor.budgets.BudgetKeeper;
import dev.interlock.monitor.budgets.Limits;
import dev.interlock.monitor.budgets.Raise;
import dev.interlock.monitor.budgets.Spending;
import dev.interlock.monitor.loops.Loop;
import dev.interlock.store.GateRecord;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something that a webhook may be notified of, other than incidents and circuits. Immutable.
 *
 * @param organization whose
 * @param name of what happened, which nothing else has: so it is stored once
 * @param topic what a webhook subscribes to, such as {@link Webhook#HEALTH}
 * @param kind of message, such as {@link WebhookMessage#HEALTH_CRITICAL}
 * @param subject the agent, budget or gate
 * @param agent the agent that it is about, or null
 * @param at when
 * @param detail for who reads the message
 */
record WebhookEvent(
        String organization,
        String name,
        String topic,
        String kind,
        String subject,
        @Nullable String agent,
        Instant at,
        Map<String, @Nullable Object> detail) {

    /** The row that says so is marked in the same transaction, so that it happens once. */
    static WebhookEvent of(Spending spending, Instant at) {
        Budget budget = spending.budget();
        Map<String, @Nullable Object> detail = new LinkedHashMap<>();
        detail.put("budget_id", budget.id());
        detail.put("agent_id", agent(spending.subject()));
        detail.put("pattern", budget.pattern().text());
        detail.put("used", spending.text());
        detail.put("fraction", spending.used());
        detail.put("stops", budget.stops());
        detail.put("until", spending.until().toString());
        return new WebhookEvent(
                budget.organization(),
                once("budget"),
                Webhook.BUDGETS,
                spending.isUsedUp() ? WebhookMessage.BUDGET_USED_UP : WebhookMessage.BUDGET_NEARLY_USED,
                budget.id(),
                agent(spending.subject()),
                at,
                detail);
    }

    static WebhookEvent of(Raise raise) {
        Map<String, @Nullable Object> detail = new LinkedHashMap<>();
        detail.put("budget_id", raise.budget());
        detail.put("agent_id", raise.subject());
        Limits by = raise.by();
        detail.put("tokens", by.tokens());
        detail.put("cost_usd", by.costUsd());
        detail.put("calls", by.calls());
        detail.put("actor", raise.actor());
        detail.put("reason", raise.reason());
        detail.put("until", raise.until().toString());
        return new WebhookEvent(
                raise.organization(),
                once("raise"),
                Webhook.BUDGETS,
                WebhookMessage.BUDGET_RAISED,
                raise.budget(),
                raise.subject(),
                raise.at(),
                detail);
    }

    /** Of one execution the same loop counts once, whichever processes find it; without one, of one agent once a minute. */
    static WebhookEvent of(Loop loop, boolean refuses) {
        String execution = loop.execution();
        Map<String, @Nullable Object> detail = new LinkedHashMap<>();
        detail.put("agent_id", loop.agent());
        detail.put("execution", execution);
        detail.put("tool", loop.tool());
        detail.put("repeats", loop.repeats());
        detail.put("refused_until", refuses && execution != null ? loop.until().toString() : null);
        long minute = loop.at().getEpochSecond() / 60;
        String name = execution == null
                ? key("loop", loop.agent(), loop.tool(), Long.toString(minute))
                : key("loop", loop.agent(), loop.tool(), "of", execution);
        return new WebhookEvent(
                loop.organization(),
                name,
                Webhook.LOOPS,
                WebhookMessage.LOOP_FOUND,
                loop.agent(),
                loop.agent(),
                loop.at(),
                detail);
    }

    /** Null for a change that neither makes an agent critical nor ends that. */
    static @Nullable WebhookEvent of(HealthSnapshot health, HealthTransition.Type change) {
        String kind = switch (change) {
            case CRITICAL_FROM_HEALTHY, CRITICAL_FROM_DEGRADED -> WebhookMessage.HEALTH_CRITICAL;
            case RECOVERING, RECOVERED_FROM_CRITICAL -> WebhookMessage.HEALTH_RECOVERED;
            default -> null;
        };
        if (kind == null) {
            return null;
        }
        String agent = health.agent().name();
        Map<String, @Nullable Object> detail = new LinkedHashMap<>();
        detail.put("agent_id", agent);
        detail.put("at", health.at().toString());
        detail.put("score", health.score());
        detail.put("issues", health.issues().stream().map(HealthIssue::text).toList());
        return new WebhookEvent(
                health.agent().organization(),
                key("health", agent, change.wireName(), health.at().toString()),
                Webhook.HEALTH,
                kind,
                agent,
                agent,
                health.at(),
                detail);
    }

    /** A stop, or a resume; null for the gate of a budget. */
    static @Nullable WebhookEvent of(GateRecord gate) {
        if (gate.author().equals(BudgetKeeper.AUTHOR)) {
            return null;
        }
        GateRecord.Removal removal = gate.removal();
        Map<String, @Nullable Object> detail = what(gate);
        detail.put("actor", removal == null ? gate.author() : removal.actor());
        detail.put("reason", removal == null ? gate.reason() : removal.reason());
        detail.put(
                "until", removal == null && gate.until() != null ? gate.until().toString() : null);
        return new WebhookEvent(
                gate.organization(),
                key("stop", gate.id(), Long.toString(gate.version())),
                Webhook.STOPS,
                removal == null ? WebhookMessage.STOP_BEGAN : WebhookMessage.STOP_ENDED,
                gate.id(),
                null,
                removal == null ? gate.since() : removal.at(),
                detail);
    }

    /** A stop has come to the end that was set for it. */
    static WebhookEvent ofEnd(GateRecord gate, Instant end) {
        Map<String, @Nullable Object> detail = what(gate);
        detail.put("actor", null);
        detail.put("reason", null);
        detail.put("until", end.toString());
        return new WebhookEvent(
                gate.organization(),
                key("stop", gate.id(), Long.toString(gate.version()), "over"),
                Webhook.STOPS,
                WebhookMessage.STOP_ENDED,
                gate.id(),
                null,
                end,
                detail);
    }

    private static Map<String, @Nullable Object> what(GateRecord gate) {
        Map<String, @Nullable Object> detail = new LinkedHashMap<>();
        detail.put("id", gate.id());
        detail.put("covers", gate.covers());
        detail.put("pattern", gate.pattern());
        return detail;
    }

    private static @Nullable String agent(String subject) {
        return subject.equals(Budget.TOGETHER) ? null : subject;
    }

    private static String once(String what) {
        return what + ":" + UUID.randomUUID();
    }

    /** A short name, and no two lists of parts have the same: each part is hashed with its length. */
    private static String key(String what, String... parts) {
        StringBuilder all = new StringBuilder();
        for (String part : List.of(parts)) {
            all.append(part.length()).append(':').append(part);
        }
        return what + ":" + UUID.nameUUIDFromBytes(all.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** The detail as a line of JSON. */
    String line() {
        return EntryJson.write(detail);
    }
}
