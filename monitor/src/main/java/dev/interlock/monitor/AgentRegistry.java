package dev.interlock.monitor;

import dev.interlock.CircuitId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The agents that are known, by first sight or because somebody registered them, and what they depend on.
 *
 * <p>Bounded in each direction: agents of an organization (the longest unseen hundredth makes room), dependencies of an
 * agent (further ones are not learned), metadata of an agent, and the memory that names, dependencies and metadata of an
 * organization take. Safe for use by any thread; nothing here blocks except for a moment.
 */
public final class AgentRegistry {
    private static final Duration LAST_SEEN_PRECISION = Duration.ofMinutes(1);
    private static final int MOST_DEPENDENCIES = 64;
    private static final int LONGEST_TEXT = 1_024;
    private static final int MOST_METADATA = 64;
    private static final int MOST_METADATA_CHARACTERS = 4_096;

    /** To look for agents that could go costs time, so it is not done for each of many made-up names. */
    private static final int LOOK_EVERY = 1_000;

    private final int mostAgents;
    private final Shares memory;
    private final AtomicInteger refused = new AtomicInteger();
    private final ConcurrentMap<String, ConcurrentMap<CircuitId, Agent>> organizations = new ConcurrentHashMap<>();
    private final Set<CircuitId> changed = ConcurrentHashMap.newKeySet();
    private final Set<CircuitId> described = ConcurrentHashMap.newKeySet();

    /** A registry for up to 100,000 agents of an organization. */
    public AgentRegistry() {
        this(100_000);
    }

    /**
     * A registry whose memory is bounded by the count of agents only.
     *
     * @param mostAgents how many an organization may have, at least 1
     * @throws IllegalArgumentException if that is less
     */
    public AgentRegistry(int mostAgents) {
        this(mostAgents, new Shares(Long.MAX_VALUE, 50));
    }

    /**
     * A registry.
     *
     * @param mostAgents how many an organization may have, at least 1
     * @param memory about how many bytes all may take, and each organization of them; others may hold some of it, too
     * @throws IllegalArgumentException if there is no room for an agent
     */
    public AgentRegistry(int mostAgents, Shares memory) {
        if (mostAgents < 1) {
            throw new IllegalArgumentException(
                    "A registry needs room for at least 1 agent, but was given " + mostAgents);
        }
        this.mostAgents = mostAgents;
        this.memory = memory;
    }

    /**
     * Registers an agent, or gives a known one another name and metadata; what was seen of it stays.
     *
     * @param id which agent
     * @param displayName what people call it, up to 1,024 characters; null for its id
     * @param metadata up to 64 texts of up to 1,024 characters, 4,096 characters with their names together
     * @param at now, by the wall clock
     * @return the agent
     * @throws IllegalArgumentException if a text is too long, or there are too many
     */
    public Agent register(CircuitId id, @Nullable String displayName, Map<String, String> metadata, Instant at) {
        check(displayName, metadata);
        Agent agent = agents(id).compute(id, (key, known) -> {
            Agent named = known != null
                    ? known.named(displayName, metadata)
                    : new Agent(id, displayName, metadata, at, at, new TreeSet<>());
            memory.hold(id.organization(), AgentBytes.of(named));
            giveBack(known);
            return named;
        });
        changed.add(id);
        described.add(id);
        makeRoom(id);
        return agent;
    }

    /**
     * Whether an organization's share of the memory has room for what {@link #register} would keep. Asked first, by those
     * who store agents before they are registered here.
     *
     * @param id which agent
     * @param displayName what people call it, or null
     * @param metadata its metadata
     * @return false if its organization keeps so much already that this is too much
     * @throws IllegalArgumentException if a text is too long, or there are too many
     */
    public boolean hasRoom(CircuitId id, @Nullable String displayName, Map<String, String> metadata) {
        check(displayName, metadata);
        Agent known = find(id);
        Agent named = known != null
                ? known.named(displayName, metadata)
                : new Agent(id, displayName, metadata, Instant.EPOCH, Instant.EPOCH, new TreeSet<>());
        long more = AgentBytes.of(named) - (known == null ? 0 : AgentBytes.of(known));
        return more <= 0 || memory.fits(id.organization(), more);
    }

