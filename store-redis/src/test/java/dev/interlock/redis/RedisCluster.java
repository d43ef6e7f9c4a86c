package dev.interlock.redis;

import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.models.partitions.ClusterPartitionParser;
import io.lettuce.core.cluster.models.partitions.Partitions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
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

    /** Kills the master of a key, as kill -9 does, and returns it. */
    RedisServer killMasterOf(String key) {
        RedisServer master = masterOf(key);
        master.kill();
        return master;
    }

    /** Starts one again that was killed, and waits until it follows who took over from it. */
    void restart(RedisServer killed) {
        killed.restart();
        Nodes.eventually(() -> killed.run(redis -> redis.info("replication")).contains("master_link_status:up"));
    }

    /** Who serves a key now. */
    RedisServer masterOf(String key) {
        int slot = SlotHash.getSlot(key);
        String said = anyAlive().run(redis -> redis.clusterNodes());
        Partitions nodes = ClusterPartitionParser.parse(said);
        int port = nodes.getPartitionBySlot(slot).getUri().getPort();
        return servers.stream()
                .filter(server -> server.port() == port)
                .findFirst()
                .orElseThrow();
    }

    /** Those that serve slots now. */
    Set<RedisServer> masters() {
        return IntStream.range(0, 60)
                .mapToObj(number -> masterOf("key-" + number))
                .collect(Collectors.toSet());
    }

    private RedisServer anyAlive() {
        return servers.stream().filter(RedisServer::isAlive).findFirst().orElseThrow();
    }

    @Override
    public void close() {
        servers.forEach(RedisServer::close);
    }
}
