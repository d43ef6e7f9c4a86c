package dev.interlock.monitor;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.FailureKind;
import dev.interlock.Outcome;
import dev.interlock.Settlement;
import dev.interlock.Ticker;
import dev.interlock.TimeSource;
import dev.interlock.TooManyCircuitsException;
import dev.interlock.threads.OwnThreads;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Judges how agents are, and ties that to their circuits: a critical agent that is failing opens its circuit, a recovered
 * one ends its cooldown. Everything it does to a circuit is a {@linkplain CircuitBreaker#suggest suggestion} of the actor
 * {@code health}, which gives way to holds.
 *
 * <p>Agents with new outcomes are judged every half second, all of them every 30 s, on one thread of its own that nobody
 * else's code runs on. Safe for use by any thread; taking an outcome in locks its agent alone.
 */
public final class HealthMonitor implements AutoCloseable {
    /** The actor of what health does to circuits. */
    public static final String ACTOR = "health";

    private static final Duration PERIOD = Duration.ofMillis(500);
    private static final int ROUNDS_UNTIL_ALL = 60;
    private static final int ALONE_PERCENT = 95;
    private static final long LATE = -1;
    private static final long UNKNOWN = -1;
    private static final Duration LONGEST = Duration.ofDays(1);
    private final CircuitBreakerManager circuits;
    private final HealthSettings settings;
    private final TimeSource time;
    private final Map<CircuitId, AgentHealth> agents = new ConcurrentHashMap<>();

    /** Of the agents that may have figures. */
    private final Shares shares;

    private final Queue<AgentHealth> toJudge = new ConcurrentLinkedQueue<>();
    private final AtomicLong notJudged = new AtomicLong();
    private final HealthListeners listeners;
    private final @Nullable ExecutorService ownExecutor;
    private final Ticker ticker;

    /** Only the ticker's. */
    private int round;

    private HealthMonitor(
            CircuitBreakerManager circuits, HealthSettings settings, TimeSource time, @Nullable Executor executor) {
        this.circuits = circuits;
        this.settings = settings;
        this.shares = new Shares(settings.maxAgents(), ALONE_PERCENT);
        this.time = time;
        ExecutorService own = executor == null ? newExecutor() : null;
        this.ownExecutor = own;
        this.listeners = new HealthListeners(own != null ? own : Objects.requireNonNull(executor));
        this.ticker = Ticker.every("interlock-health", time, PERIOD, this::round);
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
     * Takes in an outcome that no permit asked for: its circuit counts it by {@link CircuitBreaker#record(Outcome,
     * Duration)}, and so do the agent's figures.
     *
     * @param agent whose call
     * @param outcome how it ended, with its duration if that is known
     * @param age how long ago the call began; at least its duration
     * @return what became of it in the circuit
     * @throws TooManyCircuitsException as {@link CircuitBreakerManager#getOrCreate(CircuitId)} does; nothing counted
     */
    public Settlement record(CircuitId agent, Outcome outcome, Duration age) {
        AgentHealth health = find(agent);
        if (health == null) {
            return circuits.getOrCreate(agent).record(outcome, age);
        }
        long epoch = health.recordedIn(time.ticks());
        Settlement settlement = health.circuit.record(outcome, age);
        count(agent, health, outcome, age, settlement == Settlement.LATE ? LATE : epoch);
        return settlement;
    }

    /**
     * Takes in an outcome that its circuit has counted already, such as one of a permit: only the agent's figures count
     * it.
     *
     * @param agent whose call
     * @param outcome how it ended, with its duration if that is known
     * @param settlement what the circuit made of it
     */
    public void observe(CircuitId agent, Outcome outcome, Settlement settlement) {
        if (settlement == Settlement.REPEATED) {
            return;
        }
        AgentHealth health = findOrNull(agent);
        if (health != null) {
            long epoch = settlement == Settlement.LATE ? LATE : health.circuit.epoch();
            Duration took = outcome.took();
            count(agent, health, outcome, took == null ? Duration.ZERO : took, epoch);
        }
    }

    /**
     * Takes in the figures of an outcome that came too late for its circuit.
     *
     * @param agent whose call
     * @param outcome how it ended
     * @param age how long ago the call began
     */
    void observeOld(CircuitId agent, Outcome outcome, Duration age) {
        AgentHealth health = findOrNull(agent);
        if (health != null) {
            count(agent, health, outcome, age, LATE);
        }
    }

    /**
     * Makes the circuit of an agent that has none.
     *
     * @throws TooManyCircuitsException as {@link CircuitBreakerManager#getOrCreate(CircuitId)} does
     */
    void makeRoom(CircuitId agent) {
        if (!agents.containsKey(agent)) {
            circuits.getOrCreate(agent);
        }
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

    /**
     * Agents that have figures.
     *
     * @return how many, at most {@link HealthSettings#maxAgents()}
     */
    public int size() {
        return agents.size();
    }

    /**
     * Outcomes that no figures counted, since there were as many agents as there may be.
     *
     * @return how many since the start
     */
    public long notJudged() {
        return notJudged.get();
    }

    /** Judges no more. Circuits and a given executor are left as they are. */
    @Override
    public void close() {
        ticker.close();
        if (ownExecutor != null) {
            ownExecutor.shutdown();
        }
    }

    private void count(CircuitId agent, AgentHealth found, Outcome outcome, Duration age, long epoch) {
        FailureKind kind = outcome.kind();
        if (kind != null && found.saysNothing(kind, outcome)) {
            return;
        }
        Duration took = outcome.took();
        long now = time.ticks();
        long latency = took == null ? UNKNOWN : nanos(took);
        long ended = now - Math.max(0, nanos(age) - Math.max(0, latency));
        AgentHealth health = found;
        while (!health.add(ended, kind != null, latency, epoch, now)) {
            AgentHealth next = findOrNull(agent); // it was forgotten at this moment
            if (next == null) {
                return;
            }
            health = next;
        }
        if (health.queue()) {
            toJudge.add(health);
        }
    }

    private @Nullable AgentHealth findOrNull(CircuitId agent) {
        try {
            return find(agent);
        } catch (TooManyCircuitsException full) {
            notJudged.incrementAndGet();
            return null;
        }
    }

    private @Nullable AgentHealth find(CircuitId agent) {
        AgentHealth known = agents.get(agent);
        if (known != null) {
            return known;
        }
        String organization = agent.organization();
        if (!shares.take(organization, 1)) {
            notJudged.incrementAndGet();
            return null;
        }
        AgentHealth fresh;
        try {
            fresh = new AgentHealth(circuits.getOrCreate(agent), time.ticks());
        } catch (TooManyCircuitsException full) {
            shares.give(organization, 1);
            throw full;
        }
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
        boolean all = ++round % ROUNDS_UNTIL_ALL == 0;
        for (int left = toJudge.size(); left > 0; left--) {
            AgentHealth health = toJudge.poll();
            if (health == null) {
                break;
            }
            judge(health, now, at, all);
        }
        if (all) {
            agents.forEach((id, health) -> {
                if (health.evict(now)) {
                    if (agents.remove(id, health)) {
                        shares.give(id.organization(), 1);
                    }
                } else {
                    judge(health, now, at, true);
                }
            });
        }
    }

    private void judge(AgentHealth health, long now, Instant at, boolean tellFigures) {
        HealthSnapshot before = health.last();
        CircuitBreakerConfig policy = health.circuit.config();
        AgentHealth.Judgement judgement = health.judge(policy, now, at);
        HealthSnapshot snapshot = judgement.snapshot();
        if (!snapshot.saysTheSameAs(before)
                || tellFigures && before != null && !snapshot.figures().equals(before.figures())) {
            listeners.deliver(listener -> listener.onUpdate(snapshot));
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
