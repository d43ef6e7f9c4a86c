package dev.interlock.server.security;

import dev.interlock.TimeSource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the key ring up to date with what other servers do: every two seconds, and when a key comes that is not in it,
 * though not for each of many. Works on threads that may block; any thread may call.
 */
final class KeyWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KeyWatch.class);

    static final Duration EVERY = Duration.ofSeconds(2);
    static final Duration AT_MOST_EVERY = Duration.ofMillis(500);

    private final Vertx vertx;
    private final WorkerExecutor threads;
    private final KeyRing keys;
    private final TimeSource time;
    private final long timer;
    private final ReentrantLock starting = new ReentrantLock();
    private Future<Void> latest = Future.succeededFuture();
    private long startedAt;
    private volatile boolean away;

    KeyWatch(Vertx vertx, KeyRing keys, TimeSource time) {
        this.vertx = vertx;
        this.threads = vertx.createSharedWorkerExecutor("interlock-keys", 1);
        this.keys = keys;
        this.time = time;
        this.startedAt = time.ticks();
        this.timer = vertx.setPeriodic(EVERY.toMillis(), id -> look());
    }

    /** Complete, never failed, when the ring has been read again, or was a moment ago. */
    Future<Void> look() {
        starting.lock();
        try {
            long now = time.ticks();
            if (!latest.isComplete() || now - startedAt < AT_MOST_EVERY.toNanos()) {
                return latest;
            }
            startedAt = now;
            latest = threads.executeBlocking(this::reload, false).mapEmpty();
            return latest;
        } finally {
            starting.unlock();
        }
    }

    /** {@return whether the database could not be read the last time} */
    boolean isAway() {
        return away;
    }

    /** Ends the periodic look. */
    @Override
    public void close() {
        vertx.cancelTimer(timer);
        threads.close();
    }

    private boolean reload() {
        try {
            keys.reload();
            keys.storeUses();
            if (away) {
                away = false;
                LOG.info("The API keys can be read again");
            }
        } catch (RuntimeException e) {
            if (!away) {
                away = true;
                LOG.warn("The API keys cannot be read; those known so far stay valid: {}", e.getMessage());
            }
        }
        return !away;
    }
}
