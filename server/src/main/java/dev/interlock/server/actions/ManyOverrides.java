package dev.interlock.server.actions;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.Hold;
import dev.interlock.ManualOverride;
import dev.interlock.Mode;
import dev.interlock.OverrideAction;
import dev.interlock.TooManyCircuitsException;
import dev.interlock.jdbc.BulkOverrides;
import dev.interlock.monitor.AgentRegistry;
import dev.interlock.monitor.HealthMonitor;
import dev.interlock.monitor.HealthSnapshot;
import dev.interlock.server.circuits.CircuitJson;
import dev.interlock.server.circuits.FleetQuery;
import dev.interlock.server.circuits.KnownCircuits;
import dev.interlock.server.circuits.KnownCircuits.Known;
import dev.interlock.server.circuits.Overriding;
import dev.interlock.server.circuits.Why;
import dev.interlock.server.http.Problem;
import dev.interlock.server.text.Texts;
import dev.interlock.store.StoreUnavailableException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Overrides of many circuits at once: what each would change, carried out, and undone. Everything here takes time, and is
 * for a worker. Safe for use by any thread.
 */
final class ManyOverrides {
    /** Beyond this number a stop is the right thing. */
    static final int MOST = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(ManyOverrides.class);
    private static final int FIRST = 20;
    private static final int MOST_LISTED = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String BY_A_PERSON = "override";

    private final CircuitBreakerManager circuits;
    private final KnownCircuits fleet;
    private final AgentRegistry agents;
    private final HealthMonitor health;
    private final Overriding overriding;
    private final BulkOverrides stored;
    private final Clock clock;

    ManyOverrides(
            CircuitBreakerManager circuits,
            KnownCircuits fleet,
            AgentRegistry agents,
            HealthMonitor health,
            Overriding overriding,
            BulkOverrides stored,
            Clock clock) {
        this.circuits = circuits;
        this.fleet = fleet;
        this.agents = agents;
        this.health = health;
        this.overriding = overriding;
        this.stored = stored;
        this.clock = clock;
    }

    /** What an override of many would do: those that are meant, and those of them that it changes, by name. */
    record Plan(ManualOverride override, String selection, long found, List<CircuitSnapshot> changes) {}

    /**
     * Looks who is meant.
     *
     * @param selection the query or pattern as somebody wrote it
     * @throws Problem 422 if it would change too many
     */
    Plan plan(String organization, FleetQuery query, String selection, ManualOverride override) {
        List<CircuitSnapshot> changes = new ArrayList<>();
        long[] found = new long[1];
        fleet.all(organization)
                .flatMap(Stream::ofNullable)
                .filter(known -> query.matches(member(known)))
                .forEach(known -> {
                    found[0]++;
                    if (changes(override, known)) {
                        changes.add(known.circuit());
                    }
                });
        if (changes.size() > MOST) {
            throw new Problem(
                    422,
                    "too-many-circuits",
                    "Too many circuits",
                    "This would change " + changes.size() + " circuits, and at most " + MOST
                            + " can be changed at once; choose fewer, or stop them all with {\"action\": \"stop\"}");
        }
        changes.sort(Comparator.comparing(circuit -> circuit.id().name()));
        return new Plan(override, selection, found[0], changes);
    }

    private FleetQuery.Member member(Known known) {
        CircuitId id = known.circuit().id();
        HealthSnapshot judged = health.judged(id);
        return new FleetQuery.Member(known, agents.find(id), judged == null ? null : judged.status());
    }

    private static boolean changes(ManualOverride override, Known known) {
        CircuitSnapshot circuit = known.circuit();
        boolean held = circuit.hold() != null;
        return switch (override.action()) {
            case OPEN -> circuit.state() != CircuitState.OPEN || !held && onlyObserves(circuit);
            case CLOSE -> circuit.isNotClosed();
            case RESET -> !known.idle();
            case HOLD_OPEN -> !isHeld(circuit, CircuitState.OPEN, override);
            case HOLD_CLOSED -> !isHeld(circuit, CircuitState.CLOSED, override);
            case RELEASE -> held;
            case PROBE_NOW -> false;
        };
    }

    private static boolean onlyObserves(CircuitSnapshot circuit) {
        return circuit.mode() == Mode.OBSERVE
                && !BY_A_PERSON.equals(Why.of(circuit).cause());
    }

    private static boolean isHeld(CircuitSnapshot circuit, CircuitState state, ManualOverride override) {
        Hold hold = circuit.hold();
        return hold != null && circuit.state() == state && Objects.equals(hold.until(), override.until());
    }

    /** The answer to a dry run. */
    JsonObject preview(Plan plan) {
        return described(plan).put("dry_run", true);
    }

    private static JsonObject described(Plan plan) {
        JsonArray first = new JsonArray();
        plan.changes.stream().limit(FIRST).map(Change::preview).forEach(first::add);
        return new JsonObject()
                .put("action", CircuitJson.text(plan.override.action()))
                .put("found", plan.found)
                .put("changed", plan.changes.size())
                .put("first", first);
    }

