package dev.interlock.server;

import dev.interlock.Scope;
import dev.interlock.redis.RedisCircuitStore;
import dev.interlock.redis.RedisSettings;
import dev.interlock.server.config.Config;
import dev.interlock.server.config.Settings;
import dev.interlock.store.CircuitStore;
import org.jspecify.annotations.Nullable;

/**
 * Where circuits lie: in the database alone, or in Redis with the database behind it, where other servers share them.
 *
 * @param store for the circuits' manager
 * @param redis the part that is Redis, or null
 */
record SharedCircuits(CircuitStore store, @Nullable RedisCircuitStore redis) implements AutoCloseable {
    /** Begins also while Redis is away: then circuits are detached until it is found. */
    static SharedCircuits open(Config config, CircuitStore database) {
        String url = config.find(Settings.REDIS_URL);
        if (url == null) {
            return new SharedCircuits(database, null);
        }
        RedisCircuitStore redis =
                RedisCircuitStore.open(RedisSettings.of(url).withSlowAfter(config.get(Settings.REDIS_SLOW_AFTER)));
        return new SharedCircuits(redis.inFrontOf(database), redis);
    }

    /** The scope of circuits whose policy does not say. */
    Scope scope() {
        return redis == null ? Scope.LOCAL : Scope.SHARED;
    }

    /** Closes Redis; the database's store goes with the database. */
    @Override
    public void close() {
        if (redis != null) {
            redis.close();
        }
    }
}
