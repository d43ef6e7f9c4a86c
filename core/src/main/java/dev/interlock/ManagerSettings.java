package dev.interlock;

import dev.interlock.store.CircuitStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** What a {@link ManagerBuilder} has collected; each setting is described there. */
final class ManagerSettings {
    CircuitBreakerConfig defaults = CircuitBreakerConfig.defaults();
    final Map<NamePattern, CircuitBreakerConfig> policies = new TreeMap<>();
    final Map<NamePattern, Probe> probes = new TreeMap<>();
    final List<CircuitListener> listeners = new ArrayList<>();
    TimeSource time = TimeSource.system();
    FailureClassifier classifier = FailureClassifier.standard();
    DoubleSupplier random = () -> ThreadLocalRandom.current().nextDouble();

    @Nullable
    Executor executor;

    int maxCircuitsPerOrganization = 100_000;
    int listenerCapacity = 1_024;
    Duration evictAfter = Duration.ofHours(24);
    long generation = 1;

    @Nullable
    CircuitStore store;
}
