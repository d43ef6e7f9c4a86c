package dev.interlock.server.security;

import dev.interlock.TimeSource;
import dev.interlock.jdbc.ApiKeys;
import dev.interlock.server.text.Secrets;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that knows and limits callers, put together at the start of a server and closed at its end. Its parts may
 * be used by any thread.
 */
public final class Security implements AutoCloseable {
    /** How long the key is by which sessions are sealed. */
    public static final int SESSION_KEY_BYTES = Seal.KEY_BYTES;

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
    private final OwnAddress address;
    private final SessionCookies cookies;
    private final Sessions sessions;
    private final RateLimiter failedSignIns;
    private final AdminKeyNotice adminKey;
    private final List<String> secrets;

    private Security(Vertx vertx, SecuritySettings settings, KeyStore store, byte[] sessionKey, TimeSource time) {
        KeyRing ring = new KeyRing(store, time);
        ring.reload();
        boolean configured = settings.adminKey() != null;
        this.adminKey = new FirstAdminKey(ring, settings.dataDir(), time).ensure(configured);
        this.tokens = new Tokens(vertx, time, settings.issuers());
        this.watch = new KeyWatch(vertx, ring, time);
        this.sessions = new Sessions(new Seal(sessionKey), time);
        this.authenticator = new Authenticator(
                ring,
                watch,
                tokens,
                settings.adminKey() == null ? null : new ConfiguredKey(settings.adminKey()),
                new RateLimiter(
                        time, settings.failuresPerMinute() / SECONDS_A_MINUTE, settings.failureBurst(), ADDRESSES),
                new RateLimiter(time, COSTLY_PER_SECOND, COSTLY_PER_SECOND, ADDRESSES),
                sessions);
        this.failedSignIns = new RateLimiter(
                time, settings.failuresPerMinute() / SECONDS_A_MINUTE, settings.failureBurst(), ADDRESSES);
        this.access = new Access(authenticator, new RequestLimits(settings, time));
        this.tickets = new Tickets(authenticator, time);
        this.keys = new KeyAdministration(ring, time);
        this.proxies = settings.proxies();
        this.address = new OwnAddress(proxies);
        this.cookies = new SessionCookies(address, sessions.installation());
        this.secrets = settings.secrets();
        secrets.forEach(Secrets::hide);
    }

    /**
     * Reads the keys, and makes the first one if there is none. Blocks: not to be called on an event loop.
     *
     * @param vertx runs what is done in the background
     * @param settings how callers are known and limited
     * @param keys where the keys are kept
     * @param sessionKey what sessions of people are sealed by, {@value #SESSION_KEY_BYTES} random bytes; the same for all
     *     servers of an installation
     * @param time the server's clocks
     * @return the parts, working
     * @throws java.io.UncheckedIOException if the first admin key cannot be written
     * @throws dev.interlock.store.StoreUnavailableException if the database cannot be read
     */
    public static Security open(
            Vertx vertx, SecuritySettings settings, ApiKeys keys, byte[] sessionKey, TimeSource time) {
        return new Security(vertx, settings, KeyStore.of(keys), sessionKey, time);
    }

    static Security open(Vertx vertx, SecuritySettings settings, KeyStore store, TimeSource time) {
        return new Security(vertx, settings, store, new byte[SESSION_KEY_BYTES], time);
    }

    /** Says who calls. */
    public Authenticator authenticator() {
        return authenticator;
    }

    /** {@return whether the database could not be read the last time that the keys were looked for, every two seconds} */
    public boolean isDatabaseAway() {
        return watch.isAway();
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
        String header = request.getHeader("Authorization");
        if (header == null) {
            Session session = session(request);
            if (session != null) {
                return isSafe(request.method()) || address.isFromOwnPage(request)
                        ? access.admit(session.caller(), needed)
                        : Future.failedFuture(new ForbiddenException("A request with a session's cookie that changes"
                                + " something must come from a page of this server (Origin)"));
            }
        }
        return access.admit(header, proxies.client(request), needed);
    }

    /**
     * The session of the person whose browser sends a request.
     *
     * @param request a request
     * @return null if there is none, or none any more
     */
    public @Nullable Session session(HttpServerRequest request) {
        String cookie = tokens.signIns().isEmpty() ? null : cookies.read(request, SessionCookies.Kind.SESSION);
        return cookie == null ? null : sessions.read(cookie);
    }

    private static boolean isSafe(HttpMethod method) {
        return method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
    }

    /** {@return the issuers by which people sign in} */
    public List<SignInIssuer> signIns() {
        return tokens.signIns();
    }

    /** {@return sessions of people} */
    public Sessions sessions() {
        return sessions;
    }

    /** {@return the cookies of sign-in} */
    public SessionCookies cookies() {
        return cookies;
    }

    /** {@return where browsers reach this server} */
    public OwnAddress address() {
        return address;
    }

    /**
     * Refuses to ask an issuer for somebody whose address has made it fail too often.
     *
     * @param request the browser's
     * @throws TooManyRequestsException if it has
     */
    public void mustNotFailToSignIn(HttpServerRequest request) {
        long wait = failedSignIns.wait(proxies.client(request));
        if (wait > 0) {
            throw new TooManyRequestsException("Too many sign-ins from this address failed", wait);
        }
    }

    /**
     * Counts a sign-in that failed.
     *
     * @param request the browser's
     */
    public void failedToSignIn(HttpServerRequest request) {
        failedSignIns.take(proxies.client(request));
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
