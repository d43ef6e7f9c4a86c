package dev.interlock.redis;

import dev.interlock.store.StoreUnavailableException;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.concurrent.CompletableFuture;

/** Whether replicas of Redis have taken an override, or a gate, which must not be lost with a master. */
final class Replicas {
    private Replicas() {}

    /**
     * Over the connection that wrote: Redis reports replicas by connection. A master without any replica, such as one
     * that has just taken over from the only other one, is taken as it is.
     */
    static CompletableFuture<?> taken(Connected connected, RedisSettings settings, String key) {
        int wanted = settings.replicas();
        int replicas = wanted == RedisSettings.BY_KIND ? (connected.isCluster() ? 1 : 0) : wanted;
        if (replicas == 0) {
            return CompletableFuture.completedFuture(0L);
        }
        long millis = settings.timeout().toMillis() / 2;
        RedisClusterAsyncCommands<String, String> master = connected.overridesOf(key);
        return master.waitForReplication(replicas, millis)
                .toCompletableFuture()
                .thenCompose(reached -> reached >= replicas
                        ? CompletableFuture.completedFuture("")
                        : master.info("replication").toCompletableFuture())
                .thenAccept(replication -> {
                    if (!replication.isEmpty() && !replication.contains("connected_slaves:0")) {
                        throw new StoreUnavailableException("No replica of Redis has taken an override", null);
                    }
                });
    }
}
