package dev.interlock.server.status;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.jdbc.JdbcLogStore;
import dev.interlock.server.http.Contract;
import dev.interlock.server.http.Endpoints;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.http.Operations;
import dev.interlock.server.http.Problem;
import dev.interlock.store.Durability;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** {@code /healthz}, {@code /readyz} and {@code /openapi.yaml}, which everybody may ask. */
public final class StatusEndpoints implements Endpoints {
    /** How long rows that were lost are shown after the last one; the figures show them until the process ends. */
    private static final Duration REMEMBERED = Duration.ofHours(1);

    private final Contract contract;
    private final CircuitBreakerManager circuits;
    private final Durability lasting;
    private final boolean shared;
    private final BooleanSupplier full;
    private final BooleanSupplier unread;
    private final JdbcLogStore log;
    private final Clock clock;
    private volatile boolean stopping;

    /**
     * Endpoints that show how the circuits' store and listeners do.
     *
     * @param contract the file to show
     * @param circuits all circuits
     * @param lasting how far the store behind Redis is; without Redis everything lasts at once
     * @param shared whether the circuits' store is Redis, with a database behind it
     * @param full whether the database's disk is full
     * @param unread whether the database could not be read lately, by what reads it every few seconds
     * @param log where the agent log lies
     * @param clock the wall clock
     */
    public StatusEndpoints(
            Contract contract,
            CircuitBreakerManager circuits,
            Durability lasting,
            boolean shared,
            BooleanSupplier full,
            BooleanSupplier unread,
            JdbcLogStore log,
            Clock clock) {
        this.lasting = lasting;
        this.shared = shared;
        this.full = full;
        this.unread = unread;
        this.contract = contract;
        this.circuits = circuits;
        this.log = log;
        this.clock = clock;
    }

    @Override
    public void mount(Operations operations) {
        operations
                .on("getHealth", exchange -> exchange.answer(new JsonObject().put("status", "ok")))
                .on("getReadiness", this::readiness)
                .on("getContract", exchange -> exchange.answer(200, "application/yaml", contract.text()));
    }

    @Override
    public void closing() {
        stopping = true;
    }

    private void readiness(Exchange exchange) {
        if (stopping) {
            throw Problem.unavailable(
                    "The server is stopping; ask another one, or this one once it has started again", 5);
        }
        JsonArray degraded = new JsonArray();
        if (!circuits.isStoreAvailable() && !shared) {
            degraded.add(away(circuits.storeBacklog()));
        }
        if (lasting.isAway()) {
            degraded.add(away(lasting.backlog()));
        }
        if (degraded.isEmpty() && unread.getAsBoolean()) {
            degraded.add(
                    part("database", "It cannot be read; what is in memory goes on, and nothing waits to be stored"));
        }
        if (!circuits.isStoreAvailable() && shared && !circuits.isDetached() && !lasting.isAway()) {
            degraded.add(part(
                    "redis", "It takes no changes; " + circuits.storeBacklog() + " circuits wait to be agreed on"));
        }
        if (circuits.isDetached()) {
            degraded.add(part(
                    "redis",
                    "It cannot be reached, or answers too slowly: shared circuits are detached, and go by this server's"
                            + " own figures"));
        }
        if (!log.isAvailable()) {
            degraded.add(part(
                    "log",
                    "The database takes no entries of the agent log; " + log.backlog() + " wait, and " + log.lostRows()
                            + " were lost"));
        }
        if (isRecent(log.lastLost())) {
            degraded.add(part(
                    "log",
                    log.lostRows() + " entries of the agent log that were accepted never reached the database, the last"
                            + " at " + log.lastLost()));
        }
        if (isRecent(log.lastBeyondQuota())) {
            degraded.add(part(
                    "log",
                    log.rowsBeyondQuota() + " entries of the agent log were not stored, since the quota of their"
                            + " organization is used up for today, the last at " + log.lastBeyondQuota()));
        }
        long missed = circuits.missedEvents();
        if (missed > 0) {
            degraded.add(part("events", missed + " events were not heard by listeners that were too slow"));
        }
        exchange.answer(new JsonObject()
                .put("status", degraded.isEmpty() ? "ok" : "degraded")
                .put("degraded", degraded));
    }

    private boolean isRecent(@Nullable Instant time) {
        return time != null && time.plus(REMEMBERED).isAfter(clock.instant());
    }

    private JsonObject away(long circuitsWaiting) {
        String why = full.getAsBoolean() ? "It cannot be written: the disk is full" : "It cannot be reached";
        return part("database", why + "; " + circuitsWaiting + " circuits wait to be stored");
    }

    private static JsonObject part(String part, String detail) {
        return new JsonObject().put("part", part).put("detail", detail);
    }
}
