package dev.interlock.server.incidents;

import dev.interlock.CircuitId;
import dev.interlock.jdbc.SeriesHistory;
import dev.interlock.jdbc.Transitions;
import dev.interlock.jdbc.Transitions.Filter;
import dev.interlock.jdbc.Transitions.Line;
import dev.interlock.monitor.Agent;
import dev.interlock.monitor.AgentRegistry;
import dev.interlock.monitor.CallFigures;
import dev.interlock.monitor.CallSeries;
import dev.interlock.monitor.SeriesRow;
import dev.interlock.monitor.incidents.Affected;
import dev.interlock.monitor.incidents.Incident;
import dev.interlock.store.TransitionRecord;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What belongs to an incident and is not stored with it: whom it hits, what was refused, and what happened when. Blocks: for
 * workers. Safe for use by any thread.
 */
public final class Stories {
    /** For how many circuits it is said what happened; the root is among them. */
    private static final int CIRCUITS = 25;

    private static final int LINES_EACH = 20;
    private static final int LINES = 200;
    private static final Duration DAY = Duration.ofHours(24);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final AgentRegistry agents;
    private final Transitions transitions;
    private final CallSeries series;
    private final SeriesHistory history;
    private final Clock clock;

    /**
     * Stories.
     *
     * @param agents who depends on whom
     * @param transitions the audit trail
     * @param series what this server counted lately
     * @param history what all servers stored
     * @param clock the wall clock
     */
    public Stories(
            AgentRegistry agents, Transitions transitions, CallSeries series, SeriesHistory history, Clock clock) {
        this.agents = agents;
        this.transitions = transitions;
        this.series = series;
        this.history = history;
        this.clock = clock;
    }

    Story of(String organization, Incident incident) {
        List<String> hit = depending(organization, incident)
                .map(agent -> agent.id().name())
                .sorted()
                .toList();
        return new Story(
                incident, hit, refused(organization, incident), timeline(organization, incident), clock.instant());
    }

    /**
     * How many agents depend on the root.
     *
     * @param organization whose incident
     * @param incident which
     * @return how many that are known
     */
    public int hit(String organization, Incident incident) {
        return (int) depending(organization, incident).count();
    }

    /** How many agents depend on each of some circuits; one look at all agents. */
    Map<String, Integer> hits(String organization, Set<String> roots) {
        Map<String, Integer> hits = new HashMap<>();
        if (!roots.isEmpty()) {
            agents.all(organization)
                    .forEach(agent -> agent.dependencies().stream()
                            .filter(roots::contains)
                            .forEach(root -> hits.merge(root, 1, Integer::sum)));
        }
        return hits;
    }

    /**
     * How many calls the root refused until the last circuit closed; of one that is only suspected, those that opened.
     *
     * @param organization whose incident
     * @param incident which
     * @return how many, counted to the minute
     */
    public long refused(String organization, Incident incident) {
        if (!incident.suspected()) {
            return refused(new CircuitId(organization, incident.root()), incident);
        }
        return incident.affected().stream()
                .limit(CIRCUITS)
                .mapToLong(each -> refused(new CircuitId(organization, each.name()), incident))
                .sum();
    }

    private long refused(CircuitId circuit, Incident incident) {
        return refused(circuit, incident.began(), incident.lastedUntil(clock.instant()));
    }

    /**
     * How many calls a circuit refused.
     *
     * @param circuit which
     * @param from since when
     * @param until until when
     * @return how many, counted to the minute; to the hour where it began a day ago or longer
     */
    public long refused(CircuitId circuit, Instant from, Instant until) {
        boolean old = from.isBefore(clock.instant().minus(DAY));
        int length = old ? SeriesRow.HOUR : SeriesRow.MINUTES;
        SortedMap<Long, CallFigures> figures = history.of(circuit, length, from.minus(MINUTE), series.of(circuit));
        long first = minute(from) / (old ? SeriesRow.HOUR : 1) * (old ? SeriesRow.HOUR : 1);
        return figures.subMap(first, Math.max(first, minute(until)) + 1).values().stream()
                .mapToLong(CallFigures::refusals)
                .sum();
    }

    private static long minute(Instant at) {
        return at.getEpochSecond() / TimeUnit.MINUTES.toSeconds(1);
    }

    private Stream<Agent> depending(String organization, Incident incident) {
        return agents.dependents(new CircuitId(organization, incident.root()));
    }

    private List<TransitionRecord> timeline(String organization, Incident incident) {
        Instant until = incident.ended() == null ? clock.instant() : incident.ended();
        List<TransitionRecord> lines = new ArrayList<>();
        names(incident).limit(CIRCUITS).forEach(name -> {
            Filter filter = new Filter(incident.began(), until.plus(MINUTE), name, null, null, null);
            transitions.of(organization, filter, Transitions.NEWEST, LINES_EACH).stream()
                    .map(Line::transition)
                    .filter(line -> line.name().equals(name)) // a star in a name stands for more in a filter
                    .forEach(lines::add);
        });
        lines.sort(Comparator.comparing(TransitionRecord::at).thenComparing(TransitionRecord::epoch));
        return lines.size() > LINES ? lines.subList(0, LINES) : lines;
    }

    /** The root first. */
    private static Stream<String> names(Incident incident) {
        return Stream.concat(
                        Stream.of(incident.root()), incident.affected().stream().map(Affected::name))
                .distinct();
    }
}
