package dev.interlock.jdbc;

import dev.interlock.CircuitId;
import dev.interlock.monitor.SeriesRow;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jdbi.v3.core.Handle;

/**
 * Deletes what is stored of an agent, on request of its people. Its name stays in the line of the trail that says who
 * deleted it, and where others' rows mention it until those are old. Every method throws {@code StoreUnavailableException}
 * if the database cannot be reached. Safe for use by any thread.
 */
public final class AgentDeletion {
    private static final int DELETED_AT_ONCE = 500;
    private static final String OF_AGENT = " organization_id = :organization AND agent_id = :agent";

    /** Later than {@code Database.purgeSeries} keeps rows, with room for clocks. */
    private static final Map<Integer, Duration> SERIES =
            Map.of(SeriesRow.MINUTES, Duration.ofDays(2), SeriesRow.HOUR, Duration.ofDays(40));

    private final Connections database;

    AgentDeletion(Connections database) {
        this.database = database;
    }

    /** What prevents the deletion of an agent. */
    public enum Obstacle {
        /** Nothing does. */
        NONE,
        /** Its circuit is open, half-open or held: to delete it would let calls through that are refused now. */
        NOT_CLOSED,
        /** It was seen lately, so that a server may still hold something of it that is not stored. */
        SEEN_LATELY,
        /** An incident goes on in which it opened. */
        IN_INCIDENT
    }

    /**
     * How many rows went.
     *
     * @param logEntries of the agent log
     * @param transitions of the audit trail of its circuit
     * @param health how it was
     * @param series what its calls came to
     * @param others its entries in the registry, its circuit, the trust in its probes, and messages to webhooks about it
     * @param incidents in how many incidents its name was replaced
     */
    public record Deleted(int logEntries, int transitions, int health, int series, int others, int incidents) {
        /** {@return whether there was nothing of it} */
        public boolean isNothing() {
            return logEntries + transitions + health + series + others + incidents == 0;
        }
    }

    /**
     * What prevents the deletion of an agent, by what all processes on this database have stored.
     *
     * @param id which agent
     * @param quietSince it must not have been seen since
     * @return an obstacle, the first that is found
     */
    public Obstacle obstacle(CircuitId id, Instant quietSince) {
        return database.read(handle -> {
            if (count(
                            handle,
                            "circuit_breaker_state WHERE" + OF_AGENT + " AND (state <> 'closed' OR hold IS NOT NULL)",
                            id)
                    > 0) {
                return Obstacle.NOT_CLOSED;
            }
            int seen = handle.createQuery(
                            "SELECT count(*) FROM agent_registry WHERE" + OF_AGENT + " AND last_seen >= :since")
                    .bind("organization", id.organization())
                    .bind("agent", id.name())
                    .bindByType(
                            "since",
                            database.dialect().time(quietSince),
                            database.dialect().timeType())
                    .mapTo(Integer.class)
                    .one();
            if (seen > 0) {
                return Obstacle.SEEN_LATELY;
            }
            int incidents = count(
                    handle,
                    "incident WHERE organization_id = :organization AND ended IS NULL AND merged_into IS NULL AND"
                            + " (root = :agent OR incident_id IN (SELECT incident_id FROM incident_circuit WHERE"
                            + OF_AGENT + "))",
                    id);
            return incidents > 0 ? Obstacle.IN_INCIDENT : Obstacle.NONE;
        });
    }

