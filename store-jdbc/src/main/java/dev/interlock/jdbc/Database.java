package dev.interlock.jdbc;

import dev.interlock.monitor.SeriesRow;
import dev.interlock.store.CircuitStore;
import dev.interlock.store.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * A database with everything that outlives a server. Opening one brings its tables to the present version.
 *
 * <p>Safe for use by any thread. Everything blocks for as long as the database takes.
 */
public final class Database implements AutoCloseable {
    private static final int PURGED_AT_ONCE = 500;

    /** The longest period of a budget, and some days. */
    private static final Duration USAGE_KEPT = Duration.ofDays(35);

    /** Circuits go before their incident does. */
    private static final String OLD_INCIDENT = "(organization_id, incident_id) IN"
            + " (SELECT organization_id, incident_id FROM incident WHERE ended < ?)";

    private final Connections connections;
    private final JdbcCircuitStore circuits;

    private Database(DatabaseSettings settings) {
        connections = Connections.open(settings);
        circuits = new JdbcCircuitStore(connections, settings.isSqlite() ? null : settings);
    }

    /**
     * Opens a database, and makes or migrates its tables.
     *
     * @param settings where it is
     * @return the database, to be closed when no longer needed
     * @throws StoreUnavailableException if it cannot be reached, or another process uses the SQLite file
     * @throws IllegalStateException if its driver is not on the class path; the message names what to add
     */
    public static Database open(DatabaseSettings settings) {
        return new Database(settings);
    }

    /**
     * Whether the last write failed because the disk is full.
     *
     * @return false as well if it failed for another reason
     */
    public boolean isDiskFull() {
        return connections.isDiskFull();
    }

    /**
     * The circuits and their audit trail, for {@code CircuitBreakerManager.builder().store(…)}.
     *
     * @return the store, which is closed with this database
     */
    public CircuitStore circuits() {
        return circuits;
    }

    /**
     * The audit trail, for reading.
     *
     * @return what happened to circuits
     */
    public Transitions transitions() {
        return new Transitions(connections);
    }

    /**
     * Who put and removed gates, for reading.
     *
     * @return what happened to gates
     */
    public GateChanges gateChanges() {
        return new GateChanges(connections);
    }

    /**
     * Overrides of many circuits at once.
     *
     * @return their table
     */
    public BulkOverrides bulkOverrides() {
        return new BulkOverrides(connections);
    }

    /**
     * Who created, changed and removed keys and policies, for reading.
     *
     * @return what happened to keys and policies
     */
    public AdministrationChanges administrationChanges() {
        return new AdministrationChanges(connections);
    }

    /**
     * Incidents, for reading.
     *
     * @return openings that had one cause
     */
    public Incidents incidents() {
        return new Incidents(connections);
    }

    /**
     * Incidents, for writing.
     *
     * @return what one process at a time writes for all
     */
    public IncidentWriter incidentWriter() {
        return new IncidentWriter(connections);
    }

    /**
     * Webhooks.
     *
     * @return where organizations want to hear of their circuits
     */
    public Webhooks webhooks() {
        return new Webhooks(connections);
    }

    /**
     * What webhooks are to hear.
     *
     * @return what one process at a time sends for all
     */
    public WebhookOutbox webhookOutbox() {
        return new WebhookOutbox(connections);
    }

    /**
     * What webhooks may be notified of in addition to incidents and circuits.
     *
     * @return what one process at a time makes messages of for all
     */
    public WebhookEvents webhookEvents() {
        return new WebhookEvents(connections);
    }

    /**
     * Loops, for webhooks. Starts a thread that writes what is noted.
     *
     * @return where loops are noted, to be closed before this database
     */
    public LoopEvents openLoopEvents() {
        return new LoopEvents(connections);
    }

    /**
     * The API keys.
     *
     * @return the keys' table
     */
    public ApiKeys keys() {
        return new ApiKeys(connections);
    }

    /**
     * What all servers of an installation share.
     *
     * @return the settings' table
     */
    public Settings settings() {
        return new Settings(connections);
    }

    /**
     * The settings of circuits by name pattern.
     *
     * @return the policies' table
     */
    public Policies policies() {
        return new Policies(connections);
    }

    /**
     * Budgets and prices.
     *
     * @return their tables
     */
    public Budgets budgets() {
        return new Budgets(connections);
    }

    /**
     * What was used of budgets, for {@code BudgetKeeper}.
     *
     * @return what sums, over all processes
     */
    public BudgetUsage budgetUsage() {
        return new BudgetUsage(connections);
    }

    /**
     * The agents that are known.
     *
     * @return the agents' table
     */
    public Agents agents() {
        return new Agents(connections);
    }

    /**
     * What becomes of an agent's rows that its people want deleted.
     *
     * @return deletes them
     */
    public AgentDeletion agentDeletion() {
        return new AgentDeletion(connections);
    }

    /**
     * The agent log. Starts a thread that writes what is appended.
     *
     * @return a store, to be closed before this database
     */
    public JdbcLogStore openLog() {
        return openLog(Long.MAX_VALUE);
    }

    /**
     * The agent log, with a quota. Starts a thread that writes what is appended.
     *
     * @param charactersADay about how many characters of rows an organization may store a day, by UTC; rows beyond are
     *     not stored
     * @return a store, to be closed before this database
     */
    public JdbcLogStore openLog(long charactersADay) {
        return new JdbcLogStore(connections, Instant::now, charactersADay);
    }

