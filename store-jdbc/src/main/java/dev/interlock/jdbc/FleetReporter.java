package dev.interlock.jdbc;

import dev.interlock.Alpha;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.Guard;
import dev.interlock.monitor.Agent;
import dev.interlock.monitor.HealthListener;
import dev.interlock.monitor.HealthMonitor;
import dev.interlock.monitor.HealthSnapshot;
import dev.interlock.monitor.HealthTransition;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.threads.Worker;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;

/**
 * Shows a Java program's fleet to the servers that use its database: agents that call here, closed ones too, what they
 * depend on, how they are, and what their calls come to. Open and held circuits, overrides and gates are shared by the
 * store anyway. Writes every five seconds on a thread of its own; nothing of it is on the path of a call. Safe for use by
 * any thread.
 */
@Alpha
public final class FleetReporter implements AutoCloseable {
    private static final Logger LOG = Logs.of(FleetReporter.class);
    private static final long PERIOD = TimeUnit.SECONDS.toNanos(5);
    private static final Duration SEEN_AGAIN = Duration.ofMinutes(1);

    private final Agents table;
    private final CircuitBreakerManager circuits;
    private final HealthMonitor health;
    private final HealthHistory history;
    private final SeriesHistory series;
    private final Lines lines = new Lines();
    private final ConcurrentMap<CircuitId, SortedSet<String>> dependencies = new ConcurrentHashMap<>();

    /** When an agent was stored as seen. */
    private final Map<CircuitId, Instant> seen = new HashMap<>();

    private final Worker thread;

    private FleetReporter(Database database, CircuitBreakerManager circuits, HealthMonitor health) {
        this.table = database.agents();
        this.circuits = circuits;
        this.health = health;
        this.history = database.openHealthHistory();
        this.series = database.openSeriesHistory(circuits.generation());
        health.addListener(lines);
        thread = new Worker("interlock-fleet-report", new Turns());
        thread.wake();
    }

    /**
     * Begins to report.
     *
     * @param database the servers' database, and the circuits' store
     * @param circuits whose agents
     * @param health how they are
     * @return a reporter, to be closed before health, circuits and database are
     */
    public static FleetReporter start(Database database, CircuitBreakerManager circuits, HealthMonitor health) {
        return new FleetReporter(database, circuits, health);
    }

    /**
     * Reports what the calls of a guard depend on.
     *
     * @param guard of any agent of the circuits
     */
    public void add(Guard guard) {
        SortedSet<String> names = new TreeSet<>();
        guard.dependencies().forEach(each -> names.add(each.name()));
        dependencies.merge(guard.id(), names, (known, more) -> {
            SortedSet<String> all = new TreeSet<>(known);
            all.addAll(more);
            return all;
        });
        synchronized (seen) {
            seen.remove(guard.id());
        }
    }

    /** Reports what is left, and ends. */
    @Override
    public void close() {
        thread.close();
        health.removeListener(lines);
        report(true);
        series.close();
        history.close();
    }

    private void report(boolean all) {
        Instant now = Instant.now();
        series.note(health.series().take(now, all));
        List<Agent> fresh = new ArrayList<>();
        synchronized (seen) {
            circuits.snapshots()
                    .map(circuit -> circuit.id().organization())
                    .distinct()
                    .flatMap(health::snapshots)
                    .map(HealthSnapshot::agent)
                    .forEach(id -> see(id, now, fresh));
            if (!fresh.isEmpty()) {
                try {
                    table.sighted(fresh);
                } catch (StoreUnavailableException away) {
                    fresh.forEach(agent -> seen.remove(agent.id()));
                    LOG.atDebug().addKeyValue("reason", away.getMessage()).log("Agents could not be reported");
                }
            }
        }
    }

    private void see(CircuitId id, Instant now, List<Agent> fresh) {
        Instant last = seen.get(id);
        if (last == null || last.plus(SEEN_AGAIN).isBefore(now)) {
            seen.put(id, now);
            SortedSet<String> uses = dependencies.getOrDefault(id, new TreeSet<>());
            fresh.add(new Agent(id, null, Map.of(), now, now, uses));
        }
    }

    private final class Turns implements Worker.Turn {
        @Override
        public long take() {
            report(false);
            return PERIOD;
        }
    }

    /**
     * Stores each transition of health, and at most one other line a minute of an agent. Called by one thread at a
     * time.
     */
    private final class Lines implements HealthListener {
        private final Map<CircuitId, Instant> noted = new HashMap<>();

        @Override
        public void onTransition(HealthTransition transition) {
            history.note(transition.snapshot(), transition.type());
            noted.put(transition.snapshot().agent(), transition.snapshot().at());
        }

        @Override
        public void onUpdate(HealthSnapshot snapshot) {
            Instant last = noted.get(snapshot.agent());
            if (last == null || !snapshot.at().isBefore(last.plus(SEEN_AGAIN))) {
                history.note(snapshot, null);
                noted.put(snapshot.agent(), snapshot.at());
            }
        }
    }
}
