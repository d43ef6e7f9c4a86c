package dev.interlock.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import dev.interlock.ManualTimeSource;
import dev.interlock.server.text.Secrets;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The door, with a store that can be away and servers that share it. */
class AccessTest {
    private static final int ORGANIZATION_BURST = 20;
    private static final String SECRET = "a shared secret that is longer than thirty-two bytes";
    private static final String CONFIGURED = "configured-admin-key";

    @TempDir
    private Path folder;

    private final ManualTimeSource time = new ManualTimeSource();
    private final InMemoryKeys store = new InMemoryKeys();
    private final Vertx vertx = Vertx.vertx();
    private Security here;
    private Security there;

    @BeforeEach
    void start() {
        here = open();
        there = open();
        time.advance(KeyWatch.AT_MOST_EVERY);
    }

    @AfterEach
    void stop() {
        here.close();
        there.close();
        vertx.close().await();
    }

    @Test
    void a_known_key_is_let_in_out_of_memory_even_with_the_database_away() {
        String key = make("viewer");
        int reads = store.reads.get();
        store.away = true;

        Future<Caller> caller = here.access().admit("Bearer " + key, "10.0.0.1", Role.VIEWER);

        assertThat(caller.isComplete()).isTrue();
        assertThat(caller.result().role()).isEqualTo(Role.VIEWER);
        assertThat(store.reads).hasValue(reads);
    }

    @Test
    void the_scheme_may_be_written_in_any_case() {
        String key = make("viewer");

        assertThat(here.authenticator().authenticate("bearer " + key).await().organization())
                .isEqualTo("default");
        assertThat(here.authenticator().authenticate("BEARER  " + key).await().organization())
                .isEqualTo("default");
    }

    @Test
    void what_is_no_credential_is_refused_in_words_that_do_not_repeat_it() {
        String key = make("viewer");
        String mistyped = key.substring(0, 60) + (key.charAt(60) == 'x' ? 'y' : 'x') + key.substring(61);
        for (String header : new String[] {
            null,
            "",
            "Bearer",
            "Bearer ",
            "Basic dXNlcjpwYXNz",
            key,
            "Bearer " + mistyped,
            "Bearer x " + key,
            "Token " + key,
            "Bearer nope",
            "Bearer " + "x".repeat(20_000)
        }) {
            assertThatThrownBy(() -> here.authenticator().authenticate(header).await())
                    .isInstanceOf(UnauthorizedException.class)
                    .satisfies(refusal -> assertThat(refusal.getMessage()).doesNotContain("il_", "dXNl"))
                    .satisfies(refusal -> assertThat(Secrets.hidden(refusal.getMessage()))
                            .as("words that the redaction of answers takes for no secret")
                            .isEqualTo(refusal.getMessage()));
        }
    }

    @Test
    void a_right_id_with_another_secret_is_refused() {
        String key = make("viewer");
        String id = Objects.requireNonNull(ApiKeyText.parse(key)).id();
        ApiKeyText other = ApiKeyText.random();

        assertThatThrownBy(() -> here.authenticator()
                        .authenticate("Bearer " + other.reveal().replace(other.id(), id))
                        .await())
                .isInstanceOf(UnauthorizedException.class);
    }

    @Test
    void the_refusal_names_the_role_that_is_needed_and_the_one_that_is_there() {
        String key = make("viewer");

        assertThatThrownBy(() -> here.access()
                        .admit("Bearer " + key, "10.0.0.1", Role.OPERATOR)
                        .await())
                .isInstanceOf(ForbiddenException.class)
                .hasMessage("This call needs the role operator, but the caller has the role viewer");
    }

    @Test
    void a_key_that_another_server_made_counts_here_at_once() {
        String key = make("viewer");

        assertThat(there.authenticator().authenticate("Bearer " + key).await().role())
                .isEqualTo(Role.VIEWER);
    }

    @Test
    void a_key_that_was_removed_counts_no_more_here_at_once_and_elsewhere_at_the_next_look() {
        String key = make("viewer");
        Caller caller = there.authenticator().authenticate("Bearer " + key).await();
        here.keys().remove(root(), null, Objects.requireNonNull(caller.keyId()));

        assertThatThrownBy(
                        () -> here.authenticator().authenticate("Bearer " + key).await())
                .isInstanceOf(UnauthorizedException.class);
        assertThat(here.authenticator().isValid(caller)).isFalse();
        time.advance(KeyWatch.AT_MOST_EVERY);
        // What the timer does every two seconds; a stranger's key makes it happen now.
        assertThatThrownBy(() -> there.authenticator()
                        .authenticate("Bearer " + ApiKeyText.random().reveal())
                        .await())
                .isInstanceOf(UnauthorizedException.class);
        assertThatThrownBy(() ->
                        there.authenticator().authenticate("Bearer " + key).await())
                .isInstanceOf(UnauthorizedException.class);
        assertThat(there.authenticator().isValid(caller)).isFalse();
    }

    @Test
    void made_up_keys_do_not_reach_the_database_each() {
        int reads = store.reads.get();
        for (int i = 0; i < 20; i++) {
            String madeUp = ApiKeyText.random().reveal();
            assertThatThrownBy(() -> here.authenticator()
                            .authenticate("Bearer " + madeUp)
                            .await())
                    .isInstanceOf(UnauthorizedException.class);
        }
        assertThat(store.reads.get() - reads).isLessThanOrEqualTo(2);
    }

