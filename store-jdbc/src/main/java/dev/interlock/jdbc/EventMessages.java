package dev.interlock.jdbc;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * What webhooks hear of events. Events of one kind are summed up: a message waits for some seconds, and what comes meanwhile
 * is in it; the next one of its kind waits for a minute after it. So ten thousand agents that fail at once are one message.
 * For one transaction.
 */
final class EventMessages {
    /** How long a message waits for more of its kind. */
    static final Duration SETTLES = Duration.ofSeconds(5);

    /** How long at least is between two messages of a kind. */
    static final Duration BETWEEN = Duration.ofMinutes(1);

    /** Of how many events a message has the details. */
    static final int MOST_SHOWN = 20;

    private final Handle handle;
    private final Dialect dialect;
    private final Instant now;
    private final Outbox outbox;
    private final Map<String, List<Webhook>> hearers = new HashMap<>();

    EventMessages(Handle handle, Dialect dialect, Instant now) {
        this.handle = handle;
        this.dialect = dialect;
        this.now = now;
        this.outbox = new Outbox(handle, dialect, now);
    }

    /**
     * An event that is stored.
     *
     * @param previous the kind of the event before it of the same subject, or null
     */
    record Stored(
            long number,
            String organization,
            String topic,
            String kind,
            String subject,
            @Nullable String agent,
            String detail,
            @Nullable String previous) {

        /** Whether nobody has said so before; of two servers that judge an agent each may. */
        boolean isNews() {
            return switch (kind) {
                case WebhookMessage.HEALTH_CRITICAL -> !kind.equals(previous);
                case WebhookMessage.HEALTH_RECOVERED -> WebhookMessage.HEALTH_CRITICAL.equals(previous);
                case WebhookMessage.STOP_ENDED -> !kind.equals(previous);
                default -> true;
            };
        }

        /** Whether a webhook hears of it. Of stops every webhook hears, since anyone may be covered. */
        boolean isFor(Webhook webhook) {
            return webhook.on().contains(topic)
                    && (topic.equals(Webhook.STOPS) || agent == null || webhook.covers(agent));
        }

        /** What a message is about that sums it up with others: one budget, or all of a topic. */
        String about() {
            return topic + ":" + (topic.equals(Webhook.BUDGETS) ? subject : "");
        }
    }

    /** @param run what happened before somebody raised a budget is not summed up with what happened after */
    private record Hearing(Webhook webhook, String about, String kind, int run) {
        boolean isRaise() {
            return kind.equals(WebhookMessage.BUDGET_RAISED);
        }
    }

    void note(List<Stored> events) {
        Map<Hearing, List<String>> heard = new LinkedHashMap<>();
        Map<String, Hearing> latest = new HashMap<>();
        for (Stored each : events) {
            for (Webhook webhook : each.isNews() ? hearers(each.organization()) : List.<Webhook>of()) {
                if (each.isFor(webhook)) {
                    Hearing hearing = latest.merge(
                            webhook.id() + " " + webhook.organization() + " " + each.about(),
                            new Hearing(webhook, each.about(), each.kind(), 0),
                            EventMessages::next);
                    heard.computeIfAbsent(hearing, made -> new ArrayList<>()).add(each.detail());
                }
            }
        }
        heard.forEach(this::note);
    }

    private static Hearing next(Hearing before, Hearing next) {
        int run = before.run() + (before.isRaise() == next.isRaise() ? 0 : 1);
        return new Hearing(next.webhook(), next.about(), next.kind(), run);
    }

    private void note(Hearing hearing, List<String> details) {
        Optional<Outbox.Sum> last = outbox.lastSum(hearing.webhook(), hearing.about(), hearing.kind());
        if (last.isPresent() && last.get().isUnsent() && mayGrow(last.get(), hearing)) {
            List<String> all = new ArrayList<>(last.get().events());
            all.addAll(details);
            if (outbox.sumUp(last.get().number(), details.size(), first(all))) {
                return;
            }
        }
        Instant due = last.map(sum -> sum.dueAt().plus(BETWEEN))
                .filter(soonest -> soonest.isAfter(now.plus(SETTLES)))
                .orElse(now.plus(SETTLES));
        outbox.addSum(hearing.webhook(), hearing.kind(), hearing.about(), details.size(), first(details), due);
    }

    private boolean mayGrow(Outbox.Sum sum, Hearing hearing) {
        if (hearing.isRaise()) {
            return outbox.last(hearing.webhook(), hearing.about()).get(0).number() == sum.number();
        }
        return outbox.lastSum(hearing.webhook(), hearing.about(), WebhookMessage.BUDGET_RAISED)
                .map(raise -> raise.number() < sum.number())
                .orElse(true);
    }

    private static List<String> first(List<String> details) {
        return details.subList(0, Math.min(details.size(), MOST_SHOWN));
    }

    private List<Webhook> hearers(String organization) {
        return hearers.computeIfAbsent(
                organization,
                asked -> Webhooks.all(handle, dialect, asked).stream()
                        .filter(Webhook::enabled)
                        .toList());
    }
}
