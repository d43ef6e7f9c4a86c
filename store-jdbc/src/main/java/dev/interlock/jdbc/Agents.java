package dev.interlock.jdbc;

import dev.interlock.CircuitId;
import dev.interlock.monitor.Agent;
import dev.interlock.monitor.EntryJson;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jdbi.v3.core.statement.PreparedBatch;

/** The table of agents. Every method throws {@code StoreUnavailableException} if the database cannot be reached. */
public final class Agents {
    private static final String INSERT = """
            INSERT INTO agent_registry (organization_id, agent_id, display_name, metadata, first_seen, last_seen,
                depends_on)
            VALUES (:organization, :agent, :name, :metadata, :first, :last, :dependencies)
            ON CONFLICT (organization_id, agent_id) DO UPDATE SET
            """;

    /** What was seen of an agent never takes its name. */
    private static final String SIGHTED = INSERT + """
                last_seen = CASE WHEN excluded.last_seen > agent_registry.last_seen
                    THEN excluded.last_seen ELSE agent_registry.last_seen END,
                depends_on = CASE WHEN length(excluded.depends_on) >= length(agent_registry.depends_on)
                    THEN excluded.depends_on ELSE agent_registry.depends_on END
            """;

    private static final String REGISTERED =
            INSERT + " display_name = excluded.display_name, metadata = excluded.metadata";
    private static final int FETCHED_AT_ONCE = 2_000;
    private static final int WRITTEN_AT_ONCE = 500;

    private final Connections database;

    Agents(Connections database) {
        this.database = database;
    }

    /**
     * The agents of all organizations that were seen last.
     *
     * @param mostOfOrganization at most this many of each
     * @return agents, the newest first
     */
    public List<Agent> all(int mostOfOrganization) {
        Map<String, Integer> counts = new HashMap<>();
        List<Agent> agents = new ArrayList<>();
        database.read(handle -> handle.inTransaction(reading -> {
            reading.createQuery("SELECT * FROM agent_registry ORDER BY last_seen DESC")
                    .setFetchSize(FETCHED_AT_ONCE)
                    .map((row, context) -> agent(row))
                    .useIterator(rows -> rows.forEachRemaining(agent -> {
                        if (counts.merge(agent.id().organization(), 1, Integer::sum) <= mostOfOrganization) {
                            agents.add(agent);
                        }
                    }));
            return true;
        }));
        return agents;
    }

    /**
     * The agents of all organizations that were seen since a time, by whichever process.
     *
     * @param since the time
     * @return agents in no order
     */
    public List<Agent> seenSince(Instant since) {
        return database.read(handle -> handle.createQuery("SELECT * FROM agent_registry WHERE last_seen >= :since")
                .bindByType(
                        "since",
                        database.dialect().time(since),
                        database.dialect().timeType())
                .setFetchSize(FETCHED_AT_ONCE)
                .map((row, context) -> agent(row))
                .list());
    }

    /**
     * Stores what was seen of agents; names and metadata of those that are there already are kept.
     *
     * @param agents what was seen
     */
    public void sighted(Collection<Agent> agents) {
        // Always in the same order, so that two servers never wait for each other.
        List<Agent> ordered = agents.stream()
                .sorted(Comparator.comparing((Agent agent) -> agent.id().organization())
                        .thenComparing(agent -> agent.id().name()))
                .toList();
        for (int from = 0; from < ordered.size(); from += WRITTEN_AT_ONCE) {
            write(SIGHTED, ordered.subList(from, Math.min(from + WRITTEN_AT_ONCE, ordered.size())));
        }
    }

    /**
     * Stores an agent's name and metadata in place of those that were there.
     *
     * @param agent the agent
     */
    public void register(Agent agent) {
        write(REGISTERED, List.of(agent));
    }

    private void write(String statement, List<Agent> agents) {
        database.write(handle -> {
            PreparedBatch batch = handle.prepareBatch(statement);
            agents.forEach(agent -> bind(batch, agent).add());
            return batch.execute();
        });
    }

    private PreparedBatch bind(PreparedBatch batch, Agent agent) {
        Dialect dialect = database.dialect();
        return batch.bind("organization", agent.id().organization())
                .bind("agent", agent.id().name())
                .bind("name", agent.displayName())
                .bind("metadata", EntryJson.write(agent.metadata()))
                .bindByType("first", dialect.time(agent.firstSeen()), dialect.timeType())
                .bindByType("last", dialect.time(agent.lastSeen()), dialect.timeType())
                .bind("dependencies", String.join("\n", agent.dependencies()));
    }

    private Agent agent(ResultSet row) throws SQLException {
        Map<String, String> metadata = new TreeMap<>();
        EntryJson.read(row.getString("metadata")).forEach((key, value) -> metadata.put(key, String.valueOf(value)));
        String names = row.getString("depends_on");
        SortedSet<String> dependencies = names.isEmpty() ? new TreeSet<>() : new TreeSet<>(List.of(names.split("\n")));
        return new Agent(
                new CircuitId(row.getString("organization_id"), row.getString("agent_id")),
                row.getString("display_name"),
                metadata,
                Objects.requireNonNull(database.dialect().time(row, "first_seen")),
                Objects.requireNonNull(database.dialect().time(row, "last_seen")),
                dependencies);
    }
}