    private static void check(@Nullable String displayName, Map<String, String> metadata) {
        check("display name", displayName == null ? "" : displayName);
        if (metadata.size() > MOST_METADATA) {
            throw new IllegalArgumentException("An agent may have at most " + MOST_METADATA
                    + " entries of metadata, but this one has " + metadata.size());
        }
        int characters = 0;
        for (Map.Entry<String, String> each : metadata.entrySet()) {
            check("metadata key", each.getKey());
            check("metadata", each.getValue());
            characters += each.getKey().length() + each.getValue().length();
        }
        if (characters > MOST_METADATA_CHARACTERS) {
            throw new IllegalArgumentException("An agent's metadata may have at most " + MOST_METADATA_CHARACTERS
                    + " characters, names included, but this has " + characters);
        }
    }

    /**
     * Takes over agents that a store kept.
     *
     * @param agents what it kept; those that are known already stay as they are
     */
    public void restore(Collection<Agent> agents) {
        for (Agent agent : agents) {
            if (agents(agent.id()).putIfAbsent(agent.id(), agent) == null) {
                memory.hold(agent.id().organization(), AgentBytes.of(agent));
            }
        }
    }

    /**
     * Takes note of what another process saw and stored: agents that are new here, and further dependencies of others.
     *
     * @param agents as they are stored
     */
    public void merge(Collection<Agent> agents) {
        for (Agent other : agents) {
            CircuitId id = other.id();
            agents(id).compute(id, (key, known) -> {
                Agent agent = known != null ? known : see(id, null, null, other.lastSeen());
                for (String dependency : other.dependencies()) {
                    agent = agent == null ? null : see(id, agent, dependency, agent.lastSeen());
                }
                if (agent != null
                        && (known == null
                                || agent.dependencies().size()
                                        > known.dependencies().size())) {
                    described.add(id);
                }
                return agent == null || !agent.lastSeen().isBefore(other.lastSeen())
                        ? agent
                        : agent.seen(other.lastSeen());
            });
            makeRoom(id);
        }
    }

    /**
     * Takes note that an agent was heard of, and what it used: by an entry of the log, or by a guard.
     *
     * @param id which agent
     * @param dependency the name of a circuit that it depends on, or null
     * @param at now, by the wall clock
     */
    public void sighted(CircuitId id, @Nullable String dependency, Instant at) {
        ConcurrentMap<CircuitId, Agent> agents = agents(id);
        Agent known = agents.get(id);
        if (known != null && !tellsMore(known, dependency, at)) {
            return;
        }
        if (known == null
                && !memory.fits(id.organization(), AgentBytes.of(id))
                && refused.getAndIncrement() % LOOK_EVERY == 0) {
            forget(agents.values().stream()
                    .filter(agent ->
                            agent.displayName() == null && agent.metadata().isEmpty()));
        }
        Agent seen = agents.compute(id, (key, present) -> see(id, present, dependency, at));
        if (seen == null) {
            return;
        }
        changed.add(id);
        if (known == null || isNew(known, dependency)) {
            described.add(id);
        }
        if (known == null) {
            makeRoom(id);
        }
    }

    /** The agent with what was seen; as it was, or none, where its organization has no room for more. */
    private @Nullable Agent see(CircuitId id, @Nullable Agent present, @Nullable String dependency, Instant at) {
        Agent agent = present;
        if (agent == null) {
            if (!memory.take(id.organization(), AgentBytes.of(id))) {
                return null;
            }
            agent = new Agent(id, null, Map.of(), at, at, new TreeSet<>());
        }
        if (isNew(agent, dependency)
                && dependency != null
                && memory.take(id.organization(), AgentBytes.ofDependency(dependency))) {
            agent = agent.dependingOn(dependency);
        }
        return agent.seen(at);
    }

    /**
     * An agent.
     *
     * @param id which
     * @return it, or null if it is not known
     */
    public @Nullable Agent find(CircuitId id) {
        Map<CircuitId, Agent> agents = organizations.get(id.organization());
        return agents == null ? null : agents.get(id);
    }

