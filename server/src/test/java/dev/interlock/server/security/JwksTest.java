package dev.interlock.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import dev.interlock.ManualTimeSource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Keys that an issuer publishes over real HTTP: rotated, withdrawn, away, hostile. */
class JwksTest {
    /** Large primes are looked for once. */
    private static final RSAKey FIRST = Minted.rsa("first");

    private final ManualTimeSource time = new ManualTimeSource(Instant.parse("2027-01-31T18:00:00Z"));
    private final ECKey second = Minted.ec("second");
    private final Vertx vertx = Vertx.vertx();
    private JwksServer issuer;
    private Tokens tokens;

    @BeforeEach
    void start() throws IOException {
        issuer = new JwksServer();
        issuer.publish(FIRST);
        tokens = new Tokens(vertx, time, List.of(JwtIssuer.ofJwks(Minted.ISSUER, issuer.url(), Minted.AUDIENCE)));
        verify(JWSAlgorithm.RS256, FIRST);
    }

    @AfterEach
    void stop() {
        tokens.close();
        vertx.close().await();
        issuer.close();
    }

    @Test
    void a_new_key_is_fetched_when_a_token_names_it() {
        issuer.publish(FIRST, second);
        time.advance(JwksFetcher.AT_MOST_EVERY);

        assertThat(verify(JWSAlgorithm.ES256, second).actor()).startsWith("ada");
        assertThat(issuer.asked).hasValue(2);
    }

    @Test
    void made_up_keys_do_not_make_it_ask_more_than_every_ten_seconds() {
        time.advance(JwksFetcher.AT_MOST_EVERY);
        for (int i = 0; i < 50; i++) {
            ECKey madeUp = new ECKey.Builder(second).keyID("made-up-" + i).build();
            assertThatThrownBy(() -> verify(JWSAlgorithm.ES256, madeUp))
                    .isInstanceOf(UnauthorizedException.class)
                    .hasMessageContaining("a key that its issuer does not publish");
        }
        assertThat(issuer.asked).hasValue(2);
    }

    @Test
    void callers_at_the_same_time_share_one_request() {
        issuer.publish(FIRST, second);
        time.advance(JwksFetcher.AT_MOST_EVERY);
        String token = token(JWSAlgorithm.ES256, second);

        List<Future<Caller>> all = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            all.add(tokens.verify(tokens.present(token)));
        }
        Future.all(all).await();

        assertThat(issuer.asked).hasValue(2);
    }

    @Test
    void the_last_good_keys_count_while_the_issuer_is_away_or_answers_nonsense() {
        for (String nonsense :
                List.of("", "no JSON", "{}", "{\"keys\": []}", "[".repeat(100_000), "x".repeat(300_000))) {
            issuer.answer(200, nonsense);
            refuseUnknown();
            verify(JWSAlgorithm.RS256, FIRST);
        }
        issuer.answer(500, "down");
        refuseUnknown();
        verify(JWSAlgorithm.RS256, FIRST);
        issuer.close();
        refuseUnknown();
        verify(JWSAlgorithm.RS256, FIRST);
    }

    @Test
    void a_redirect_is_not_followed() throws IOException {
        try (JwksServer elsewhere = new JwksServer()) {
            elsewhere.publish(second);
            issuer.answer(302, elsewhere.url().toString());
            refuseUnknown();
            assertThat(elsewhere.asked).hasValue(0);
        }
    }

    @Test
    void a_withdrawn_key_counts_no_more_after_the_next_fetch_even_for_tokens_seen_before() {
        String token = token(JWSAlgorithm.RS256, FIRST);
        tokens.verify(tokens.present(token)).await();
        assertThat(tokens.remembered(token)).isNotNull();
        issuer.publish(second);
        time.advance(JwksFetcher.AT_MOST_EVERY);
        verify(JWSAlgorithm.ES256, second);

        assertThat(tokens.remembered(token)).isNull();
        assertThatThrownBy(() -> tokens.verify(tokens.present(token)).await())
                .isInstanceOf(UnauthorizedException.class);
    }

    @Test
    void weak_keys_and_secrets_in_a_published_set_do_not_count() throws JOSEException {
        RSAKey weak = new RSAKeyGenerator(1024, true).keyID("weak").generate();
        issuer.publish(FIRST, weak);
        time.advance(JwksFetcher.AT_MOST_EVERY);

        assertThatThrownBy(() -> verify(JWSAlgorithm.RS256, weak)).isInstanceOf(UnauthorizedException.class);
        verify(JWSAlgorithm.RS256, FIRST);
    }

    @Test
    void keys_are_there_before_the_first_token_comes() {
        await().until(() -> issuer.asked.get() >= 1);
        assertThat(verify(JWSAlgorithm.RS256, FIRST)).isNotNull();
        assertThat(issuer.asked).hasValue(1);
    }

    @Test
    void a_token_is_remembered_until_it_ends() {
        String token = token(JWSAlgorithm.RS256, FIRST);
        tokens.verify(tokens.present(token)).await();

        time.stepWallClock(Duration.ofSeconds(329));
        assertThat(tokens.remembered(token)).isNotNull();
        time.stepWallClock(Duration.ofSeconds(1));
        assertThat(tokens.remembered(token)).isNull();
    }

    @Test
    void remembered_tokens_are_bounded() {
        Instant now = time.wallTime();
        try (Tokens shared =
                new Tokens(vertx, time, List.of(JwtIssuer.ofSecret(Minted.ISSUER, "s".repeat(32), Minted.AUDIENCE)))) {
            JWK secret = new OctetSequenceKey.Builder("s".repeat(32).getBytes(StandardCharsets.UTF_8)).build();
            for (int i = 0; i < Tokens.REMEMBERED + 100; i++) {
                String token = Minted.token(
                        JWSAlgorithm.HS256,
                        secret,
                        Minted.claims(now).jwtID("id " + i).build());
                shared.verify(shared.present(token)).await();
                assertThat(shared.rememberedCount()).isLessThanOrEqualTo(Tokens.REMEMBERED);
            }
        }
    }

    private void refuseUnknown() {
        time.advance(JwksFetcher.AT_MOST_EVERY);
        assertThatThrownBy(() -> verify(JWSAlgorithm.ES256, second)).isInstanceOf(UnauthorizedException.class);
    }

    private Caller verify(JWSAlgorithm algorithm, JWK key) {
        return tokens.verify(tokens.present(token(algorithm, key))).await();
    }

    private String token(JWSAlgorithm algorithm, JWK key) {
        return Minted.token(algorithm, key, Minted.claims(time.wallTime()).build());
    }
}