    @Test
    void an_address_that_fails_too_often_may_guess_no_more_but_good_keys_pass_from_it() {
        String key = make("agent");
        String token = token();
        here.authenticator().authenticate("Bearer " + token, "10.0.0.1").await();
        for (int i = 0; i < 30; i++) {
            assertThatThrownBy(() -> fail("10.0.0.1")).isInstanceOf(UnauthorizedException.class);
        }

        assertThatThrownBy(() -> fail("10.0.0.1"))
                .isInstanceOf(TooManyRequestsException.class)
                .satisfies(refusal -> assertThat(((TooManyRequestsException) refusal).retryAfterSeconds())
                        .isEqualTo(1));
        assertThatThrownBy(() -> here.authenticator()
                        .authenticate("Bearer " + CONFIGURED, "10.0.0.1")
                        .await())
                .as("anyone who guesses learns nothing of a right guess")
                .isInstanceOf(TooManyRequestsException.class);
        assertThat(here.authenticator()
                        .authenticate("Bearer " + key, "10.0.0.1")
                        .await())
                .isNotNull();
        assertThat(here.authenticator()
                        .authenticate("Bearer " + token, "10.0.0.1")
                        .await())
                .isNotNull();
        assertThat(here.authenticator()
                        .authenticate("Bearer " + CONFIGURED, "10.0.0.2")
                        .await())
                .isNotNull();

        time.advance(Duration.ofSeconds(1));
        assertThat(here.authenticator()
                        .authenticate("Bearer " + CONFIGURED, "10.0.0.1")
                        .await())
                .isNotNull();
    }

    @Test
    void a_key_that_calls_too_often_hears_when_to_come_back_and_others_do_not_notice() {
        String busy = make("viewer");
        String other = make("viewer");
        for (int i = 0; i < 5; i++) {
            here.access().admit("Bearer " + busy, "10.0.0.1", Role.VIEWER).await();
        }

        assertThatThrownBy(() -> here.access()
                        .admit("Bearer " + busy, "10.0.0.1", Role.VIEWER)
                        .await())
                .isInstanceOf(TooManyRequestsException.class);
        assertThat(here.access()
                        .admit("Bearer " + other, "10.0.0.1", Role.VIEWER)
                        .await())
                .isNotNull();
        time.advance(Duration.ofMillis(500));
        assertThat(here.access()
                        .admit("Bearer " + busy, "10.0.0.1", Role.VIEWER)
                        .await())
                .isNotNull();
    }

    @Test
    void keys_and_subjects_of_an_organization_have_a_limit_together_and_others_do_not_notice() {
        int admitted = 0;
        for (int i = 0; i < 100; i++) {
            Caller caller = new Caller("acme", Role.VIEWER, "caller " + i, null, false);
            admitted += here.access().admit(caller, Role.VIEWER).succeeded() ? 1 : 0;
        }
        assertThat(admitted).isEqualTo(ORGANIZATION_BURST);

        Caller other = new Caller("globex", Role.VIEWER, "caller 1", null, false);
        assertThat(here.access().admit(other, Role.VIEWER).succeeded()).isTrue();
    }

    @Test
    void a_subject_of_the_same_name_in_another_organization_has_a_limit_of_its_own() {
        Caller busy = new Caller("acme", Role.VIEWER, Actor.ofToken("ada", Minted.ISSUER), null, false);
        Future<Caller> last;
        do {
            last = here.access().admit(busy, Role.VIEWER);
        } while (last.succeeded());
        assertThat(last.cause()).isInstanceOf(TooManyRequestsException.class);

        Caller namesake = new Caller("globex", Role.VIEWER, busy.actor(), null, false);
        assertThat(here.access().admit(namesake, Role.VIEWER).succeeded()).isTrue();
    }

    @Test
    void subjects_that_are_alike_at_their_beginning_are_different_actors() {
        String alike = "a".repeat(200);
        assertThat(Actor.ofToken(alike + "1", Minted.ISSUER)).isNotEqualTo(Actor.ofToken(alike + "2", Minted.ISSUER));
        assertThat(Actor.ofToken("a\nb", Minted.ISSUER)).isNotEqualTo(Actor.ofToken("a?b", Minted.ISSUER));
        assertThat(Actor.ofToken(alike, alike)).hasSizeLessThanOrEqualTo(256);
        assertThat(Actor.ofToken("ada", Minted.ISSUER)).isEqualTo("ada (token of " + Minted.ISSUER + ")");
    }

    @Test
    void the_configured_key_counts_and_administers_the_installation() {
        Caller caller =
                here.authenticator().authenticate("Bearer " + CONFIGURED).await();

        assertThat(caller).isEqualTo(root());
        assertThat(caller.installationAdmin()).isTrue();
    }

    private void fail(String address) {
        here.authenticator().authenticate("Bearer nonsense", address).await();
    }

    private String make(String role) {
        return here.keys()
                .create(root(), new KeyRequest("a " + role, role, null, null))
                .key();
    }

    private String token() {
        JWK secret = new OctetSequenceKey.Builder(SECRET.getBytes(StandardCharsets.UTF_8)).build();
        return Minted.token(
                JWSAlgorithm.HS256, secret, Minted.claims(time.wallTime()).build());
    }

    private static Caller root() {
        return new ConfiguredKey(CONFIGURED).caller();
    }

    private Security open() {
        JwtIssuer issuer = JwtIssuer.ofSecret(Minted.ISSUER, SECRET, Minted.AUDIENCE);
        return Security.open(
                vertx,
                new SecuritySettings(CONFIGURED, folder, List.of(issuer), 2, 5, 60, 30, 10, ORGANIZATION_BURST),
                store,
                time);
    }
}
