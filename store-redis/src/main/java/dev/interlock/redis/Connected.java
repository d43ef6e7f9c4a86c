package dev.interlock.redis;

import dev.interlock.store.StoreUnavailableException;
import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A client that has found Redis, and its connections, which it makes again by itself when they are lost. What was under
 * way when one was lost fails and is not sent again: only who asked knows whether that would be right.
 */
final class Connected implements AutoCloseable {
    /**
     * One that takes writes.
     *
     * @param commands to it alone
     * @param id by which it is known in its Cluster
     * @param hasSlot which slots it serves
     */
    record Master(RedisClusterAsyncCommands<String, String> commands, String id, IntPredicate hasSlot) {}

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);

    private final AbstractRedisClient client;
    private final RedisClusterAsyncCommands<String, String> commands;
    private final @Nullable StatefulRedisClusterConnection<String, String> cluster;
    private final Supplier<StatefulRedisPubSubConnection<String, String>> listening;
    private final IntFunction<RedisClusterAsyncCommands<String, String>> overrides;

    private Connected(
            AbstractRedisClient client,
            RedisClusterAsyncCommands<String, String> commands,
            @Nullable StatefulRedisClusterConnection<String, String> cluster,
            Supplier<StatefulRedisPubSubConnection<String, String>> listening,
            IntFunction<RedisClusterAsyncCommands<String, String>> overrides) {
        this.overrides = overrides;
        this.client = client;
        this.commands = commands;
        this.cluster = cluster;
        this.listening = listening;
    }

    /**
     * Looks at each address whether a Redis answers there, and asks it whether it is one of a Cluster.
     *
     * @param timeout for how long commands wait for an answer; a connection is made in the time that its address allows
     */
    static Connected connect(List<RedisURI> addresses, ClientResources resources, Duration timeout) {
        RuntimeException last = new IllegalStateException("No address");
        for (RedisURI address : addresses) {
            RedisClient client = RedisClient.create(resources, address);
            client.setOptions(single(timeout));
            boolean kept = false;
            try {
                StatefulRedisConnection<String, String> connection = client.connect();
                boolean isCluster = connection.sync().info("cluster").contains("cluster_enabled:1");
                if (isCluster) {
                    return cluster(addresses, resources, timeout);
                }
                StatefulRedisConnection<String, String> overrides = client.connect();
                kept = true;
                return new Connected(
                        client, connection.async(), null, client::connectPubSub, slot -> overrides.async());
            } catch (RuntimeException unreachable) {
                last = unreachable;
            } finally {
                if (!kept) {
                    stop(client);
                }
            }
        }
        throw last;
    }

    private static Connected cluster(List<RedisURI> addresses, ClientResources resources, Duration timeout) {
        RedisClusterClient client = RedisClusterClient.create(resources, addresses);
        client.setOptions(ofCluster(timeout));
        try {
            StatefulRedisClusterConnection<String, String> connection = client.connect();
            StatefulRedisClusterConnection<String, String> overrides = client.connect();
            return new Connected(
                    client, connection.async(), connection, client::connectPubSub, slot -> master(overrides, slot));
        } catch (RuntimeException unreachable) {
            stop(client);
            throw unreachable;
        }
    }

    RedisClusterAsyncCommands<String, String> commands() {
        return commands;
    }

    boolean isCluster() {
        return cluster != null;
    }

    /** A new connection that listens. */
    StatefulRedisPubSubConnection<String, String> listen() {
        return listening.get();
    }

    /**
     * The connection that overrides of a key take, one for each master: there WAIT asks for what that connection wrote,
     * and while it waits for a replica that lags, heartbeats and tallies go on over another one.
     */
    RedisClusterAsyncCommands<String, String> overridesOf(String key) {
        return overrides.apply(SlotHash.getSlot(key));
    }

    private static RedisClusterAsyncCommands<String, String> master(
            StatefulRedisClusterConnection<String, String> connection, int slot) {
        RedisClusterNode node = connection.getPartitions().getMasterBySlot(slot);
        if (node == null) {
            throw new StoreUnavailableException("No node of the Cluster serves this circuit at the moment", null);
        }
        try {
            return connection.getConnection(node.getNodeId()).async();
        } catch (RedisException gone) {
            throw new StoreUnavailableException("A node of the Cluster cannot be reached: " + gone.getMessage(), gone);
        }
    }

    /** One of the masters, another one for each turn, or the single Redis. */
    Master master(int turn) {
        if (cluster == null) {
            return new Master(commands, "", slot -> true);
        }
        List<RedisClusterNode> masters = cluster.getPartitions().stream()
                .filter(node -> node.is(RedisClusterNode.NodeFlag.UPSTREAM)
                        && !node.getSlots().isEmpty())
                .toList();
        if (masters.isEmpty()) {
            throw new IllegalStateException("The Cluster has no master at the moment");
        }
        RedisClusterNode node = masters.get(Math.floorMod(turn, masters.size()));
        return new Master(cluster.getConnection(node.getNodeId()).async(), node.getNodeId(), node::hasSlot);
    }

    @Override
    public void close() {
        stop(client);
    }

    private static void stop(AbstractRedisClient client) {
        client.shutdownAsync(0, 1, TimeUnit.SECONDS);
    }

    private static ClientOptions single(Duration timeout) {
        return ClientOptions.builder()
                .autoReconnect(true)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .replayFilter(command -> true)
                .socketOptions(socket())
                .timeoutOptions(TimeoutOptions.enabled(timeout))
                .build();
    }

    /** A connection to a node is made with the first command for it, which must not be refused meanwhile. */
    private static ClusterClientOptions ofCluster(Duration timeout) {
        ClusterTopologyRefreshOptions topology = ClusterTopologyRefreshOptions.builder()
                .enablePeriodicRefresh(Duration.ofSeconds(5))
                .adaptiveRefreshTriggersTimeout(Duration.ofMillis(500))
                .build();
        ClusterClientOptions.Builder options = ClusterClientOptions.builder();
        options.replayFilter(command -> true);
        return options.autoReconnect(true)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.ACCEPT_COMMANDS)
                .socketOptions(socket())
                .timeoutOptions(TimeoutOptions.enabled(timeout))
                .topologyRefreshOptions(topology)
                .build();
    }

    private static SocketOptions socket() {
        return SocketOptions.builder()
                .connectTimeout(CONNECT_TIMEOUT)
                .keepAlive(true)
                .tcpNoDelay(true)
                .build();
    }
}
