package dev.interlock.server.incidents;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitListener;
import dev.interlock.StateTransition;
import dev.interlock.jdbc.IncidentWriter;
import dev.interlock.jdbc.TrailReader;
import dev.interlock.jdbc.Transitions.Line;
import dev.interlock.monitor.AgentRegistry;
import dev.interlock.monitor.incidents.Affected;
import dev.interlock.monitor.incidents.Incident;
import dev.interlock.monitor.incidents.IncidentChange;
import dev.interlock.monitor.incidents.IncidentTracker;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds incidents in the audit trail and stores them. Of the servers of one database one does so at a time; another one
 * takes over within 20 s of its death and goes on where it was. Blocks: for workers. Safe for use by any thread.
 */
public final class IncidentKeeper implements CircuitListener {
    /** For how long a server that is not heard of keeps the duty. */
    static final Duration DUTY = Duration.ofSeconds(15);

    private static final Duration RENEWED = Duration.ofSeconds(5);
    private static final Duration LOOKED = Duration.ofSeconds(5);
    private static final Duration COMPARED = Duration.ofSeconds(30);

    /** How many pages of the trail are read in one step. */
    private static final int PAGES = 10;

    private final IncidentWriter writer;
    private final TrailReader trail;
    private final CircuitBreakerManager circuits;
    private final AgentRegistry agents;
    private final Clock clock;
    private final Map<String, Tracked> organizations = new HashMap<>();
    private volatile boolean due = true;
    private boolean holds;
    private boolean closed;
    private long written;
    private Instant renew = Instant.MIN;
    private Instant look = Instant.MIN;
    private Instant compare = Instant.MIN;

    private record Tracked(SeenTopology topology, IncidentTracker tracker) {}

    /**
     * A keeper.
     *
     * @param writer where incidents lie
     * @param circuits say how agents do
     * @param agents who depends on whom
     * @param clock the wall clock
     */
    public IncidentKeeper(IncidentWriter writer, CircuitBreakerManager circuits, AgentRegistry agents, Clock clock) {
        this.writer = writer;
        this.trail = writer.trail();
        this.circuits = circuits;
        this.agents = agents;
        this.clock = clock;
    }

    @Override
    public void onTransition(StateTransition transition) {
        due = true;
    }

    @Override
    public void onMissed(long events) {
        due = true;
    }

    /**
     * Looks through what is new in the trail, if there can be anything.
     *
     * @throws dev.interlock.store.StoreUnavailableException if the database cannot be reached; the next time goes on
     */
    public synchronized void step() {
        Instant now = clock.instant();
        if (closed || !due && now.isBefore(look) && !isLive()) {
            return;
        }
        due = false;
        look = now.plus(LOOKED);
        try {
            if (hasDuty(now)) {
                work(now);
            }
        } catch (RuntimeException failed) {
            forget();
            due = true;
            throw failed;
        }
    }

    /** Gives the duty back to another server, and does not take it again. */
    public synchronized void close() {
        closed = true;
        if (holds) {
            forget();
            writer.release(circuits.generation());
        }
    }

    private boolean isLive() {
        return organizations.values().stream().anyMatch(each -> each.tracker().hasLive());
    }

    private boolean hasDuty(Instant now) {
        if (holds && now.isBefore(renew)) {
            return true;
        }
        if (!writer.hold(circuits.generation(), now, now.plus(DUTY))) {
            forget();
            return false;
        }
        renew = now.plus(RENEWED);
        if (!holds) {
            load(now);
        }
        return true;
    }

    private void load(Instant now) {
        trail.begin(writer.progress(now.minus(IncidentTracker.CONTINUES)));
        Instant next =
                trail.peek().map(line -> earlier(line.transition().at(), now)).orElse(now);
        writer.recent(next.minus(IncidentTracker.CONTINUES))
                .forEach((organization, incidents) -> of(organization).tracker().restore(incidents));
        written = -1;
        holds = true;
    }

    private void forget() {
        holds = false;
        organizations.clear();
    }

    private Tracked of(String organization) {
        return organizations.computeIfAbsent(organization, name -> {
            SeenTopology topology = new SeenTopology(name, agents, circuits);
            return new Tracked(topology, new IncidentTracker(topology));
        });
    }

    private void work(Instant now) {
        organizations.values().forEach(each -> each.topology().refresh(now));
        read(now);
        for (int page = 1; trail.hasMore() && page < PAGES; page++) {
            if (!write(now)) {
                forget();
                return;
            }
            read(now);
        }
        if (trail.hasMore()) {
            due = true; // goes on where it is, once it is known whether it still has the duty
        } else {
            compare(now);
            organizations.values().forEach(each -> each.tracker().advance(now));
        }
        if (!write(now)) {
            forget();
            return;
        }
        organizations.values().removeIf(each -> each.tracker().isEmpty());
    }

    private void read(Instant now) {
        trail.next().forEach(line -> take(line, now));
    }

    private void take(Line line, Instant now) {
        IncidentTracker tracker = of(line.transition().organization()).tracker();
        tracker.catchUp(earlier(line.transition().at(), now));
        tracker.take(line.transition());
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private boolean write(Instant now) {
        Map<String, List<IncidentChange>> changes = new HashMap<>();
        organizations.forEach((organization, each) -> {
            List<IncidentChange> some = each.tracker().takeChanges();
            if (!some.isEmpty()) {
                changes.put(organization, some);
            }
        });
        long progress = trail.progress();
        if (changes.isEmpty() && progress == written) {
            return true;
        }
        written = progress;
        return writer.write(circuits.generation(), changes, progress, now);
    }

    /** A line that was never written keeps no incident going: a circuit that has been closed for a while has closed. */
    private void compare(Instant now) {
        if (now.isBefore(compare)) {
            return;
        }
        compare = now.plus(COMPARED);
        organizations.forEach((organization, each) -> {
            for (Incident incident : each.tracker().live()) {
                for (Affected circuit : incident.affected()) {
                    CircuitId id = new CircuitId(organization, circuit.name());
                    if (circuit.closedAt() == null
                            && incident.lastOpening().isBefore(now.minus(COMPARED))
                            && !circuits.snapshot(id).isNotClosed()) {
                        each.tracker().closed(circuit.name(), now);
                    }
                }
            }
        });
    }
}
