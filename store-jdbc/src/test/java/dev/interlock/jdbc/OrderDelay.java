package dev.interlock.jdbc;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * How long an order on one server takes until another on the same PostgreSQL acts by it. A program, for {@code
 * docs/persistence.md}; a thousand orders, one after the other.
 */
final class OrderDelay {
    private static final int ORDERS = 1_000;

    private OrderDelay() {}

    public static void main(String[] args) {
        DatabaseSettings settings = Postgres.migrated();
        long[] nanos = new long[ORDERS];
        try (Database one = Database.open(settings);
                Database other = Database.open(settings);
                CircuitBreakerManager here = manager(one);
                CircuitBreakerManager there = manager(other)) {
            for (int i = 0; i < ORDERS; i++) {
                CircuitId id = CircuitId.of("agent-" + i);
                long begin = System.nanoTime();
                here.override(id, ManualOverride.of(OverrideAction.OPEN, "anna"));
                while (there.getOrCreate(id).tryAcquire() != null) {
                    LockSupport.parkNanos(50_000);
                }
                nanos[i] = System.nanoTime() - begin;
            }
        }
        Arrays.sort(nanos);
        System.out.printf(
                "%d orders: median %.1f ms, 99 %% within %.1f ms, all within %.1f ms%n",
                ORDERS, ms(nanos[ORDERS / 2]), ms(nanos[ORDERS * 99 / 100]), ms(nanos[ORDERS - 1]));
        System.exit(0);
    }

    private static CircuitBreakerManager manager(Database database) {
        return CircuitBreakerManager.builder()
                .defaults(CircuitBreakerConfig.defaults())
                .store(database.circuits())
                .build();
    }

    private static double ms(long nanos) {
        return nanos / 1e6;
    }
}
