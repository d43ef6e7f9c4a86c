package dev.interlock.jdbc;

import dev.interlock.store.GateFollowers;
import dev.interlock.store.GateProcesses;
import dev.interlock.store.GateRecord;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * Which processes use a PostgreSQL, by its clock, and which changes of gates each obeys. At rest that is one row that a
 * process writes every ten seconds; a change that it obeys it reports at once.
 */
final class JdbcGateProcesses implements GateProcesses {
    private static final Duration EVERY = Duration.ofSeconds(10);

    private static final String LIVE = """
        INSERT INTO gate_process (process, seen_at) VALUES (:process, clock_timestamp())
        ON CONFLICT (process) DO UPDATE SET seen_at = excluded.seen_at
        """;

    private static final String OBEY = """
        INSERT INTO gate_obeyed (gate_change, process, confirmed, missing, details, at)
        VALUES (:change, :process, :confirmed, :missing, :details, clock_timestamp())
        ON CONFLICT (gate_change, process) DO UPDATE SET confirmed = excluded.confirmed,
            missing = excluded.missing, details = excluded.details, at = excluded.at
        """;

    /** Skips what others write at this moment, so that no two of them wait for each other. */
    @SuppressWarnings("InlineFormatString") // next to the other statements
    private static final String FORGET = """
        DELETE FROM %1$s WHERE ctid IN
            (SELECT ctid FROM %1$s WHERE %2$s < clock_timestamp() - interval '1 hour' FOR UPDATE SKIP LOCKED)
        """;

    /** A process that has missed two reports counts no more. */
    private static final String OBEYING = """
        SELECT gate_process.process, confirmed, missing, details
        FROM gate_process LEFT JOIN gate_obeyed
            ON gate_obeyed.process = gate_process.process AND gate_change = :change
        WHERE seen_at > clock_timestamp() - interval '25 seconds'
        """;

    private final Connections database;

    JdbcGateProcesses(Connections database) {
        this.database = database;
    }

    @Override
    public void report(String process, Map<GateRecord, GateFollowers> obeyed) {
        database.write(handle -> {
            handle.createUpdate(LIVE).bind("process", process).execute();
            if (!obeyed.isEmpty()) {
                obey(handle, process, obeyed);
                forget(handle, "gate_process", "seen_at");
                forget(handle, "gate_obeyed", "at");
            }
            return true;
        });
    }

    private static void obey(Handle handle, String process, Map<GateRecord, GateFollowers> obeyed) {
        Map<String, GateFollowers> changes = new TreeMap<>();
        obeyed.forEach((change, followers) -> changes.put(key(change), followers));
        try (PreparedBatch batch = handle.prepareBatch(OBEY)) {
            changes.forEach((change, followers) -> batch.bind("change", change)
                    .bind("process", process)
                    .bind("confirmed", followers.confirmed())
                    .bind("missing", followers.missing())
                    .bind("details", followers.details())
                    .add());
            batch.execute();
        }
    }

    private static void forget(Handle handle, String table, String time) {
        handle.createUpdate(String.format(Locale.ROOT, FORGET, table, time)).execute();
    }

    @Override
    public Duration every() {
        return EVERY;
    }

    @Override
    public void leave(String process) {
        database.write(handle -> handle.createUpdate("DELETE FROM gate_process WHERE process = :process")
                .bind("process", process)
                .execute());
    }

    @Override
    public Map<String, Optional<GateFollowers>> obeying(GateRecord change) {
        Map<String, Optional<GateFollowers>> obeying = new LinkedHashMap<>();
        database.<Boolean>read(handle -> {
            handle.createQuery(OBEYING)
                    .bind("change", key(change))
                    .map((row, context) -> {
                        String details = row.getString("details");
                        Optional<GateFollowers> followers = details == null
                                ? Optional.empty()
                                : Optional.of(
                                        new GateFollowers(row.getInt("confirmed"), row.getInt("missing"), details));
                        return Map.entry(row.getString("process"), followers);
                    })
                    .forEach(each -> obeying.put(each.getKey(), each.getValue()));
            return true;
        });
        return obeying;
    }

    private static String key(GateRecord change) {
        return (change.isRemoved() ? "removed/" : "put/") + change.stamp();
    }
}
