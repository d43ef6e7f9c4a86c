package dev.interlock.server.stream;

import dev.interlock.monitor.Shares;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings messages to all clients of an organization: written to JSON once, numbered, in one order for all, and never
 * seen by another organization's. Safe for use by any thread; nothing here waits for a client.
 */
public final class StreamHub {
    /** The most clients of one organization at a time. */
    static final int MOST_CLIENTS = 2_000;

    /** Of all organizations together. */
    private static final int MOST_IN_ALL = 8_000;

    private static final int PERCENT = 25;

    private final Shares clients = new Shares(MOST_IN_ALL, PERCENT);
    private final Map<String, Audience> audiences = new ConcurrentHashMap<>();
    private final Function<String, Iterator<@Nullable StreamEntry>> snapshots;
    private final Supplier<Instant> clock;
    private volatile Function<String, @Nullable JsonArray> incidents = organization -> null;

    /**
     * A hub without clients.
     *
     * @param snapshots what there is of an organization; read bit by bit on event loops, so it must be lazy
     * @param clock the wall clock
     */
    public StreamHub(Function<String, Iterator<@Nullable StreamEntry>> snapshots, Supplier<Instant> clock) {
        this.snapshots = snapshots;
        this.clock = clock;
    }

    /**
     * Has snapshots end with incidents.
     *
     * @param known the incidents of an organization that go on, at once; null while they are not known
     */
    public void incidents(Function<String, @Nullable JsonArray> known) {
        incidents = known;
    }

    /** {@return the organizations with clients, at this moment} */
    public Set<String> organizations() {
        return Set.copyOf(audiences.keySet());
    }

    /**
     * Sends an organization's clients something about an agent. A client that is behind may get only the newest of
     * several messages of one type about one agent.
     *
     * @param organization whose clients
     * @param type the kind of message
     * @param agent whom or what it is about
     * @param data asked for at once, on this thread, and only if there is a client
     */
    public void publish(String organization, String type, String agent, Supplier<JsonObject> data) {
        publish(organization, type, agent, Message.NO_EPOCH, data);
    }

    /** As {@link #publish(String, String, String, Supplier)}, of a circuit's epoch. */
    void publish(String organization, String type, String agent, long epoch, Supplier<JsonObject> data) {
        Audience audience = audiences.get(organization);
        if (audience != null) {
            audience.publish(type, agent, epoch, data.get());
        }
    }

    /** All clients get fresh snapshots, since messages were lost on the way here. */
    void resyncAll() {
        audiences.values().forEach(audience -> audience.clients.forEach(Subscriber::resync));
    }

    /** Lets a client in, which then gets a snapshot; null if the organization has too many. */
    @Nullable
    Subscriber join(String organization, Outlet outlet) {
        Subscriber[] joined = new Subscriber[1];
        audiences.compute(organization, (name, present) -> {
            Audience audience = present == null ? new Audience() : present;
            if (audience.clients.size() < MOST_CLIENTS && clients.take(name, 1)) {
                joined[0] = new Subscriber(
                        outlet, () -> snapshots.apply(name), () -> incidents.apply(name), audience::seq, clock);
                audience.clients.add(joined[0]);
            }
            return audience;
        });
        if (joined[0] != null) {
            joined[0].start(); // in the audience first, so that no change falls between
        }
        return joined[0];
    }

    /** A client has gone. */
    void leave(String organization, Subscriber client) {
        client.closed();
        audiences.computeIfPresent(organization, (name, audience) -> {
            if (audience.clients.remove(client)) {
                clients.give(name, 1);
            }
            return audience.clients.isEmpty() ? null : audience;
        });
    }

    /**
     * How many clients of an organization are connected.
     *
     * @param organization whose
     * @return how many, to this server
     */
    public int clients(String organization) {
        Audience audience = audiences.get(organization);
        return audience == null ? 0 : audience.clients.size();
    }

    boolean hasRoom(String organization) {
        Audience audience = audiences.get(organization);
        return (audience == null || audience.clients.size() < MOST_CLIENTS) && clients.fits(organization, 1);
    }

    /** The clients of one organization. */
    private static final class Audience {
        final Set<Subscriber> clients = ConcurrentHashMap.newKeySet();
        private volatile long seq;

        long seq() {
            return seq;
        }

        /** One at a time, so that all clients see the numbers in order. */
        synchronized void publish(String type, String agent, long epoch, JsonObject data) {
            long number = seq + 1;
            String text = new JsonObject()
                    .put("type", type)
                    .put("seq", number)
                    .put("data", data)
                    .encode();
            Message message = new Message(type + ' ' + agent, agent, epoch, text);
            seq = number;
            for (Subscriber client : clients) {
                client.offer(message);
            }
        }
    }
}
