package dev.interlock.replay;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.ManagerBuilder;
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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The product's circuits with one policy. They are never forgotten, however long they are idle. */
final class RealCircuits implements Circuits {
    /** Makes a cooldown's jitter the same in every replay. */
    private static final long SEED = 1;

    /** Longer than a log, and short enough for the manager's arithmetic. */
    private static final Duration NEVER_EVICT = Duration.ofDays(30 * 365);

    /**
     * Whom a call asks. Names are compared by identity.
     *
     * @param own the guard's own circuit
     * @param caller who makes the call, if that is another name
     */
    private record Asked(
            Name own,
            @Nullable Name upstream,
            @Nullable Name key,
            @Nullable Name caller) {}

    private final CircuitBreakerConfig config;
    private final By by;
    private final Incidents incidents;
    private final boolean timed;
    private final long slowCall;
    private final long begin;
    private final ManualTimeSource clock;
    private final CircuitBreakerManager manager;
    private final Map<CircuitId, RealCircuit> circuits = new LinkedHashMap<>();
    private final Map<Asked, Route> routes = new HashMap<>();

    /** By the name's number; for calls that ask one circuit, as that circuit. */
    private @Nullable Route[] singles = new @Nullable Route[64];

    private long now;
    private long probes;
    private @Nullable CircuitId probed;
    private long probedAt;
    private int probedBefore;

    /** Both clocks start with the first call. */
    RealCircuits(CircuitBreakerConfig config, By by, long start, Incidents incidents, @Nullable ProbeAnswers answers) {
        this.config = config;
        this.by = by;
        this.incidents = incidents;
        Duration slow = config.slowCallDuration();
        timed = slow != null;
        slowCall = slow == null ? Long.MAX_VALUE : slow.toNanos();
        now = start;
        clock = new ManualTimeSource(Instant.EPOCH.plusNanos(start));
        begin = start;
        ManagerBuilder builder = CircuitBreakerManager.builder();
        if (answers != null) {
            builder.probe("*", id -> probe(answers, id));
        }
        manager = builder.defaults(config)
                .time(clock)
                .executor(Runnable::run)
                .randomness(new Random(SEED)::nextDouble)
                .maxCircuitsPerOrganization(Integer.MAX_VALUE)
                .evictAfter(NEVER_EVICT)
                .listener(this::moved)
                .build();
    }

    @Override
    public void advance(long time) {
        if (time > now) {
            clock.advance(Duration.ofNanos(time - now));
            now = time;
        }
    }

    @Override
    public @Nullable Pass ask(Call call) {
        Route route = route(call);
        Permit permit = route.ask(call);
        return permit == null ? null : ended -> settle(ended, route, permit);
    }

    @Override
    public Collection<RealCircuit> all() {
        return circuits.values();
    }

    @Override
    public long probes() {
        return probes;
    }

    @Override
    public void close() {
        manager.close();
    }

    private void settle(Call call, Route route, Permit permit) {
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
            route.settle(permit, outcome, failed, slow, now);
        } else {
            permit.settle(outcome);
        }
    }

    private void moved(StateTransition transition) {
        Objects.requireNonNull(circuits.get(transition.id())).moved(transition, exactly());
    }

    private boolean probe(ProbeAnswers answers, CircuitId id) {
        probes++;
        long time = exactly();
        probedBefore = id.equals(probed) && time == probedAt ? probedBefore + 1 : 0;
        probed = id;
        probedAt = time;
        return answers.isGood(id.name(), time, probedBefore);
    }

    /** Within {@link #advance}, when timers run, it is earlier than what is advanced to. */
    private long exactly() {
        return begin + clock.ticks();
    }

    private Route route(Call call) {
        Name agent = by.needsAgent() ? call.agent() : null;
        Name target = by.needsTarget() ? call.target() : null;
        Name own = Objects.requireNonNull(agent != null ? agent : target);
        Name upstream = own == target ? null : target;
        Name key = call.key();
        Name caller = call.caller() == own ? null : call.caller();
        return upstream == null && key == null && caller == null
                ? single(own)
                : routes.computeIfAbsent(new Asked(own, upstream, key, caller), this::route);
    }

    private Route route(Asked asked) {
        Guard guard = manager.guard(asked.own.id());
        Set<Name> names = new LinkedHashSet<>();
        names.add(asked.own);
        for (Name each : new @Nullable Name[] {asked.upstream, asked.key}) {
            if (each != null && names.add(each)) {
                guard = guard.dependingOn(each.id().name());
            }
        }
        if (asked.caller != null) {
            guard = guard.withCaller(asked.caller.id().name());
        }
        return new Route(guard, names.stream().map(this::circuit).toList());
    }

    private Route single(Name name) {
        if (name.number() >= singles.length) {
            singles = Arrays.copyOf(singles, Math.max(name.number() + 1, singles.length * 2));
        }
        Route known = singles[name.number()];
        if (known == null) {
            known = new Route(manager.guard(name.id()), List.of(circuit(name)));
            singles[name.number()] = known;
        }
        return known;
    }

    private RealCircuit circuit(Name name) {
        return circuits.computeIfAbsent(name.id(), id -> new RealCircuit(manager.getOrCreate(id), config, incidents));
    }
}
