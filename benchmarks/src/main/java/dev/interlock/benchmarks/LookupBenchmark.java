package dev.interlock.benchmarks;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The circuit of an id, among many that are asked for in no order. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LookupBenchmark {
    /** Names in no order; equal to those that the circuits were made with, but other objects. */
    @State(Scope.Benchmark)
    public static class Names {
        /** How many circuits there are. */
        @Param({"1000", "100000"})
        int circuits;

        private int next;

        String[] shuffled() {
            String[] names = new String[circuits];
            Arrays.setAll(names, i -> "agent-" + i);
            Collections.shuffle(Arrays.asList(names), new Random(42));
            return names;
        }

        int next() {
            int present = next;
            next = present + 1 == circuits ? 0 : present + 1;
            return present;
        }
    }

    /** A manager with this many circuits. */
    @State(Scope.Benchmark)
    public static class Interlock {
        final CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults());
        CircuitId[] ids = {};

        /** Makes them. */
        @Setup
        public void fill(Names names) {
            List.of(names.shuffled()).forEach(circuits::getOrCreate);
            ids = Arrays.stream(names.shuffled()).map(CircuitId::of).toArray(CircuitId[]::new);
        }
    }

    /** A registry with this many circuits. */
    @State(Scope.Benchmark)
    public static class Resilience4j {
        final CircuitBreakerRegistry circuits = CircuitBreakerRegistry.ofDefaults();
        String[] names = {};

        /** Makes them. */
        @Setup
        public void fill(Names all) {
            List.of(all.shuffled()).forEach(circuits::circuitBreaker);
            names = all.shuffled();
        }
    }

    /** A map with this many entries. */
    @State(Scope.Benchmark)
    public static class Bare {
        final Map<String, String> map = new ConcurrentHashMap<>();
        String[] names = {};

        /** Makes them. */
        @Setup
        public void fill(Names all) {
            List.of(all.shuffled()).forEach(name -> map.put(name, name));
            names = all.shuffled();
        }
    }

    /** A map of strings: the floor under the others. */
    @Benchmark
    public @Nullable String bare(Names names, Bare subject) {
        return subject.map.get(subject.names[names.next()]);
    }

    /** By id. */
    @Benchmark
    public dev.interlock.CircuitBreaker interlock(Names names, Interlock subject) {
        return subject.circuits.getOrCreate(subject.ids[names.next()]);
    }

    /** By name. */
    @Benchmark
    public io.github.resilience4j.circuitbreaker.CircuitBreaker resilience4jCount(Names names, Resilience4j subject) {
        return subject.circuits.circuitBreaker(subject.names[names.next()]);
    }
}
