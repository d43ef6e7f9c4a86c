package dev.interlock.redis;

import io.lettuce.core.cluster.SlotHash;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Three masters with a replica each, all real. */
final class RedisCluster implements AutoCloseable {
    private static final int MASTERS = 3;

    private final List<RedisServer> servers = new ArrayList<>();

    RedisCluster() {
        for (int i = 0; i < 2 * MASTERS; i++) {
            servers.add(RedisServer.start("--cluster-enabled", "yes", "--cluster-node-timeout", "1500"));
        }
        RedisServer first = servers.get(0);
        for (int i = 0; i < MASTERS; i++) {
            int from = i * SlotHash.SLOT_COUNT / MASTERS;
            int to = (i + 1) * SlotHash.SLOT_COUNT / MASTERS;
            servers.get(i)
                    .run(redis ->
                            redis.clusterAddSlots(IntStream.range(from, to).toArray()));
        }
        servers.forEach(server -> server.run(redis -> redis.clusterMeet("127.0.0.1", first.port())));
        servers.forEach(server -> Nodes.eventually(
                () -> server.run(redis -> redis.clusterNodes().lines().count()) == servers.size()));
        for (int i = 0; i < MASTERS; i++) {
            String master = servers.get(i).run(redis -> redis.clusterMyId());
            RedisServer replica = servers.get(MASTERS + i);
            Nodes.eventually(() -> "OK".equals(replica.run(redis -> redis.clusterReplicate(master))));
        }
        servers.forEach(server ->
                Nodes.eventually(() -> server.run(redis -> redis.clusterInfo()).contains("cluster_state:ok")));
        for (int i = 0; i < MASTERS; i++) {
            RedisServer replica = servers.get(MASTERS + i);
            Nodes.eventually(
                    () -> replica.run(redis -> redis.info("replication")).contains("master_link_status:up"));
        }
    }

    /** Some of its nodes. */
    String url() {
        return "redis://127.0.0.1:" + servers.get(1).port() + ",127.0.0.1:"
                + servers.get(4).port();
    }

    /** Kills the master of a key, as kill -9 does. */
    void killMasterOf(String key) {
        int slot = SlotHash.getSlot(key);
        servers.get(slot * MASTERS / SlotHash.SLOT_COUNT).kill();
    }

    @Override
    public void close() {
        servers.forEach(RedisServer::close);
    }
}
