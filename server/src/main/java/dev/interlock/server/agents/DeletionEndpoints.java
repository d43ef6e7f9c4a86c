package dev.interlock.server.agents;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.jdbc.AgentDeletion;
import dev.interlock.jdbc.AgentDeletion.Deleted;
import dev.interlock.jdbc.AgentDeletion.Obstacle;
import dev.interlock.jdbc.Author;
import dev.interlock.monitor.Agent;
import dev.interlock.server.circuits.CircuitJson;
import dev.interlock.server.circuits.KnownCircuits;
import dev.interlock.server.http.Endpoints;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.http.Operations;
import dev.interlock.server.http.Problem;
import dev.interlock.server.text.Texts;
import dev.interlock.server.workers.Workers;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes what is known of an agent, once it has been quiet for so long that no server holds anything of it that is not
 * stored: figures of health live an hour, and are written within some minutes after.
 */
public final class DeletionEndpoints implements Endpoints {
    private static final Logger LOG = LoggerFactory.getLogger(DeletionEndpoints.class);
    private static final Duration QUIET = Duration.ofMinutes(70);

    private final Workers workers;
    private final AgentDeletion deletion;
    private final KnownCircuits fleet;
    private final AgentKeeper keeper;
    private final CircuitBreakerManager circuits;
    private final Clock clock;

    /**
     * An endpoint for all organizations; each admin deletes its own agents.
     *
     * @param workers wait for the database
     * @param deletion deletes what is stored
     * @param fleet who is known
     * @param keeper forgets it
     * @param circuits all circuits
     * @param clock the wall clock
     */
    public DeletionEndpoints(
            Workers workers,
            AgentDeletion deletion,
            KnownCircuits fleet,
            AgentKeeper keeper,
            CircuitBreakerManager circuits,
            Clock clock) {
        this.workers = workers;
        this.deletion = deletion;
        this.fleet = fleet;
        this.keeper = keeper;
        this.circuits = circuits;
        this.clock = clock;
    }

    @Override
    public void mount(Operations operations) {
        operations.on("deleteAgent", this::delete);
    }

    private void delete(Exchange exchange) {
        CircuitId id = CircuitJson.id(exchange.caller().organization(), exchange.path("agent_id"));
        Author by = new Author(exchange.caller().actor(), clock.instant());
        workers.change(id.organization(), () -> delete(id, by))
                .onSuccess(deleted -> {
                    LOG.atInfo()
                            .addKeyValue("organization", id.organization())
                            .addKeyValue("agent", id.name())
                            .addKeyValue("actor", by.actor())
                            .log("The data of an agent was deleted");
                    exchange.answer(json(id, deleted));
                })
                .onFailure(exchange::fail);
    }

    private Deleted delete(CircuitId id, Author by) {
        Instant quietSince = by.at().minus(QUIET);
        if (circuits.snapshot(id).isNotClosed()) {
            throw refusal(id, Obstacle.NOT_CLOSED);
        }
        Agent known = fleet.agent(id);
        if (known != null && !known.lastSeen().isBefore(quietSince)) {
            throw Problem.conflict("The agent '" + Texts.shown(id.name()) + "' was seen at "
                    + known.lastSeen().truncatedTo(ChronoUnit.SECONDS)
                    + ", and servers may hold something of it that is not stored yet. Stop it, and delete it after "
                    + known.lastSeen().plus(QUIET).truncatedTo(ChronoUnit.SECONDS));
        }
        Obstacle obstacle = deletion.obstacle(id, quietSince);
        if (obstacle != Obstacle.NONE) {
            throw refusal(id, obstacle);
        }
        Deleted deleted = deletion.delete(id, by);
        keeper.forget(id, by.at());
        if (deleted.isNothing() && known == null) {
            throw Problem.notFound("Nothing is known of an agent '" + Texts.shown(id.name()) + "'");
        }
        return deleted;
    }

    private static Problem refusal(CircuitId id, Obstacle obstacle) {
        String name = "'" + Texts.shown(id.name()) + "'";
        return Problem.conflict(
                switch (obstacle) {
                    case NOT_CLOSED ->
                        "The circuit of " + name
                                + " is not closed: to delete it would let calls through that are refused"
                                + " now. Close or release it first";
                    case IN_INCIDENT ->
                        "An incident goes on in which " + name + " opened; delete it when that has ended";
                    default ->
                        "The agent " + name + " was seen less than " + QUIET.toMinutes()
                                + " minutes ago at another server. Stop it, and delete it when it has been quiet for so long";
                });
    }

    private static JsonObject json(CircuitId id, Deleted deleted) {
        return new JsonObject()
                .put("agent_id", id.name())
                .put("log_entries", deleted.logEntries())
                .put("transitions", deleted.transitions())
                .put("health", deleted.health())
                .put("series", deleted.series())
                .put("others", deleted.others())
                .put("incidents", deleted.incidents());
    }
}
