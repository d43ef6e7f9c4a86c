package dev.interlock.spring;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.FailureClassifier;
import dev.interlock.Guard;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A method and how it is guarded: everything that is known before it is called. Safe for use by any thread. */
final class GuardedMethod {
    /** Names that expressions have given; more of them are looked up with each call. */
    private static final int MOST_GUARDS = 1_000;

    private final Method method;
    private final Names agent;
    private final List<Names> dependencies;
    private final @Nullable Supplier<FailureClassifier> classifier;
    private final Supplier<CircuitBreakerManager> circuits;
    private final Map<List<String>, Guard> guards = new ConcurrentHashMap<>();
    private final boolean fixed;
    private volatile @Nullable Guard only;
    final Shape shape;
    final @Nullable Duration timeout;
    final Fallbacks fallbacks;

    GuardedMethod(
            Method method,
            Names agent,
            List<Names> dependencies,
            Shape shape,
            @Nullable Duration timeout,
            @Nullable Supplier<FailureClassifier> classifier,
            Fallbacks fallbacks,
            Supplier<CircuitBreakerManager> circuits) {
        this.method = method;
        this.agent = agent;
        this.dependencies = dependencies;
        this.shape = shape;
        this.timeout = timeout;
        this.classifier = classifier;
        this.fallbacks = fallbacks;
        this.circuits = circuits;
        this.fixed = agent.isFixed() && dependencies.stream().allMatch(Names::isFixed);
    }

    /** The guard of a call; where no name depends on its arguments always the same. */
    Guard guard(@Nullable Object target, @Nullable Object[] arguments) {
        Guard known = only;
        if (known != null) {
            return known;
        }
        List<String> names = new ArrayList<>();
        names.add(agent.of(target, method, arguments));
        for (Names each : dependencies) {
            names.add(each.of(target, method, arguments));
        }
        Guard guard = guards.get(names);
        if (guard == null) {
            guard = make(names);
            if (fixed) {
                only = guard;
            } else if (guards.size() < MOST_GUARDS) {
                guards.put(List.copyOf(names), guard);
            }
        }
        return guard;
    }

    private Guard make(List<String> names) {
        Guard guard = circuits.get().guard(names.get(0)).enclosing();
        if (names.size() > 1) {
            guard = guard.dependingOn(names.subList(1, names.size()).toArray(String[]::new));
        }
        if (classifier != null) {
            guard = guard.withClassifier(classifier.get());
        }
        return timeout != null && shape == Shape.STAGE ? guard.withTimeout(timeout) : guard;
    }
}
