package dev.interlock.server.alerts;

import dev.interlock.jdbc.WebhookMessage;
import dev.interlock.server.alerts.Notice.Fact;
import dev.interlock.server.alerts.Notice.Tone;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is said of budgets, loops, health and stops: of one event all that is known, of many how many and the first names. */
final class EventNotice {
    private static final int NAMES = 10;

    private final WebhookMessage message;
    private final long left;
    private final Links links;
    private final List<JsonObject> events;
    private final JsonObject first;
    private final List<Fact> facts = new ArrayList<>();

    private EventNotice(WebhookMessage message, long left, Links links) {
        this.message = message;
        this.left = left;
        this.links = links;
        this.events = message.events().stream().map(JsonObject::new).toList();
        this.first = events.get(0);
    }

    /**
     * The notice of a message that sums events up.
     *
     * @param left how many agents are critical, or how many stops are in effect, now; 0 of anything else
     */
    static Notice of(WebhookMessage message, long left, Links links) {
        return new EventNotice(message, left, links).write();
    }

    private Notice write() {
        return switch (message.kind()) {
            case WebhookMessage.BUDGET_NEARLY_USED, WebhookMessage.BUDGET_USED_UP -> budget();
            case WebhookMessage.BUDGET_RAISED -> raise();
            case WebhookMessage.LOOP_FOUND -> loop();
            case WebhookMessage.HEALTH_CRITICAL, WebhookMessage.HEALTH_RECOVERED -> health();
            default -> stop();
        };
    }

    private boolean isOne() {
        return message.changes() == 1;
    }

    private Notice budget() {
        boolean usedUp = message.kind().equals(WebhookMessage.BUDGET_USED_UP);
        String budget = text(first, "budget_id");
        String what = "The budget " + budget + (usedUp ? " is used up" : " is nearly used");
        if (isOne()) {
            fact("Agent", first.getString("agent_id"));
            fact("Used", first.getString("used"));
        } else {
            fact("Agents", names("agent_id"));
        }
        if (usedUp) {
            boolean stops = Boolean.TRUE.equals(first.getBoolean("stops"));
            fact("Calls", stops ? "are refused until " + text(first, "until") : "go on");
        }
        String title = isOne() ? what : what + " by " + Words.number(message.changes()) + " agents";
        return notice(usedUp ? Tone.BAD : Tone.NOTE, "budget/" + budget, budget, title, links.budgets(), "budget");
    }

    private Notice raise() {
        String budget = text(first, "budget_id");
        JsonObject last = events.get(events.size() - 1);
        fact("Agent", isOne() ? first.getString("agent_id") : null);
        fact("By how much", amounts(last));
        fact("By", last.getString("actor"));
        fact("Reason", last.getString("reason"));
        fact("Until", last.getString("until"));
        String title = "The budget " + budget + " was raised" + (isOne() ? "" : " " + message.changes() + " times");
        return notice(Tone.GOOD, "budget/" + budget, budget, title, links.budgets(), "budget");
    }

    private static String amounts(JsonObject raise) {
        List<String> amounts = new ArrayList<>();
        if (raise.getValue("tokens") != null) {
            amounts.add(Words.plural(raise.getLong("tokens"), "token"));
        }
        if (raise.getValue("cost_usd") != null) {
            amounts.add("$" + raise.getValue("cost_usd"));
        }
        if (raise.getValue("calls") != null) {
            amounts.add(Words.plural(raise.getLong("calls"), "call"));
        }
        return String.join(", ", amounts);
    }

    private Notice loop() {
        String agent = text(first, "agent_id");
        if (isOne()) {
            fact(
                    "Loop",
                    "the same call of " + text(first, "tool") + " came to the same end " + first.getValue("repeats")
                            + " times");
            fact("Execution", first.getString("execution"));
            String until = first.getString("refused_until");
            fact(
                    "Further calls",
                    until == null ? "go on" : "of this execution are refused until " + until + " or its end");
        } else {
            fact("Agents", names("agent_id"));
        }
        String title =
                isOne() ? agent + " is in a loop" : Words.number(message.changes()) + " executions are in a loop";
        return notice(
                Tone.BAD,
                "loop/" + message.id(),
                isOne() ? agent : "interlock",
                title,
                isOne() ? links.circuit(first.getString("agent_id")) : links.fleet(),
                "loops");
    }

