package dev.interlock.server;

import dev.interlock.Scope;
import dev.interlock.redis.RedisCircuitStore;
import dev.interlock.redis.RedisSettings;
import dev.interlock.server.config.Config;
import dev.interlock.server.config.Settings;
import dev.interlock.server.permits.SettledTogether;
import dev.interlock.store.CircuitStore;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Where circuits lie: in the database alone, or in Redis with the database behind it, where other servers share them.
 *
 * @param store for the circuits' manager
 * @param redis the part that is Redis, or null
 */
record SharedCircuits(CircuitStore store, @Nullable RedisCircuitStore redis) implements AutoCloseable {
    /** A permit lives 24 h; servers' clocks may differ. */
    private static final Duration PERMITS_KEPT = Duration.ofHours(25);

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

    /** How far Redis is behind, as this server sees it; zero without Redis. */
    Duration redisLag() {
        return redis == null ? Duration.ZERO : redis.lag();
    }

    /** The scope of circuits whose policy does not say. */
    Scope scope() {
        return redis == null ? Scope.LOCAL : Scope.SHARED;
    }

    /**
     * Where the servers of one database remember together which permits are settled.
     *
     * @param signingKey what the permits of that database are signed with; it is shown to nobody
     * @return null without Redis
     */
    @Nullable
    SettledTogether settledPermits(byte[] signingKey) {
        return redis == null ? null : new PermitsInRedis(redis.marks(digest(signingKey), PERMITS_KEPT));
    }

    private static String digest(byte[] signingKey) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update("settled permits".getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(sha.digest(signingKey), 0, 8);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Pays the database what it is owed, and closes Redis; the database's own store goes with the database. */
    @Override
    public void close() {
        if (redis != null) {
            store.close();
        }
    }
}
