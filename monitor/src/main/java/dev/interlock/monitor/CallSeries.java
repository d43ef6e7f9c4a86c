package dev.interlock.monitor;

import dev.interlock.CircuitId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;

/**
 * What the calls of agents came to, a minute and an hour: counted where health counts them, and handed to a store in rows.
 * Without a store it remembers about two hours. Safe for use by any thread.
 */
public final class CallSeries {
    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final ConcurrentMap<CircuitId, AgentSeries> agents = new ConcurrentHashMap<>();

    /** What ticks are added to for wall time, in nanoseconds. */
    private volatile long wallLead;

    CallSeries(long ticks, Instant wall) {
        follow(ticks, wall);
    }

    /**
     * Counts a call that was refused.
     *
     * @param agent whose call it was
     * @param circuit which circuit or gate refused it; counted there, and once more for the agent if that is another
     * @param at now, by the wall clock
     */
    public void refused(CircuitId agent, CircuitId circuit, Instant at) {
        refused(agent, circuit, 1, at);
    }

    /**
     * Counts calls that were refused.
     *
     * @param agent whose calls they were
     * @param circuit which circuit or gate refused them; counted there, and once more for the agent if that is another
     * @param count how many
     * @param at now, by the wall clock
     */
    public void refused(CircuitId agent, CircuitId circuit, int count, Instant at) {
        long minute = at.getEpochSecond() / TimeUnit.MINUTES.toSeconds(1);
        agents.compute(circuit, (id, known) -> {
            AgentSeries series = known == null ? new AgentSeries(id, this) : known;
            series.refuse(minute, count);
            return series;
        });
        if (!agent.equals(circuit)) {
            agents.computeIfPresent(agent, (id, series) -> {
                series.refuse(minute, count);
                return series;
            });
        }
    }

    /**
     * Takes the rows that a store should have: those whose time is over, and the hours that these are part of.
     *
     * @param at now, by the wall clock
     * @param all also rows whose time is not over, as at the end of a process
     * @return what has changed since the last time; a row may follow once more, with more in it
     */
    public List<SeriesRow> take(Instant at, boolean all) {
        long minute = at.getEpochSecond() / TimeUnit.MINUTES.toSeconds(1);
        List<SeriesRow> rows = new ArrayList<>();
        agents.forEach((id, series) -> {
            series.take(minute, all, rows);
            if (series.isOfNoUse()) {
                agents.computeIfPresent(id, (same, present) -> present.isOfNoUse() ? null : present);
            }
        });
        return rows;
    }

    /**
     * What is remembered of an agent, whether a store has it or not.
     *
     * @param agent which
     * @return rows of this process
     */
    public List<SeriesRow> of(CircuitId agent) {
        AgentSeries series = agents.get(agent);
        return series == null ? List.of() : series.rows();
    }

    /** Begins to count an agent that is judged from now on. */
    AgentSeries begin(CircuitId agent) {
        return Objects.requireNonNull(agents.compute(agent, (id, known) -> {
            AgentSeries series = known == null ? new AgentSeries(id, this) : known;
            series.judged(true);
            return series;
        }));
    }

    /** An agent is judged no more. */
    void end(CircuitId agent) {
        agents.computeIfPresent(agent, (id, series) -> {
            series.judged(false);
            return series.isOfNoUse() ? null : series;
        });
    }

    /** Follows a wall clock that was set. */
    void follow(long ticks, Instant wall) {
        wallLead = wall.getEpochSecond() * SECOND + wall.getNano() - ticks;
    }

    /** The minute of a tick, counted from 1970. */
    long minute(long ticks) {
        return Math.floorDiv(ticks + wallLead, MINUTE);
    }
}
