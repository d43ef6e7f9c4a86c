package dev.interlock;

import dev.interlock.store.CircuitCoordination;
import dev.interlock.store.CircuitStore;
import dev.interlock.threads.Reporting;
import dev.interlock.threads.WorkerFigures;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The front door: one circuit for each {@link CircuitId}, made when it is first asked for.
 *
 * <p>Safe for use by any thread. Settings come from the most specific name pattern that matches, and can be changed
 * while calls run. Circuits that are closed and idle for a day are forgotten. One daemon thread serves everything that
 * time must start by itself; listeners and probes run on an executor.
 *
 * <pre>{@code
 * var circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults());
 * Guard planner = circuits.guard("planner").dependingOn("model:kimi-k2");
 * String plan = planner.call(() -> model.chat(prompt));
 * }</pre>
 */
public final class CircuitBreakerManager implements AutoCloseable {
    private static final int SWEEPS_PER_EVICTION = 24;
    private static final Duration AT_CLOSE = Duration.ofSeconds(4);
    private static final int EPOCH_BITS_OF_GENERATION = 32;
    private static final VarHandle BIRTH;

    static {
        try {
            BIRTH = MethodHandles.lookup().findVarHandle(CircuitBreakerManager.class, "birth", Origin.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final TimeSource time;
    private final FailureClassifier classifier;
    private final DoubleSupplier random;
    private final int cap;
    private final Duration evictAfter;
    private final Timers timers;
    private final CallLimits limits;
    private final Executor probeExecutor;
    private final @Nullable OwnExecutors ownExecutors;
    private final Publisher publisher;
    private final PolicyTable policies;
    private final ConcurrentMap<String, Organization> organizations = new ConcurrentHashMap<>();
    private final Map<NamePattern, Probe> probes;
    private final @Nullable StoreWriter writer;
    private final @Nullable Fleet fleet;

    private final long generation;

    /** How the next new circuit begins: above every epoch that was ever evicted, so that none comes twice. */
    private volatile Origin birth;

    private CircuitBreakerManager(Builder builder) {
        time = builder.time;
        classifier = builder.classifier;
        random = builder.random;
        cap = builder.maxCircuitsPerOrganization;
        evictAfter = builder.evictAfter;
        probes = new TreeMap<>(builder.probes);
        generation = builder.store == null ? builder.generation : builder.store.nextGeneration();
        birth = Origin.birth(generation << EPOCH_BITS_OF_GENERATION, builder.time.ticks());
        ownExecutors = builder.executor == null ? OwnExecutors.start() : null;
        Executor executor = ownExecutors != null ? ownExecutors.events() : Objects.requireNonNull(builder.executor);
        probeExecutor = ownExecutors != null ? ownExecutors.probes() : executor;
        timers = new Timers(time);
        limits = new CallLimits(timers, time, executor);
        publisher = new Publisher(executor, builder.listenerCapacity);
        builder.listeners.forEach(publisher::add);
        CircuitStore store = builder.store;
        CircuitCoordination coordination = store == null ? null : store.coordination();
        FleetCircuits own = new FleetCircuits(this::find);
        fleet = coordination == null ? null : new Fleet(coordination, own, generation, time::ticks);
        policies = new PolicyTable(this, builder.defaults);
        builder.policies.forEach((pattern, config) -> policies.put(null, pattern, config));
        StoredCircuits stored = new StoredCircuits(this);
        writer = store == null ? null : new StoreWriter(store, stored, generation, executor);
        try {
            if (store != null && writer != null) {
                writer.subscribe();
                writer.restore(stored.resuming(writer));
                writer.start();
                own.storedBy(writer);
                if (fleet != null) {
                    fleet.start();
                }
            }
        } catch (RuntimeException | Error failed) {
            close();
            throw failed;
        }
        scheduleSweep();
    }

    /**
     * A manager whose circuits all have the same settings; for more see {@link #builder()}.
     *
     * @param defaults the settings
     * @return a manager, to be closed when no longer needed
     */
    public static CircuitBreakerManager create(CircuitBreakerConfig defaults) {
        return builder().defaults(defaults).build();
    }

    /**
     * A builder with the defaults that each of its methods tells.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * A guard around calls of an agent of the default organization.
     *
     * @param agent the agent's name
     * @return a guard, to be kept
     * @throws IllegalArgumentException if the name is none
     */
    public Guard guard(String agent) {
        return guard(CircuitId.of(agent));
    }

    /**
     * A guard around calls of an agent.
     *
     * @param agent the agent's id
     * @return a guard, to be kept
     */
    public Guard guard(CircuitId agent) {
        return new Guard(this, new Attribution(agent, List.of()), classifier, null);
    }

    /**
     * The circuit of an agent of the default organization, made if there is none.
     *
     * @param agent the agent's name
     * @return its circuit
     * @throws IllegalArgumentException if the name is none
     * @throws TooManyCircuitsException as {@link #getOrCreate(CircuitId)} does
     */
    public CircuitBreaker getOrCreate(String agent) {
        return getOrCreate(CircuitId.of(agent));
    }

    /**
     * The circuit of an agent, made if there is none. When the organization has as many as it may, the longest idle
     * closed circuits make room.
     *
     * @param id the agent's id
     * @return its circuit
     * @throws TooManyCircuitsException if all of the organization's circuits are open, half-open, held or failing
     */
    public CircuitBreaker getOrCreate(CircuitId id) {
        Organization organization = organizations.get(id.organization());
        return (organization != null ? organization : organization(id)).getOrCreate(id);
    }

    /**
     * What an agent's circuit looks like. Asking makes none: an agent never heard of has a closed one.
     *
     * @param id the agent's id
     * @return a snapshot
     */
    public CircuitSnapshot snapshot(CircuitId id) {
        CircuitBreaker circuit = find(id);
        return circuit != null
                ? circuit.snapshot()
                : CircuitSnapshot.of(id, new ClosedEpoch(birth), policies.resolve(id), 0);
    }

    /**
     * What all circuits of an organization look like.
     *
     * @param organization the organization
     * @return a lazy stream in no order; circuits that come or go meanwhile may be in it or not
     */
    public Stream<CircuitSnapshot> snapshots(String organization) {
        Organization found = organizations.get(organization);
        return found == null ? Stream.empty() : found.all().stream().map(CircuitBreaker::snapshot);
    }

    /**
     * What all circuits of all organizations look like.
     *
     * @return a lazy stream in no order
     */
    public Stream<CircuitSnapshot> snapshots() {
        return organizations.keySet().stream().flatMap(this::snapshots);
    }

    /**
     * What those circuits of an organization look like that are open, half-open or held. Costs what these are, not what
     * there is.
     *
     * @param organization the organization
     * @return a lazy stream in no order
     */
    public Stream<CircuitSnapshot> snapshotsNotClosed(String organization) {
        Organization found = organizations.get(organization);
        return found == null
                ? Stream.empty()
                : found.attention().stream().map(CircuitBreaker::snapshot).filter(CircuitSnapshot::isNotClosed);
    }

    /**
     * What those circuits of all organizations look like that are open, half-open or held.
     *
     * @return a lazy stream in no order
     */
    public Stream<CircuitSnapshot> snapshotsNotClosed() {
        return organizations.keySet().stream().flatMap(this::snapshotsNotClosed);
    }

    /**
     * How many circuits there are.
     *
     * @return all organizations' together
     */
    public int size() {
        return organizations.values().stream().mapToInt(Organization::size).sum();
    }

    /**
     * Carries out an order on a circuit, which is made if there is none.
     *
     * @param id the agent's id
     * @param override what to do, and who says so
     * @return true if the circuit began a new epoch, false if it was that way already
     * @throws TooManyCircuitsException as {@link #getOrCreate(CircuitId)} does
     */
    public boolean override(CircuitId id, ManualOverride override) {
        return getOrCreate(id).override(override);
    }

    /**
     * Puts settings in force for all circuits, present and future, whose names match and have no more specific pattern.
     * No circuit loses its state.
     *
     * @param pattern a name, or a pattern in which {@code *} stands for any characters
     * @param config the settings
     * @throws IllegalArgumentException if the pattern is empty or too long
     */
    public void putPolicy(String pattern, CircuitBreakerConfig config) {
        policies.put(null, new NamePattern(pattern), config);
        applyPolicies(null);
    }

    /**
     * Puts settings in force for circuits of one organization; these win over those for all organizations.
     *
     * @param organization the organization
     * @param pattern a name, or a pattern in which {@code *} stands for any characters
     * @param config the settings
     * @throws IllegalArgumentException if the organization is none, or the pattern empty or too long
     */
    public void putPolicy(String organization, String pattern, CircuitBreakerConfig config) {
        policies.put(CircuitId.organization(organization), new NamePattern(pattern), config);
        applyPolicies(organization);
    }

    /**
     * Takes a pattern for all organizations back; its circuits follow the next one that matches.
     *
     * @param pattern the pattern; an unknown one is none
     */
    public void removePolicy(String pattern) {
        policies.remove(null, new NamePattern(pattern));
        applyPolicies(null);
    }

    /**
     * Takes a pattern of one organization back; its circuits follow the next one that matches.
     *
     * @param organization the organization
     * @param pattern the pattern; an unknown one is none
     * @throws IllegalArgumentException if the organization is none
     */
    public void removePolicy(String organization, String pattern) {
        policies.remove(CircuitId.organization(organization), new NamePattern(pattern));
        applyPolicies(organization);
    }

    /**
     * Puts the settings in force that circuits without a pattern follow.
     *
     * @param config the settings
     */
    public void putDefaultPolicy(CircuitBreakerConfig config) {
        policies.putDefault(config);
        applyPolicies(null);
    }

    /**
     * The settings that circuits without a pattern follow.
     *
     * @return the settings
     */
    public CircuitBreakerConfig defaultPolicy() {
        return policies.defaults();
    }

    /**
     * The patterns for all organizations.
     *
     * @return pattern to settings, the most specific first
     */
    public Map<String, CircuitBreakerConfig> policies() {
        return policies.all(null);
    }

    /**
     * The patterns of one organization.
     *
     * @param organization the organization
     * @return pattern to settings, the most specific first
     * @throws IllegalArgumentException if the organization is none
     */
    public Map<String, CircuitBreakerConfig> policies(String organization) {
        return policies.all(CircuitId.organization(organization));
    }

    /**
     * Lets a listener hear everything from now on.
     *
     * @param listener called on the manager's executor
     */
    public void addListener(CircuitListener listener) {
        publisher.add(listener);
    }

    /**
     * Lets a listener hear nothing more but what is in its queue.
     *
     * @param listener one that was added
     */
    public void removeListener(CircuitListener listener) {
        publisher.remove(listener);
    }

    /**
     * Events that listeners did not hear because their queues were full.
     *
     * @return how many, all present listeners together
     */
    public long missedEvents() {
        return publisher.missed();
    }

    /**
     * Waits until every transition up to now is in the store: what an override needs that must not be lost.
     *
     * @param atMost how long to wait
     * @return true if all is stored; false if the store is away, or there is none
     */
    public boolean flush(Duration atMost) {
        return writer != null && writer.flush(atMost);
    }

    /**
     * Tells once everything that has happened to a circuit up to now is in the store: what an override needs that must
     * not be lost. Waits for nothing and nobody; while the store is away it is not told, so callers set a limit.
     *
     * @param id the agent's id
     * @return completed with true by a thread of the manager's once all is stored; at once with false without a store
     */
    public CompletionStage<Boolean> stored(CircuitId id) {
        CircuitBreaker circuit = find(id);
        return writer == null || circuit == null
                ? CompletableFuture.completedFuture(writer != null)
                : writer.stored(circuit);
    }

    /**
     * The number of this life of the fleet, by which its epochs are told from those of all others.
     *
     * @return what the store gave, or else the builder
     */
    public long generation() {
        return generation;
    }

    /**
     * Circuits whose newest state is not in the store yet.
     *
     * @return how many; always 0 without a store
     */
    public int storeBacklog() {
        return writer == null ? 0 : writer.backlog();
    }

    /**
     * Whether the store took what was last brought to it.
     *
     * @return false while it is away; true without a store
     */
    public boolean isStoreAvailable() {
        return writer == null || writer.isAvailable();
    }

    /**
     * Whether circuits of scope {@code shared} go by this process' figures alone, since the others cannot be asked.
     *
     * @return false while all judge together, and where nothing is shared
     */
    public boolean isDetached() {
        return fleet != null && !fleet.isTogether();
    }

    /**
     * How the manager's threads do. Each is started when there is something to do, and replaced should it die.
     *
     * @return one entry a thread; {@code interlock-coarse-clock} is shared by all managers of the JVM
     */
    public List<WorkerFigures> workers() {
        return timers.workers();
    }

    /**
     * Ends what runs by time, brings to the store what is not there yet (for at most 5 s), and hands what listeners still have to hear to them. Circuits go on answering, but holds
     * no longer end by themselves and nothing is probed. An executor and a store that
     * were given to the builder are left open.
     */
    @Override
    public void close() {
        long end = System.nanoTime() + Nanos.of(AT_CLOSE);
        timers.close();
        if (fleet != null) {
            fleet.close();
        }
        if (writer != null) {
            writer.close(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
        }
        if (ownExecutors != null) {
            ownExecutors.close();
        }
    }

    @Nullable
    CircuitBreaker find(CircuitId id) {
        Organization organization = organizations.get(id.organization());
        return organization == null ? null : organization.find(id.name());
    }

    CircuitBreaker newCircuit(CircuitId id) {
        Policy policy = policies.resolve(id);
        return new CircuitBreaker(id, policy, ClosedEpoch.of(id, birth, policy));
    }

    /** Whether something of a circuit is still to be written to the store: then it is not forgotten. */
    boolean isUnwritten(CircuitBreaker circuit) {
        return writer != null && writer.isUnwritten(circuit);
    }

    /** How the next new circuit begins. */
    Origin birth() {
        return birth;
    }

    /** Lets new circuits begin above an epoch that has been. */
    void raiseBirth(long epoch) {
        Origin present = birth;
        while (present.epoch <= epoch && !BIRTH.compareAndSet(this, present, Origin.birth(epoch + 1, present.ticks))) {
            present = birth;
        }
    }

    /** Lets a circuit, or the one that will be made in its place, go on above an epoch. */
    void raise(CircuitId id, long epoch, @Nullable Instant at) {
        raiseBirth(epoch);
        CircuitBreaker live = find(id);
        if (live != null) {
            live.raise(epoch, at);
        }
    }

    void moved(CircuitBreaker circuit, StateTransition transition) {
        Reporting.safely(() -> organization(circuit.id()).moved(circuit));
        if (fleet != null && transition.to() == CircuitState.OPEN) {
            fleet.places().opened(circuit.id());
        }
        if (writer != null && transition.cause() != TransitionCause.ADOPTED) {
            Reporting.safely(() -> writer.note(circuit, transition));
        }
        Reporting.safely(() -> publisher.publish(circuit));
    }

    /** A suggestion has ended a cooldown: no new epoch, but a line for the audit, and others must hear of it. */
    void hastened(CircuitBreaker circuit, ManualOverride suggestion) {
        Instant at = time.wallTime();
        if (writer != null) {
            writer.noteHastened(circuit, suggestion, at);
        }
        publisher.publishRepeated(circuit, suggestion, at);
    }

    void repeated(CircuitBreaker circuit, ManualOverride override) {
        Instant at = time.wallTime();
        if (writer != null) {
            writer.noteRepeated(circuit, override, at);
        }
        publisher.publishRepeated(circuit, override, at);
    }

    /** The probe of the most specific pattern, or null. */
    @Nullable
    Probe probe(CircuitId id) {
        for (Map.Entry<NamePattern, Probe> entry : probes.entrySet()) {
            if (entry.getKey().matches(id.name())) {
                return entry.getValue();
            }
        }
        return null;
    }

    void forgotten(CircuitBreaker evicted) {
        if (writer != null) {
            writer.forget(evicted);
        }
    }

    TimeSource time() {
        return time;
    }

    DoubleSupplier random() {
        return random;
    }

    /** The processes that share circuits with this one, or null. */
    @Nullable
    Fleet fleet() {
        return fleet;
    }

    FailureClassifier classifier() {
        return classifier;
    }

    Timers timers() {
        return timers;
    }

    CallLimits limits() {
        return limits;
    }

    Executor probeExecutor() {
        return probeExecutor;
    }

    PolicyTable policyTable() {
        return policies;
    }

    Organization organization(CircuitId id) {
        return organizations.computeIfAbsent(id.organization(), name -> new Organization(this, cap));
    }

    private void applyPolicies(@Nullable String only) {
        organizations.forEach((name, organization) -> {
            if (only == null || only.equals(name)) {
                organization.all().forEach(this::applyPolicy);
            }
        });
    }

    /** Whoever applies a policy last, of several changes at a time, has looked again: none that is old stays. */
    void applyPolicy(CircuitBreaker circuit) {
        Policy policy;
        do {
            policy = policies.resolve(circuit.id());
            circuit.apply(policy);
        } while (policies.resolve(circuit.id()) != policy);
    }

    private void scheduleSweep() {
        timers.at(time.ticks() + Math.max(1, Nanos.of(evictAfter) / SWEEPS_PER_EVICTION), this::sweep);
    }

    private void sweep() {
        scheduleSweep(); // first: one failure must not end all eviction
        int notUsedAfter = CircuitBreaker.idleUnits(time.ticks() - Nanos.of(evictAfter)) - 1; // whole units only
        organizations.values().forEach(organization -> organization.evict(notUsedAfter));
    }

    /** Builds a {@link CircuitBreakerManager}. Not for use by several threads at once. */
    public static final class Builder {
        private CircuitBreakerConfig defaults = CircuitBreakerConfig.defaults();
        private final Map<NamePattern, CircuitBreakerConfig> policies = new TreeMap<>();
        private final Map<NamePattern, Probe> probes = new TreeMap<>();
        private final List<CircuitListener> listeners = new ArrayList<>();
        private TimeSource time = TimeSource.system();
        private FailureClassifier classifier = FailureClassifier.standard();
        private DoubleSupplier random = () -> ThreadLocalRandom.current().nextDouble();
        private @Nullable Executor executor;
        private int maxCircuitsPerOrganization = 100_000;
        private int listenerCapacity = 1_024;
        private Duration evictAfter = Duration.ofHours(24);
        private long generation = 1;
        private @Nullable CircuitStore store;

        private Builder() {}

        /**
         * The settings of circuits without a pattern; by default {@link CircuitBreakerConfig#defaults()}.
         *
         * @param config the settings
         * @return this builder
         */
        public Builder defaults(CircuitBreakerConfig config) {
            defaults = config;
            return this;
        }

        /**
         * The settings of circuits whose names match; by default there are none.
         *
         * @param pattern a name, or a pattern in which {@code *} stands for any characters; the most specific wins
         * @param config the settings
         * @return this builder
         * @throws IllegalArgumentException if the pattern is empty or too long
         */
        public Builder policy(String pattern, CircuitBreakerConfig config) {
            policies.put(new NamePattern(pattern), config);
            return this;
        }

        /**
         * How circuits whose names match are probed, if their policy has {@link ProbeSettings}; by default there is no
         * probe, and circuits are tried with real calls.
         *
         * @param pattern a name, or a pattern in which {@code *} stands for any characters; the most specific wins
         * @param probe the synthetic call
         * @return this builder
         * @throws IllegalArgumentException if the pattern is empty or too long
         */
        public Builder probe(String pattern, Probe probe) {
            probes.put(new NamePattern(pattern), probe);
            return this;
        }

        /**
         * A listener; several hear independently of each other.
         *
         * @param listener called on the executor
         * @return this builder
         */
        public Builder listener(CircuitListener listener) {
            listeners.add(listener);
            return this;
        }

        /**
         * The clocks; by default {@link TimeSource#system()}.
         *
         * @param source the clocks
         * @return this builder
         */
        public Builder time(TimeSource source) {
            time = source;
            return this;
        }

        /**
         * What exceptions and results mean, for guards that have no classifier of their own; by default {@link
         * FailureClassifier#standard()}.
         *
         * @param standard the classifier
         * @return this builder
         */
        public Builder classifier(FailureClassifier standard) {
            classifier = standard;
            return this;
        }

        /**
         * Where listeners, probes and what depends on timed-out calls run; by default daemon threads of the manager's
         * own. {@code Runnable::run} lets listeners hear before the call that moved a circuit returns, for tests.
         *
         * @param where an executor, which the manager does not close
         * @return this builder
         */
        public Builder executor(Executor where) {
            executor = where;
            return this;
        }

        /**
         * The randomness of cooldowns; by default each thread's own generator. A seeded one makes a run repeatable.
         *
         * @param fractions gives fractions from 0 (inclusive) to 1 (exclusive), called by any thread
         * @return this builder
         */
        public Builder randomness(DoubleSupplier fractions) {
            random = fractions;
            return this;
        }

        /**
         * How many circuits an organization may have, against made-up names; by default 100,000.
         *
         * @param circuits at least 1
         * @return this builder
         * @throws IllegalArgumentException if the number is below 1
         */
        public Builder maxCircuitsPerOrganization(int circuits) {
            maxCircuitsPerOrganization = atLeastOne("maxCircuitsPerOrganization", circuits);
            return this;
        }

        /**
         * How many events may wait for one listener before further ones are dropped and counted; by default 1,024.
         *
         * @param events at least 1
         * @return this builder
         * @throws IllegalArgumentException if the number is below 1
         */
        public Builder listenerCapacity(int events) {
            listenerCapacity = atLeastOne("listenerCapacity", events);
            return this;
        }

        /**
         * How long a closed circuit without a streak may be idle before it is forgotten; by default 24 h.
         *
         * @param idle 1 min to 11,000 days (30 years)
         * @return this builder
         * @throws IllegalArgumentException if the time is out of its range
         */
        public Builder evictAfter(Duration idle) {
            if (idle.compareTo(Duration.ofMinutes(1)) < 0 || idle.compareTo(Duration.ofDays(11_000)) > 0) {
                throw new IllegalArgumentException(
                        "evictAfter must be 1 minute to 11000 days, but was " + Nanos.text(idle));
            }
            evictAfter = idle;
            return this;
        }

        /**
         * The number of this life of the fleet, by default 1: epochs begin at it times 2^32, so that none comes twice
         * when each life has a higher one than the last. A {@link #store} has its own.
         *
         * @param number 0 to 2^31 - 1
         * @return this builder
         * @throws IllegalArgumentException if the number is out of its range
         */
        public Builder generation(long number) {
            if (number < 0 || number > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("generation must be 0 to 2147483647, but was " + number);
            }
            generation = number;
            return this;
        }

        /**
         * Where circuits outlive the manager; by default nowhere. All that are not plainly closed come back when the
         * manager is built, and transitions are written by a thread of their own.
         *
         * @param kept the store, which the manager does not close
         * @return this builder
         */
        public Builder store(CircuitStore kept) {
            store = kept;
            return this;
        }

        /**
         * The manager.
         *
         * @return a new manager, to be closed when no longer needed
         * @throws dev.interlock.store.StoreUnavailableException if there is a store and it cannot be reached
         */
        public CircuitBreakerManager build() {
            return new CircuitBreakerManager(this);
        }

        private static int atLeastOne(String setting, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(setting + " must be at least 1, but was " + value);
            }
            return value;
        }
    }
}
