package dev.interlock.server.security;

import dev.interlock.TimeSource;
import dev.interlock.jdbc.ApiKeys;
import dev.interlock.server.text.Secrets;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;

/**
 * Everything that knows and limits callers, put together at the start of a server and closed at its end. Its parts may
 * be used by any thread.
 */
public final class Security implements AutoCloseable {
    private static final int ADDRESSES = 100_000;
    private static final double SECONDS_A_MINUTE = 60.0;

    /** About three hundredths of a core's work at the slowest of the usual signatures. */
    private static final int COSTLY_PER_SECOND = 100;

    private final KeyWatch watch;
    private final Tokens tokens;
    private final Authenticator authenticator;
    private final Access access;
    private final Tickets tickets;
    private final KeyAdministration keys;
    private final TrustedProxies proxies;
    private final AdminKeyNotice adminKey;
    private final List<String> secrets;

    private Security(Vertx vertx, SecuritySettings settings, KeyStore store, TimeSource time) {
        KeyRing ring = new KeyRing(store, time);
        ring.reload();
        boolean configured = settings.adminKey() != null;
        this.adminKey = new FirstAdminKey(ring, settings.dataDir(), time).ensure(configured);
        this.tokens = new Tokens(vertx, time, settings.issuers());
        this.watch = new KeyWatch(vertx, ring, time);
        this.authenticator = new Authenticator(
                ring,
                watch,
                tokens,
                settings.adminKey() == null ? null : new ConfiguredKey(settings.adminKey()),
                new RateLimiter(
                        time, settings.failuresPerMinute() / SECONDS_A_MINUTE, settings.failureBurst(), ADDRESSES),
                new RateLimiter(time, COSTLY_PER_SECOND, COSTLY_PER_SECOND, ADDRESSES));
        this.access = new Access(authenticator, new RequestLimits(settings, time));
        this.tickets = new Tickets(authenticator, time);
        this.keys = new KeyAdministration(ring, time);
        this.proxies = settings.proxies();
        this.secrets = settings.secrets();
        secrets.forEach(Secrets::hide);
    }

    /**
     * Reads the keys, and makes the first one if there is none. Blocks: not to be called on an event loop.
     *
     * @param vertx runs what is done in the background
     * @param settings how callers are known and limited
     * @param keys where the keys are kept
     * @param time the server's clocks
     * @return the parts, working
     * @throws java.io.UncheckedIOException if the first admin key cannot be written
     * @throws dev.interlock.store.StoreUnavailableException if the database cannot be read
     */
    public static Security open(Vertx vertx, SecuritySettings settings, ApiKeys keys, TimeSource time) {
        return open(vertx, settings, KeyStore.of(keys), time);
    }

    static Security open(Vertx vertx, SecuritySettings settings, KeyStore store, TimeSource time) {
        return new Security(vertx, settings, store, time);
    }

    /** Says who calls. */
    public Authenticator authenticator() {
        return authenticator;
    }

    /** Lets calls in or not. */
    public Access access() {
        return access;
    }

    /**
     * Lets a request in or not, as {@link Access} does.
     *
     * @param request the call
     * @param needed the role that the call needs
     * @return the caller, or what becomes of the call
     */
    public Future<Caller> admit(HttpServerRequest request, Role needed) {
        return access.admit(request.getHeader("Authorization"), proxies.client(request), needed);
    }

    /** Whose word on a caller's address counts. */
    public TrustedProxies proxies() {
        return proxies;
    }

    /** Tickets for browsers' WebSockets. */
    public Tickets tickets() {
        return tickets;
    }

    /** Makes, lists and removes keys. */
    public KeyAdministration keys() {
        return keys;
    }

    /** What an operator should know about the admin key. */
    public AdminKeyNotice adminKey() {
        return adminKey;
    }

    /** Ends what is done in the background. */
    @Override
    public void close() {
        watch.close();
        tokens.close();
        secrets.forEach(Secrets::forget);
    }
}
