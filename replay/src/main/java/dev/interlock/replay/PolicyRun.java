package dev.interlock.replay;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.ManualTimeSource;
import dev.interlock.Outcome;
import dev.interlock.Permit;
import dev.interlock.StateTransition;
import dev.interlock.Treatment;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * One policy's life through the log: its circuits, its clock, and its calls that have not ended.
 *
 * <p>Calls come in the order of their beginnings. What ends up to then is settled before: at one instant ends come
 * before begins, and each in the order of the file. Circuits are never forgotten, however long they are idle.
 */
final class PolicyRun implements AutoCloseable {
    /** Makes a cooldown's jitter the same in every replay. */
    private static final long SEED = 1;

    /** Longer than a log, and short enough for the manager's arithmetic. */
    private static final Duration NEVER_EVICT = Duration.ofDays(30 * 365);

    /** An admitted call that has not ended. */
    private record Pending(Call call, long end, Route route, Permit permit) implements Comparable<Pending> {
        @Override
        public int compareTo(Pending other) {
            int byEnd = Long.compare(end, other.end);
            return byEnd != 0 ? byEnd : Long.compare(call.line(), other.call.line());
        }
    }

    private final String name;
    private final CircuitBreakerConfig config;
    private final By by;
    private final boolean timed;
    private final long slowCall;
    private final ManualTimeSource clock;
    private final CircuitBreakerManager manager;
    private final PriorityQueue<Pending> pending = new PriorityQueue<>();
    private final Map<CircuitId, Circuit> circuits = new LinkedHashMap<>();
    private final Map<Long, Route> pairs = new HashMap<>();
    private final Tally tally = new Tally();

    /** By the name's number; for calls that ask one circuit. */
    private @Nullable Route[] singles = new @Nullable Route[64];

    private long now;

    /** Both clocks start with the first call. */
    PolicyRun(String name, CircuitBreakerConfig config, By by, long start) {
        this.name = name;
        this.config = config;
        this.by = by;
        Duration slow = config.slowCallDuration();
        timed = slow != null;
        slowCall = slow == null ? Long.MAX_VALUE : slow.toNanos();
        now = start;
        clock = new ManualTimeSource(Instant.EPOCH.plusNanos(start));
        manager = CircuitBreakerManager.builder()
                .defaults(config)
                .time(clock)
                .executor(Runnable::run)
                .randomness(new Random(SEED)::nextDouble)
                .maxCircuitsPerOrganization(Integer.MAX_VALUE)
                .evictAfter(NEVER_EVICT)
                .listener(this::moved)
                .build();
    }

    /** A call begins: not before the one that began last. */
    void begin(Call call) {
        settleUntil(call.time());
        advance(call.time());
        tally.called(call);
        Route route = route(call);
        Permit permit = route.ask(call);
        if (permit == null) {
            tally.rejected(call);
        } else {
            pending.add(new Pending(call, call.end(), route, permit));
        }
    }

    /** There are no more calls: those that are out end in their time. */
    void finish() {
        settleUntil(Long.MAX_VALUE);
    }

    String name() {
        return name;
    }

    Tally tally() {
        return tally;
    }

    Collection<Circuit> circuits() {
        return circuits.values();
    }

    @Override
    public void close() {
        manager.close();
    }

    private void settleUntil(long time) {
        for (Pending next = pending.peek(); next != null && next.end <= time; next = pending.peek()) {
            pending.remove();
            advance(next.end);
            settle(next);
        }
    }

    private void settle(Pending ended) {
        Call call = ended.call;
        FailureKind kind = call.kind();
        Outcome outcome = kind == null ? Outcome.success() : Outcome.failure(kind);
        if (kind != null && call.retryAfter() > 0) {
            outcome = outcome.retryAfter(Duration.ofNanos(call.retryAfter()));
        }
        if (timed) {
            outcome = outcome.took(Duration.ofNanos(call.duration()));
        }
        Treatment treatment = kind == null ? null : config.treatment(kind, false);
        boolean counts = treatment != Treatment.IGNORE && treatment != Treatment.ANSWERED;
        boolean failed = kind != null && counts;
        boolean slow = call.duration() >= slowCall && (counts || kind == FailureKind.CANCELLED);
        if (failed || slow) {
            ended.route.settle(ended.permit, outcome, failed, slow, now);
        } else {
            ended.permit.settle(outcome);
        }
    }

    private void advance(long time) {
        if (time > now) {
            clock.advance(Duration.ofNanos(time - now));
            now = time;
        }
    }

    private void moved(StateTransition transition) {
        Objects.requireNonNull(circuits.get(transition.id())).moved(transition, now);
    }

    private Route route(Call call) {
        Name agent = by.needsAgent() ? call.agent() : null;
        Name target = by.needsTarget() ? call.target() : null;
        if (agent == null || target == null || agent == target) {
            return single(Objects.requireNonNull(agent != null ? agent : target));
        }
        return pairs.computeIfAbsent((long) agent.number() << Integer.SIZE | target.number(), pair -> {
            Guard guard = manager.guard(agent.id()).dependingOn(target.id().name());
            return new Route(guard, circuit(agent), circuit(target));
        });
    }

    private Route single(Name name) {
        if (name.number() >= singles.length) {
            singles = Arrays.copyOf(singles, Math.max(name.number() + 1, singles.length * 2));
        }
        Route known = singles[name.number()];
        if (known == null) {
            known = new Route(manager.guard(name.id()), circuit(name), null);
            singles[name.number()] = known;
        }
        return known;
    }

    private Circuit circuit(Name name) {
        return circuits.computeIfAbsent(name.id(), id -> new Circuit(manager.getOrCreate(id), config));
    }
}
