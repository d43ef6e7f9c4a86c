package dev.interlock.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import dev.interlock.ManualTimeSource;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Tokens that must be refused, and a few that must not, against an issuer's real server. */
@TestInstance(Lifecycle.PER_CLASS)
class JwtAttacksTest {
    private static final String SECRET = "a shared secret that is longer than thirty-two bytes";

    private final ManualTimeSource time = new ManualTimeSource(Instant.parse("2027-01-31T18:00:00Z"));
    private final Instant now = time.wallTime();
    private final RSAKey rsa = Minted.rsa("rsa-1");
    private final ECKey ec = Minted.ec("ec-1");
    private final RSAKey attackers = Minted.rsa("rsa-1");
    private final OctetSequenceKey secret =
            new OctetSequenceKey.Builder(SECRET.getBytes(StandardCharsets.UTF_8)).build();
    private final Vertx vertx = Vertx.vertx();
    private JwksServer issuer;
    private Security security;

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        issuer = new JwksServer();
        issuer.publish(rsa, ec);
        List<JwtIssuer> issuers = List.of(
                JwtIssuer.ofJwks(Minted.ISSUER, issuer.url(), Minted.AUDIENCE),
                JwtIssuer.ofSecret("https://shared.example", SECRET, Minted.AUDIENCE),
                new JwtIssuer(
                        "https://acme-only.example",
                        null,
                        SECRET,
                        Set.of("HS256"),
                        Minted.AUDIENCE,
                        Set.of("acme"),
                        "https://example/org",
                        "https://example/role",
                        JwtIssuer.ofSecret("x", SECRET, "x").clockSkew(),
                        null));
        SecuritySettings settings = new SecuritySettings(
                "configured-key", folder, issuers, 1_000_000, 1_000_000, 1_000_000, 1_000_000, 1_000_000, 1_000_000);
        security = Security.open(vertx, settings, new InMemoryKeys(), time);
    }

    @AfterAll
    void stop() {
        security.close();
        vertx.close().await();
        issuer.close();
    }

    @TestFactory
    Stream<DynamicTest> these_are_let_in() {
        return Stream.of(
                accepted("RS256 by the issuer's key", Minted.token(JWSAlgorithm.RS256, rsa, good())),
                accepted("ES256 by the issuer's key", Minted.token(JWSAlgorithm.ES256, ec, good())),
                accepted("HS256 by the shared secret", shared(claims("https://shared.example"))),
                accepted(
                        "without a kid, as every key is tried",
                        Minted.token(JWSAlgorithm.RS256, rsa, good(), header -> header.keyID(null))),
                accepted("expired for less than the clock skew", signed(b -> b.expirationTime(at(-29)))),
                accepted("not before, by less than the clock skew", signed(b -> b.notBeforeTime(at(29)))),
                accepted("one audience of several", signed(b -> b.audience(List.of("other", Minted.AUDIENCE)))),
                accepted(
                        "claims of other names",
                        shared(Minted.claims(now)
                                .issuer("https://acme-only.example")
                                .claim("https://example/org", "acme")
                                .claim("https://example/role", "viewer")
                                .build())));
    }

    @TestFactory
    Stream<DynamicTest> these_are_refused() {
        List<DynamicTest> tests = new ArrayList<>();
        signatures(tests);
        headers(tests);
        claims(tests);
        shapes(tests);
        return tests.stream();
    }

    private void signatures(List<DynamicTest> tests) {
        String good = Minted.token(JWSAlgorithm.RS256, rsa, good());
        String[] parts = good.split("\\.");
        tests.add(refused(
                "signed by another's key of the same kid", Minted.token(JWSAlgorithm.RS256, attackers, good())));
        tests.add(refused("without a signature", parts[0] + "." + parts[1] + "."));
        tests.add(refused(
                "with an empty RSA signature of zeros",
                parts[0] + "." + parts[1] + "." + Base64URL.encode(new byte[256])));
        tests.add(refused(
                "ES256 with r and s zero",
                Minted.token(JWSAlgorithm.ES256, ec, good()).replaceFirst("[^.]+$", "")
                        + Base64URL.encode(new byte[64])));
        JWTClaimsSet admin = Minted.claims(now).claim("role", "admin").build();
        tests.add(refused(
                "with claims of another token", parts[0] + "." + Minted.encode(admin.toString()) + "." + parts[2]));
        tests.add(refused(
                "key confusion: HS256 with the public key as the secret",
                Minted.token(JWSAlgorithm.HS256, publicAsSecret(), good(), h -> h.keyID("rsa-1"))));
        tests.add(refused(
                "key confusion: HS256 with the JWKS document as the secret",
                Minted.token(JWSAlgorithm.HS256, octets(rsa.toPublicJWK().toJSONString()), good())));
        tests.add(refused(
                "the shared secret's issuer with another's RSA key",
                Minted.token(JWSAlgorithm.RS256, rsa, claims("https://shared.example"))));
        tests.add(refused("this issuer by another issuer's secret", Minted.token(JWSAlgorithm.HS256, secret, good())));
        tests.add(refused(
                "another issuer by this issuer's key, unknown",
                Minted.token(JWSAlgorithm.RS256, rsa, claims("https://unknown.example"))));
        tests.add(refused(
                "the shared secret guessed short",
                Minted.token(
                        JWSAlgorithm.HS256,
                        octets("secret-secret-secret-secret-secret"),
                        claims("https://shared.example"))));
    }

    private void headers(List<DynamicTest> tests) {
        String payload = good().toString();
        for (String none : List.of("none", "None", "NONE", "nOnE", "")) {
            tests.add(refused(
                    "alg '" + none + "'", Minted.raw("{\"alg\":\"" + none + "\",\"typ\":\"JWT\"}", payload, "")));
        }
        tests.add(refused("a plain token", new PlainJWT(good()).serialize()));
        tests.add(refused("no alg", Minted.raw("{\"typ\":\"JWT\"}", payload, "AAAA")));
        tests.add(refused("an algorithm that the issuer may not use", Minted.token(JWSAlgorithm.RS512, rsa, good())));
        tests.add(refused("PS256 where RS256 is due", Minted.token(JWSAlgorithm.PS256, rsa, good())));
        tests.add(refused(
                "HS512 where HS256 is due",
                Minted.token(JWSAlgorithm.HS512, octets(SECRET + SECRET), claims("https://shared.example"))));
        tests.add(refused(
                "its own key in the header (jwk)",
                Minted.token(JWSAlgorithm.RS256, attackers, good(), h -> h.jwk(attackers.toPublicJWK()))));
        tests.add(refused(
                "its own key's address in the header (jku)",
                Minted.token(
                        JWSAlgorithm.RS256,
                        attackers,
                        good(),
                        h -> h.keyID("evil").jwkURL(URI.create("http://127.0.0.1:1/evil")))));
        tests.add(refused(
                "its own certificate's address in the header (x5u)",
                Minted.token(
                        JWSAlgorithm.RS256,
                        attackers,
                        good(),
                        h -> h.x509CertURL(URI.create("http://127.0.0.1:1/evil")))));
        tests.add(refused(
                "a kid that is a path",
                Minted.token(JWSAlgorithm.RS256, attackers, good(), h -> h.keyID("../../dev/null"))));
        tests.add(refused(
                "a kid that is SQL",
                Minted.token(JWSAlgorithm.RS256, attackers, good(), h -> h.keyID("' UNION SELECT 'x"))));
        tests.add(refused(
                "a critical extension that nobody knows",
                Minted.token(
                        JWSAlgorithm.RS256,
                        rsa,
                        good(),
                        h -> h.criticalParams(new HashSet<>(Set.of("unknown"))).customParam("unknown", true))));
        tests.add(refused(
                "an identity token of another type",
                Minted.token(JWSAlgorithm.RS256, rsa, good(), h -> h.type(new JOSEObjectType("logout+jwt")))));
    }

    private void claims(List<DynamicTest> tests) {
        tests.add(refused("no end", signed(b -> b.expirationTime(null))));
        tests.add(refused("expired", signed(b -> b.expirationTime(at(-31)))));
        tests.add(refused("not yet", signed(b -> b.notBeforeTime(at(31)))));
        tests.add(refused("no issuer", signed(b -> b.issuer(null))));
        tests.add(refused("an issuer with a slash more", signed(b -> b.issuer(Minted.ISSUER + "/"))));
        tests.add(refused("no audience", signed(b -> b.audience((String) null))));
        tests.add(refused("another audience", signed(b -> b.audience("interlock-staging"))));
        tests.add(refused("no subject", signed(b -> b.subject(null))));
        tests.add(refused("no organization", signed(b -> b.claim("organization_id", null))));
        tests.add(refused("an empty organization", signed(b -> b.claim("organization_id", ""))));
        tests.add(refused("several organizations", signed(b -> b.claim("organization_id", List.of("a", "b")))));
        tests.add(refused("a number for an organization", signed(b -> b.claim("organization_id", 1))));
        tests.add(refused("no role", signed(b -> b.claim("role", null))));
        tests.add(refused("a role that is none", signed(b -> b.claim("role", "root"))));
        tests.add(refused("a role in capitals", signed(b -> b.claim("role", "ADMIN"))));
        tests.add(refused("several roles", signed(b -> b.claim("role", List.of("admin")))));
        tests.add(refused("a pattern that is none", signed(b -> b.claim("agents", ""))));
        tests.add(refused(
                "an organization that its issuer may not speak for",
                shared(Minted.claims(now)
                        .issuer("https://acme-only.example")
                        .claim("https://example/org", "globex")
                        .claim("https://example/role", "viewer")
                        .build())));
    }

    private void shapes(List<DynamicTest> tests) {
        String good = Minted.token(JWSAlgorithm.RS256, rsa, good());
        tests.add(refused("two parts", good.substring(0, good.lastIndexOf('.'))));
        tests.add(refused("four parts", good + ".AAAA"));
        tests.add(refused("five parts, as if encrypted", good + ".AAAA.AAAA"));
        tests.add(refused("dots alone", ".."));
        tests.add(refused("no base64", "!!!.???.***"));
        tests.add(refused("no JSON", Minted.raw("header", "payload", "AAAA")));
        tests.add(refused("JSON that nests deeply", Minted.raw("[".repeat(4_000), "{}", "AAAA")));
        tests.add(refused(
                "claims that nest deeply",
                Minted.raw(
                        "{\"alg\":\"RS256\"}",
                        "{\"iss\":\"" + Minted.ISSUER + "\",\"a\":" + "[".repeat(3_000) + "]".repeat(2_000) + "}",
                        "AAAA")));
        tests.add(refused("the claims are a list", Minted.raw("{\"alg\":\"RS256\"}", "[]", "AAAA")));
        tests.add(refused("the claims are null", Minted.raw("{\"alg\":\"RS256\"}", "null", "AAAA")));
        tests.add(refused("longer than 8 KiB", "a".repeat(9_000)));
        tests.add(refused("a control character", good + "\u0000"));
    }

    private DynamicTest accepted(String name, String token) {
        return DynamicTest.dynamicTest(name, () -> {
            Caller caller = authenticate(token);
            assertThat(caller.organization()).isEqualTo("acme");
            assertThat(caller.actor()).startsWith("ada (token of https://");
            assertThat(caller.installationAdmin()).isFalse();
            assertThat(caller.keyId()).isNull();
        });
    }

    private DynamicTest refused(String name, String token) {
        return DynamicTest.dynamicTest(
                name,
                () -> assertThatThrownBy(() -> authenticate(token))
                        .isInstanceOf(UnauthorizedException.class)
                        .satisfies(refusal -> assertThat(refusal.getMessage()).doesNotContain(token)));
    }

    private Caller authenticate(String token) {
        return security.authenticator().authenticate("Bearer " + token).await();
    }

    private JWTClaimsSet good() {
        return Minted.claims(now).build();
    }

    private JWTClaimsSet claims(String issuerName) {
        return Minted.claims(now).issuer(issuerName).build();
    }

    private String signed(UnaryOperator<JWTClaimsSet.Builder> change) {
        return Minted.token(
                JWSAlgorithm.RS256, rsa, change.apply(Minted.claims(now)).build());
    }

    private String shared(JWTClaimsSet claims) {
        return Minted.token(JWSAlgorithm.HS256, secret, claims);
    }

    private Date at(int seconds) {
        return Date.from(now.plusSeconds(seconds));
    }

    private JWK publicAsSecret() {
        try {
            return new OctetSequenceKey.Builder(rsa.toRSAPublicKey().getEncoded()).build();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static OctetSequenceKey octets(String text) {
        return new OctetSequenceKey.Builder(text.getBytes(StandardCharsets.UTF_8)).build();
    }
}
