package dev.interlock.server.sync;

import dev.interlock.TimeSource;
import dev.interlock.store.GateFollowers;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What servers say to each other of their clients, so that each can say who of all clients obeys a stop. */
final class ClientFollowers {
    /** How many are named that have not confirmed; the others are counted. */
    static final int NAMED = 100;

    private final SyncClients clients;
    private final TimeSource time;

    /** One moment by both clocks, so that a client is said to have been heard at the same time however often that is said. */
    private final long ticks;

    private final Instant wall;

    ClientFollowers(SyncClients clients, TimeSource time) {
        this.clients = clients;
        this.time = time;
        this.ticks = time.ticks();
        this.wall = time.wallTime();
    }

    /** How the clients of an organization follow the gates of a count. */
    GateFollowers of(String organization, long mark) {
        List<ClientBehind> behind = clients.behind(organization, mark, ticks);
        long confirmed = Math.max(0, clients.count(organization) - behind.size());
        JsonArray named = new JsonArray();
        behind.stream()
                .limit(NAMED)
                .forEach(client -> named.add(new JsonObject()
                        .put("name", client.name())
                        .put("on_unreachable", client.onUnreachable())
                        .put("heard_at", wall.minus(client.silent()).toEpochMilli())));
        return new GateFollowers((int) confirmed, behind.size(), named.isEmpty() ? "" : named.encode());
    }

    /** Those who are named; nobody if a server of another version says it in words that are not understood. */
    List<ClientBehind> missing(GateFollowers followers) {
        List<ClientBehind> named = new ArrayList<>();
        for (Object each : read(followers.details())) {
            if (each instanceof JsonObject client
                    && client.getValue("name") instanceof String name
                    && client.getValue("on_unreachable") instanceof String onUnreachable
                    && client.getValue("heard_at") instanceof Number heard) {
                Instant at = Instant.ofEpochMilli(heard.longValue());
                named.add(new ClientBehind(name, onUnreachable, Duration.between(at, time.wallTime())));
            }
        }
        return named;
    }

    private static JsonArray read(String details) {
        try {
            return details.isEmpty() ? new JsonArray() : new JsonArray(details);
        } catch (DecodeException unknown) {
            return new JsonArray();
        }
    }
}
