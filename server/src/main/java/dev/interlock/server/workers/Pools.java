package dev.interlock.server.workers;

import io.vertx.core.Vertx;
import java.time.Duration;

/**
 * The server's workers, apart by what they wait for, so that a database that hangs holds up nothing that needs none.
 *
 * @param database wait for the database
 * @param computing look through what is in memory
 * @param intake read traces and batches of the agent log
 */
public record Pools(Workers database, Workers computing, Workers intake) implements AutoCloseable {
    private static final int FEWEST = 2;
    private static final int PLACES = 4_096;
    private static final Duration TURN = Duration.ofSeconds(3);
    private static final Duration WHOLE = Duration.ofSeconds(6);
    private static final Duration LONG = Duration.ofSeconds(20);

    /** Exporters of OpenTelemetry wait for 10 s at most, and would not hear when to send again. */
    private static final Duration INTAKE_TURN = Duration.ofSeconds(5);

    private static final Duration INTAKE_WHOLE = Duration.ofSeconds(9);

    /**
     * Starts all.
     *
     * @param vertx whose event loops ask
     * @param readers how many calls the database answers at the same time: with more threads than that, one organization
     *     could hold all connections
     * @return them
     */
    public static Pools open(Vertx vertx, int readers) {
        int threads = Math.max(FEWEST, Runtime.getRuntime().availableProcessors());
        return new Pools(
                new Workers(vertx, "interlock-database", readers, PLACES, TURN, WHOLE),
                new Workers(vertx, "interlock-computing", threads, PLACES, LONG, LONG.multipliedBy(2)),
                new Workers(vertx, "interlock-intake", threads, PLACES, INTAKE_TURN, INTAKE_WHOLE));
    }

    @Override
    public void close() {
        database.close();
        computing.close();
        intake.close();
    }
}
