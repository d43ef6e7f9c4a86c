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
import dev.interlock.jdbc.Postgres;
import dev.interlock.redis.Proxy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** While PostgreSQL hangs, reads end with an answer, and nobody who needs no database waits for them. */
@Tag("heavy")
@Tag("thorough")
class HangingDatabaseTest {
    /** Before there was a limit, the last answers came after 15 s and more. */
    private static final Duration LIMIT = Duration.ofSeconds(12);

    private static final int READS = 40;

    @Test
    void reads_are_answered_and_a_fresh_token_does_not_wait_behind_them() throws Exception {
        ECKey key = new ECKeyGenerator(Curve.P_256).keyID("ec-1").generate();
        HttpServer issuer = issuer(key);
        URI database = URI.create(Postgres.migrated().url().substring("jdbc:".length()));
        Proxy proxy = new Proxy(database.getPort());
        int port = URI.create(proxy.url()).getPort();
        String url = "jdbc:" + database.toString().replace(":" + database.getPort() + "/", ":" + port + "/");
        String issuers = "[{issuer: tests, audience: interlock, jwks-url: 'http://127.0.0.1:"
                + issuer.getAddress().getPort() + "/'}]";
        HttpClient client = HttpClient.newHttpClient();
        try (RunningServer server =
                new RunningServer(Map.of("database-url", url, "jwt-issuers", issuers, "shutdown-grace", "0s"))) {
            String known = token(key, "known");
            assertThat(client.send(get(server, "/api/v1/agents/a/logs", known), BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);

            proxy.mode(Proxy.Mode.SILENT);
            List<CompletableFuture<HttpResponse<String>>> reads = new ArrayList<>();
            for (int i = 0; i < READS; i++) {
                reads.add(client.sendAsync(get(server, "/api/v1/agents/a/logs", known), BodyHandlers.ofString()));
            }
            for (int i = 0; i < 20; i++) {
                HttpRequest me = get(server, "/api/v1/me", token(key, "fresh-" + i));
                assertThat(client.send(me, BodyHandlers.ofString()).statusCode())
                        .isEqualTo(200);
            }
            assertThat(client.send(get(server, "/api/v1/agents?limit=10", known), BodyHandlers.ofString())
                            .statusCode())
                    .as("what is in memory")
                    .isEqualTo(200);
            assertThat(reads).as("they hang while others are answered").anyMatch(read -> !read.isDone());
            for (CompletableFuture<HttpResponse<String>> read : reads) {
                assertThat(read.join().statusCode()).isEqualTo(503);
            }
        } finally {
            proxy.close();
            issuer.stop(0);
        }
    }

    private static HttpServer issuer(ECKey key) throws IOException {
        byte[] published = new JWKSet(key.toPublicJWK()).toString().getBytes(StandardCharsets.UTF_8);
        HttpServer issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        issuer.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, published.length);
            exchange.getResponseBody().write(published);
            exchange.close();
        });
        issuer.start();
        return issuer;
    }

    private static HttpRequest get(RunningServer server, String path, String token) {
        return HttpRequest.newBuilder(server.uri(path))
                .header("Authorization", "Bearer " + token)
                .timeout(LIMIT)
                .build();
    }

    private static String token(ECKey key, String subject) throws JOSEException {
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("ec-1").build(),
                new JWTClaimsSet.Builder()
                        .issuer("tests")
                        .audience("interlock")
                        .subject(subject)
                        .claim("role", "viewer")
                        .claim("organization_id", "acme")
                        .expirationTime(Date.from(Instant.now().plusSeconds(600)))
                        .build());
        token.sign(new ECDSASigner(key));
        return token.serialize();
    }
}
