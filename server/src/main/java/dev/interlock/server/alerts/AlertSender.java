package dev.interlock.server.alerts;

import dev.interlock.CircuitListener;
import dev.interlock.StateTransition;
import dev.interlock.failpoints.Failpoint;
import dev.interlock.jdbc.Webhook;
import dev.interlock.jdbc.WebhookEvents;
import dev.interlock.jdbc.WebhookMessage;
import dev.interlock.jdbc.WebhookOutbox;
import dev.interlock.jdbc.WebhookOutbox.Failure;
import dev.interlock.monitor.Shares;
import dev.interlock.server.outbound.OutboundAnswer;
import dev.interlock.server.status.Metrics;
import dev.interlock.store.StoreUnavailableException;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what is stored for webhooks. Of the servers of one database one does so at a time; another one takes over within
 * fifteen seconds of its death. To a webhook goes one message at a time, and of all that are under way an organization has a
 * share, so that a receiver that hangs keeps no other one waiting. What was sent and could not be noted is sent again, with
 * the same id. {@link #step} blocks: for workers. Safe for use by any thread.
 */
public final class AlertSender implements CircuitListener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AlertSender.class);

    /** For how long a server that is not heard of keeps the duty. */
    static final Duration DUTY = Duration.ofSeconds(10);

    private static final Duration RENEWED = Duration.ofSeconds(5);
    private static final Duration FORGOTTEN = Duration.ofHours(1);
    private static final int UNDER_WAY = 64;
    private static final int PERCENT = 25;
    private static final int AT_ONCE = 256;

    private final WebhookOutbox outbox;
    private final WebhookEvents events;
    private final Trail trail;
    private final Notices notices;
    private final Courier courier;
    private final Executor workers;
    private final long process;
    private final boolean alone;
    private final Clock clock;
    private final AlertFigures figures = new AlertFigures();
    private final Shares places = new Shares(UNDER_WAY, PERCENT);

    /** Webhooks to which a message is under way. */
    private final Set<String> busy = new HashSet<>();

    /** What is known of messages, and not in the database yet: nothing is sent before it is. */
    private final List<Runnable> unrecorded = new ArrayList<>();

    private boolean holds;
    private boolean closed;
    private Instant renew = Instant.MIN;
    private Instant forget = Instant.MIN;
    private Instant lookForEnds = Instant.MIN;

    /**
     * A sender.
     *
     * @param process the number of this process' life
     * @param alone whether no other process can use the database: it need not wait for one that was killed
     */
    AlertSender(
            WebhookOutbox outbox,
            WebhookEvents events,
            Notices notices,
            Courier courier,
            Executor workers,
            long process,
            boolean alone,
            Clock clock) {
        this.outbox = outbox;
        this.events = events;
        this.trail = new Trail(outbox, process);
        this.notices = notices;
        this.courier = courier;
        this.workers = workers;
        this.process = process;
        this.alone = alone;
        this.clock = clock;
    }

    @Override
    public void onTransition(StateTransition transition) {
        trail.isDue();
    }

    @Override
    public void onMissed(long events) {
        trail.isDue();
    }

    /**
     * Adds what organizations see of their messages.
     *
     * @param metrics where they see it
     */
    public void figures(Metrics metrics) {
        figures.addTo(metrics);
    }

    /**
     * Stores what webhooks are to hear, and sends what is due, if this server has that duty.
     *
     * @throws StoreUnavailableException if the database cannot be reached; the next time goes on
     */
    public synchronized void step() {
        Instant now = clock.instant();
        if (closed || !hasDuty(now)) {
            return;
        }
        if (!trail.follow(now) || !takeEvents(now)) {
            lose();
            return;
        }
        send(now);
        if (!now.isBefore(forget)) {
            forget = now.plus(FORGOTTEN);
            outbox.forget(now);
            events.forget(now);
        }
    }

    private boolean takeEvents(Instant now) {
        if (!now.isBefore(lookForEnds)) {
            lookForEnds = now.plus(RENEWED);
            events.noteEnds(now);
        }
        return events.take(process, now);
    }

    /** What a test came to. */
    record Tested(boolean arrived, String detail, Duration took) {}

    /** Sends a message that says that messages arrive, now and once. Any thread may ask; fails if too many are under way. */
    Future<Tested> test(Webhook webhook) {
        if (!places.take(webhook.organization(), 1)) {
            return Future.failedFuture(new TooManyMessagesException());
        }
        Instant began = clock.instant();
        Notice notice = notices.test(webhook);
        String body = MessageFormat.of(webhook.format()).write(notice).encode();
        return courier.send(webhook, newId(), body, began).transform(result -> {
            places.give(webhook.organization(), 1);
            Duration took = Duration.between(began, clock.instant());
            boolean arrived = result.succeeded() && Attempts.arrived(result.result());
            String detail = arrived
                    ? "the receiver answered " + result.result().status()
                    : failure(result, 0, began).error();
            if (!arrived) {
                return Future.succeededFuture(new Tested(false, detail, took));
            }
            return reached(webhook).map(noted -> new Tested(true, detail, took));
        });
    }

    /** Notes that a webhook can be reached; that is done when this is. */
    private Future<Boolean> reached(Webhook webhook) {
        Promise<Boolean> noted = Promise.promise();
        workers.execute(() -> {
            try {
                outbox.reached(webhook, clock.instant());
            } catch (StoreUnavailableException away) {
                LOG.atDebug().addKeyValue("reason", away.getMessage()).log("That a test arrived could not be noted");
            }
            noted.complete(true);
        });
        return noted.future();
    }

    /** Sends nothing more, and gives the duty back to another server. */
    @Override
    public synchronized void close() {
        closed = true;
        if (holds) {
            lose();
            outbox.release(process);
        }
    }

    private boolean hasDuty(Instant now) {
        if (now.isBefore(renew)) {
            return holds;
        }
        if (!outbox.isUsed()) {
            figures.totals(List.of());
            renew = now.plus(RENEWED.dividedBy(5));
            return false;
        }
        if (alone && !holds) {
            outbox.seize(process, now.plus(DUTY));
        }
        holds = outbox.hold(process, now, now.plus(DUTY));
        renew = now.plus(RENEWED);
        if (holds) {
            figures.totals(outbox.totals());
        } else {
            lose();
        }
        return holds;
    }

    private void lose() {
        holds = false;
        trail.forget();
        figures.totals(List.of());
    }

    private void send(Instant now) {
        noteAll();
        for (WebhookMessage message : outbox.due(now, AT_ONCE)) {
            String webhook = name(message.webhook());
            String organization = message.webhook().organization();
            if (!busy.contains(webhook) && places.take(organization, 1)) {
                if (!launch(message, now)) {
                    places.give(organization, 1);
                }
            }
        }
    }

    /** Whether it is under way. */
    private boolean launch(WebhookMessage message, Instant now) {
        String body = message.body();
        if (body == null) {
            body = write(message, now);
            if (body == null || !outbox.written(message, body)) {
                return false;
            }
        }
        busy.add(name(message.webhook()));
        courier.send(message.webhook(), message.id(), body, now)
                .onComplete(result -> workers.execute(() -> settle(message, result)));
        return true;
    }

    /** What a message says; null if it says nothing, now or ever. */
    private @Nullable String write(WebhookMessage message, Instant now) {
        try {
            Optional<Notice> notice = notices.of(message);
            if (notice.isEmpty()) {
                outbox.drop(message);
                return null;
            }
            return MessageFormat.of(message.webhook().format())
                    .write(notice.get())
                    .encode();
        } catch (StoreUnavailableException away) {
            throw away;
        } catch (RuntimeException unwritten) { // it must not keep other messages waiting
            LOG.atError().addKeyValue("message", message.id()).log("A message could not be written", unwritten);
            Failure failure =
                    Attempts.failure("it could not be written", message.attempts(), now, ThreadLocalRandom.current());
            outbox.failed(message, new Failure(failure.error(), failure.retryAt(), false), now);
            return null;
        }
    }

    /** Notes what became of a message, and sends the next one. */
    private synchronized void settle(WebhookMessage message, AsyncResult<OutboundAnswer> result) {
        Failpoint.ALERT_SENT.reach();
        Instant now = clock.instant();
        String organization = message.webhook().organization();
        boolean arrived = result.succeeded() && Attempts.arrived(result.result());
        if (closed && !arrived) {
            return; // the connection was cut because the server closes
        }
        if (arrived) {
            figures.arrived(organization);
            unrecorded.add(() -> outbox.delivered(message, now));
        } else {
            figures.failed(organization);
            Failure failure = failure(result, message.attempts(), now);
            log(message, failure);
            unrecorded.add(() -> outbox.failed(message, failure, now));
        }
        unrecorded.add(() -> {
            busy.remove(name(message.webhook()));
            places.give(organization, 1);
        });
        try {
            noteAll();
            if (!closed && holds) {
                send(clock.instant());
            }
        } catch (StoreUnavailableException away) {
            LOG.atDebug().addKeyValue("reason", away.getMessage()).log("What became of a message is noted later");
        }
    }

    private void noteAll() {
        while (!unrecorded.isEmpty()) {
            unrecorded.get(0).run();
            unrecorded.remove(0);
        }
    }

    private static Failure failure(AsyncResult<OutboundAnswer> result, int failedBefore, Instant now) {
        return result.succeeded()
                ? Attempts.failure(result.result(), failedBefore, now, ThreadLocalRandom.current())
                : Attempts.failure(
                        String.valueOf(result.cause().getMessage()), failedBefore, now, ThreadLocalRandom.current());
    }

    private static void log(WebhookMessage message, Failure failure) {
        (failure.retryAt() == null ? LOG.atWarn() : LOG.atInfo())
                .addKeyValue("organization", message.webhook().organization())
                .addKeyValue("webhook", message.webhook().id())
                .addKeyValue("message", message.id())
                .addKeyValue("reason", failure.error())
                .addKeyValue("retry_at", failure.retryAt())
                .log(failure.retryAt() == null ? "A message to a webhook is dead" : "A message to a webhook failed");
    }

    private static String newId() {
        return "msg_" + UUID.randomUUID().toString().replace("-", "");
    }

    /** Names a webhook among those of all organizations: no id has a blank. */
    private static String name(Webhook webhook) {
        return webhook.id() + " " + webhook.organization();
    }
}
