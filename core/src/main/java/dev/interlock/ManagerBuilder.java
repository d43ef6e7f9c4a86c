package dev.interlock;

import dev.interlock.store.CircuitStore;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.DoubleSupplier;

/** Builds a {@link CircuitBreakerManager}. Not for use by several threads at once. */
public final class ManagerBuilder {
    final ManagerSettings settings = new ManagerSettings();

    ManagerBuilder() {}

    /**
     * The settings of circuits without a pattern; by default {@link CircuitBreakerConfig#defaults()}.
     *
     * @param config the settings
     * @return this builder
     */
    public ManagerBuilder defaults(CircuitBreakerConfig config) {
        settings.defaults = given("defaults", config);
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
    public ManagerBuilder policy(String pattern, CircuitBreakerConfig config) {
        settings.policies.put(new NamePattern(pattern), given("policy", config));
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
    public ManagerBuilder probe(String pattern, Probe probe) {
        settings.probes.put(new NamePattern(pattern), given("probe", probe));
        return this;
    }

    /**
     * A listener; several listeners are independent of each other.
     *
     * @param listener called on the executor
     * @return this builder
     */
    public ManagerBuilder listener(CircuitListener listener) {
        settings.listeners.add(given("listener", listener));
        return this;
    }

    /**
     * The clocks; by default {@link TimeSource#system()}.
     *
     * @param source the clocks
     * @return this builder
     */
    public ManagerBuilder time(TimeSource source) {
        settings.time = given("time", source);
        return this;
    }

    /**
     * What exceptions and results mean, for guards that have no classifier of their own; by default {@link
     * FailureClassifier#standard()}.
     *
     * @param standard the classifier
     * @return this builder
     */
    public ManagerBuilder classifier(FailureClassifier standard) {
        settings.classifier = given("classifier", standard);
        return this;
    }

    /**
     * Where listeners, probes and what depends on timed-out calls run; by default daemon threads of the manager's
     * own. {@code Runnable::run} lets listeners hear before the call that moved a circuit returns, for tests.
     *
     * @param where an executor, which the manager does not close
     * @return this builder
     */
    public ManagerBuilder executor(Executor where) {
        settings.executor = given("executor", where);
        return this;
    }

    /**
     * The randomness of cooldowns; by default each thread's own generator. A seeded one makes a run repeatable.
     *
     * @param fractions gives fractions from 0 (inclusive) to 1 (exclusive), called by any thread
     * @return this builder
     */
    public ManagerBuilder randomness(DoubleSupplier fractions) {
        settings.random = given("randomness", fractions);
        return this;
    }

    /**
     * How many circuits an organization may have, against made-up names; by default 100,000.
     *
     * @param circuits at least 1
     * @return this builder
     * @throws IllegalArgumentException if the number is below 1
     */
    public ManagerBuilder maxCircuitsPerOrganization(int circuits) {
        settings.maxCircuitsPerOrganization = atLeastOne("maxCircuitsPerOrganization", circuits);
        return this;
    }

    /**
     * How many events may wait for one listener before further ones are dropped and counted; by default 1,024.
     *
     * @param events at least 1
     * @return this builder
     * @throws IllegalArgumentException if the number is below 1
     */
    public ManagerBuilder listenerCapacity(int events) {
        settings.listenerCapacity = atLeastOne("listenerCapacity", events);
        return this;
    }

    /**
     * How long a closed circuit without a streak may be idle before it is forgotten; by default 24 h.
     *
     * @param idle 1 min to 11,000 days (30 years)
     * @return this builder
     * @throws IllegalArgumentException if the time is out of its range
     */
    public ManagerBuilder evictAfter(Duration idle) {
        if (idle.compareTo(Duration.ofMinutes(1)) < 0 || idle.compareTo(Duration.ofDays(11_000)) > 0) {
            throw new IllegalArgumentException(
                    "evictAfter must be 1 minute to 11000 days, but was " + Nanos.text(idle));
        }
        settings.evictAfter = idle;
        return this;
    }

    /**
     * The number of this life of the fleet, by default 1. Epochs begin at this number times 2^32, so that no epoch
     * comes twice if each life has a higher number than the last. A {@link #store} has its own.
     *
     * @param number 0 to 2^31 - 1
     * @return this builder
     * @throws IllegalArgumentException if the number is out of its range
     */
    public ManagerBuilder generation(long number) {
        if (number < 0 || number > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("generation must be 0 to 2147483647, but was " + number);
        }
        settings.generation = number;
        return this;
    }

    /**
     * Where circuits outlive the manager; by default nowhere. All circuits that are not closed and clean are restored
     * when the manager is built, and transitions are written by a thread of their own.
     *
     * @param kept the store, which the manager does not close
     * @return this builder
     */
    public ManagerBuilder store(CircuitStore kept) {
        settings.store = given("store", kept);
        return this;
    }

    /**
     * The manager.
     *
     * @return a new manager, to be closed when no longer needed
     * @throws dev.interlock.store.StoreUnavailableException if there is a store and it cannot be reached
     */
    public CircuitBreakerManager build() {
        return new CircuitBreakerManager(settings);
    }

    private static <T> T given(String what, T value) {
        return Objects.requireNonNull(value, what + " must not be null");
    }

    private static int atLeastOne(String setting, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(setting + " must be at least 1, but was " + value);
        }
        return value;
    }
}
