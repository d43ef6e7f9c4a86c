package dev.interlock.server.security;

import com.nimbusds.jose.jwk.JWKSet;
import dev.interlock.TimeSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.text.ParseException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys that an issuer publishes: fetched without blocking a thread, kept in memory, fetched again every five
 * minutes and when a token names a key that is not among them, but then at most every ten seconds. While the issuer is
 * away or answers nonsense, the last good keys stay valid.
 */
final class JwksFetcher implements IssuerKeys, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JwksFetcher.class);

    static final Duration EVERY = Duration.ofMinutes(5);
    static final Duration AT_MOST_EVERY = Duration.ofSeconds(10);

    private final Vertx vertx;
    private final IssuerHttp http;
    private final JwtIssuer issuer;
    private final TimeSource time;
    private final Runnable onChange;
    private final long timer;
    private final ReentrantLock starting = new ReentrantLock();

    private volatile JWKSet current = new JWKSet();
    private volatile boolean away;
    private @Nullable Future<Void> running;
    private long startedAt;

    /**
     * Fetches for the first time at once, in the background.
     *
     * @param onChange runs after the keys became others
     */
    JwksFetcher(Vertx vertx, JwtIssuer issuer, TimeSource time, Runnable onChange) {
        this.vertx = vertx;
        this.http = new IssuerHttp(vertx);
        this.issuer = issuer;
        this.time = time;
        this.onChange = onChange;
        this.timer = vertx.setPeriodic(EVERY.toMillis(), id -> refresh());
        refresh();
    }

    @Override
    public JWKSet current() {
        return current;
    }

    @Override
    public Future<Void> refresh() {
        Promise<Void> done;
        starting.lock();
        try {
            long now = time.ticks();
            if (running != null && (!running.isComplete() || now - startedAt < AT_MOST_EVERY.toNanos())) {
                return running;
            }
            startedAt = now;
            done = Promise.promise();
            running = done.future();
        } finally {
            starting.unlock();
        }
        http.get(Objects.requireNonNull(issuer.jwksUrl())).onComplete(fetched -> {
            if (fetched.succeeded()) {
                accept(fetched.result());
            } else {
                reportAway(fetched.cause());
            }
            done.complete();
        });
        return done.future();
    }

    /** Ends the periodic look and the client. */
    @Override
    public void close() {
        vertx.cancelTimer(timer);
        http.close();
    }

    private void accept(Buffer body) {
        JWKSet fresh;
        try {
            fresh = IssuerKeys.usable(JWKSet.parse(body.toString()));
        } catch (ParseException e) {
            reportAway(new IllegalStateException("the answer is no JWKS"));
            return;
        }
        if (fresh.isEmpty()) {
            reportAway(new IllegalStateException("the JWKS holds no RSA key of 2048 bits or more and no EC key"));
            return;
        }
        if (away) {
            away = false;
            LOG.info("The keys of issuer {} can be fetched again", issuer.issuer());
        }
        if (!fresh.equals(current)) {
            current = fresh;
            onChange.run();
        }
    }

    private void reportAway(Throwable why) {
        if (!away) {
            away = true;
            LOG.warn(
                    "The keys of issuer {} cannot be fetched from {} ({}); {} known keys stay valid",
                    issuer.issuer(),
                    issuer.jwksUrl(),
                    why.getMessage(),
                    current.size());
        }
    }
}
