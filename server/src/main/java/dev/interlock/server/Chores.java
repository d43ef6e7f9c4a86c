package dev.interlock.server;

import dev.interlock.server.config.Config;
import dev.interlock.server.config.Settings;
import dev.interlock.store.StoreUnavailableException;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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
        every(parts, POLICIES_EVERY, "Policies could not be read again", () -> {
            parts.probing().secrets().refresh();
            parts.policies().refresh();
        });
        every(
                parts,
                AGENTS_EVERY,
                "What was seen of agents could not be stored",
                () -> parts.fleet().keeper().save());
        if (parts.database().isShared()) {
            every(
                    parts,
                    AGENTS_EVERY,
                    "Agents that other processes saw could not be read",
                    () -> parts.fleet().keeper().refresh(parts.clock().instant().minus(LATELY)));
        }
        every(
                parts,
                INCIDENTS_EVERY,
                "Incidents could not be kept",
                () -> parts.incidents().step());
        every(
                parts,
                BUDGETS_EVERY,
                "What calls used could not be stored",
                () -> parts.budgets().step());
        every(
                parts,
                INCIDENTS_EVERY,
                "Messages to webhooks could not be sent",
                () -> parts.alerts().sender().step());
        every(
                parts,
                SERIES_EVERY,
                "What calls came to could not be noted",
                () -> parts.fleet().keepSeries(false));
        hourly(
                parts,
                "Old figures of calls could not be removed",
                () -> parts.database().purgeSeries(parts.clock().instant()));
        hourly(
                parts,
                "What was used of budgets could not be forgotten",
                () -> parts.database().purgeBudgets(parts.clock().instant()));
        hourly(
                parts,
                "Old entries of the agent log could not be removed",
                () -> parts.database().purgeLog(parts.clock().instant().minus(logKept)));
        hourly(
                parts,
                "Old rows could not be removed",
                () -> parts.database().purge(parts.clock().instant().minus(kept)));
    }

    /** Does something on a worker again and again, and not while the time before still goes on; reports what fails. */
    static void every(Parts parts, long millis, String failure, Runnable chore) {
        begin(parts, millis, millis, failure, chore);
    }

    private static void hourly(Parts parts, String failure, Runnable chore) {
        begin(parts, PURGE_FIRST, PURGE_EVERY, failure, chore);
    }

    private static void begin(Parts parts, long first, long millis, String failure, Runnable chore) {
        AtomicBoolean underWay = new AtomicBoolean();
        parts.vertx().setPeriodic(first, millis, timer -> {
            if (underWay.compareAndSet(false, true)) {
                run(parts, failure, chore).onComplete(done -> underWay.set(false));
            }
        });
    }

    private static Future<?> run(Parts parts, String failure, Runnable chore) {
        try {
            return parts.vertx()
                    .executeBlocking(
                            () -> {
                                chore.run();
                                return null;
                            },
                            false)
                    .onFailure(why -> report(failure, why));
        } catch (RejectedExecutionException closing) {
            LOG.debug("The server closes: what was due is left out");
            return Future.succeededFuture();
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
