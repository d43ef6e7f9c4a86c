package dev.interlock.redis;

import java.time.Duration;
import java.util.List;
import java.util.Random;

/** One round on a Cluster of three masters and three replicas: load, orders, the loss of masters and of a node. */
final class ClusterRound implements AutoCloseable {
    /** What happens to the Cluster, or to a node. */
    enum Fault {
        /** The master of the circuit under load is killed; its replica takes over. */
        KILL_MASTER,
        /** Somebody empties that master. */
        FLUSH_MASTER,
        /** A node is killed, and starts again. */
        KILL_NODE
    }

    /** Longer than a place is used that was given by a master before it was lost. */
    private static final long USED_MILLIS = 4_500;

    private final Random random;
    private final RedisCluster cluster = new RedisCluster();
    private final Fleet fleet;

    ClusterRound(long seed) {
        random = new Random(seed);
        fleet = new Fleet(random, Duration.ofMillis(500), place -> cluster.url());
    }

    void run() {
        for (Fault fault : Fault.values()) {
            fleet.load();
            fleet.order();
            Fleet.pause(100 + random.nextInt(500));
            fleet.history.event(fault.toString());
            strike(fault);
            Fleet.pause(200 + random.nextInt(500));
        }
        fleet.history.event("calm");
        fleet.rest();
    }

    History history() {
        return fleet.history;
    }

    @Override
    public void close() {
        fleet.close();
        cluster.close();
    }

    private void strike(Fault fault) {
        String key = new Keys(fleet.prefix()).record(Nodes.PLANNER.organization(), Nodes.PLANNER.name());
        switch (fault) {
            case KILL_MASTER -> {
                fleet.history.forgets(); // what no replica had taken yet
                RedisServer killed = cluster.killMasterOf(key);
                fleet.order(); // amid the change of masters
                Nodes.eventually(() -> cluster.masterOf(key) != killed);
                cluster.restart(killed);
                Fleet.pause(USED_MILLIS);
                fleet.history.remembers();
            }
            case FLUSH_MASTER -> {
                List<String> there = List.of(Nodes.PLANNER.name()); // the other circuit may lie elsewhere
                fleet.history.forgets(there);
                cluster.masterOf(key).run(redis -> redis.flushall());
                fleet.history.forgets(there);
            }
            case KILL_NODE -> fleet.kill();
        }
    }
}
