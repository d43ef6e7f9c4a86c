package dev.interlock.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.InvalidSettingsException;
import dev.interlock.ManualTimeSource;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SessionsTest {
    private final ManualTimeSource time = new ManualTimeSource();
    private final Sessions sessions = new Sessions(new Seal(new byte[Seal.KEY_BYTES]), time);

    private Session session(String id) {
        Instant now = time.wallTime();
        return new Session(id, "example", "ada", "acme", Role.OPERATOR, "ada (token)", now, now.plusSeconds(3_600));
    }

    @Test
    void a_session_is_read_as_it_was_written_until_its_end() {
        String cookie = sessions.write(session("one"));

        assertThat(cookie).matches("[A-Za-z0-9_-]+").doesNotContain("acme");
        assertThat(sessions.read(cookie)).isEqualTo(session("one"));
        time.advance(Duration.ofMinutes(60).minusMillis(1));
        assertThat(sessions.read(cookie)).isNotNull();
        time.advance(Duration.ofMillis(1));
        assertThat(sessions.read(cookie)).isNull();
    }

    @Test
    void no_two_cookies_of_one_session_are_alike_and_no_other_key_reads_them() {
        Set<String> cookies = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            cookies.add(sessions.write(session("one")));
        }
        assertThat(cookies).hasSize(1_000);
        byte[] other = new byte[Seal.KEY_BYTES];
        other[0] = 1;
        assertThat(new Sessions(new Seal(other), time).read(cookies.iterator().next()))
                .isNull();
    }

    @Test
    void every_bit_of_a_cookie_counts_and_its_purpose() {
        String cookie = sessions.write(session("one"));
        for (int i = 0; i < cookie.length() - 1; i++) { // the last character has bits that stand for nothing
            char changed = cookie.charAt(i) == 'A' ? 'B' : 'A';
            assertThat(sessions.read(cookie.substring(0, i) + changed + cookie.substring(i + 1)))
                    .as("character %s", i)
                    .isNull();
        }
        assertThat(sessions.open("flow", cookie)).isNull();
        assertThat(sessions.read(sessions.close("flow", new JsonObject()))).isNull();
        assertThat(sessions.read(sessions.close("session", new JsonObject().put("id", 7))))
                .isNull();
        for (String none : new String[] {"", "=", "AAAA", "é", "A".repeat(20_000)}) {
            assertThat(sessions.read(none)).isNull();
        }
    }

    @Test
    void who_has_signed_out_is_out_and_what_is_remembered_of_that_is_forgotten_in_time() {
        String cookie = sessions.write(session("one"));
        sessions.end(session("one"));

        assertThat(sessions.read(cookie)).isNull();
        assertThat(sessions.hasEnded("one")).isTrue();
        assertThat(sessions.read(sessions.write(session("two")))).isNotNull();
        time.advance(SignIn.LONGEST.plusMinutes(2));
        sessions.end(session("three"));
        assertThat(sessions.hasEnded("one")).isFalse();
    }

    @Test
    void mistakes_in_the_settings_of_a_sign_in_are_reported_together_and_without_the_secret() {
        Map<String, Object> signIn = new HashMap<>(Map.of(
                "name", " ",
                "client-secret", "hunter2hunter2",
                "colour", "red",
                "roles", Map.of("agents", "agent", "x", "boss"),
                "organization", "",
                "session-minutes", "900"));
        Map<String, Object> issuer = Map.of(
                "issuer",
                "https://login.example",
                "jwks-url",
                "https://login.example/keys",
                "audience",
                "x",
                "sign-in",
                signIn);

        assertThatThrownBy(() -> JwtIssuer.from(issuer))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageContainingAll(
                        "sign-in.name",
                        "sign-in.client-id",
                        "sign-in.colour",
                        "people are viewer",
                        "x = boss",
                        "1 to 720")
                .message()
                .doesNotContain("hunter2");
        signIn.clear();
        signIn.putAll(Map.of("name", "My Company, Inc.", "client-id", "interlock", "client-secret", "hunter2hunter2"));
        JwtIssuer good = JwtIssuer.from(issuer);
        assertThat(good.signIn()).isNotNull();
        assertThat(good.signIn().id()).isEqualTo("my-company-inc");
        assertThat(good.toString() + good.signIn()).doesNotContain("hunter2");
        assertThatThrownBy(() -> JwtIssuer.from(
                        Map.of("issuer", "x", "secret", "a".repeat(32), "audience", "x", "sign-in", signIn)))
                .hasMessageContaining("sign-in: needs an issuer with a jwks-url");
        assertThatThrownBy(() -> JwtIssuer.from(
                        Map.of("issuer", "x", "jwks-url", "https://x/keys", "audience", "x", "sign-in", "Example")))
                .hasMessageContaining("sign-in: must be names and values");
    }
}
