package dev.interlock.server.actions;

import dev.interlock.GateChange;
import dev.interlock.GateConfirmation;
import dev.interlock.server.circuits.CircuitJson;
import dev.interlock.server.sync.ClientBehind;
import dev.interlock.server.sync.SyncEndpoints;
import dev.interlock.store.GateFollowers;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Waits until a change of a gate is stored and all processes and clients obey it, or a second has passed, and says who does
 * not and what each of them will do. On event loops.
 */
final class Acknowledging {
    /** So long is waited for those that have not confirmed. */
    static final Duration LIMIT = Duration.ofSeconds(1);

    /** So long is waited for the store, also where it hangs. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final long LOOK_MILLIS = 20;

    /** A client that refuses when it hears nothing does so after this. */
    private static final Duration CLIENT_STALE = Duration.ofSeconds(30);

    private final Vertx vertx;
    private final SyncEndpoints clients;
    private final String process;
    private final boolean alone;

    /**
     * @param clients know who decides locally
     * @param process what this process is called
     * @param alone whether no other process can use what keeps the gates
     */
    Acknowledging(Vertx vertx, SyncEndpoints clients, String process, boolean alone) {
        this.vertx = vertx;
        this.clients = clients;
        this.process = process;
        this.alone = alone;
    }

    /**
     * What became of a change that is in effect here: the members of the answer, {@code durable} among them.
     *
     * @param stops whether it stops, and does not resume
     */
    Future<JsonObject> acknowledged(String organization, GateChange change, boolean stops) {
        Context context = vertx.getOrCreateContext();
        long mark = clients.noteGates(organization);
        Future<Boolean> stored = Future.fromCompletionStage(change.fate(), context)
                .map(fate -> fate == GateChange.Fate.STORED)
                .timeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .otherwise(false);
        Future<GateConfirmation> processes = Future.fromCompletionStage(change.confirmed(LIMIT), context)
                .timeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .otherwise(new GateConfirmation(Set.of(process), Set.of(), false));
        Promise<List<ClientBehind>> behind = Promise.promise();
        await(organization, mark, System.nanoTime() + LIMIT.toNanos(), behind);
        return Future.all(stored, processes, behind.future())
                .map(all -> json(
                        stops,
                        organization,
                        stored.result(),
                        processes.result(),
                        behind.future().result()));
    }

    private void await(String organization, long mark, long until, Promise<List<ClientBehind>> promise) {
        List<ClientBehind> behind = clients.behind(organization, mark);
        if (behind.isEmpty() || System.nanoTime() - until >= 0) {
            promise.complete(behind);
        } else {
            vertx.setTimer(LOOK_MILLIS, again -> await(organization, mark, until, promise));
        }
    }

    private JsonObject json(
            boolean stops, String organization, boolean stored, GateConfirmation processes, List<ClientBehind> behind) {
        JsonArray missing = new JsonArray();
        processes.missing().stream().sorted().forEach(name -> missing.add(process(name, stops)));
        behind.forEach(client -> missing.add(client(client, stops)));
        Collection<GateFollowers> elsewhere = processes.followers().values();
        elsewhere.forEach(of -> clients.missing(of).forEach(client -> missing.add(client(client, stops))));
        long confirmed = Math.max(0, clients.clients(organization) - behind.size())
                + elsewhere.stream().mapToLong(GateFollowers::confirmed).sum();
        boolean known = processes.known() || alone;
        return new JsonObject()
                .put("durable", stored)
                .put("complete", (processes.isWhole() || alone) && missing.isEmpty())
                .put("processes", processes.confirmed().size())
                .put("processes_known", known)
                .put("clients", confirmed)
                .put("not_confirmed", missing);
    }

    private static JsonObject process(String name, boolean stops) {
        JsonObject process = new JsonObject()
                .put("what", "process")
                .put("name", name)
                .put("on_unreachable", null)
                .put("last_heard_ms", null);
        return stops
                ? process.put("will", "go_on")
                        .put(
                                "detail",
                                "This process may not have heard. If it is cut off from the others it goes on with"
                                        + " what it last heard, and obeys once it is back; to be sure, end it")
                : stays(process);
    }

    /** The schema {@code NotConfirmed}, of a client. */
    static JsonObject client(ClientBehind client, boolean stops) {
        JsonObject json = new JsonObject()
                .put("what", "client")
                .put("name", client.name())
                .put("on_unreachable", client.onUnreachable())
                .put("last_heard_ms", Math.max(0, CircuitJson.ceilMillis(client.silent())));
        if (!stops) {
            return stays(json);
        }
        return client.onUnreachable().equals("refuse")
                ? json.put("will", "stop_by_itself")
                        .put(
                                "detail",
                                "This client refuses all calls " + CLIENT_STALE.toSeconds()
                                        + " s after it last heard a server")
                : json.put("will", "go_on")
                        .put(
                                "detail",
                                "This client is not stopped: with on_unreachable " + client.onUnreachable()
                                        + " it goes on while it hears no server. It obeys with its next sync; to be"
                                        + " sure, end it");
    }

    private static JsonObject stays(JsonObject json) {
        return json.put("will", "stay_stopped").put("detail", "It refuses what was stopped until it hears of this");
    }
}