    /**
     * Does it, and waits until it is stored.
     *
     * @return the answer; {@code durable} is false if the store did not take all of it in time
     */
    JsonObject carryOut(String organization, Plan plan) {
        plan.changes.forEach(circuit -> overriding.prepare(circuit.id(), plan.override));
        List<CircuitSnapshot> done = new ArrayList<>();
        JsonArray notDone = new JsonArray();
        for (CircuitSnapshot circuit : plan.changes) {
            try {
                if (overriding.carryOut(circuit.id(), plan.override)) {
                    done.add(circuit);
                }
            } catch (TooManyCircuitsException full) {
                notDone.add(listed(circuit.id(), String.valueOf(full.getMessage())));
            }
        }
        Overriding.log(organization, plan.selection, plan.override, done.size());
        boolean durable = waitUntilStored(done.stream().map(CircuitSnapshot::id).toList());
        OverrideAction action = plan.override.action();
        List<Change> changes = done.stream()
                .map(before -> Change.of(before, action, plan.override.actor(), circuits.snapshot(before.id())))
                .toList();
        String id = keep(organization, plan.override, CircuitJson.text(action), plan.selection, null, changes);
        return described(plan)
                .put("changed", changes.size())
                .put("id", id)
                .put("durable", durable)
                .put("not_done", few(notDone))
                .put("not_done_count", notDone.size());
    }

    /**
     * Undoes one: each circuit that is still what it was made becomes what it was.
     *
     * @throws Problem 404 if nobody knows it
     */
    JsonObject undo(String organization, String id, String actor, @Nullable String reason) {
        BulkOverrides.Whole whole = stored.find(organization, id)
                .orElseThrow(() -> Problem.notFound("There is no action '" + Texts.shown(id)
                        + "', or it was so long ago that it is forgotten; see GET /api/v1/actions"));
        List<CircuitSnapshot> done = new ArrayList<>();
        JsonArray notDone = new JsonArray();
        for (Change change : Change.read(whole.changes())) {
            CircuitId circuit = CircuitJson.id(organization, change.agent());
            CircuitSnapshot present = circuits.snapshot(circuit);
            List<ManualOverride> steps = Undo.of(change, actor, reason, clock.instant());
            if (!change.isKept(present, whole.line().actor())) {
                notDone.add(listed(
                        circuit,
                        "It has changed since: it is " + Change.Look.of(present).words() + " now"));
            } else if (steps.isEmpty()) {
                notDone.add(listed(
                        circuit,
                        "It is " + change.before().words() + " as before; what was forgotten stays forgotten"));
            } else {
                overriding.prepare(circuit, steps.get(0));
                steps.forEach(step -> overriding.carryOut(circuit, step));
                done.add(present);
            }
        }
        boolean durable = waitUntilStored(done.stream().map(CircuitSnapshot::id).toList());
        List<Change> changes = done.stream()
                .map(before -> Change.of(before, null, actor, circuits.snapshot(before.id())))
                .toList();
        ManualOverride signature = new ManualOverride(OverrideAction.RELEASE, actor, reason, null);
        Overriding.log(organization, "undo of " + id, signature, changes.size());
        String undo = keep(organization, signature, "undo", whole.line().selection(), id, changes);
        return new JsonObject()
                .put("action", "undo")
                .put("undoes", id)
                .put("id", undo)
                .put("changed", changes.size())
                .put("durable", durable)
                .put("not_done", few(notDone))
                .put("not_done_count", notDone.size());
    }

    /** The newest ones of an organization. */
    List<BulkOverrides.Line> of(String organization) {
        return stored.of(organization);
    }

    private boolean waitUntilStored(List<CircuitId> done) {
        CompletableFuture<?>[] all = done.stream()
                .map(id -> overriding.stored(id).toCompletableFuture())
                .toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(all).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException away) {
            return false;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
        return Stream.of(all).allMatch(each -> Boolean.TRUE.equals(each.join()));
    }

    /** What it takes to undo it; null if the database is away, or nothing was changed. */
    private @Nullable String keep(
            String organization,
            ManualOverride override,
            String action,
            String selection,
            @Nullable String undoes,
            List<Change> changes) {
        if (changes.isEmpty()) {
            return null;
        }
        String id = UUID.randomUUID().toString();
        try {
            stored.add(new BulkOverrides.Whole(
                    new BulkOverrides.Line(
                            organization,
                            id,
                            clock.instant(),
                            override.actor(),
                            action,
                            selection,
                            override.reason(),
                            changes.size(),
                            undoes),
                    Change.write(changes)));
            return id;
        } catch (StoreUnavailableException away) {
            LOG.atWarn()
                    .addKeyValue("organization", organization)
                    .addKeyValue("reason", away.getMessage())
                    .log("An override of many circuits cannot be undone: it could not be stored");
            return null;
        }
    }

    private static JsonObject listed(CircuitId circuit, String detail) {
        return new JsonObject().put("agent_id", circuit.name()).put("detail", detail);
    }

    private static JsonArray few(JsonArray all) {
        return new JsonArray(all.stream().limit(MOST_LISTED).toList());
    }
}
