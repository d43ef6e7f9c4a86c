package dev.interlock.monitor;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.Outcome;
import dev.interlock.Settlement;
import dev.interlock.SettlementListener;
import dev.interlock.Ticker;
import dev.interlock.TimeSource;
import dev.interlock.TooManyCircuitsException;
import dev.interlock.Treatment;
import dev.interlock.threads.OwnThreads;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Judges how agents are, and ties that to their circuits: a critical agent that is failing opens its circuit, a recovered
 * one ends its cooldown. Everything it does to a circuit is a {@linkplain CircuitBreaker#suggest suggestion} of the actor
 * {@code health}, which gives way to holds.
 *
 * <p>It hears how every call of its circuits ends, by guards, permits and outcomes without one. Agents with new outcomes
 * are judged every half second, all of them every 30 s, on one thread of its own that nobody else's code runs on. Safe for
 * use by any thread; a good call takes neither a lock nor memory here, another outcome locks its agent alone.
 */
public final class HealthMonitor implements AutoCloseable {
    /** The actor of what health does to circuits. */
    public static final String ACTOR = "health";

    private static final Duration PERIOD = Duration.ofMillis(500);
    private static final int ROUNDS_UNTIL_ALL = 60;
    private static final int ALONE_PERCENT = 95;
    private static final long UNKNOWN = -1;
    private static final Duration LONGEST = Duration.ofDays(1);
    private final CircuitBreakerManager circuits;
    private final HealthSettings settings;
    private final TimeSource time;
    private final Map<CircuitId, AgentHealth> agents = new ConcurrentHashMap<>();

    /** Of the agents that may have figures. */
    private final Shares shares;

    /** Organizations that have as many agents as they may, until the next round: so calls of others need no lock. */
    private final Set<String> full = ConcurrentHashMap.newKeySet();

    private final JudgingQueue toJudge = new JudgingQueue();
    private final CallSeries series;
    private final LongAdder notJudged = new LongAdder();
    private final HealthListeners listeners;
    private final @Nullable ExecutorService ownExecutor;
    private final Ticker ticker;
    private final SettlementListener hearing = this::settled;

    /** Only the ticker's. */
    private int round;

    private HealthMonitor(
            CircuitBreakerManager circuits, HealthSettings settings, TimeSource time, @Nullable Executor executor) {
        this.circuits = circuits;
        this.settings = settings;
        this.shares = new Shares(settings.maxAgents(), ALONE_PERCENT);
        this.time = time;
        this.series = new CallSeries(time.ticks(), time.wallTime());
        ExecutorService own = executor == null ? newExecutor() : null;
        this.ownExecutor = own;
        this.listeners = new HealthListeners(own != null ? own : Objects.requireNonNull(executor));
        this.ticker = Ticker.every("interlock-health", time, PERIOD, this::round);
        circuits.settlements().add(hearing);
    }

    /**
     * Starts to judge, by the clocks of this machine; listeners run on daemon threads of the monitor's.
     *
     * @param circuits whose agents
     * @param settings what can be set
     * @return a monitor, to be closed before the circuits are
     */
    public static HealthMonitor start(CircuitBreakerManager circuits, HealthSettings settings) {
        return new HealthMonitor(circuits, settings, TimeSource.system(), null);
    }

    /**
     * Starts to judge.
     *
     * @param circuits whose agents
     * @param settings what can be set
     * @param time the time source of the circuits
     * @param executor where listeners run; left open
     * @return a monitor, to be closed before the circuits are
     */
    public static HealthMonitor start(
            CircuitBreakerManager circuits, HealthSettings settings, TimeSource time, Executor executor) {
        return new HealthMonitor(circuits, settings, time, executor);
    }

    /**
     * Takes in an outcome that no permit asked for: its circuits count it by {@link Guard#record(Outcome, Duration,
     * long...)}, and so do the figures of those that take it in.
     *
     * @param guard whose call, by whom, and what it depended on
     * @param outcome how it ended, with its duration if that is known
     * @param age how long ago the call began; at least its duration
     * @return what became of it, in the circuit that a failure is attributed to, else in the guard's own
     * @throws TooManyCircuitsException as {@link CircuitBreakerManager#getOrCreate(CircuitId)} does; nothing counted
     */
    public Settlement record(Guard guard, Outcome outcome, Duration age) {
        return guard.record(outcome, age);
    }

    /**
     * Takes in the figures of an outcome that no circuit counts here: it came too late, or a guard of another process has
     * counted it.
     *
     * @param guard whose call, and what it depended on
     * @param outcome how it ended
     * @param age how long ago the call began
     * @param isOld whether it says nothing about now
     */
    void observe(Guard guard, Outcome outcome, Duration age, boolean isOld) {
        Duration took = outcome.took();
        long latency = took == null ? UNKNOWN : nanos(took);
        long ago = Math.max(0, nanos(age) - Math.max(0, latency));
        CircuitId attributed = guard.attributedTo(outcome);
        Stream<CircuitId> counting = attributed != null ? Stream.of(attributed) : circuitsOf(guard);
        counting.forEach(id -> settled(
                id,
                outcome,
                latency,
                ago,
                isOld ? AgentHealth.LATE : AgentHealth.PRESENT,
                isOld ? Settlement.LATE : Settlement.COUNTED));
    }

    /** Whether this monitor hears the settlements of a process' guards itself. */
    boolean hears(String process) {
        return circuits.settlements().process().equals(process);
    }

    /** The guard of a call that somebody else has made. */
    Guard guard(CircuitId agent, List<String> dependencies, @Nullable String caller) {
        Guard own = circuits.guard(agent);
        Guard guard = caller == null ? own : own.withCaller(caller);
        return dependencies.isEmpty() ? guard : guard.dependingOn(dependencies.toArray(String[]::new));
    }

    /**
     * Makes the circuits around a call where there are none.
     *
     * @throws TooManyCircuitsException as {@link CircuitBreakerManager#getOrCreate(CircuitId)} does
     */
    void makeRoom(Guard guard) {
        circuitsOf(guard).filter(id -> !agents.containsKey(id)).forEach(circuits::getOrCreate);
    }

    private static Stream<CircuitId> circuitsOf(Guard guard) {
        return Stream.concat(Stream.of(guard.id()), guard.dependencies().stream());
    }

    /**
     * How an agent was when it was last judged, at most half a second after its last outcome.
     *
     * @param agent which
     * @return a snapshot; one of status {@link HealthStatus#UNKNOWN} without figures if the agent has not been heard of for
     *     an hour
     */
    public HealthSnapshot snapshot(CircuitId agent) {
        HealthSnapshot judged = judged(agent);
        return judged != null ? judged : HealthSnapshot.unknown(agent, time.wallTime());
    }

    /**
     * How an agent was when it was last judged, as {@link #snapshot}.
     *
     * @param agent which
     * @return a snapshot; null if the agent has not been heard of for an hour
     */
    public @Nullable HealthSnapshot judged(CircuitId agent) {
        AgentHealth health = agents.get(agent);
        return health == null ? null : health.last();
    }

    /**
     * How all agents of an organization were when they were last judged.
     *
     * @param organization the organization
     * @return a lazy stream in no order
     */
    public Stream<HealthSnapshot> snapshots(String organization) {
        return agents.entrySet().stream()
                .filter(entry -> entry.getKey().organization().equals(organization))
                .map(entry -> entry.getValue().last())
                .flatMap(Stream::ofNullable);
    }

    /**
     * Lets a listener hear everything from now on.
     *
     * @param listener called on the monitor's executor
     */
    public void addListener(HealthListener listener) {
        listeners.add(listener);
    }

    /**
     * Lets a listener hear nothing more but what is in its queue.
     *
     * @param listener one that was added
     */
    public void removeListener(HealthListener listener) {
        listeners.remove(listener);
    }

    /** {@return what calls came to, a minute and an hour} */
    public CallSeries series() {
        return series;
    }

    /** {@return how many agents have figures, at most {@link HealthSettings#maxAgents()}} */
    public int size() {
        return agents.size();
    }

    /**
     * Outcomes that no figures counted, since there were as many agents as there may be.
     *
     * @return how many since the start
     */
    public long notJudged() {
        return notJudged.sum();
    }

    /** Judges no more; what calls came to is complete. Circuits and a given executor are left as they are. */
    @Override
    public void close() {
        circuits.settlements().remove(hearing);
        ticker.close();
        long now = time.ticks();
        agents.values().forEach(health -> health.bring(now));
        if (ownExecutor != null) {
            ownExecutor.shutdown();
        }
    }

    private void settled(
            CircuitId agent, Outcome outcome, long tookNanos, long agoNanos, long epoch, Settlement settlement) {
        FailureKind kind = outcome.kind();
        AgentHealth health = agents.get(agent);
        boolean good = kind == null && settlement == Settlement.COUNTED && agoNanos == 0;
        if (health == null || !good || !health.addGood(epoch, tookNanos)) {
            boolean says = settlement != Settlement.REPEATED && (kind == null || !saysNothing(agent, kind, outcome));
            health = says ? count(agent, kind != null, tookNanos, agoNanos, epoch, settlement) : null;
        }
        if (health != null && health.queue()) {
            toJudge.push(health);
        }
    }

    /** Counts under the agent's lock; null if it cannot be judged. */
    private @Nullable AgentHealth count(
            CircuitId agent, boolean failed, long tookNanos, long agoNanos, long epoch, Settlement settlement) {
        long now = time.ticks();
        long recordedIn = settlement == Settlement.LATE ? AgentHealth.LATE : epoch;
        AgentHealth health = find(agent);
        while (health != null && !health.add(now - agoNanos, failed, tookNanos, recordedIn, now)) {
            health = find(agent); // it was forgotten at this moment
        }
        return health;
    }

    /** Whether a failure says nothing about health: it is ignored, or the caller's own mistake, correctly refused. */
    private boolean saysNothing(CircuitId agent, FailureKind kind, Outcome outcome) {
        CircuitBreaker circuit = circuitOrNull(agent);
        if (circuit == null) {
            return true;
        }
        Treatment treatment = circuit.config().treatment(kind, outcome.retryAfter() != null);
        return treatment == Treatment.IGNORE || treatment == Treatment.ANSWERED;
    }

    /** The circuit of an agent; null if it has been forgotten and there is no room for another. */
    private @Nullable CircuitBreaker circuitOrNull(CircuitId agent) {
        AgentHealth known = agents.get(agent);
        try {
            return known != null ? known.circuit : circuits.getOrCreate(agent);
        } catch (TooManyCircuitsException full) {
            notJudged.increment();
            return null;
        }
    }

    private @Nullable AgentHealth find(CircuitId agent) {
        AgentHealth known = agents.get(agent);
        if (known != null) {
            return known;
        }
        String organization = agent.organization();
        if (full.contains(organization) || !shares.take(organization, 1)) {
            full.add(organization);
            notJudged.increment();
            return null;
        }
        CircuitBreaker circuit = circuitOrNull(agent);
        if (circuit == null) {
            shares.give(organization, 1);
            return null;
        }
        AgentHealth fresh = new AgentHealth(circuit, series.begin(agent), time.ticks());
        AgentHealth present = agents.putIfAbsent(agent, fresh);
        if (present != null) {
            shares.give(organization, 1);
            return present;
        }
        return fresh;
    }

    private void round() {
        long now = time.ticks();
        Instant at = time.wallTime();
        full.clear();
        series.follow(now, at);
        boolean all = ++round % ROUNDS_UNTIL_ALL == 0;
        for (AgentHealth each = toJudge.fetch(); each != null; ) {
            AgentHealth next = each.next;
            each.next = null; // once it is judged it may be linked again
            judge(each, now, at, all);
            each = next;
        }
        if (all) {
            agents.forEach((id, health) -> {
                if (health.evict(now)) {
                    series.end(id); // first: who finds the agent gone begins again
                    if (agents.remove(id, health)) {
                        shares.give(id.organization(), 1);
                    }
                } else {
                    judge(health, now, at, true);
                }
            });
        }
    }

    private void judge(AgentHealth health, long now, Instant at, boolean figuresToo) {
        HealthSnapshot before = health.last();
        CircuitBreakerConfig policy = health.circuit.config();
        AgentHealth.Judgement judgement = health.judge(policy, now, at);
        HealthSnapshot snapshot = judgement.snapshot();
        if (!snapshot.saysTheSameAs(before)) {
            listeners.deliver(listener -> listener.onUpdate(snapshot));
        } else if (figuresToo && before != null && !snapshot.figures().equals(before.figures())) {
            listeners.deliver(listener -> listener.onFigures(snapshot));
        }
        HealthTransition.Type type = HealthTransition.Type.of(judgement.before(), snapshot.status());
        if (type != null) {
            HealthTransition transition = new HealthTransition(type, judgement.before(), snapshot);
            listeners.deliver(listener -> listener.onTransition(transition));
        }
        HealthSuggestions.make(health.circuit, judgement, type, settings.opens());
    }

    /** What is longer than a day is as good as a day. */
    private static long nanos(Duration duration) {
        return duration.compareTo(LONGEST) > 0 ? LONGEST.toNanos() : duration.toNanos();
    }

    /** A thread for each listener that is busy, gone when there is nothing to report. */
    private static ExecutorService newExecutor() {
        return Executors.newCachedThreadPool(OwnThreads.factory("interlock-health-events"));
    }
}
