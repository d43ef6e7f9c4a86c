package dev.interlock.server;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.TimeSource;
import dev.interlock.jdbc.Database;
import dev.interlock.jdbc.OwnerOnly;
import dev.interlock.monitor.Shares;
import dev.interlock.monitor.budgets.BudgetKeeper;
import dev.interlock.server.alerts.Alerts;
import dev.interlock.server.circuits.KnownCircuits;
import dev.interlock.server.circuits.Policies;
import dev.interlock.server.config.Config;
import dev.interlock.server.config.Settings;
import dev.interlock.server.config.SettingsOfAlerts;
import dev.interlock.server.http.Contract;
import dev.interlock.server.incidents.IncidentKeeper;
import dev.interlock.server.incidents.Stories;
import dev.interlock.server.security.Security;
import dev.interlock.server.status.Metrics;
import dev.interlock.server.status.ProcessFigures;
import dev.interlock.server.workers.Pools;
import dev.interlock.store.StoreUnavailableException;
import dev.interlock.threads.OwnThreads;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a server is made of, below its endpoints.
 *
 * @param contract the API
 * @param vertx event loops
 * @param pools threads for what takes time
 * @param database what outlives the server
 * @param shared where circuits lie, and whether other servers share them
 * @param circuits all circuits
 * @param known all circuits, and agents that have none
 * @param memory what descriptions may take, of which organizations have shares
 * @param fleet what is known of agents in addition to their circuits
 * @param incidents finds openings that have one cause
 * @param budgets keeps what agents may use
 * @param stories what belongs to them
 * @param alerts send messages to webhooks
 * @param policies organizations' own settings, stored and in effect
 * @param probing what carries out their probes
 * @param security who may call
 * @param metrics figures
 * @param time the circuits' clocks
 * @param clock the wall clock
 */