    /**
     * Deletes what is stored of an agent, the long lists in portions, and notes in the trail who did. A deletion that was cut
     * off goes on when it is asked for again.
     *
     * @param id which agent
     * @param by who does it, and when
     * @return what went
     */
    public Deleted delete(CircuitId id, Author by) {
        int log = deleteInPortions("agent_execution_logs", id);
        int health = deleteInPortions("agent_health_realtime", id);
        int transitions = deleteInPortions("circuit_transition", id);
        return database.write(handle -> {
            int series = SERIES.entrySet().stream()
                    .mapToInt(kept -> deleteSeries(handle, id, kept.getKey(), by.at(), kept.getValue()))
                    .sum();
            int others = update(handle, "DELETE FROM agent_registry WHERE" + OF_AGENT, id)
                    + update(handle, "DELETE FROM probe_trust WHERE" + OF_AGENT, id)
                    + update(
                            handle,
                            "DELETE FROM circuit_breaker_state WHERE" + OF_AGENT
                                    + " AND state = 'closed' AND hold IS NULL",
                            id)
                    + update(handle, "DELETE FROM webhook_event WHERE" + OF_AGENT, id)
                    + deleteMessages(handle, id);
            int incidents = rename(handle, id, "deleted-" + UUID.randomUUID());
            Deleted deleted = new Deleted(log, transitions, health, series, others, incidents);
            if (!deleted.isNothing()) {
                AdministrationChanges.append(
                        handle,
                        database.dialect(),
                        id.organization(),
                        by,
                        AdministrationChanges.REMOVED,
                        AdministrationChanges.AGENT,
                        id.name(),
                        json(deleted),
                        null);
            }
            return deleted;
        });
    }

    private int deleteInPortions(String table, CircuitId id) {
        int gone = 0;
        int some;
        do {
            some = database.write(handle -> update(
                    handle,
                    "DELETE FROM " + table + " WHERE id IN (SELECT id FROM " + table + " WHERE" + OF_AGENT + " LIMIT "
                            + DELETED_AT_ONCE + ")",
                    id));
            gone += some;
        } while (some == DELETED_AT_ONCE);
        return gone;
    }

    /** What webhooks heard, or were to hear, of its circuit. */
    private static int deleteMessages(Handle handle, CircuitId id) {
        return handle.createUpdate(
                        "DELETE FROM webhook_message WHERE organization_id = :organization AND subject = :subject")
                .bind("organization", id.organization())
                .bind("subject", CircuitMessages.subject(id.name()))
                .execute();
    }

    /** By the key, which begins with the time: to look for the agent's name alone would read all rows of all agents. */
    private static int deleteSeries(Handle handle, CircuitId id, int length, Instant now, Duration kept) {
        long last = now.getEpochSecond() / TimeUnit.MINUTES.toSeconds(1) / length + 1;
        String starts = LongStream.rangeClosed(last - kept.toMinutes() / length, last)
                .mapToObj(each -> Long.toString(each * length))
                .collect(Collectors.joining(","));
        return update(
                handle,
                "DELETE FROM agent_series WHERE minutes = " + length + " AND starts_at IN (" + starts + ") AND"
                        + OF_AGENT,
                id);
    }

    /** An incident is others' history as well: it stays, without the name. */
    private static int rename(Handle handle, CircuitId id, String name) {
        int renamed = handle.createUpdate("UPDATE incident_circuit SET agent_id = :name WHERE" + OF_AGENT)
                .bind("organization", id.organization())
                .bind("agent", id.name())
                .bind("name", name)
                .execute();
        int roots = handle.createUpdate(
                        "UPDATE incident SET root = :name WHERE organization_id = :organization AND root = :agent")
                .bind("organization", id.organization())
                .bind("agent", id.name())
                .bind("name", name)
                .execute();
        return Math.max(renamed, roots);
    }

    private static int update(Handle handle, String statement, CircuitId id) {
        return handle.createUpdate(statement)
                .bind("organization", id.organization())
                .bind("agent", id.name())
                .execute();
    }

    private static int count(Handle handle, String rows, CircuitId id) {
        return handle.createQuery("SELECT count(*) FROM " + rows)
                .bind("organization", id.organization())
                .bind("agent", id.name())
                .mapTo(Integer.class)
                .one();
    }

    private static String json(Deleted deleted) {
        return "{\"log_entries\":" + deleted.logEntries + ",\"transitions\":" + deleted.transitions + ",\"health\":"
                + deleted.health + ",\"series\":" + deleted.series + ",\"others\":" + deleted.others + ",\"incidents\":"
                + deleted.incidents + "}";
    }
}
