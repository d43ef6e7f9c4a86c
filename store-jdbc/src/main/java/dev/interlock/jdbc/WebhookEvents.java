package dev.interlock.jdbc;

import dev.interlock.monitor.budgets.BudgetKeeper;
import dev.interlock.store.GateRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/**
 * What webhooks may be notified of in addition to incidents and circuits: budgets, loops, health, stops. It is stored
 * where it happens, in the same transaction where a row says so, and the process that sends makes messages of it. Every
 * method throws {@code StoreUnavailableException} if the database cannot be reached. For one thread at a time.
 */
public final class WebhookEvents {
    private static final int AT_ONCE = 500;
    private static final int FORGOTTEN_AT_ONCE = 500;

    /** An agent that is critical for longer is not known to be so any more. */
    private static final Duration KEPT = Duration.ofDays(30);

    /** A stop whose time was over while nobody sent is reported if that was so lately. */
    private static final Duration ENDS_LATELY = Duration.ofDays(1);

    private static final String NEW = """
        SELECT event.*, (SELECT earlier.kind FROM webhook_event AS earlier
            WHERE earlier.organization_id = event.organization_id AND earlier.topic = event.topic
                AND earlier.subject = event.subject AND earlier.id < event.id
            ORDER BY earlier.id DESC LIMIT 1) AS previous
        FROM webhook_event AS event WHERE event.taken = 0 ORDER BY event.id LIMIT :limit
        """;

    /** By the newest event of each subject: to ask of each row whether there is a later one is slow while a table is new. */
    private static final String CRITICAL = """
        SELECT count(*) FROM webhook_event AS event JOIN (SELECT max(id) AS id FROM webhook_event
            WHERE organization_id = :organization AND topic = :topic GROUP BY subject) AS newest
            ON event.id = newest.id
        WHERE event.kind = :kind
        """;

    private final Connections database;
    private final Duty duty;

    /** Ends of stops that are stored. */
    private final Set<String> ended = new HashSet<>();

    WebhookEvents(Connections database) {
        this.database = database;
        this.duty = new Duty(database, WebhookOutbox.DUTY);
    }

    /**
     * Makes messages of what is new.
     *
     * @param process the number of this process' life
     * @param now the wall clock's time
     * @return false if another process has the duty by now: nothing more was stored
     */
    public boolean take(long process, Instant now) {
        while (hasNew()) {
            if (!database.write(handle -> take(handle, process, now))) {
                return false;
            }
        }
        return true;
    }

    private boolean hasNew() {
        return database.read(handle -> handle.createQuery("SELECT 1 FROM webhook_event WHERE taken = 0 LIMIT 1")
                .mapTo(Integer.class)
                .findFirst()
                .isPresent());
    }

    private boolean take(Handle handle, long process, Instant now) {
        if (!duty.isHeldBy(handle, process)) {
            return false;
        }
        List<EventMessages.Stored> events = handle.createQuery(NEW)
                .bind("limit", AT_ONCE)
                .map((row, context) -> new EventMessages.Stored(
                        row.getLong("id"),
                        row.getString("organization_id"),
                        row.getString("topic"),
                        row.getString("kind"),
                        row.getString("subject"),
                        row.getString("agent_id"),
                        row.getString("detail"),
                        row.getString("previous")))
                .list();
        new EventMessages(handle, database.dialect(), now).note(events);
        if (!events.isEmpty()) {
            handle.createUpdate("UPDATE webhook_event SET taken = 1 WHERE id IN (<ids>)")
                    .bindList(
                            "ids",
                            events.stream().map(EventMessages.Stored::number).toList())
                    .execute();
        }
        return true;
    }

    /**
     * Stores that stops have reached the end that was set for them, for webhooks that are notified of stops.
     *
     * @param now the wall clock's time
     */
    public void noteEnds(Instant now) {
        Dialect dialect = database.dialect();
        List<WebhookEvent> over = database.read(handle -> handle.createQuery(
                        "SELECT * FROM gate WHERE removed_at IS NULL AND ends_at <= :now AND ends_at > :lately"
                                + " AND author <> :budget AND EXISTS (SELECT 1 FROM webhook_event AS event"
                                + " WHERE event.organization_id = gate.organization_id AND event.topic = :topic"
                                + " AND event.subject = gate.gate_id)")
                .bindByType("now", dialect.time(now), dialect.timeType())
                .bindByType("lately", dialect.time(now.minus(ENDS_LATELY)), dialect.timeType())
                .bind("budget", BudgetKeeper.AUTHOR)
                .bind("topic", Webhook.STOPS)
                .map((row, context) -> {
                    GateRecord gate = JdbcGates.record(row, dialect);
                    return WebhookEvent.ofEnd(gate, Objects.requireNonNull(gate.until()));
                })
                .list());
        Set<String> names = new HashSet<>();
        over.forEach(each -> names.add(each.organization() + " " + each.name()));
        if (!ended.containsAll(names)) {
            database.write(handle -> {
                EventTable.add(handle, dialect, over);
                return true;
            });
        }
        ended.clear();
        ended.addAll(names);
    }

    /**
     * How many agents of an organization became critical and have not recovered, by what was stored for webhooks.
     *
     * @param organization whose
     * @return how many
     */
    public long critical(String organization) {
        return database.read(handle -> handle.createQuery(CRITICAL)
                .bind("organization", organization)
                .bind("topic", Webhook.HEALTH)
                .bind("kind", WebhookMessage.HEALTH_CRITICAL)
                .mapTo(Long.class)
                .one());
    }

    /**
     * How many stops of an organization are in effect, those of budgets left out.
     *
     * @param organization whose
     * @param now the wall clock's time
     * @return how many
     */
    public long stops(String organization, Instant now) {
        return database.read(handle -> handle.createQuery("""
            SELECT count(*) FROM gate WHERE organization_id = :organization AND removed_at IS NULL
                AND (ends_at IS NULL OR ends_at > :now) AND author <> :budget
            """)
                .bind("organization", organization)
                .bindByType(
                        "now", database.dialect().time(now), database.dialect().timeType())
                .bind("budget", BudgetKeeper.AUTHOR)
                .mapTo(Long.class)
                .one());
    }

    /**
     * Forgets events of long ago. Holds no lock for long.
     *
     * @param now the wall clock's time
     * @return how many went
     */
    public int forget(Instant now) {
        Dialect dialect = database.dialect();
        int gone = 0;
        int some;
        do {
            some = database.write(handle -> handle.createUpdate("DELETE FROM webhook_event WHERE id IN"
                            + " (SELECT id FROM webhook_event WHERE at < :before AND taken = 1 LIMIT "
                            + FORGOTTEN_AT_ONCE + ")")
                    .bindByType("before", dialect.time(now.minus(KEPT)), dialect.timeType())
                    .execute());
            gone += some;
        } while (some == FORGOTTEN_AT_ONCE);
        return gone;
    }
}
