package dev.interlock.jdbc;

import dev.interlock.store.TransitionRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/**
 * What webhooks hear of single circuits, made of the audit trail. A circuit that opens again within {@link #FLAPS} of what
 * was last said of its opening flaps: all that it does until then is one message. For one transaction.
 */
final class CircuitMessages {
    /** How often a circuit that opens and closes all the time is reported. */
    static final Duration FLAPS = Duration.ofMinutes(5);

    private final Handle handle;
    private final Dialect dialect;
    private final Instant now;
    private final Outbox outbox;
    private final Map<String, List<Hearer>> hearers = new HashMap<>();

    /** A webhook, and the line of the trail after which it hears of circuits. */
    private record Hearer(Webhook webhook, long after) {}

    CircuitMessages(Handle handle, Dialect dialect, Instant now) {
        this.handle = handle;
        this.dialect = dialect;
        this.now = now;
        this.outbox = new Outbox(handle, dialect, now);
    }

    /** What a message is about, so that it is grouped with others of the same circuit. */
    static String subject(String circuit) {
        return "circuit:" + circuit;
    }

    void note(Transitions.Line line) {
        TransitionRecord what = line.transition();
        for (Hearer each : hearers.computeIfAbsent(what.organization(), this::read)) {
            if (line.id() > each.after() && each.webhook().covers(what.name())) {
                kinds(what).stream()
                        .filter(kind -> each.webhook().on().contains(word(kind)))
                        .findFirst()
                        .ifPresent(kind -> note(each.webhook(), kind, what.name(), line.id()));
            }
        }
    }

    private void note(Webhook webhook, String kind, String circuit, long line) {
        String subject = subject(circuit);
        boolean opens = kind.equals(WebhookMessage.CIRCUIT_OPENED);
        if (opens || kind.equals(WebhookMessage.CIRCUIT_CLOSED)) {
            for (Outbox.Stored last : outbox.last(webhook, subject)) {
                boolean flapped = last.kind().equals(WebhookMessage.CIRCUIT_FLAPPED);
                if (flapped && last.line() >= line) {
                    return; // a line that counted there, and is read again
                }
                if (flapped && last.isUnsent() && outbox.addChange(last.number(), line)) {
                    return;
                }
                if (opens && isOfOpening(last.kind()) && last.dueAt().isAfter(now.minus(FLAPS))) {
                    outbox.add(
                            webhook,
                            "line:" + line,
                            WebhookMessage.CIRCUIT_FLAPPED,
                            subject,
                            line,
                            now.plus(FLAPS),
                            true);
                    return;
                }
            }
        }
        outbox.add(webhook, "line:" + line, kind, subject, line, now, true);
    }

    private static boolean isOfOpening(String kind) {
        return kind.equals(WebhookMessage.CIRCUIT_OPENED) || kind.equals(WebhookMessage.CIRCUIT_FLAPPED);
    }

    /** What a line is, the most telling first. A failed trial is none: the circuit has not been closed. */
    static List<String> kinds(TransitionRecord line) {
        if (line.repeated()) {
            return List.of();
        }
        List<String> kinds = new ArrayList<>();
        if ("hold_open".equals(line.action()) || "hold_closed".equals(line.action())) {
            kinds.add(WebhookMessage.CIRCUIT_HELD);
        } else if ("release".equals(line.action()) || line.cause().equals("hold_ended")) {
            kinds.add(WebhookMessage.CIRCUIT_RELEASED);
        }
        if (line.to().equals("open") && line.from().equals("closed")) {
            kinds.add(WebhookMessage.CIRCUIT_OPENED);
        } else if (line.to().equals("closed") && !line.from().equals("closed")) {
            kinds.add(WebhookMessage.CIRCUIT_CLOSED);
        }
        return kinds;
    }

    /** What a webhook subscribes to, of a kind of message. */
    private static String word(String kind) {
        return kind.substring(kind.indexOf('.') + 1);
    }

    private List<Hearer> read(String organization) {
        return handle
                .createQuery(
                        "SELECT * FROM webhook WHERE organization_id = :organization AND enabled ORDER BY webhook_id")
                .bind("organization", organization)
                .map((row, context) -> new Hearer(Webhooks.webhook(row, dialect), row.getLong("after_line")))
                .list()
                .stream()
                .filter(each -> each.webhook().hearsOfCircuits())
                .filter(each -> Owned.isOf(organization, each.webhook().organization(), "webhook"))
                .toList();
    }
}
