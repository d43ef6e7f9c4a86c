package dev.interlock.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * One round on one Redis, each node behind a proxy of its own: load, orders, three faults, and what must hold after. In
 * every third round there is a database behind that Redis, which never forgets and is away now and then.
 */
final class FaultRound implements AutoCloseable {
    /** What happens to a node, or to Redis. */
    enum Fault {
        /** A node's connections are cut. */
        CUT,
        /** Nothing comes through to a node any more. */
        SILENCE,
        /** Redis' answers to a node take long. */
        DELAY,
        /** Redis stands still for five seconds. */
        STOP,
        /** Redis lets nobody in for a moment. */
        PAUSE,
        /** Somebody empties Redis. */
        FLUSH,
        /** Redis is killed, and starts again empty. */
        KILL_REDIS,
        /** A node is killed, and starts again. */
        KILL_NODE
    }

    private static final Duration SLOW_AFTER = Duration.ofMillis(150);
    private static final int FAULTS = 3;

    private final Random random;
    private final Fault first;
    private final RedisServer redis = RedisServer.start();
    private final @Nullable RedisServer database;
    private final List<Proxy> proxies = new ArrayList<>();
    private final Map<Fault, Integer> struck = new EnumMap<>(Fault.class);
    private final Fleet fleet;

    /** The seed chooses everything; seeds that follow each other begin with different faults. */
    FaultRound(long seed) {
        random = new Random(seed);
        first = Fault.values()[(int) (seed % Fault.values().length)];
        for (int i = 0; i < Fleet.NODES; i++) {
            proxies.add(new Proxy(redis.port()));
        }
        database = seed % 3 == 1 ? RedisServer.start() : null;
        fleet = new Fleet(
                random, SLOW_AFTER, place -> proxies.get(place).url(), database == null ? "" : database.url());
    }

    void run() {
        for (int i = 0; i < FAULTS; i++) {
            fleet.load();
            fleet.order();
            Fleet.pause(50);
            Fault fault = i == 0 ? first : Fault.values()[random.nextInt(Fault.values().length)];
            struck.merge(fault, 1, Integer::sum);
            boolean isDatabaseAway = database != null && random.nextBoolean();
            if (isDatabaseAway) {
                fleet.history.event("the database stands still");
                database.suspend();
            }
            strike(fault == Fault.STOP && i > 0 ? Fault.PAUSE : fault); // one is long enough
            if (isDatabaseAway) {
                Fleet.pause(500);
                database.resume();
            }
            Fleet.pause(200 + random.nextInt(500));
        }
        fleet.history.event("calm");
        fleet.rest();
    }

    History history() {
        return fleet.history;
    }

    Map<Fault, Integer> struck() {
        return struck;
    }

    @Override
    public void close() {
        fleet.close();
        proxies.forEach(Proxy::close);
        redis.close();
        if (database != null) {
            database.close();
        }
    }

    private void strike(Fault fault) {
        int place = random.nextInt(Fleet.NODES);
        Proxy proxy = proxies.get(place);
        int millis = 300 + random.nextInt(900);
        History history = fleet.history;
        history.event(fault + " of node " + place);
        switch (fault) {
            case CUT -> part(proxy, Proxy.Mode.CUT, millis);
            case SILENCE -> part(proxy, Proxy.Mode.SILENT, millis);
            case DELAY -> {
                proxy.delay(100 + random.nextInt(300));
                Fleet.pause(900);
                proxy.delay(0);
            }
            case STOP -> {
                redis.suspend();
                Fleet.pause(5_000);
                redis.resume();
            }
            case PAUSE -> redis.run(commands -> commands.clientPause(millis));
            case FLUSH -> {
                history.forgets();
                redis.run(commands -> commands.flushall());
                history.forgets();
            }
            case KILL_REDIS -> {
                history.forgets();
                redis.kill();
                Fleet.pause(millis - 200);
                redis.restart();
                history.forgets();
            }
            case KILL_NODE -> fleet.kill();
        }
    }

    private static void part(Proxy proxy, Proxy.Mode mode, int millis) {
        proxy.mode(mode);
        Fleet.pause(millis);
        proxy.mode(Proxy.Mode.PASS);
    }
}