record Parts(
        Contract contract,
        Vertx vertx,
        Pools pools,
        Database database,
        SharedCircuits shared,
        CircuitBreakerManager circuits,
        KnownCircuits known,
        Shares memory,
        Fleet fleet,
        IncidentKeeper incidents,
        BudgetKeeper budgets,
        Stories stories,
        Alerts alerts,
        Policies policies,
        Probing probing,
        Security security,
        Metrics metrics,
        TimeSource time,
        Clock clock) {

    private static final Logger LOG = LoggerFactory.getLogger(Parts.class);
    private static final int PERCENT = 25;

    /** Opens what can be opened at the same time at the same time: the start is short by that. */
    static Parts open(Config config, VertxOptions options) {
        CompletableFuture<Database> opening = meanwhile("database", () -> database(config));
        CompletableFuture<Contract> contract = meanwhile("contract", Contract::ofThisBuild);
        TimeSource time = TimeSource.system();
        Vertx vertx = Vertx.vertx(options);
        Database database = null;
        Pools pools = null;
        ProcessFigures process = null;
        SharedCircuits shared = null;
        Probing probing = null;
        CircuitBreakerManager circuits = null;
        Fleet fleet = null;
        Security security = null;
        try {
            process = new ProcessFigures();
            database = result(opening);
            pools = Pools.open(vertx, database.readers());
            shared = SharedCircuits.open(config, database.circuits());
            probing = Probing.open(config, vertx);
            circuits = CircuitBreakerManager.builder()
                    .time(time)
                    .probe("*", probing.probes())
                    .store(shared.store())
                    .defaults(CircuitBreakerConfig.defaults().toBuilder()
                            .scope(shared.scope())
                            .build())
                    .maxCircuitsPerOrganization(config.get(Settings.MAX_CIRCUITS))
                    .build();
            Shares memory = new Shares(memory(config), PERCENT);
            Policies policies = new Policies(circuits, probing.probes(), database.policies(), shared.scope(), memory);
            policies.refresh();
            fleet = Fleet.open(config, database, circuits, memory, time);
            KnownCircuits known = new KnownCircuits(circuits, fleet.agents());
            IncidentKeeper incidents =
                    new IncidentKeeper(database.incidentWriter(), circuits, fleet.agents(), Clock.systemUTC());
            circuits.addListener(incidents);
            BudgetKeeper budgets = new BudgetKeeper(database.budgetUsage(), circuits.gates(), time);
            budgets.step();
            fleet.processor().countBy(budgets.meter());
            Stories stories = new Stories(
                    fleet.agents(), database.transitions(), fleet.health().series(), fleet.series(), Clock.systemUTC());
            Alerts alerts = Alerts.of(
                    vertx,
                    database,
                    probing.client(),
                    probing.hosts(),
                    stories,
                    circuits.generation(),
                    config.find(SettingsOfAlerts.PUBLIC_URL),
                    Clock.systemUTC());
            circuits.addListener(alerts.sender());
            security = Security.open(vertx, config.security(), database.keys(), sessionKey(database), time);
            return new Parts(
                    result(contract),
                    vertx,
                    pools,
                    database,
                    shared,
                    circuits,
                    known,
                    memory,
                    fleet,
                    incidents,
                    budgets,
                    stories,
                    alerts,
                    policies,
                    probing,
                    security,
                    new Metrics(pools.computing(), circuits, fleet.agents(), fleet.health(), process),
                    time,
                    Clock.systemUTC());
        } catch (RuntimeException | Error failed) {
            close(pools);
            close(security);
            close(fleet == null ? null : fleet.health());
            close(circuits);
            close(probing);
            close(fleet == null ? null : fleet::closeStores);
            close(shared);
            close(database);
            close(process);
            close(() -> vertx.close().await(5, TimeUnit.SECONDS));
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
        pools.close();
        alerts.sender().close();
        security.close();
        fleet.health().close();
        keepBudgets();
        circuits.close();
        probing.close();
        fleet.closeStores();
        shared.close();
        incidents.close();
        database.close();
    }

    private void keepBudgets() {
        try {
            budgets.step();
        } catch (StoreUnavailableException away) {
            LOG.atWarn().addKeyValue("reason", away.getMessage()).log("What calls used last could not be stored");
        }
    }

    private static <T> CompletableFuture<T> meanwhile(String name, Supplier<T> task) {
        return CompletableFuture.supplyAsync(
                task, run -> OwnThreads.make("interlock-start-" + name, run).start());
    }

    private static <T> T result(CompletableFuture<T> task) {
        try {
            return task.join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof RuntimeException reason) {
                throw reason;
            }
            throw failed;
        }
    }

    /** What descriptions may take, in bytes. */
    private static long memory(Config config) {
        Integer set = config.find(Settings.DESCRIPTION_MEMORY);
        return set != null ? (long) set << 20 : Runtime.getRuntime().maxMemory() / 4;
    }

    private static Database database(Config config) {
        Path folder = config.get(Settings.DATA_DIR);
        try {
            OwnerOnly.folder(folder, Parts::isOurs).forEach(LOG::warn);
        } catch (IOException e) {
            throw new StartException(
                    "The data folder " + folder + " cannot be made: " + reason(e)
                            + "; choose another with --data-dir or INTERLOCK_DATA_DIR",
                    e);
        }
        if (!Files.isWritable(folder)) {
            throw new StartException("The data folder " + folder
                    + " cannot be written to by the server's user; choose another with --data-dir or"
                    + " INTERLOCK_DATA_DIR");
        }
        try {
            return Database.open(config.database());
        } catch (StoreUnavailableException e) {
            throw new StartException(String.valueOf(e.getMessage()), e);
        }
    }

    /** All servers of one database seal sessions with one key. */
    private static byte[] sessionKey(Database database) {
        return database.settings().getOrCreate("session-key", () -> {
            byte[] fresh = new byte[Security.SESSION_KEY_BYTES];
            new SecureRandom().nextBytes(fresh);
            return fresh;
        });
    }

    /** What a server writes into its data folder: all of it holds secrets. */
    private static boolean isOurs(String name) {
        return name.startsWith("interlock.db") || name.startsWith("admin-key");
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
