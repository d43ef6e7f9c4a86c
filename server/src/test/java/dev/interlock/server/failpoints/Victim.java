package dev.interlock.server.failpoints;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.FailureKind;
import dev.interlock.Gate;
import dev.interlock.GateChange;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import dev.interlock.Scope;
import dev.interlock.jdbc.Database;
import dev.interlock.jdbc.DatabaseSettings;
import dev.interlock.jdbc.JdbcLogStore;
import dev.interlock.monitor.ActionType;
import dev.interlock.monitor.LogEntry;
import dev.interlock.monitor.LogRow;
import dev.interlock.redis.RedisCircuitStore;
import dev.interlock.redis.RedisSettings;
import dev.interlock.store.CircuitStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;

/**
 * A process under load that is killed at a failpoint. Says on its output what has been acknowledged as durable: {@code
 * begun GENERATION}, {@code override NAME REASON EPOCH}, {@code gate ID}.
 */
final class Victim {
    static final int CIRCUITS = 8;

    private Victim() {}

    /** @param arguments the database's file, and the address of Redis */
    public static void main(String[] arguments) {
        Database database = Database.open(DatabaseSettings.sqlite(Path.of(arguments[0])));
        CircuitStore store = RedisCircuitStore.open(
                        RedisSettings.of(arguments[1]).withSlowAfter(Duration.ofSeconds(2)))
                .inFrontOf(database.circuits());
        JdbcLogStore log = database.openLog(1 << 20);
        CircuitBreakerManager circuits = CircuitBreakerManager.builder()
                .store(store)
                .defaults(CircuitBreakerConfig.builder()
                        .scope(Scope.SHARED)
                        .cooldown(Duration.ofMillis(100))
                        .cooldownMax(Duration.ofMillis(100))
                        .build())
                .build();
        say("begun " + circuits.generation());
        new Thread(() -> calls(circuits, log)).start();
        orders(circuits);
    }

    /** Half of the circuits trip and recover by their calls. */
    private static void calls(CircuitBreakerManager circuits, JdbcLogStore log) {
        Random random = new Random(circuits.generation());
        while (true) {
            String name = "called-" + random.nextInt(CIRCUITS);
            Permit permit = circuits.getOrCreate(CircuitId.of(name)).tryAcquire();
            if (permit == null) {
                Thread.onSpinWait();
            } else if (random.nextInt(3) > 0) {
                permit.fail(FailureKind.TIMEOUT);
            } else {
                permit.succeed();
            }
            if (random.nextInt(1_000) == 0) {
                LogEntry entry = LogEntry.builder(name, ActionType.TOOL_CALL, Instant.now())
                        .build();
                log.append(List.of(new LogRow("default", Instant.now(), entry)));
            }
        }
    }

    /** People move the other half, and put gates; each waits until it is durable. */
    private static void orders(CircuitBreakerManager circuits) {
        Random random = new Random(circuits.generation());
        for (int round = 0; ; round++) {
            CircuitId id = CircuitId.of("moved-" + random.nextInt(CIRCUITS));
            String reason = circuits.generation() + "-" + round;
            OverrideAction action = random.nextBoolean() ? OverrideAction.HOLD_OPEN : OverrideAction.RESET;
            circuits.override(id, ManualOverride.of(action, "ada").because(reason));
            if (circuits.stored(id).toCompletableFuture().join()) {
                say("override " + id.name() + " " + reason + " "
                        + circuits.snapshot(id).epoch());
            }
            if (round % 5 == 0) {
                GateChange.Fate fate = circuits.gates()
                        .put(Gate.ofAgents("default", "nobody-" + reason, "ada").named("gate-" + reason))
                        .fate()
                        .toCompletableFuture()
                        .join();
                if (fate == GateChange.Fate.STORED) {
                    say("gate gate-" + reason);
                }
            }
        }
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
