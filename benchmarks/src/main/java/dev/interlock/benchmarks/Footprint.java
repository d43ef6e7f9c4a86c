package dev.interlock.benchmarks;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.FailureKind;
import dev.interlock.ManualTimeSource;
import dev.interlock.ProbeStatus;
import java.lang.reflect.Field;
import java.util.Map;
import java.util.Objects;
import org.openjdk.jol.info.ClassLayout;
import org.openjdk.jol.info.GraphLayout;

/**
 * The bytes that one circuit owns: all objects that are reached from it and not from another circuit of the same name
 * and settings. Its place in a map is not among them, with no library.
 */
final class Footprint {
    static {
        // Records hide their offsets from Unsafe; JOL then finds them from the layout of a class of its own.
        System.setProperty("jol.magicFieldOffset", "true");
        System.setProperty("jol.skipDynamicAttach", "true");
        System.setProperty("jol.skipHotspotSAAttach", "true");
    }

    private Footprint() {}

    /** To be called before JOL is used in any other way. */
    static void prepare() {}

    /** A circuit that nobody has called yet. */
    static long interlockIdle() {
        return interlock(CircuitBreakerConfig.defaults(), false);
    }

    /** A circuit that has counted an outcome. */
    static long interlockWithWindow() {
        return interlock(CircuitBreakerConfig.defaults(), true);
    }

    /** A circuit that has counted an outcome, with a window of the last 20 calls. */
    static long interlockWithCountWindow() {
        return interlock(CircuitBreakerConfig.recommended(), true);
    }

    /** A circuit for which it takes several callers, and that nobody has called yet. */
    static long interlockIdleUpstream() {
        return interlock(CircuitBreakerConfig.upstream(), false);
    }

    /** What is remembered of callers, in addition to a circuit that has counted an outcome. */
    static long interlockCallers() {
        CircuitBreakerConfig several = CircuitBreakerConfig.upstream();
        return interlock(several, true)
                - interlock(several.toBuilder().minCallers(1).build(), true);
    }

    /** The same of a circuit that processes share. */
    static long interlockSharedCallers() {
        try {
            return interlockCallers() + instance("FleetCallers") - instance("Callers");
        } catch (ClassNotFoundException renamed) {
            throw new IllegalStateException("Callers are remembered elsewhere", renamed);
        }
    }

    /**
     * What is remembered of one circuit's probe, without the circuit and its place in a map; its probe has succeeded.
     */
    static long interlockTrust() {
        try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .defaults(CircuitBreakerConfig.recommendedWithProbe())
                .time(new ManualTimeSource())
                .executor(Runnable::run)
                .probe("*", id -> true)
                .build()) {
            return owned(trust(circuits, "planner"), trust(circuits, "writer"));
        }
    }

    static long resilience4j(io.github.resilience4j.circuitbreaker.CircuitBreakerConfig config) {
        return owned(
                io.github.resilience4j.circuitbreaker.CircuitBreaker.of("planner", config),
                io.github.resilience4j.circuitbreaker.CircuitBreaker.of("planner", config));
    }

    /** Without its settings, which it copies. */
    static long failsafe() {
        dev.failsafe.CircuitBreaker<Integer> circuit = Subjects.Failsafe.circuit();
        return owned(circuit, Subjects.Failsafe.circuit()) - owned(circuit.getConfig(), Subjects.Failsafe.circuit());
    }

    private static long interlock(CircuitBreakerConfig config, boolean called) {
        try (CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .defaults(config)
                .time(new ManualTimeSource())
                .executor(Runnable::run)
                .build()) {
            CircuitBreaker circuit = circuits.getOrCreate("planner");
            CircuitBreaker other = circuits.getOrCreate("writer");
            if (called) {
                circuit.acquire().succeed();
                other.acquire().succeed();
            }
            // From the circuit itself the walk would lead by its policy to the manager, and from there everywhere.
            return ClassLayout.parseInstance(circuit).instanceSize() + owned(current(circuit), current(other));
        }
    }

    private static long owned(Object one, Object other) {
        return GraphLayout.parseInstance(one)
                .subtract(GraphLayout.parseInstance(other))
                .totalSize();
    }

    private static long instance(String name) throws ClassNotFoundException {
        return ClassLayout.parseClass(Class.forName("dev.interlock." + name)).instanceSize();
    }

    private static Object trust(CircuitBreakerManager circuits, String name) {
        CircuitBreaker circuit = circuits.getOrCreate(name);
        circuit.recordFailure(FailureKind.SERVER_ERROR);
        ProbeStatus probe = circuit.snapshot().probe();
        if (probe == null || !probe.trusted()) {
            throw new IllegalStateException("The probe has not earned trust");
        }
        try {
            Object engine = field(field(circuits, "parts"), "engine");
            Object trusts = field(engine, "trusts");
            return Objects.requireNonNull(((Map<?, ?>) field(trusts, "all")).get(CircuitId.of(name)));
        } catch (ReflectiveOperationException renamed) {
            throw new IllegalStateException("Trust lies elsewhere", renamed);
        }
    }

    private static Object field(Object of, String name) throws ReflectiveOperationException {
        Field field = of.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(of);
    }

    private static Object current(CircuitBreaker circuit) {
        try {
            Field current = CircuitBreaker.class.getSuperclass().getDeclaredField("current");
            current.setAccessible(true);
            return current.get(circuit);
        } catch (ReflectiveOperationException renamed) {
            throw new IllegalStateException("A circuit no longer hangs from its epoch", renamed);
        }
    }
}
