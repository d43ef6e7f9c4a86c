package dev.interlock.server.signin;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * An issuer of OpenID Connect on this machine, with keys, codes and refresh tokens of its own: it checks what it is asked
 * as a real one does, and lies where a test says so.
 */
public final class LocalIssuer implements AutoCloseable {
    static final String CLIENT = "interlock-dashboard";
    static final String SECRET = "the-secret-of-a-client-at-its-issuer";

    private final HttpServer server;
    private final Map<String, Map<String, String>> codes = new ConcurrentHashMap<>();
    private final Map<String, Boolean> refreshTokens = new ConcurrentHashMap<>();
    private final List<ECKey> published = new ArrayList<>();
    private volatile ECKey key = newKey();

    /** Who signs in, and what is said of the person. */
    volatile UnaryOperator<JWTClaimsSet.Builder> claims = base -> base;

    volatile UnaryOperator<JWSHeader.Builder> header = base -> base;
    volatile String error = "";
    volatile boolean refreshes = true;
    volatile boolean away;

    /** One that does all that it should. */
    public LocalIssuer() throws IOException {
        published.add(key);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    String issuer() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/realm";
    }

    /**
     * As {@code interlock.yaml} has it.
     *
     * @param roles groups and roles, such as {@code everyone: viewer}; empty for none
     */
    public String settings(String roles) {
        return "[{issuer: '" + issuer() + "', jwks-url: '" + issuer()
                + "/keys', audience: interlock-api, sign-in: {name: Example,"
                + " client-id: " + CLIENT + ", client-secret: " + SECRET + ", organization: default, name-claim: email"
                + (roles.isEmpty() ? "" : ", roles: {" + roles + "}") + "}}]";
    }

    /** From now on it signs by another key, which it publishes or not. */
    void rotate(boolean publishes) {
        key = newKey();
        if (publishes) {
            synchronized (published) {
                published.clear();
                published.add(key);
            }
        }
    }

    /** What it says from now on. */
    public void says(UnaryOperator<JWTClaimsSet.Builder> base) {
        claims = base;
    }

    /** As it was at first, but for its keys. */
    void behave() {
        claims = base -> base;
        header = base -> base;
        error = "";
        refreshes = true;
        away = false;
    }

    private static ECKey newKey() {
        try {
            return new ECKeyGenerator(Curve.P_256)
                    .keyID(UUID.randomUUID().toString())
                    .generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            if (away) {
                send(exchange, 503, "{}");
            } else if (path.equals("/realm/.well-known/openid-configuration")) {
                send(
                        exchange,
                        200,
                        new JsonObject()
                                .put("issuer", issuer())
                                .put("authorization_endpoint", issuer() + "/authorize?tenant=1")
                                .put("token_endpoint", issuer() + "/token")
                                .encode());
            } else if (path.equals("/realm/keys")) {
                synchronized (published) {
                    send(
                            exchange,
                            200,
                            new JWKSet(List.copyOf(published)).toPublicJWKSet().toString());
                }
            } else if (path.equals("/realm/authorize")) {
                authorize(exchange, read(exchange.getRequestURI().getRawQuery()));
            } else if (path.equals("/realm/token")) {
                String form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
                token(exchange, read(form));
            } else {
                send(exchange, 404, "{}");
            }
        } catch (JOSEException | RuntimeException | AssertionError mistake) {
            send(exchange, 400, new JsonObject().put("error", "invalid_request").encode());
        }
    }

    private void authorize(HttpExchange exchange, Map<String, String> asked) throws IOException {
        assertThat(asked)
                .containsEntry("response_type", "code")
                .containsEntry("client_id", CLIENT)
                .containsEntry("code_challenge_method", "S256")
                .containsEntry("tenant", "1");
        assertThat(asked.get("scope")).contains("openid");
        String back = asked.get("redirect_uri") + "?state=" + asked.get("state") + "&session_state=x&iss="
                + URLEncoder.encode(issuer(), StandardCharsets.UTF_8);
        if (error.isEmpty()) {
            String code = UUID.randomUUID().toString();
            codes.put(code, asked);
            back += "&code=" + code;
        } else {
            back += "&error=" + error;
        }
        exchange.getResponseHeaders().set("Location", back);
        exchange.sendResponseHeaders(302, -1);
    }

    private void token(HttpExchange exchange, Map<String, String> form) throws IOException, JOSEException {
        String basic = Base64.getEncoder().encodeToString((CLIENT + ":" + SECRET).getBytes(StandardCharsets.UTF_8));
        assertThat(exchange.getRequestHeaders().getFirst("Authorization")).isEqualTo("Basic " + basic);
        String nonce = null;
        if (form.get("grant_type").equals("authorization_code")) {
            Map<String, String> asked = codes.remove(form.get("code"));
            assertThat(asked).as("a code, once").isNotNull();
            assertThat(form).containsEntry("redirect_uri", asked.get("redirect_uri"));
            assertThat(challenge(form.get("code_verifier"))).isEqualTo(asked.get("code_challenge"));
            nonce = asked.get("nonce");
        } else {
            assertThat(refreshTokens.remove(form.get("refresh_token")))
                    .as("a refresh token, once")
                    .isNotNull();
        }
        Instant now = Instant.now();
        JWTClaimsSet.Builder base = new JWTClaimsSet.Builder()
                .issuer(issuer())
                .audience(CLIENT)
                .subject("ada")
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plusSeconds(300)))
                .claim("nonce", nonce)
                .claim("email", "ada@example.com")
                .claim("groups", List.of("everyone", "on-call"));
        JWSHeader.Builder head = new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID());
        SignedJWT idToken =
                new SignedJWT(header.apply(head).build(), claims.apply(base).build());
        idToken.sign(new ECDSASigner(key));
        JsonObject given = new JsonObject()
                .put("access_token", "not-for-us")
                .put("token_type", "Bearer")
                .put("id_token", idToken.serialize());
        if (refreshes) {
            String refresh = UUID.randomUUID().toString();
            refreshTokens.put(refresh, true);
            given.put("refresh_token", refresh);
        }
        send(exchange, 200, given.encode());
    }

    static Map<String, String> read(String form) {
        Map<String, String> read = new HashMap<>();
        for (String pair : form.split("&", -1)) {
            int equals = pair.indexOf('=');
            read.put(
                    URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8),
                    URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
        }
        return read;
    }

    private static String challenge(String verifier) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void send(HttpExchange exchange, int status, String json) throws IOException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
