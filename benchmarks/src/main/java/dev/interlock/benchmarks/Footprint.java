package dev.interlock.benchmarks;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.ManualTimeSource;
import java.lang.reflect.Field;
import org.openjdk.jol.info.ClassLayout;
import org.openjdk.jol.info.GraphLayout;

/**
 * The bytes that one circuit owns: all objects that are reached from it and not from another circuit with the same
 * settings, without its id.
 */
final class Footprint {
    private Footprint() {}

    /** A circuit that nobody has called yet, or that has counted an outcome. */
    static long interlock(CircuitBreakerConfig config, boolean called) {
        try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .defaults(config)
                .time(new ManualTimeSource())
                .executor(Runnable::run)
                .build()) {
            return interlock(circuits.getOrCreate("a"), circuits.getOrCreate("b"), called);
        }
    }

    private static long interlock(CircuitBreaker circuit, CircuitBreaker other, boolean called) {
        if (called) {
            circuit.acquire().succeed();
            other.acquire().succeed();
        }
        // From the circuit itself the walk would lead by its policy to the manager, and from there everywhere.
        return ClassLayout.parseInstance(circuit).instanceSize() + owned(phase(circuit), phase(other));
    }

    /** What is reached from one object and not from another. */
    static long owned(Object one, Object other) {
        return GraphLayout.parseInstance(one)
                .subtract(GraphLayout.parseInstance(other))
                .totalSize();
    }

    private static Object phase(CircuitBreaker circuit) {
        try {
            Field phase = CircuitBreaker.class.getDeclaredField("phase");
            phase.setAccessible(true);
            return phase.get(circuit);
        } catch (ReflectiveOperationException renamed) {
            throw new IllegalStateException("A circuit no longer hangs from its phase", renamed);
        }
    }
}
