package dev.interlock.monitor.incidents;

import dev.interlock.store.TransitionRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Puts openings that have one cause into one incident, for one organization. It knows what the audit trail says and who
 * depends on whom, and nothing else: the same lines in the same order make the same incidents.
 *
 * <p>A circuit that opens joins the incident of an open circuit that it depends on, and takes those over whose circuits
 * depend on it. Without an open upstream it joins those with which it shares a dependency of which at least three users, and
 * half of the active ones, fail: that dependency is then the root, and suspected. What fails by itself (a loop, a budget,
 * an answer that only it cannot read) joins none. An incident ends when all of its circuits have been closed for {@link
 * Incident#QUIET}; a root that opens again within {@link #CONTINUES} continues it, unless something else that is open explains that.
 * For one thread.
 */
public final class IncidentTracker {
    /** How long after the last opening of an incident another one may join it. */
    public static final Duration TOGETHER = Duration.ofMinutes(5);

    /** How long after its end an incident is continued by its root. */
    public static final Duration CONTINUES = Duration.ofMinutes(30);

    /** Lines that are taken in later than that after the time before are looked at as if time had passed meanwhile. */
    private static final Duration STEP = Duration.ofMinutes(1);

    private final Topology topology;
    private final Groups groups = new Groups();

    /** Those that changed since they were taken last. */
    private final Set<Group> changed = new LinkedHashSet<>();

    private Instant advanced = Instant.MIN;

    /**
     * A tracker that knows of none.
     *
     * @param topology who depends on whom
     */
    public IncidentTracker(Topology topology) {
        this.topology = topology;
    }

    /**
     * Takes in incidents that were stored: those that go on, and those that ended less than {@link #CONTINUES} ago.
     *
     * @param incidents in any order
     */
    public void restore(Collection<Incident> incidents) {
        incidents.stream()
                .filter(each -> each.mergedInto() == null)
                .sorted(Comparator.comparing(Incident::began))
                .forEach(each -> groups.add(new Group(each, topology)));
    }

    /**
     * Takes in a line of the audit trail. What a person opens begins no incident. A line that counted already counts for
     * nothing.
     *
     * @param line of this organization; not older than the ones before by more than a moment
     */
    public void take(TransitionRecord line) {
        if (groups.with(line.name()).stream().anyMatch(group -> group.knowsLater(line.name(), line.epoch()))) {
            return;
        }
        if (line.to().equals("closed")) {
            closed(line.name(), line.at());
        } else if (line.to().equals("open") && !line.from().equals("open") && !line.isOverride()) {
            opened(new Affected(line.name(), line.epoch(), line.at(), null, 1, line.kind(), line.cause()));
        }
    }

    /**
     * A circuit is closed, also if no line of the trail says so.
     *
     * @param name which
     * @param at since when
     */
    public void closed(String name, Instant at) {
        for (Group group : groups.with(name)) {
            if (group.hasOpen(name)) {
                group.closed(name, at);
                changed.add(group);
            }
        }
    }

    /**
     * Ends incidents that have been quiet for long enough, and forgets those that cannot continue.
     *
     * @param now the wall clock's time
     */
    public void advance(Instant now) {
        advanced = now;
        for (Group group : groups.all()) {
            if (group.endsBy(now, Incident.QUIET)) {
                changed.add(group);
            }
        }
        groups.removeIf(group -> group.isOver(now.minus(CONTINUES)));
    }

    /**
     * As {@link #advance}, before a line of a time at which nobody looked: what was over by then is not continued by it. Costs
     * nothing for lines of less than a minute after the time before.
     *
     * @param at when the next line was written
     */
    public void catchUp(Instant at) {
        if (at.isAfter(advanced.plus(STEP))) {
            advance(at);
        }
    }

    /** {@return incidents that changed since the last time, each as it is now} */
    public List<IncidentChange> takeChanges() {
        List<IncidentChange> taken = changed.stream().map(Group::takeChange).toList();
        changed.clear();
        return taken;
    }

    /** {@return whether an incident goes on} */
    public boolean hasLive() {
        return groups.all().stream().anyMatch(Group::isLive);
    }

    /** {@return whether it knows of none, not even of one that could continue} */
    public boolean isEmpty() {
        return groups.all().isEmpty() && changed.isEmpty();
    }

    /** {@return incidents that go on} */
    public List<Incident> live() {
        return groups.all().stream().filter(Group::isLive).map(Group::incident).toList();
    }

    private void opened(Affected circuit) {
        Group group = holding(circuit.name());
        if (group != null && (!group.explains(circuit) || isAnothers(circuit, group))) {
            group.closed(circuit.name(), circuit.openedAt());
            changed.add(group);
            group = null;
        }
        if (group == null) {
            group = placed(circuit);
        } else {
            group.opened(circuit);
        }
        changed.add(group);
    }

    /** The incident that a circuit continues: a part of one that goes on, or the root of one that has just ended. */
    private @Nullable Group holding(String name) {
        Group found = null;
        for (Group group : groups.with(name)) {
            if (group.has(name) && group.isOpen() || group.isRoot(name)) {
                found = group;
            }
        }
        return found;
    }

    /** Whether a root whose own incident was quiet or had ended opens now because of something else that is open. */
    private boolean isAnothers(Affected root, Group own) {
        return own.isRoot(root.name()) && !own.isOpen() && followed(root, dependencies(root)) != null;
    }

    private Set<String> dependencies(Affected circuit) {
        return circuit.failsByItself() ? Set.of() : topology.dependencies(circuit.name());
    }

    private Group placed(Affected circuit) {
        Set<String> dependencies = dependencies(circuit);
        Group followed = followed(circuit, dependencies);
        String suspect = followed == null ? suspect(dependencies) : null;
        List<Group> above = followed == null ? above(circuit.name(), suspect, circuit.openedAt()) : List.of();
        Group group = followed != null ? followed : merged(above);
        if (group == null) {
            group = new Group(circuit, topology);
            groups.add(group);
        } else {
            group.opened(circuit);
            groups.connect(circuit.name(), group);
        }
        if (!above.isEmpty() || suspect != null) {
            String root = suspect != null ? suspect : circuit.name();
            group.follows(root, suspect != null);
            groups.connect(root, group);
        }
        return group;
    }

    /** The incident whose open circuit a circuit depends on, if others that depend on it fail as well. */
    private @Nullable Group followed(Affected circuit, Set<String> dependencies) {
        return dependencies.stream()
                .flatMap(name -> groups.with(name).stream()
                        .filter(group -> group.isLive() && group.hasOpen(name))
                        .filter(group -> group.isRoot(name) || group.isRecent(circuit.openedAt(), TOGETHER))
                        .filter(group ->
                                circuit.blamesOthers() || topology.users(name).mayFailTogether()))
                .max(groups.byAge())
                .orElse(null);
    }

    /** What a circuit depends on and whose users fail, more of them than those of anything else. */
    private @Nullable String suspect(Set<String> dependencies) {
        return dependencies.stream()
                .filter(name -> topology.users(name).failTogether())
                .max(Comparator.<String>comparingDouble(
                                name -> topology.users(name).share())
                        .thenComparingInt(name -> topology.users(name).failing())
                        .thenComparing(Comparator.reverseOrder()))
                .orElse(null);
    }

    /** Incidents without an open upstream that a circuit explains, or what is suspected: their roots depend on it. */
    private List<Group> above(String name, @Nullable String suspect, Instant at) {
        String below = suspect != null ? suspect : name;
        if (suspect == null && topology.users(name).known() == 0) {
            return groups.with(name).stream()
                    .filter(group -> group.isRoot(name))
                    .toList();
        }
        boolean likely = suspect != null || topology.users(name).mayFailTogether();
        return groups.all().stream()
                .filter(group -> group.isRoot(below)
                        || group.isOpen()
                                && group.isRecent(at, TOGETHER)
                                && group.isAbove(below)
                                && (likely || group.blamesOthers()))
                .toList();
    }

    private @Nullable Group merged(List<Group> parts) {
        if (parts.isEmpty()) {
            return null;
        }
        Group first = Collections.min(parts, Comparator.comparing(Group::began).thenComparing(Group::id));
        for (Group each : parts) {
            if (each != first) {
                groups.remove(each);
                each.names().forEach(name -> groups.connect(name, first));
                first.absorb(each);
                changed.add(each);
            }
        }
        return first;
    }
}