    /**
     * The agents of an organization.
     *
     * @param organization the organization
     * @return a lazy stream in no order
     */
    public Stream<Agent> all(String organization) {
        Map<CircuitId, Agent> agents = organizations.get(organization);
        return agents == null ? Stream.empty() : agents.values().stream();
    }

    /**
     * The agents of all organizations.
     *
     * @return a lazy stream in no order
     */
    public Stream<Agent> all() {
        return organizations.values().stream().flatMap(agents -> agents.values().stream());
    }

    /**
     * Who depends on something: what is hit when its circuit is open.
     *
     * @param id an agent, a model, a tool
     * @return a lazy stream in no order
     */
    public Stream<Agent> dependents(CircuitId id) {
        return all(id.organization()).filter(agent -> agent.dependencies().contains(id.name()));
    }

    /**
     * Takes the agents that have changed since the last time, for a store. For one thread at a time.
     *
     * @return each as it is now
     */
    public List<Agent> takeChanged() {
        return take(changed);
    }

    /**
     * Takes the agents that got another name, other metadata or a further dependency since the last time; that one was heard
     * of again is none of these. For one thread at a time.
     *
     * @return each as it is now
     */
    public List<Agent> takeDescribed() {
        return take(described);
    }

    @SuppressWarnings("ModifyCollectionInEnhancedForLoop") // a concurrent one, whose iterator goes on
    private List<Agent> take(Set<CircuitId> ids) {
        List<Agent> taken = new ArrayList<>();
        for (CircuitId id : ids) {
            ids.remove(id); // before it is read: what changes from now on is taken next time
            Agent agent = find(id);
            if (agent != null) {
                taken.add(agent);
            }
        }
        return taken;
    }

    /**
     * Forgets an agent, unless it was seen since a time.
     *
     * @param id which
     * @param notSeenSince the time
     * @return whether it was known and is not any more
     */
    public boolean remove(CircuitId id, Instant notSeenSince) {
        Agent known = find(id);
        if (known == null
                || !known.lastSeen().isBefore(notSeenSince)
                || !agents(id).remove(id, known)) {
            return false;
        }
        giveBack(known);
        changed.remove(id);
        return true;
    }

    private static boolean tellsMore(Agent known, @Nullable String dependency, Instant at) {
        return isNew(known, dependency)
                || known.lastSeen().plus(LAST_SEEN_PRECISION).isBefore(at);
    }

    private static boolean isNew(Agent agent, @Nullable String dependency) {
        return dependency != null
                && agent.dependencies().size() < MOST_DEPENDENCIES
                && !agent.dependencies().contains(dependency);
    }

    private ConcurrentMap<CircuitId, Agent> agents(CircuitId id) {
        return organizations.computeIfAbsent(id.organization(), name -> new ConcurrentHashMap<>());
    }

    private void makeRoom(CircuitId fresh) {
        ConcurrentMap<CircuitId, Agent> agents = agents(fresh);
        if (agents.size() <= mostAgents) {
            return;
        }
        forget(agents.values().stream().filter(agent -> !agent.id().equals(fresh)));
    }

    /** The longest unseen of some agents of one organization go: a hundredth of all that it may have. */
    private void forget(Stream<Agent> some) {
        some.sorted(Comparator.comparing(Agent::lastSeen))
                .limit(Math.max(1, mostAgents / 100))
                .forEach(agent -> {
                    if (agents(agent.id()).remove(agent.id(), agent)) {
                        giveBack(agent);
                    }
                    changed.remove(agent.id());
                    described.remove(agent.id());
                });
    }

    private void giveBack(@Nullable Agent agent) {
        if (agent != null) {
            memory.give(agent.id().organization(), AgentBytes.of(agent));
        }
    }

    private static void check(String what, String text) {
        if (text.length() > LONGEST_TEXT) {
            throw new IllegalArgumentException("An agent's " + what + " may have at most " + LONGEST_TEXT
                    + " characters, but this one has " + text.length());
        }
    }
}
