package dev.interlock.server.signin;

import dev.interlock.TimeSource;
import dev.interlock.server.http.BasePath;
import dev.interlock.server.security.Security;
import dev.interlock.server.security.Session;
import dev.interlock.server.security.SessionCookies.Kind;
import dev.interlock.server.security.SignIn;
import dev.interlock.server.security.SignInIssuer.Person;
import dev.interlock.server.security.SignInRefusedException;
import dev.interlock.server.security.SignInRefusedException.Reason;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The authorization code flow with PKCE (RFC 7636) and a nonce, and what keeps a session going. What is remembered while
 * somebody is at the issuer lies sealed in the browser that went there: no other can end what it began, and any server of
 * the installation can. Safe for use by any thread.
 */
final class SignInFlow {
    private static final Duration LONGEST_FLOW = Duration.ofMinutes(10);
    private static final String FLOW = "flow";
    private static final String REFRESH = "refresh";
    private static final int RANDOM_BYTES = 32;
    private static final int LONGEST_COOKIE = 3_000;

    /** A place on the dashboard; nothing that leads elsewhere. */
    private static final Pattern PLACE = Pattern.compile("#/[A-Za-z0-9/_.~%?=&:*,!$'()@+;-]{0,1000}");

    private final Security security;
    private final TimeSource time;
    private final SecureRandom random = new SecureRandom();

    SignInFlow(Security security, TimeSource time) {
        this.security = security;
        this.time = time;
    }

    /** Where the browser is to go; what it has to bring back is remembered in it. */
    Future<String> begin(HttpServerRequest request, IssuerClient client, @Nullable String place) {
        String state = random();
        String nonce = random();
        String verifier = random();
        String back = address(request, client);
        JsonObject flow = new JsonObject()
                .put("by", client.issuer().signIn().id())
                .put("state", state)
                .put("nonce", nonce)
                .put("verifier", verifier)
                .put("back", back)
                .put("place", place != null && PLACE.matcher(place).matches() ? place : "#/")
                .put("until", time.wallTime().plus(LONGEST_FLOW).toEpochMilli());
        return client.address(Map.of(
                        "redirect_uri", back,
                        "state", state,
                        "nonce", nonce,
                        "code_challenge", challenge(verifier),
                        "code_challenge_method", "S256"))
                .onSuccess(address -> security.cookies()
                        .write(request, Kind.FLOW, security.sessions().close(FLOW, flow), LONGEST_FLOW));
    }

    /** Ends what this browser began: it has a session then. Answers the place on the dashboard where to go on. */
    Future<String> end(HttpServerRequest request, IssuerClient client, Map<String, String> said) {
        String cookie = security.cookies().read(request, Kind.FLOW);
        security.cookies().forget(request, Kind.FLOW);
        JsonObject flow = cookie == null ? null : security.sessions().open(FLOW, cookie);
        boolean goesOn = flow != null
                && flow.getString("by").equals(client.issuer().signIn().id())
                && flow.getLong("until") > time.wallTime().toEpochMilli()
                && isSame(flow.getString("state"), said.get("state"));
        if (flow == null || !goesOn) {
            return refused(Reason.OVER, "The sign-in was not begun by this browser in the last ten minutes (state)");
        }
        String issuer = said.get("iss");
        if (issuer != null && !issuer.equals(client.issuer().issuer())) {
            return refused(Reason.FAILED, "The answer is another issuer's (iss)");
        }
        String code = said.get("code");
        if (said.containsKey("error") || code == null) {
            boolean unwanted = "access_denied".equals(said.get("error"));
            return refused(unwanted ? Reason.REFUSED : Reason.FAILED, "The issuer gave no code");
        }
        return client.tokens(Map.of(
                        "grant_type",
                        "authorization_code",
                        "code",
                        code,
                        "redirect_uri",
                        flow.getString("back"),
                        "code_verifier",
                        flow.getString("verifier")))
                .compose(tokens -> client.issuer()
                        .judge(tokens.idToken(), flow.getString("nonce"))
                        .map(person -> {
                            begin(request, client, person, tokens.refreshToken(), random(), time.wallTime());
                            return flow.getString("place");
                        }));
    }

    /** Asks the issuer again. Answers the session as it is then. */
    Future<Session> refresh(HttpServerRequest request, Map<String, IssuerClient> clients) {
        String cookie = security.cookies().read(request, Kind.REFRESH);
        JsonObject kept = cookie == null ? null : security.sessions().open(REFRESH, cookie);
        IssuerClient client = kept == null ? null : clients.get(kept.getString("by"));
        if (kept == null || client == null) {
            return refused(Reason.OVER, "There is nothing to refresh");
        }
        Instant began = Instant.ofEpochMilli(kept.getLong("began"));
        if (!time.wallTime().isBefore(began.plus(SignIn.LONGEST))
                || security.sessions().hasEnded(kept.getString("id"))) {
            return refused(Reason.OVER, "The session is over");
        }
        return client.tokens(Map.of("grant_type", "refresh_token", "refresh_token", kept.getString("token")))
                .compose(tokens -> client.issuer().judge(tokens.idToken(), null).compose(person -> {
                    if (!person.subject().equals(kept.getString("sub"))) {
                        return refused(Reason.FAILED, "The issuer answers for another person");
                    }
                    String next = tokens.refreshToken() == null ? kept.getString("token") : tokens.refreshToken();
                    return Future.succeededFuture(begin(request, client, person, next, kept.getString("id"), began));
                }));
    }

    /** Forgets it all. */
    void leave(HttpServerRequest request) {
        Session session = security.session(request);
        if (session != null) {
            security.sessions().end(session);
        }
        security.cookies().forget(request, Kind.SESSION);
        security.cookies().forget(request, Kind.REFRESH);
    }

    private Session begin(
            HttpServerRequest request,
            IssuerClient client,
            Person person,
            @Nullable String refreshToken,
            String id,
            Instant began) {
        SignIn signIn = client.issuer().signIn();
        Instant longest = began.plus(SignIn.LONGEST);
        Instant ends = time.wallTime().plus(signIn.session());
        Session session = new Session(
                id,
                signIn.id(),
                person.subject(),
                person.organization(),
                person.role(),
                person.actor(),
                began,
                ends.isBefore(longest) ? ends : longest);
        security.cookies().write(request, Kind.SESSION, security.sessions().write(session), null);
        if (refreshToken != null) {
            String kept = security.sessions()
                    .close(
                            REFRESH,
                            new JsonObject()
                                    .put("by", signIn.id())
                                    .put("id", id)
                                    .put("sub", person.subject())
                                    .put("began", began.toEpochMilli())
                                    .put("token", refreshToken));
            if (kept.length() <= LONGEST_COOKIE) {
                security.cookies().write(request, Kind.REFRESH, kept, null);
            }
        }
        return session;
    }

    private String address(HttpServerRequest request, IssuerClient client) {
        return security.address().origin(request)
                + BasePath.of(request)
                + SignInPages.PREFIX
                + client.issuer().signIn().id()
                + SignInPages.CALLBACK;
    }

    private String random() {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String challenge(String verifier) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException(missing);
        }
    }

    private static boolean isSame(String expected, @Nullable String found) {
        return found != null
                && MessageDigest.isEqual(
                        expected.getBytes(StandardCharsets.UTF_8), found.getBytes(StandardCharsets.UTF_8));
    }

    private static <T> Future<T> refused(Reason reason, String detail) {
        return Future.failedFuture(new SignInRefusedException(reason, detail));
    }
}
