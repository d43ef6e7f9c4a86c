package dev.interlock.server.status;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.store.Durability;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.function.Supplier;

/** How far behind the stores of circuits are. */
public final class StoreFigures {
    private static final double NANOS = 1e9;

    private StoreFigures() {}

    /**
     * Adds the figures to a registry.
     *
     * @param meters where they are kept
     * @param circuits all circuits
     * @param lasting how far the database behind Redis is
     * @param redisLag how far Redis is behind; zero without Redis
     */
    public static void register(
            MeterRegistry meters, CircuitBreakerManager circuits, Durability lasting, Supplier<Duration> redisLag) {
        Gauge.builder("interlock.store.lag", circuits, all -> seconds(all.storeLag()))
                .description("How long the oldest change of a circuit waits to be stored; 0 if none does")
                .baseUnit("seconds")
                .register(meters);
        Gauge.builder("interlock.store.debts", lasting, Durability::backlog)
                .description("Circuits of which Redis has something that the database behind it lacks")
                .register(meters);
        Gauge.builder("interlock.redis.lag", redisLag, lag -> seconds(lag.get()))
                .description("How long Redis took for its last answer, or has not answered; 0 without Redis")
                .baseUnit("seconds")
                .strongReference(true)
                .register(meters);
    }

    private static double seconds(Duration time) {
        return time.toNanos() / NANOS;
    }
}
