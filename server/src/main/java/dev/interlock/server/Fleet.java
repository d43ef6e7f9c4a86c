package dev.interlock.server;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.TimeSource;
import dev.interlock.jdbc.Database;
import dev.interlock.jdbc.HealthHistory;
import dev.interlock.jdbc.JdbcLogStore;
import dev.interlock.jdbc.LoopEvents;
import dev.interlock.jdbc.SeriesHistory;
import dev.interlock.monitor.AgentRegistry;
import dev.interlock.monitor.HealthMonitor;
import dev.interlock.monitor.HealthSettings;
import dev.interlock.monitor.LogProcessor;
import dev.interlock.monitor.Shares;
import dev.interlock.server.agentlog.TransitionLog;
import dev.interlock.server.agents.AgentKeeper;
import dev.interlock.server.config.Config;
import dev.interlock.server.config.Settings;
import dev.interlock.server.health.HealthKeeper;
import dev.interlock.server.http.Problem;
import dev.interlock.server.names.NameGate;
import dev.interlock.store.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is known of agents in addition to their circuits: who they are, their health, and what they did.
 *
 * @param agents who they are
 * @param keeper keeps that
 * @param health how they are
 * @param history how they were
 * @param series what their calls came to
 * @param log what they did
 * @param loops where webhooks hear of loops
 * @param processor takes in what they did
 * @param names lets new names in
 */
record Fleet(
        AgentRegistry agents,
        AgentKeeper keeper,
        HealthMonitor health,
        HealthHistory history,
        SeriesHistory series,
        JdbcLogStore log,
        LoopEvents loops,
        LogProcessor processor,
        NameGate names) {
    private static final Logger LOG = LoggerFactory.getLogger(Fleet.class);
    private static final Duration REMEMBERED = Duration.ofMinutes(15);
    private static final int MOST_REMEMBERED = 200_000;
    private static final int JUDGED_BYTES = 5_120;

    /** Brings back what an earlier life knew, and begins to judge. */
    static Fleet open(
            Config config, Database database, CircuitBreakerManager circuits, Shares memory, TimeSource time) {
        int most = config.get(Settings.MAX_CIRCUITS);
        AgentRegistry agents = new AgentRegistry(most, memory);
        AgentKeeper keeper = new AgentKeeper(agents, database.agents(), database.administrationChanges(), circuits);
        keeper.restore(most);
        JdbcLogStore log = database.openLog((long) config.get(Settings.LOG_QUOTA) << 20);
        HealthHistory history = database.openHealthHistory();
        SeriesHistory series = database.openSeriesHistory(circuits.generation());
        HealthSettings settings = new HealthSettings(config.get(Settings.HEALTH_OPENS), mostJudged());
        HealthMonitor health = HealthMonitor.start(circuits, settings);
        LogProcessor processor = new LogProcessor(health, agents, log, time);
        NameGate names = new NameGate(agents, circuits);
        processor.admitNamesBy(id -> admit(names, id));
        Fleet fleet =
                new Fleet(agents, keeper, health, history, series, log, database.openLoopEvents(), processor, names);
        try {
            log.recentEntries(time.wallTime().minus(REMEMBERED), MOST_REMEMBERED, processor::remember);
        } catch (RuntimeException failed) {
            health.close();
            fleet.closeStores();
            throw failed;
        }
        TransitionLog transitions = new TransitionLog(processor);
        circuits.addListener(transitions);
        health.addListener(transitions);
        health.addListener(new HealthKeeper(history));
        return fleet;
    }

    /** Figures of all agents together may take an eighth of the heap. */
    private static int mostJudged() {
        long fit = Runtime.getRuntime().maxMemory() / 8 / JUDGED_BYTES;
        return (int) Math.max(1_000, Math.min(HealthSettings.defaults().maxAgents(), fit));
    }

    private static void admit(NameGate names, CircuitId id) {
        try {
            names.admit(id);
        } catch (Problem refused) {
            throw new IllegalArgumentException(refused.getMessage(), refused);
        }
    }

    /** Stores what calls came to since the last time; with {@code all} also of minutes that are not over. */
    void keepSeries(boolean all) {
        series.note(health.series().take(Instant.now(), all));
    }

    /** After health and circuits are closed: brings to the database what is not there yet. */
    void closeStores() {
        try {
            keeper.save();
        } catch (StoreUnavailableException away) {
            LOG.atWarn()
                    .addKeyValue("reason", away.getMessage())
                    .log("What was seen of agents last could not be stored");
        }
        keepSeries(true);
        series.close();
        log.close();
        loops.close();
        history.close();
        if (log.lostRows() > 0) {
            LOG.atWarn().addKeyValue("rows", log.lostRows()).log("Entries of the agent log never reached the database");
        }
    }
}
