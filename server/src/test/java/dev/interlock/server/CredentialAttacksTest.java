package dev.interlock.server;

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
import com.sun.net.httpserver.HttpServer;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Tokens of a known issuer with any claim of any type, and addresses that guess, against a running server. */
@TestInstance(Lifecycle.PER_CLASS)
class CredentialAttacksTest {
    private static final String SECRET = "another-secret-of-thirty-two-bytes-at-least";
    private static final String STRONG_KEY = "0123456789abcdef0123456789abcdef0123456789abcdef";
    private static final String HEADER = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";

    private HttpServer issuer;
    private ECKey issuersKey;
    private RunningServer server;

    @BeforeAll
    void start() throws Exception {
        issuersKey = new ECKeyGenerator(Curve.P_256).keyID("ec-1").generate();
        byte[] published = new JWKSet(issuersKey.toPublicJWK()).toString().getBytes(StandardCharsets.UTF_8);
        issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        issuer.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, published.length);
            exchange.getResponseBody().write(published);
            exchange.close();
        });
        issuer.start();
        server = new RunningServer(settings("100000"));
    }

    private Map<String, String> settings(String failureBurst) {
        String jwks = "http://127.0.0.1:" + issuer.getAddress().getPort() + "/";
        return Map.of(
                "failure-burst",
                failureBurst,
                "failures-per-minute",
                "1",
                "admin-key",
                STRONG_KEY,
                "jwt-issuers",
                "[{issuer: shared, audience: interlock, secret: " + SECRET
                        + "}, {issuer: published, audience: interlock, jwks-url: '" + jwks + "'}]");
    }

    @AfterAll
    void stop() {
        server.close();
        issuer.stop(0);
    }

    @TestFactory
    Stream<DynamicTest> a_claim_of_any_type_is_let_in_or_refused_and_never_a_mistake_of_the_server() {
        List<DynamicTest> tests = new ArrayList<>();
        for (String claim : List.of(
                "iss", "aud", "sub", "exp", "nbf", "iat", "jti", "organization_id", "role", "agents", "cnf", "scope")) {
            for (String value : List.of(
                    "absent",
                    "null",
                    "true",
                    "0",
                    "-1",
                    "1.5",
                    "1e300",
                    "-1e300",
                    "9223372036854775807",
                    "9".repeat(400),
                    "\"\"",
                    "\"x\"",
                    "\"2027-01-31\"",
                    "\"\\u0000\\u2028\\u202e\"",
                    "[]",
                    "[null]",
                    "[\"interlock\",null,1]",
                    "{}",
                    "{\"a\":{\"b\":[1]}}")) {
                tests.add(DynamicTest.dynamicTest(claim + " " + value, () -> {
                    HttpResponse<String> answer = me(token(HEADER, claims(claim, value)));
                    assertThat(answer.statusCode()).as(answer.body()).isIn(200, 401);
                }));
            }
        }
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> these_claims_are_401() {
        return Stream.of(
                        "exp null",
                        "exp absent",
                        "exp \"x\"",
                        "exp true",
                        "exp {}",
                        "iss null",
                        "aud null",
                        "sub null",
                        "sub 1",
                        "sub {}",
                        "role null",
                        "role 1",
                        "role []",
                        "organization_id null",
                        "organization_id {}",
                        "agents 1",
                        "agents []",
                        "nbf 1e300")
                .map(row -> DynamicTest.dynamicTest(row, () -> {
                    String[] parts = row.split(" ", 2);
                    HttpResponse<String> answer = me(token(HEADER, claims(parts[0], parts[1])));
                    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(401);
                }));
    }

    @TestFactory
    Stream<DynamicTest> a_signed_token_that_says_it_is_something_else_is_401() {
        return Stream.of(
                        "\"zip\":\"DEF\"",
                        "\"zip\":null",
                        "\"cty\":\"JWT\"",
                        "\"cty\":\"jwt\"",
                        "\"cty\":\"application/jwt\"",
                        "\"enc\":\"A256GCM\"",
                        "\"b64\":false,\"crit\":[\"b64\"]")
                .map(member -> DynamicTest.dynamicTest(member, () -> {
                    String header = "{\"alg\":\"HS256\",\"typ\":\"JWT\"," + member + "}";
                    HttpResponse<String> answer = me(token(header, claims("jti", "\"1\"")));
                    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(401);
                }));
    }

    @Test
    void a_plain_content_type_of_a_token_is_no_reason_to_refuse_it() throws Exception {
        String header = "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"cty\":\"application/json\"}";
        assertThat(me(token(header, claims("jti", "\"1\""))).statusCode()).isEqualTo(200);
    }

    @Test
    void an_address_that_fails_does_not_lock_out_what_is_good() throws Exception {
        try (RunningServer attacked = new RunningServer(settings("30"))) {
            String apiKey = new JsonObject(send(
                                    attacked,
                                    "POST",
                                    "/api/v1/keys",
                                    STRONG_KEY,
                                    "{\"name\": \"x\", \"role\": \"viewer\", \"organization_id\": \"acme\"}")
                            .body())
                    .getString("key");
            // Until the issuer's keys have been fetched once.
            Awaitility.await()
                    .until(() -> me(attacked, published(Instant.now())).statusCode() == 200);
            List<String> bad = new ArrayList<>(List.of("junk", "a.b.c", token(HEADER, claims("exp", "1"))));
            bad.add(published(Instant.now()).replaceFirst("[^.]+$", "A".repeat(86)));
            bad.add("il_aaaaaaaaaaaa_" + "A".repeat(49));
            for (int i = 0; i < 40; i++) {
                for (String each : bad) {
                    assertThat(me(attacked, each).statusCode()).isIn(401, 429);
                }
            }
            for (String each : bad) {
                HttpResponse<String> answer = me(attacked, each);
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(429);
                assertThat(answer.headers().firstValue("Retry-After"))
                        .hasValueSatisfying(
                                wait -> assertThat(Integer.parseInt(wait)).isPositive());
            }
            for (int i = 0; i < 15; i++) {
                assertThat(me(attacked, "junk").statusCode()).isEqualTo(429);
                assertThat(me(attacked, token(HEADER, claims("jti", "\"" + i + "\"")))
                                .statusCode())
                        .as("a token by a shared secret that was never seen")
                        .isEqualTo(200);
                assertThat(me(attacked, published(Instant.now())).statusCode())
                        .as("a token by a published key that was never seen")
                        .isEqualTo(200);
                assertThat(me(attacked, STRONG_KEY).statusCode())
                        .as("the configured admin key")
                        .isEqualTo(200);
                assertThat(me(attacked, apiKey).statusCode()).as("an API key").isEqualTo(200);
            }
        }
    }

    @Test
    void behind_a_named_proxy_each_client_fails_for_itself_and_nobody_else_may_name_another() {
        for (boolean trusted : new boolean[] {true, false}) {
            Map<String, String> flags = new HashMap<>(Map.of("failure-burst", "3", "failures-per-minute", "1"));
            flags.put("trusted-proxies", trusted ? "127.0.0.0/8" : "10.0.0.1");
            try (RunningServer proxied = new RunningServer(flags)) {
                for (int i = 0; i < 10; i++) {
                    forwarded(proxied, "192.0.2.1", "junk");
                }
                assertThat(forwarded(proxied, "192.0.2.1", "junk")).isEqualTo(429);
                assertThat(forwarded(proxied, "192.0.2.2", "junk")).isEqualTo(trusted ? 401 : 429);
                assertThat(forwarded(proxied, "192.0.2.2, 192.0.2.1", "junk")).isEqualTo(429);
                assertThat(forwarded(proxied, "192.0.2.2", RunningServer.ADMIN_KEY))
                        .as("a short configured key, which could be guessed")
                        .isEqualTo(trusted ? 200 : 429);
            }
        }
    }

    private static int forwarded(RunningServer proxied, String client, String credential) {
        return proxied.send(proxied.request("/api/v1/me", null)
                        .header("Authorization", "Bearer " + credential)
                        .header("X-Forwarded-For", client)
                        .build())
                .statusCode();
    }

    @Test
    void an_outcome_that_is_attributed_to_a_circuit_not_around_the_call_is_422_and_the_permit_stays_open() {
        try (RunningServer own = new RunningServer()) {
            String permit = RunningServer.json(own.post(
                            "/api/v1/circuits/planner/permits",
                            "agent@acme",
                            "{\"depends_on\": [\"model:m\", \"key:k\"]}"))
                    .getString("permit");
            for (String elsewhere : List.of("model:other", "PLANNER", "planner ", "*")) {
                HttpResponse<String> refused = own.post(
                        "/api/v1/circuits/planner/outcomes",
                        "agent@acme",
                        outcome(permit, elsewhere).encode());
                assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
                assertThat(refused.body()).contains("circuit-not-of-permit", "depends_on");
            }
            HttpResponse<String> batch = own.post(
                    "/api/v1/outcomes",
                    "agent@acme",
                    "[" + outcome(permit, "model:other").encode() + ","
                            + new JsonObject()
                                    .put("agent_id", "planner")
                                    .put("outcome", "failure")
                                    .put("kind", "TIMEOUT")
                                    .put("concerning", "model:m")
                                    .encode()
                            + "]");
            assertThat(RunningServer.json(batch).getInteger("refused")).isEqualTo(2);
            HttpResponse<String> settled = own.post(
                    "/api/v1/circuits/planner/outcomes",
                    "agent@acme",
                    outcome(permit, "model:m").encode());
            assertThat(settled.body()).contains("counted");
            JsonObject model = RunningServer.json(own.get("/api/v1/circuits/model:m", "viewer@acme"));
            assertThat(model.getInteger("consecutive_failures")).isEqualTo(1);
            JsonObject agent = RunningServer.json(own.get("/api/v1/circuits/planner", "viewer@acme"));
            assertThat(agent.getInteger("consecutive_failures")).isZero();
        }
    }

    private static JsonObject outcome(String permit, String concerning) {
        return new JsonObject()
                .put("permit", permit)
                .put("outcome", "failure")
                .put("kind", "TIMEOUT")
                .put("concerning", concerning);
    }

    private HttpResponse<String> me(String credential) {
        return me(server, credential);
    }

    private static HttpResponse<String> me(RunningServer asked, String credential) {
        return send(asked, "GET", "/api/v1/me", credential, null);
    }

    private static HttpResponse<String> send(
            RunningServer asked, String method, String path, String credential, String json) {
        java.net.http.HttpRequest.Builder request = asked.request(path, null)
                .header("Authorization", "Bearer " + credential)
                .method(
                        method,
                        json == null
                                ? java.net.http.HttpRequest.BodyPublishers.noBody()
                                : java.net.http.HttpRequest.BodyPublishers.ofString(json));
        if (json != null) {
            request.header("Content-Type", "application/json");
        }
        return asked.send(request.build());
    }

    /** The claims of a good viewer of acme as JSON, but for one. */
    private static String claims(String changed, String value) {
        long now = Instant.now().getEpochSecond();
        StringBuilder json = new StringBuilder("{\"_\":0");
        Map.of(
                        "iss", "\"shared\"",
                        "aud", "\"interlock\"",
                        "sub", "\"b\"",
                        "exp", String.valueOf(now + 300),
                        "organization_id", "\"acme\"",
                        "role", "\"viewer\"")
                .forEach((name, good) -> {
                    if (!name.equals(changed)) {
                        json.append(",\"").append(name).append("\":").append(good);
                    }
                });
        if (!value.equals("absent")) {
            json.append(",\"").append(changed).append("\":").append(value);
        }
        return json.append('}').toString();
    }

    private static String token(String header, String payload) {
        String signed = encode(header) + "." + encode(payload);
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return signed + "."
                    + Base64.getUrlEncoder()
                            .withoutPadding()
                            .encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String encode(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** One that nobody has seen before, by the issuer's published key. */
    private String published(Instant now) {
        JWTClaimsSet claims = new JWTClaimsSet.Builder()
                .issuer("published")
                .audience("interlock")
                .subject("b")
                .jwtID(UUID.randomUUID().toString())
                .claim("role", "viewer")
                .claim("organization_id", "acme")
                .expirationTime(Date.from(now.plus(Duration.ofMinutes(5))))
                .build();
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("ec-1").build(), claims);
        try {
            token.sign(new ECDSASigner(issuersKey));
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
        return token.serialize();
    }
}