    private Notice health() {
        boolean critical = message.kind().equals(WebhookMessage.HEALTH_CRITICAL);
        String agent = text(first, "agent_id");
        String what = critical ? "critical" : "recovered";
        String title;
        if (isOne()) {
            title = agent + (critical ? " is critical" : " has recovered");
            JsonArray issues = first.getJsonArray("issues", new JsonArray());
            fact(
                    "Why",
                    issues.isEmpty()
                            ? null
                            : issues.stream().map(String::valueOf).collect(Collectors.joining("; ")));
        } else {
            title = Words.number(message.changes()) + " agents " + (critical ? "are " : "have ") + what;
            fact("Agents", names("agent_id"));
        }
        fact("Critical now", Words.plural(left, "agent"));
        return notice(
                critical ? Tone.BAD : left == 0 ? Tone.GOOD : Tone.NOTE,
                "health",
                isOne() ? agent : "interlock",
                title,
                isOne() ? links.circuit(first.getString("agent_id")) : links.fleet(),
                "health");
    }

    private Notice stop() {
        boolean began = message.kind().equals(WebhookMessage.STOP_BEGAN);
        String title;
        if (isOne()) {
            title = (began ? "Stopped: " : "Resumed: ") + what(first);
            fact("By", first.getString("actor") == null ? "the end that was set for it" : first.getString("actor"));
            fact("Reason", first.getString("reason"));
            fact("Until", began ? first.getString("until") : null);
        } else {
            title = Words.number(message.changes()) + (began ? " stops began or changed" : " stops ended");
            fact(began ? "Stopped" : "Resumed", list(EventNotice::what));
        }
        fact("Stops in effect", Words.number(left));
        return notice(
                began ? Tone.NOTE : left == 0 ? Tone.GOOD : Tone.NOTE,
                "stops",
                "interlock",
                title,
                links.fleet(),
                "stops");
    }

    private static String what(JsonObject stop) {
        String pattern = Words.shown(String.valueOf(stop.getString("pattern")));
        return switch (stop.getString("covers")) {
            case "agents" -> "agents " + pattern;
            case "upstream" -> "everything behind " + pattern;
            case "organization" -> "all agents";
            default -> pattern;
        };
    }

    private Notice notice(
            Tone tone, String thread, String component, String title, @Nullable String link, String topic) {
        String organization = message.webhook().organization();
        JsonObject data = new JsonObject()
                .put("organization_id", organization)
                .put("count", message.changes())
                .put("events", new JsonArray(events));
        if (topic.equals("health")) {
            data.put("critical", left);
        } else if (topic.equals("stops")) {
            data.put("stops", left);
        }
        return new Notice(
                message.kind(),
                at(),
                tone,
                "interlock/" + organization + "/" + thread,
                component,
                title,
                facts,
                link,
                data);
    }

    private Instant at() {
        return message.createdAt();
    }

    private void fact(String name, @Nullable String value) {
        if (value != null) {
            facts.add(new Fact(name, Words.shown(value)));
        }
    }

    private String names(String field) {
        return list(event -> String.valueOf(event.getString(field)));
    }

    /** The first of them, each once, and how many more. */
    private String list(Function<JsonObject, String> shown) {
        Set<String> names = new LinkedHashSet<>();
        events.forEach(each -> names.add(shown.apply(each)));
        List<String> some = names.stream().limit(NAMES).toList();
        long more = (long) message.changes() - (events.size() - names.size()) - some.size();
        return String.join(", ", some) + (more > 0 ? " and " + Words.number(more) + " more" : "");
    }

    private static String text(JsonObject event, String field) {
        return Words.shown(String.valueOf(event.getValue(field)));
    }
}
