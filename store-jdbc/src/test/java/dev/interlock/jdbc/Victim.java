package dev.interlock.jdbc;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.FailureKind;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import java.util.Random;

/**
 * A process to be killed: its threads move circuits by failures and by orders, without end, and it says on its output
 * what has been acknowledged as durable, one line each: {@code life GENERATION}, {@code order NAME EPOCH REASON} and
 * {@code state NAME EPOCH}.
 */
final class Victim {
    static final int CIRCUITS = 60;
    private static final int THREADS = 3;

    private Victim() {}

    public static void main(String[] arguments) {
        Database database = Database.open(new DatabaseSettings(arguments[0], null, null));
        CircuitBreakerManager circuits =
                CircuitBreakerManager.builder().store(database.circuits()).build();
        say("life " + circuits.generation());
        for (int i = 0; i < THREADS; i++) {
            int first = i;
            new Thread(() -> work(circuits, first)).start();
        }
    }

    /** Each circuit belongs to one thread, so that what is read after a move is at least that move. */
    private static void work(CircuitBreakerManager circuits, int first) {
        Random random = new Random(circuits.generation() * THREADS + first);
        for (int round = 0; ; round++) {
            int circuit = first + THREADS * random.nextInt(CIRCUITS / THREADS);
            CircuitId id = CircuitId.of("agent-" + circuit);
            if (random.nextInt(3) == 0) {
                String reason = circuits.generation() + "-" + first + "-" + round;
                OverrideAction action = OverrideAction.values()[random.nextInt(6)];
                circuits.override(id, ManualOverride.of(action, "anna").because(reason));
                acknowledge(circuits, id, "order " + id.name() + " " + epoch(circuits, id) + " " + reason);
            } else {
                fail(circuits, id);
                acknowledge(circuits, id, "state " + id.name() + " " + epoch(circuits, id));
            }
        }
    }

    private static void fail(CircuitBreakerManager circuits, CircuitId id) {
        for (int i = 0; i < 5; i++) {
            Permit permit = circuits.getOrCreate(id).tryAcquire();
            if (permit != null) {
                permit.fail(FailureKind.ERROR);
            }
        }
    }

    /** As a server does for an order: it waits until it may say that it is durable. */
    private static void acknowledge(CircuitBreakerManager circuits, CircuitId id, String line) {
        circuits.stored(id).toCompletableFuture().join();
        say(line);
    }

    private static long epoch(CircuitBreakerManager circuits, CircuitId id) {
        return circuits.snapshot(id).epoch();
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
