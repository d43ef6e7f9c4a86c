package dev.interlock.server;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.TimeSource;
import dev.interlock.jdbc.Database;
import dev.interlock.server.circuits.Policies;
import dev.interlock.server.config.Config;
import dev.interlock.server.config.Settings;
import dev.interlock.server.http.Contract;
import dev.interlock.server.security.Security;
import dev.interlock.server.status.Metrics;
import dev.interlock.store.StoreUnavailableException;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What a server is made of, below its endpoints.
 *
 * @param contract the API
 * @param vertx event loops and workers
 * @param database what outlives the server
 * @param circuits all circuits
 * @param fleet what is known of agents beside their circuits
 * @param policies organizations' own settings, stored and in force
 * @param security who may call
 * @param metrics figures
 * @param time the circuits' clocks
 * @param clock the wall clock
 */
record Parts(
        Contract contract,
        Vertx vertx,
        Database database,
        CircuitBreakerManager circuits,
        Fleet fleet,
        Policies policies,
        Security security,
        Metrics metrics,
        TimeSource time,
        Clock clock) {

    /** Opens what can be opened at the same time at the same time: the start is short by that. */
    static Parts open(Config config, Vertx vertx) {
        CompletableFuture<Contract> contract = CompletableFuture.supplyAsync(Contract::read);
        TimeSource time = TimeSource.system();
        Database database = database(config);
        CircuitBreakerManager circuits = null;
        Fleet fleet = null;
        Security security = null;
        try {
            circuits = CircuitBreakerManager.builder()
                    .time(time)
                    .store(database.circuits())
                    .maxCircuitsPerOrganization(config.get(Settings.MAX_CIRCUITS))
                    .build();
            Policies policies = new Policies(circuits, database.policies());
            policies.refresh();
            fleet = Fleet.open(config, database, circuits, time);
            security = Security.open(vertx, config.security(), database.keys(), time);
            return new Parts(
                    contract.join(),
                    vertx,
                    database,
                    circuits,
                    fleet,
                    policies,
                    security,
                    new Metrics(vertx, circuits, fleet.health()),
                    time,
                    Clock.systemUTC());
        } catch (RuntimeException | Error failed) {
            close(security);
            close(fleet == null ? null : fleet.health());
            close(circuits);
            close(fleet == null ? null : fleet::closeStores);
            database.close();
            if (failed instanceof UncheckedIOException unwritable) {
                throw new StartException(String.valueOf(unwritable.getMessage()), unwritable);
            }
            if (failed instanceof StoreUnavailableException away) {
                throw new StartException(String.valueOf(away.getMessage()), away);
            }
            throw failed;
        }
    }

    /** Brings to the store what is not there yet, and gives connections and files back. */
    void close() {
        security.close();
        fleet.health().close();
        circuits.close();
        fleet.closeStores();
        database.close();
    }

    private static Database database(Config config) {
        Path folder = config.get(Settings.DATA_DIR);
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new StartException(
                    "The data folder " + folder + " cannot be made: " + reason(e)
                            + "; choose another with --data-dir or INTERLOCK_DATA_DIR",
                    e);
        }
        if (!Files.isWritable(folder)) {
            throw new StartException(
                    "The data folder " + folder
                            + " cannot be written to by the server's user; choose another with --data-dir or INTERLOCK_DATA_DIR");
        }
        try {
            return Database.open(config.database());
        } catch (StoreUnavailableException e) {
            throw new StartException(String.valueOf(e.getMessage()), e);
        }
    }

    private static String reason(IOException e) {
        return e.getClass().getSimpleName() + " " + e.getMessage();
    }

    private static void close(@Nullable AutoCloseable part) {
        if (part != null) {
            try {
                part.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
