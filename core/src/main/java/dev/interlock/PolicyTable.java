package dev.interlock;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which policy applies to which name: the most specific pattern of the circuit's organization, else the most
 * specific of those for all, else the default. Reading takes no lock; changes are made one at a time.
 */
final class PolicyTable {
    private static final String DEFAULT = "default";

    /** Patterns for circuits of every organization have this key; no organization is called so. */
    private static final String ALL = "";

    private final Engine engine;
    private final @Nullable Fleet fleet;
    private final Map<String, TreeMap<NamePattern, Policy>> byOrganization = new ConcurrentHashMap<>();
    private final ReentrantLock changing = new ReentrantLock();
    private volatile Policy byDefault;

    PolicyTable(Engine engine, @Nullable Fleet fleet, CircuitBreakerConfig defaults) {
        this.engine = engine;
        this.fleet = fleet;
        this.byDefault = policy(DEFAULT, defaults);
    }

    Policy resolve(CircuitId id) {
        Policy policy = mostSpecific(byOrganization.get(id.organization()), id.name());
        if (policy == null) {
            policy = mostSpecific(byOrganization.get(ALL), id.name());
        }
        return policy != null ? policy : byDefault;
    }

    void putDefault(CircuitBreakerConfig config) {
        changing.lock();
        try {
            byDefault = policy(DEFAULT, config);
        } finally {
            changing.unlock();
        }
    }

    void put(@Nullable String organization, NamePattern pattern, CircuitBreakerConfig config) {
        change(organization, patterns -> patterns.put(pattern, policy(pattern.text(), config)));
    }

    void remove(@Nullable String organization, NamePattern pattern) {
        change(organization, patterns -> patterns.remove(pattern));
    }

    /** Pattern to settings, most specific first. */
    Map<String, CircuitBreakerConfig> all(@Nullable String organization) {
        Map<String, CircuitBreakerConfig> result = new LinkedHashMap<>();
        byOrganization
                .getOrDefault(key(organization), new TreeMap<>())
                .forEach((pattern, policy) -> result.put(pattern.text(), policy.config));
        return Collections.unmodifiableMap(result);
    }

    CircuitBreakerConfig defaults() {
        return byDefault.config;
    }

    private void change(@Nullable String organization, Consumer<SortedMap<NamePattern, Policy>> change) {
        changing.lock();
        try {
            TreeMap<NamePattern, Policy> patterns =
                    new TreeMap<>(byOrganization.getOrDefault(key(organization), new TreeMap<>()));
            change.accept(patterns);
            byOrganization.put(key(organization), patterns); // a copy: readers never see one that changes
        } finally {
            changing.unlock();
        }
    }

    private Policy policy(String name, CircuitBreakerConfig config) {
        Policy policy = new Policy(name, config, shapeOf(config), engine, fleet);
        engine.gates.govern(policy);
        engine.settlements.serve(policy);
        return policy;
    }

    /** Equal shapes are one object, so that a change of other settings leaves the windows as they are. */
    private WindowShape shapeOf(CircuitBreakerConfig config) {
        WindowShape shape = new WindowShape(config.window(), config.slowCallDuration() != null);
        List<Policy> known = new ArrayList<>();
        byOrganization.values().forEach(patterns -> known.addAll(patterns.values()));
        if (byDefault != null) {
            known.add(byDefault);
        }
        for (Policy policy : known) {
            if (policy.shape.sameAs(shape)) {
                return policy.shape;
            }
        }
        return shape;
    }

    private static @Nullable Policy mostSpecific(@Nullable SortedMap<NamePattern, Policy> patterns, String name) {
        if (patterns != null) {
            for (Map.Entry<NamePattern, Policy> entry : patterns.entrySet()) {
                if (entry.getKey().matches(name)) {
                    return entry.getValue();
                }
            }
        }
        return null;
    }

    private static String key(@Nullable String organization) {
        return organization == null ? ALL : organization;
    }
}
