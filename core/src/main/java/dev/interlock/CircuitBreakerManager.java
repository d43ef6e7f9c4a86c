package dev.interlock;

import dev.interlock.threads.WorkerFigures;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The front door: one circuit for each {@link CircuitId}, made when it is first asked for.
 *
 * <p>Safe for use by any thread. Settings come from the most specific name pattern that matches, those of the circuit's
 * organization first, and can be changed while calls run. Circuits that are closed and idle for a day are forgotten.
 * One daemon thread does everything that is due at a time; a store, shared circuits and gates have one thread each;
 * listeners and probes run on an executor.
 *
 * <pre>{@code
 * var circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults());
 * Guard planner = circuits.guard("planner").dependingOn("model:kimi-k2");
 * String plan = planner.call(() -> model.chat(prompt));
 * }</pre>
 */
public final class CircuitBreakerManager implements AutoCloseable {
    private final ManagerParts parts;
    private final Registry registry;
    private final PolicyTable policies;
    private final Publisher publisher;
    private final @Nullable StoreWriter writer;
    private final @Nullable Fleet fleet;

    CircuitBreakerManager(ManagerSettings settings) {
        Rehearsal.once();
        parts = new ManagerParts(settings);
        registry = parts.registry;
        policies = parts.policies;
        publisher = parts.publisher;
        writer = parts.writer;
        fleet = parts.fleet;
        parts.start();
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

    /** {@return a new builder, with the defaults that each of its methods names} */
    public static ManagerBuilder builder() {
        return new ManagerBuilder();
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
        return new Guard(registry, new Attribution(agent, List.of(), List.of()), parts.engine.classifier);
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
     * @throws TooManyCircuitsException if the organization has as many circuits as it may, and each of them is open, half-open,
     *     held, failing, or not yet stored and reported
     */
    public CircuitBreaker getOrCreate(CircuitId id) {
        return registry.getOrCreate(id);
    }

    /**
     * The state of a circuit. Asking creates none: a name that was never called is closed.
     *
     * @param id the agent's id
     * @return a snapshot
     */
    public CircuitSnapshot snapshot(CircuitId id) {
        return registry.snapshot(id);
    }

    /**
     * The states of all circuits of an organization.
     *
     * @param organization the organization
     * @return a lazy stream in no order; circuits that come or go meanwhile may be in it or not
     */
    public Stream<CircuitSnapshot> snapshots(String organization) {
        return registry.all(organization).map(CircuitBreaker::snapshot);
    }

    /**
     * The states of all circuits of all organizations.
     *
     * @return a lazy stream in no order
     */
    public Stream<CircuitSnapshot> snapshots() {
        return registry.all().map(CircuitBreaker::snapshot);
    }

    /**
     * The states of the circuits of an organization that are open, half-open or held. The cost grows with their number,
     * not with the number of all circuits.
     *
     * @param organization the organization
     * @return a lazy stream in no order
     */
    public Stream<CircuitSnapshot> snapshotsNotClosed(String organization) {
        return registry.notClosed(organization).map(CircuitBreaker::snapshot).filter(CircuitSnapshot::isNotClosed);
    }

    /**
     * The states of the circuits of all organizations that are open, half-open or held.
     *
     * @return a lazy stream in no order
     */
    public Stream<CircuitSnapshot> snapshotsNotClosed() {
        return registry.notClosed().map(CircuitBreaker::snapshot).filter(CircuitSnapshot::isNotClosed);
    }

    /**
     * Whether there is a circuit: its agent was called, or it was kept over a restart, and it has not been forgotten since.
     *
     * @param id the agent's id
     * @return false for a name that was never called
     */
    public boolean contains(CircuitId id) {
        return registry.find(id) != null;
    }

    /**
     * Forgets a circuit now, unless it is not closed, is in use, or has changes that are not stored or reported yet.
     * Its next call makes a new one.
     *
     * @param id the agent's id
     * @return true if there is none now
     */
    public boolean forget(CircuitId id) {
        return registry.forget(id);
    }

    /** {@return how many circuits there are, all organizations' together} */
    public int size() {
        return registry.size();
    }

    /**
     * Carries out an override on a circuit, which is made if there is none.
     *
     * @param id the agent's id
     * @param override what to do, and who says so
     * @return true if the circuit began a new epoch; false if there was nothing to change, and for {@code PROBE_NOW},
     *     which only ends a cooldown
     * @throws TooManyCircuitsException as {@link #getOrCreate(CircuitId)} does
     */
    public boolean override(CircuitId id, ManualOverride override) {
        return getOrCreate(id).override(override);
    }

    /**
     * The gates in front of the circuits: stops, and budgets that are used up.
     *
     * @return the gates, to be put, removed and listed
     */
    public Gates gates() {
        return parts.gates;
    }

    /** {@return who hears how calls end, on their threads} */
    public SettlementListeners settlements() {
        return parts.engine.settlements;
    }

    /**
     * Applies settings to all circuits, present and future, whose names match and have no more specific pattern.
     * No circuit loses its state.
     *
     * @param pattern a name, or a pattern in which {@code *} stands for any characters
     * @param config the settings
     * @throws IllegalArgumentException if the pattern is empty or too long
     */
    public void putPolicy(String pattern, CircuitBreakerConfig config) {
        policies.put(null, new NamePattern(pattern), config);
        registry.applyPolicies(null);
    }

    /**
     * Applies settings to circuits of one organization; these win over those for all organizations.
     *
     * @param organization the organization
     * @param pattern a name, or a pattern in which {@code *} stands for any characters
     * @param config the settings
     * @throws IllegalArgumentException if the organization is none, or the pattern empty or too long
     */
    public void putPolicy(String organization, String pattern, CircuitBreakerConfig config) {
        policies.put(CircuitId.organization(organization), new NamePattern(pattern), config);
        registry.applyPolicies(organization);
    }

    /**
     * Removes a pattern for all organizations; its circuits follow the next one that matches.
     *
     * @param pattern the pattern; an unknown one is ignored
     */
    public void removePolicy(String pattern) {
        policies.remove(null, new NamePattern(pattern));
        registry.applyPolicies(null);
    }

    /**
     * Removes a pattern of one organization; its circuits follow the next one that matches.
     *
     * @param organization the organization
     * @param pattern the pattern; an unknown one is ignored
     * @throws IllegalArgumentException if the organization is none
     */
    public void removePolicy(String organization, String pattern) {
        policies.remove(CircuitId.organization(organization), new NamePattern(pattern));
        registry.applyPolicies(organization);
    }

    /**
     * Sets the settings of circuits without a pattern.
     *
     * @param config the settings
     */
    public void putDefaultPolicy(CircuitBreakerConfig config) {
        policies.putDefault(config);
        registry.applyPolicies(null);
    }

    /** {@return the settings that circuits without a pattern follow} */
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
     * Adds a listener; it hears everything from now on.
     *
     * @param listener called on the manager's executor
     */
    public void addListener(CircuitListener listener) {
        publisher.add(listener);
    }

    /**
     * Removes a listener; it still hears what is in its queue.
     *
     * @param listener one that was added
     */
    public void removeListener(CircuitListener listener) {
        publisher.remove(listener);
    }

    /** {@return how many events the present listeners did not hear because their queues were full} */
    public long missedEvents() {
        return publisher.missed();
    }

    /**
     * Waits until every transition up to now is in the store; for an override that must not be lost.
     *
     * @param atMost how long to wait
     * @return true if all is stored; false if the store is away, or there is none
     */
    public boolean flush(Duration atMost) {
        Objects.requireNonNull(atMost, "atMost must not be null");
        return writer != null && writer.flush(atMost);
    }

    /**
     * Completes once everything that has happened to a circuit up to now is in the store; for an override that must not
     * be lost. Does not block; while the store is away it does not complete, so callers set a limit.
     *
     * @param id the agent's id
     * @return completed with true by a thread of the manager's once all is stored; at once with false without a store
     */
    public CompletionStage<Boolean> stored(CircuitId id) {
        CircuitBreaker circuit = registry.find(id);
        return writer == null || circuit == null
                ? CompletableFuture.completedFuture(writer != null)
                : writer.stored(circuit);
    }

    /**
     * The number of this manager's life; it distinguishes its epochs from those of all others.
     *
     * @return what the store gave, or else the builder
     */
    public long generation() {
        return parts.generation;
    }

    /** {@return how many circuits there are whose newest state is not in the store yet; always 0 without a store} */
    public int storeBacklog() {
        return writer == null ? 0 : writer.backlog();
    }

    /** {@return how long the oldest of these changes waits; zero if none does} */
    public Duration storeLag() {
        return writer == null ? Duration.ZERO : writer.lag();
    }

    /** {@return whether the store took what was last brought to it; true without a store} */
    public boolean isStoreAvailable() {
        return writer == null || writer.isAvailable();
    }

    /**
     * Whether circuits of scope {@code shared} use the figures of this process only, since the others cannot be asked.
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
        return parts.workers();
    }

    /**
     * Ends everything that runs by time, writes what is not stored yet (for at most 5 s), and hands listeners the
     * events that they have not heard yet. Circuits go on answering, but holds no longer end by themselves and nothing
     * is probed. An executor and a store that were given to the builder are left open.
     */
    @Override
    public void close() {
        parts.close();
    }

    /** For guards and tests, as are the methods below. */
    Engine engine() {
        return parts.engine;
    }

    Registry registry() {
        return registry;
    }
}
