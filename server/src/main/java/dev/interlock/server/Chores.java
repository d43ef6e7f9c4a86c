package dev.interlock.server;

import dev.interlock.server.config.Config;
import dev.interlock.server.config.Settings;
import dev.interlock.store.StoreUnavailableException;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is done now and then, on workers: old rows go, what was seen of agents and what their calls came to is
 * stored, and policies that another server changed come. */
final class Chores {
    private static final Logger LOG = LoggerFactory.getLogger(Chores.class);
    private static final long POLICIES_EVERY = TimeUnit.SECONDS.toMillis(5);
    private static final long AGENTS_EVERY = TimeUnit.SECONDS.toMillis(5);
    /** What was stored a little later than it was seen, by a clock that is not ours, is read as well. */
    private static final Duration LATELY = Duration.ofSeconds(30);

    private static final long INCIDENTS_EVERY = TimeUnit.SECONDS.toMillis(1);
    private static final long BUDGETS_EVERY = TimeUnit.SECONDS.toMillis(1);
    private static final long SERIES_EVERY = TimeUnit.MINUTES.toMillis(1);
    private static final long PURGE_FIRST = TimeUnit.MINUTES.toMillis(5);
    private static final long PURGE_EVERY = TimeUnit.HOURS.toMillis(1);

    private Chores() {}

    /** Begins; Vert.x ends them when it closes. */
    static void begin(Parts parts, Config config) {
        Duration logKept = config.get(Settings.LOG_RETENTION);
        Duration kept = Duration.ofDays(config.get(Settings.RETENTION_DAYS));
        parts.vertx()
                .setPeriodic(
                        POLICIES_EVERY,
                        timer -> run(parts, "Policies could not be read again", () -> {
                            parts.probing().secrets().refresh();
                            parts.policies().refresh();
                        }));
        parts.vertx()
                .setPeriodic(
                        AGENTS_EVERY,
                        timer -> run(
                                parts,
                                "What was seen of agents could not be stored",
                                () -> parts.fleet().keeper().save()));
        if (parts.database().isShared()) {
            parts.vertx()
                    .setPeriodic(
                            AGENTS_EVERY,
                            timer -> run(
                                    parts,
                                    "Agents that other processes saw could not be read",
                                    () -> parts.fleet()
                                            .keeper()
                                            .refresh(parts.clock().instant().minus(LATELY))));
        }
        parts.vertx()
                .setPeriodic(
                        INCIDENTS_EVERY,
                        timer -> run(
                                parts,
                                "Incidents could not be kept",
                                () -> parts.incidents().step()));
        parts.vertx()
                .setPeriodic(
                        BUDGETS_EVERY,
                        timer -> run(
                                parts,
                                "What calls used could not be stored",
                                () -> parts.budgets().step()));
        parts.vertx()
                .setPeriodic(
                        INCIDENTS_EVERY,
                        timer -> run(
                                parts,
                                "Messages to webhooks could not be sent",
                                () -> parts.alerts().sender().step()));
        parts.vertx()
                .setPeriodic(
                        SERIES_EVERY,
                        timer -> run(
                                parts,
                                "What calls came to could not be noted",
                                () -> parts.fleet().keepSeries(false)));
        parts.vertx()
                .setPeriodic(
                        PURGE_FIRST,
                        PURGE_EVERY,
                        timer -> run(
                                parts,
                                "Old figures of calls could not be removed",
                                () -> parts.database().purgeSeries(parts.clock().instant())));
        parts.vertx()
                .setPeriodic(
                        PURGE_FIRST,
                        PURGE_EVERY,
                        timer -> run(
                                parts,
                                "What was used of budgets could not be forgotten",
                                () -> parts.database()
                                        .purgeBudgets(parts.clock().instant())));
        parts.vertx()
                .setPeriodic(
                        PURGE_FIRST,
                        PURGE_EVERY,
                        timer -> run(
                                parts,
                                "Old entries of the agent log could not be removed",
                                () -> parts.database()
                                        .purgeLog(parts.clock().instant().minus(logKept))));
        parts.vertx()
                .setPeriodic(
                        PURGE_FIRST,
                        PURGE_EVERY,
                        timer -> run(
                                parts,
                                "Old rows could not be removed",
                                () -> parts.database()
                                        .purge(parts.clock().instant().minus(kept))));
    }

    /** Does something on a worker, and reports if that fails. */
    static void run(Parts parts, String failure, Runnable chore) {
        try {
            parts.vertx()
                    .executeBlocking(
                            () -> {
                                chore.run();
                                return null;
                            },
                            false)
                    .onFailure(why -> report(failure, why));
        } catch (RejectedExecutionException closing) {
            LOG.debug("The server closes: what was due is left out");
        }
    }

    private static void report(String failure, Throwable why) {
        if (why instanceof StoreUnavailableException) {
            LOG.atDebug().addKeyValue("reason", why.getMessage()).log(failure);
        } else {
            LOG.error(failure, why);
        }
    }
}
