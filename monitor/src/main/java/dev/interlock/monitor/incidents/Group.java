package dev.interlock.monitor.incidents;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An incident as it goes on: its circuits, what they depend on, and what they follow. Whatever is asked costs what one
 * circuit depends on, not how many circuits there are: thousands open in one second. For one thread.
 */
final class Group {
    private final String id;
    private final Topology topology;
    private final Map<String, Affected> affected = new LinkedHashMap<>();

    /** How many of them depend on what. */
    private final Map<String, Integer> below = new HashMap<>();

    private final Set<String> touched = new HashSet<>();
    private Instant began;
    private Instant lastOpening;
    private @Nullable Instant quietSince;
    private @Nullable Instant ended;
    private @Nullable String mergedInto;
    private String root;
    private boolean suspected;
    private int open;

    /** One that begins with a circuit. */
    Group(Affected first, Topology topology) {
        this.id = IncidentIds.of(first);
        this.topology = topology;
        began = first.openedAt();
        lastOpening = began;
        root = first.name();
        opened(first);
    }

    /** One that was stored. */
    Group(Incident stored, Topology topology) {
        this.id = stored.id();
        this.topology = topology;
        began = stored.began();
        lastOpening = stored.lastOpening();
        root = stored.root();
        suspected = stored.suspected();
        stored.affected().forEach(this::add);
        quietSince = stored.quietSince();
        ended = stored.ended();
        touched.clear();
    }

    String id() {
        return id;
    }

    Instant began() {
        return began;
    }

    boolean isLive() {
        return ended == null && mergedInto == null;
    }

    /** Whether it ended before a time. */
    boolean isOver(Instant before) {
        return ended != null && ended.isBefore(before);
    }

    /** Its circuits and its root. */
    Set<String> names() {
        Set<String> names = new HashSet<>(affected.keySet());
        names.add(root);
        return names;
    }

    boolean has(String name) {
        return affected.containsKey(name);
    }

    /** Whether a line about a circuit is older than what is known. */
    boolean knowsLater(String name, long epoch) {
        Affected known = affected.get(name);
        return known != null && known.epoch() >= epoch;
    }

    /** Whether any of its circuits is open. */
    boolean isOpen() {
        return open > 0;
    }

    /** Whether that one of its circuits is open. */
    boolean hasOpen(String name) {
        Affected known = affected.get(name);
        return known != null && known.closedAt() == null;
    }

    /** Whether the last circuit joined a moment ago. */
    boolean isRecent(Instant at, Duration together) {
        return !at.isAfter(lastOpening.plus(together));
    }

    boolean isRoot(String name) {
        return root.equals(name);
    }

    /** What its circuits follow is that one. */
    void follows(String name, boolean onlySuspected) {
        root = name;
        suspected = onlySuspected;
    }

    /** Whether a circuit explains it: its root depends on that one, or is only suspected while most depend on that one. */
    boolean isAbove(String name) {
        return suspected
                ? below.getOrDefault(name, 0) * 2 >= affected.size()
                : !failsByItself() && topology.dependencies(root).contains(name);
    }

    /**
     * Whether a circuit of it that opens once more still does so for the same reason: not if what it followed is healthy again,
     * and so are others who depend on that.
     */
    boolean explains(Affected again) {
        return isRoot(again.name())
                || hasOpen(root)
                || again.blamesOthers()
                || topology.users(root).mayFailTogether();
    }

    /** Whether the root is one of its circuits, which blames what it depends on. */
    boolean blamesOthers() {
        Affected known = affected.get(root);
        return known != null && known.blamesOthers();
    }

    private boolean failsByItself() {
        Affected known = affected.get(root);
        return known != null && known.failsByItself();
    }

    /** A circuit joins, or opens again. */
    void opened(Affected circuit) {
        add(circuit);
        lastOpening = circuit.openedAt().isAfter(lastOpening) ? circuit.openedAt() : lastOpening;
        quietSince = null;
        ended = null;
        suspected &= !root.equals(circuit.name());
    }

    /** One of its circuits closed. */
    void closed(String name, Instant at) {
        Affected known = affected.get(name);
        if (known == null || known.closedAt() != null) {
            return;
        }
        affected.put(name, known.closed(at));
        touched.add(name);
        open--;
        if (open == 0) {
            quietSince = at;
        }
    }

    /** Ends if all of its circuits have been closed for long enough. */
    boolean endsBy(Instant now, Duration quiet) {
        if (!isLive() || quietSince == null || now.isBefore(quietSince.plus(quiet))) {
            return false;
        }
        ended = quietSince;
        return true;
    }

    /** Takes in what another one has, which ends with that. */
    void absorb(Group other) {
        other.affected.values().forEach(this::join);
        List<Affected> all = new ArrayList<>(affected.values());
        all.sort(Comparator.comparing(Affected::openedAt));
        affected.clear();
        all.forEach(each -> affected.put(each.name(), each));
        began = began.isBefore(other.began) ? began : other.began;
        lastOpening = lastOpening.isAfter(other.lastOpening) ? lastOpening : other.lastOpening;
        other.mergedInto = id;
        other.ended = other.lastOpening;
    }

    /** What changed since the last time, and how it is now. */
    IncidentChange takeChange() {
        IncidentChange change = new IncidentChange(
                incident(),
                touched.stream().map(affected::get).flatMap(Stream::ofNullable).toList());
        touched.clear();
        return change;
    }

    Incident incident() {
        return new Incident(
                id,
                root,
                suspected,
                began,
                lastOpening,
                quietSince,
                ended,
                mergedInto,
                new ArrayList<>(affected.values()));
    }

    /** A circuit of another incident; it may be one of this as well, and open in one of both only. */
    private void join(Affected theirs) {
        Affected mine = affected.get(theirs.name());
        if (mine == null) {
            add(theirs);
            return;
        }
        Affected both = mine.joined(theirs);
        open += (both.closedAt() == null ? 1 : 0) - (mine.closedAt() == null ? 1 : 0);
        affected.put(both.name(), both);
        touched.add(both.name());
    }

    private void add(Affected circuit) {
        Affected known = affected.get(circuit.name());
        open += circuit.closedAt() == null && (known == null || known.closedAt() != null) ? 1 : 0;
        if (known == null && !circuit.failsByItself()) {
            topology.dependencies(circuit.name()).forEach(name -> below.merge(name, 1, Integer::sum));
        }
        affected.put(circuit.name(), known == null ? circuit : known.openedAgain(circuit.epoch()));
        touched.add(circuit.name());
    }
}