    /**
     * How agents were. Starts a thread that writes what is noted.
     *
     * @return the health's table, to be closed before this database
     */
    public HealthHistory openHealthHistory() {
        return new HealthHistory(connections);
    }

    /**
     * What agents' calls came to. Starts a thread that writes what is noted.
     *
     * @param process the number of this process' life, which no other has: {@code CircuitBreakerManager.generation()}
     * @return the series' table, to be closed before this database
     */
    public SeriesHistory openSeriesHistory(long process) {
        return new SeriesHistory(connections, process);
    }

    /**
     * Whether other processes may use the database, too.
     *
     * @return false for a file, which one process has for itself
     */
    public boolean isShared() {
        return connections.dialect().sharesPool();
    }

    /**
     * How many calls can read at the same time; further ones wait for a connection, in the order of asking.
     *
     * @return how many, at least 4
     */
    public int readers() {
        return connections.dialect().readers();
    }

    /**
     * Whether the database answers at this moment.
     *
     * @return false if it does not within some seconds
     */
    public boolean isAvailable() {
        try {
            return connections.read(handle ->
                            handle.createQuery("SELECT 1").mapTo(Integer.class).one())
                    == 1;
        } catch (StoreUnavailableException away) {
            return false;
        }
    }

    /**
     * Forgets what is old: lines of the audit trails, gates that have ended, circuits that have been closed and clean and agents without a name that
     * have not been seen for that long. Holds no lock for long, however much there is.
     *
     * @param before what is older than this goes
     * @return how many rows went
     * @throws StoreUnavailableException if the database cannot be reached
     */
    public int purge(Instant before) {
        return purge("circuit_transition", "id", "at < ?", before)
                + purge("gate_change", "id", "at < ?", before)
                + purge("administration_change", "id", "at < ?", before)
                + purge("bulk_override", "organization_id, bulk_id", "at < ?", before)
                + purge("incident_circuit", "organization_id, incident_id, agent_id", OLD_INCIDENT, before)
                + purge("incident", "organization_id, incident_id", "ended < ?", before)
                + purge("gate", "organization_id, gate_id", "ends_at < ?", before)
                + purge(
                        "circuit_breaker_state",
                        "organization_id, agent_id",
                        "last_state_change_at < ? AND state = 'closed' AND hold IS NULL",
                        before)
                + purge(
                        "agent_registry",
                        "organization_id, agent_id",
                        "last_seen < ? AND display_name IS NULL AND metadata = '{}'",
                        before);
    }

    /**
     * Forgets entries of the agent log that came in, and lines of health that were noted, before a time. Holds no lock
     * for long, however much there is.
     *
     * @param before what is older than this goes
     * @return how many rows went
     * @throws StoreUnavailableException if the database cannot be reached
     */
    public int purgeLog(Instant before) {
        return purge("agent_execution_logs", "id", "received_at < ?", before)
                + purge("agent_health_realtime", "id", "at < ?", before);
    }

    /**
     * Forgets what agents' calls came to: figures a minute after {@link SeriesHistory#MINUTES_KEPT}, figures an hour after
     * {@link SeriesHistory#HOURS_KEPT}. Holds no lock for long, however much there is.
     *
     * @param now the wall clock's time
     * @return how many rows went
     * @throws StoreUnavailableException if the database cannot be reached
     */
    public int purgeSeries(Instant now) {
        return purgeSeries(SeriesRow.MINUTES, now.minus(SeriesHistory.MINUTES_KEPT))
                + purgeSeries(SeriesRow.HOUR, now.minus(SeriesHistory.HOURS_KEPT));
    }

    /**
     * Forgets what was used of budgets in periods that are over, and raises that have ended. Holds no lock for long, however
     * much there is.
     *
     * @param now the wall clock's time
     * @return how many rows went
     * @throws StoreUnavailableException if the database cannot be reached
     */
    public int purgeBudgets(Instant now) {
        return purge(
                        "budget_usage",
                        "organization_id, budget_id, subject, starts_at",
                        "starts_at < ?",
                        now.minus(USAGE_KEPT).getEpochSecond())
                + purge("budget_raise", "id", "ends_at < ?", now.getEpochSecond());
    }

    private int purgeSeries(int length, Instant before) {
        long minute = before.getEpochSecond() / TimeUnit.MINUTES.toSeconds(1);
        String key = "minutes, starts_at, organization_id, agent_id, writer";
        return purge("agent_series", key, "minutes = " + length + " AND starts_at < ?", minute);
    }

    private int purge(String table, String key, String condition, Instant before) {
        return purge(
                table,
                key,
                condition,
                Objects.requireNonNull(connections.dialect().time(before)));
    }

    private int purge(String table, String key, String condition, Object before) {
        int gone = 0;
        int some;
        do {
            some = connections.write(
                    handle -> handle.createUpdate("DELETE FROM " + table + " WHERE (" + key + ") IN (SELECT " + key
                                    + " FROM " + table + " WHERE " + condition + " LIMIT " + PURGED_AT_ONCE + ")")
                            .bind(0, before)
                            .execute());
            gone += some;
        } while (some == PURGED_AT_ONCE);
        return gone;
    }

    /** Ends what listens, and gives connections and files back. */
    @Override
    public void close() {
        circuits.close();
        connections.close();
    }

    Connections connections() {
        return connections;
    }
}
