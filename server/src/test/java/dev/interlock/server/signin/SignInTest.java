package dev.interlock.server.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jwt.JWTClaimsSet;
import dev.interlock.server.RunningServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** People sign in by a real issuer over HTTP, and others try to do so in their place. */
class SignInTest {
    private static final String ROLES = "everyone: viewer, on-call: operator, owners: admin";
    private static final String SESSION = "interlock-session";
    private static final String FLOW = "interlock-sign-in";
    private static final String REFRESH = "interlock-refresh";
    private static final String OPEN = "{\"action\": \"open\"}";

    private static LocalIssuer issuer;
    private static RunningServer server;

    private final Person ada = new Person(server);

    @BeforeAll
    static void start() throws Exception {
        issuer = new LocalIssuer();
        server = new RunningServer(Map.of("jwt-issuers", issuer.settings(ROLES), "failure-burst", "1000"));
    }

    @AfterAll
    static void stop() {
        server.close();
        issuer.close();
    }

    @BeforeEach
    void behave() {
        issuer.behave();
    }

    @Test
    void who_signs_in_is_known_by_groups_in_all_tabs_and_comes_back_to_the_place_where_it_was() {
        JsonObject before =
                new JsonObject(ada.ask("GET", "/api/v1/session", null).body());
        assertThat(before.getJsonArray("sign_ins"))
                .isEqualTo(new JsonArray()
                        .add(new JsonObject().put("id", "example").put("name", "Example")));
        assertThat(before.getValue("session")).isNull();
        assertThat(ada.ask("GET", "/api/v1/me", null).statusCode()).isEqualTo(401);

        assertThat(ada.signIn("?place=%23%2Fagents%2Fplanner%3Fx%3D1")).isEqualTo("/#/agents/planner?x=1");

        JsonObject me = ada.me();
        assertThat(me.getString("role")).isEqualTo("operator");
        assertThat(me.getString("organization_id")).isEqualTo("default");
        assertThat(me.getString("actor")).startsWith("ada@example.com (token of http://127.0.0.1:");
        JsonObject session =
                new JsonObject(ada.ask("GET", "/api/v1/session", null).body()).getJsonObject("session");
        assertThat(session.getBoolean("renewable")).isTrue();
        assertThat(Instant.parse(session.getString("ends_at")))
                .isBetween(Instant.now().plusSeconds(3_000), Instant.now().plusSeconds(3_700));
    }

    @Test
    void cookies_are_for_no_script_no_other_site_and_no_disk() {
        URI back = ada.untilBack("");
        List<String> written = ada.go(back).headers().allValues("Set-Cookie");

        assertThat(written).hasSize(3).allSatisfy(each -> assertThat(each).contains("HttpOnly"));
        assertThat(written)
                .filteredOn(each -> each.startsWith(SESSION) || each.startsWith(REFRESH))
                .hasSize(2)
                .allSatisfy(each -> assertThat(each).contains("SameSite=Strict").doesNotContain("Max-Age", "Expires"));
        assertThat(written)
                .filteredOn(each -> each.startsWith(FLOW))
                .allSatisfy(each -> assertThat(each).contains("Max-Age=0"));
        assertThat(String.join("\n", written)).doesNotContain("not-for-us", "ada@example.com");
    }

    @Test
    void what_changes_something_must_come_from_a_page_of_the_server() {
        ada.signIn();
        String path = "/api/v1/circuits/planner/action";

        assertThat(ada.ask("POST", path, null, OPEN).statusCode()).isEqualTo(403);
        assertThat(ada.ask("POST", path, "https://evil.example", OPEN).statusCode())
                .isEqualTo(403);
        assertThat(ada.ask("POST", path, "null", OPEN).statusCode()).isEqualTo(403);
        assertThat(ada.ask("POST", path, ada.origin() + ".evil.example", OPEN).statusCode())
                .isEqualTo(403);
        assertThat(ada.ask("DELETE", "/api/v1/session", null, null).statusCode())
                .isEqualTo(403);
        assertThat(ada.ask("POST", "/api/v1/session/refresh", "https://evil.example", null)
                        .statusCode())
                .isEqualTo(403);
        assertThat(ada.ask("GET", "/api/v1/circuits/planner", null, null).body())
                .contains("closed");

        assertThat(ada.ask("POST", path, OPEN).statusCode()).isEqualTo(200);
        HttpResponse<String> without = ada.send(HttpRequest.newBuilder(server.uri(path))
                .header("Content-Type", "application/json")
                .header("Sec-Fetch-Site", "same-origin")
                .POST(HttpRequest.BodyPublishers.ofString("{\"action\": \"reset\"}")));
        assertThat(without.statusCode()).isEqualTo(200);
        assertThat(ada.ask("PUT", "/api/v1/policies/x", "{}").statusCode())
                .as("of an admin")
                .isEqualTo(403);
    }

    @Test
    void tokens_that_do_not_fit_sign_nobody_in() {
        Map<String, UnaryOperator<JWTClaimsSet.Builder>> lies = new LinkedHashMap<>();
        lies.put("nonce", base -> base.claim("nonce", "another"));
        lies.put("no nonce", base -> base.claim("nonce", null));
        lies.put("audience", base -> base.audience("interlock-api"));
        lies.put("expired", base -> base.expirationTime(Date.from(Instant.now().minusSeconds(600))));
        lies.put("endless", base -> base.expirationTime(null));
        lies.put("not yet", base -> base.notBeforeTime(Date.from(Instant.now().plusSeconds(600))));
        lies.put("issuer", base -> base.issuer("https://evil.example"));
        lies.put(
                "party",
                base -> base.audience(List.of(LocalIssuer.CLIENT, "other")).claim("azp", "other"));
        lies.put("nobody", base -> base.subject(null));
        lies.forEach((lie, base) -> {
            issuer.claims = base;
            Person mallory = new Person(server);

            assertThat(mallory.signIn()).as(lie).isEqualTo("/#/sign-in/failed");
            assertThat(mallory.isSignedIn()).as(lie).isFalse();
        });
        issuer.behave();
        issuer.header = head -> head.contentType("JWT");
        assertThat(ada.signIn()).isEqualTo("/#/sign-in/failed");
        issuer.header = head -> head.type(new JOSEObjectType("dpop+jwt"));
        assertThat(ada.signIn()).isEqualTo("/#/sign-in/failed");
        issuer.header = head -> head.keyID("unknown");
        assertThat(ada.signIn()).isEqualTo("/#/sign-in/failed");
        assertThat(ada.isSignedIn()).isFalse();
    }

    @Test
    void roles_are_those_of_groups_the_highest_first_and_without_a_group_there_is_none() {
        Map<Object, String> expected = new LinkedHashMap<>();
        expected.put(List.of("everyone"), "viewer");
        expected.put(List.of("owners", "everyone", "others"), "admin");
        expected.put("on-call", "operator");
        expected.forEach((groups, role) -> {
            issuer.claims = base -> base.claim("groups", groups);
            Person person = new Person(server);
            person.signIn();
            assertThat(person.me().getString("role")).isEqualTo(role);
        });
        for (Object groups :
                new Object[] {List.of(), List.of("others"), List.of(7, "Owners"), Map.of("owners", 1), 5, ""}) {
            issuer.claims = base -> base.claim("groups", groups).claim("role", "admin");
            assertThat(ada.signIn()).as("%s", groups).isEqualTo("/#/sign-in/no-role");
        }
        issuer.claims = base -> base.claim("groups", null);
        assertThat(ada.signIn()).isEqualTo("/#/sign-in/no-role");
        assertThat(ada.isSignedIn()).isFalse();
    }

    @Test
    void what_one_browser_began_no_other_ends_and_nobody_twice() {
        URI back = ada.untilBack("");
        Person mallory = new Person(server);
        assertThat(Person.where(mallory.go(back)).toString())
                .as("a browser that began nothing")
                .isEqualTo("/#/sign-in/over");

        URI mallorys = mallory.untilBack("");
        assertThat(Person.where(ada.go(mallorys)).toString())
                .as("somebody else's code, for a victim that has begun as well")
                .isEqualTo("/#/sign-in/over");
        assertThat(ada.isSignedIn()).isFalse();
        assertThat(Person.where(ada.go(back)).toString())
                .as("what was begun is over with the first answer, good or bad")
                .isEqualTo("/#/sign-in/over");

        URI again = ada.untilBack("");
        String flow = ada.cookie(FLOW);
        assertThat(Person.where(ada.go(again)).toString()).isEqualTo("/#/");
        ada.has(FLOW, flow);
        assertThat(Person.where(ada.go(again)).toString())
                .as("a code that was used, with the cookie put back")
                .isEqualTo("/#/sign-in/failed");
        String other = again.toString().replace("iss=http", "iss=https");
        ada.has(FLOW, flow);
        assertThat(Person.where(ada.go(URI.create(other))).toString()).isEqualTo("/#/sign-in/failed");
    }

    @Test
    void nobody_is_led_elsewhere() {
        for (String place : List.of(
                "https://evil.example",
                "//evil.example",
                "%2F%2Fevil.example",
                "%23%2F%0d%0aLocation:%20https://evil.example",
                "%23//evil.example%5C",
                "javascript:alert(1)",
                "%23%2F%3Cscript%3E")) {
            assertThat(new Person(server).signIn("?place=" + place)).as(place).isIn("/#/", "/#//evil.example");
        }
        assertThat(ada.go(server.uri("/sign-in/nobody")).statusCode()).isEqualTo(404);
        assertThat(ada.go(server.uri("/sign-in/")).statusCode()).isEqualTo(404);
    }

    @Test
    void a_person_who_does_not_want_to_and_an_issuer_that_is_away_are_distinguished() {
        issuer.error = "access_denied";
        assertThat(ada.signIn()).isEqualTo("/#/sign-in/refused");
        issuer.error = "server_error";
        assertThat(ada.signIn()).isEqualTo("/#/sign-in/failed");
        issuer.behave();
        URI back = ada.untilBack("");
        issuer.away = true;
        assertThat(Person.where(ada.go(back)).toString()).isEqualTo("/#/sign-in/failed");
    }

    @Test
    void who_signs_out_is_out_in_all_tabs_copies_of_the_cookies_included() {
        ada.signIn();
        String session = ada.cookie(SESSION);
        String refresh = ada.cookie(REFRESH);
        Person thief = new Person(server);
        thief.has(SESSION, session);
        assertThat(thief.isSignedIn())
                .as("a cookie is the session for anyone who has it")
                .isTrue();

        assertThat(ada.ask("DELETE", "/api/v1/session", null).statusCode()).isEqualTo(204);

        assertThat(ada.cookie(SESSION)).isEmpty();
        assertThat(ada.isSignedIn()).isFalse();
        assertThat(thief.isSignedIn()).isFalse();
        thief.has(REFRESH, refresh);
        assertThat(thief.ask("POST", "/api/v1/session/refresh", null).statusCode())
                .isEqualTo(401);
    }

    @Test
    void a_session_is_renewed_as_the_issuer_says_now() {
        ada.signIn();
        String before = ada.cookie(SESSION);
        issuer.claims = base -> base.claim("groups", List.of("everyone"));

        HttpResponse<String> renewed = ada.ask("POST", "/api/v1/session/refresh", null);

        assertThat(renewed.statusCode()).as(renewed.body()).isEqualTo(200);
        assertThat(ada.cookie(SESSION)).isNotEqualTo(before);
        assertThat(ada.me().getString("role")).isEqualTo("viewer");
        assertThat(ada.ask("POST", "/api/v1/session/refresh", null).statusCode())
                .as("by the refresh token that came with it")
                .isEqualTo(200);
        issuer.claims = base -> base.subject("eve");
        assertThat(ada.ask("POST", "/api/v1/session/refresh", null).statusCode())
                .isEqualTo(503);
        assertThat(ada.isSignedIn()).as("until its end").isTrue();
        assertThat(new Person(server)
                        .ask("POST", "/api/v1/session/refresh", null)
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void an_issuer_without_refresh_tokens_gives_a_session_that_ends() {
        issuer.refreshes = false;
        ada.signIn();
        JsonObject session =
                new JsonObject(ada.ask("GET", "/api/v1/session", null).body()).getJsonObject("session");
        assertThat(session.getBoolean("renewable")).isFalse();
        assertThat(ada.ask("POST", "/api/v1/session/refresh", null).statusCode())
                .isEqualTo(401);
        assertThat(ada.isSignedIn()).isTrue();
    }

    @Test
    void cookies_that_were_changed_or_are_of_another_kind_count_for_nothing() {
        ada.signIn();
        String session = ada.cookie(SESSION);
        String refresh = ada.cookie(REFRESH);
        char first = session.charAt(20);
        for (String bad : List.of(
                session.substring(0, 20) + (first == 'A' ? 'B' : 'A') + session.substring(21),
                session.substring(1),
                refresh,
                "x",
                "A".repeat(9_000),
                "%00")) {
            Person mallory = new Person(server);
            mallory.has(SESSION, bad);
            assertThat(mallory.isSignedIn()).as(bad).isFalse();
        }
        HttpResponse<String> two = new Person(server)
                .send(HttpRequest.newBuilder(server.uri("/api/v1/me"))
                        .header(
                                "Cookie",
                                ada.named(SESSION) + "=" + session + "; " + ada.named(SESSION) + "=" + session));
        assertThat(two.statusCode()).as("two of them").isEqualTo(401);
    }

    @Test
    void the_stream_is_the_sessions_and_ends_with_it() throws Exception {
        ada.signIn();
        assertThat(ada.ask("POST", "/api/v1/stream/tickets", "https://evil.example", null)
                        .statusCode())
                .isEqualTo(403);
        HttpResponse<String> ticket = ada.ask("POST", "/api/v1/stream/tickets", null);
        assertThat(ticket.statusCode()).as(ticket.body()).isEqualTo(200);
        CompletableFuture<Integer> closed = new CompletableFuture<>();
        CompletableFuture<String> first = new CompletableFuture<>();
        URI stream = URI.create(server.uri("/api/v1/stream?ticket=" + new JsonObject(ticket.body()).getString("ticket"))
                .toString()
                .replace("http:", "ws:"));
        HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(stream, new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
                        first.complete(data.toString());
                        return WebSocket.Listener.super.onText(socket, data, last);
                    }

                    @Override
                    public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
                        closed.complete(status);
                        return null;
                    }
                })
                .get(30, TimeUnit.SECONDS);
        assertThat(first.get(30, TimeUnit.SECONDS)).contains("snapshot");

        ada.ask("DELETE", "/api/v1/session", null);

        assertThat(closed.get(30, TimeUnit.SECONDS)).isEqualTo(4401);
    }

    @Test
    void a_session_is_known_to_a_server_that_has_begun_again_and_to_none_of_another_installation() throws Exception {
        ada.signIn();
        String session = ada.cookie(SESSION);
        try (RunningServer other = new RunningServer(Map.of("jwt-issuers", issuer.settings(ROLES)))) {
            Person there = new Person(other);
            there.signIn();
            there.has(SESSION, session);
            assertThat(there.isSignedIn()).isFalse();
        }
        Path folder = Files.createTempDirectory("interlock-sign-in");
        String kept;
        try (RunningServer one = RunningServer.on(folder, Map.of("jwt-issuers", issuer.settings(ROLES)))) {
            Person grace = new Person(one);
            grace.signIn();
            kept = grace.cookie(SESSION);
        }
        try (RunningServer two = RunningServer.on(folder, Map.of("jwt-issuers", issuer.settings(ROLES)))) {
            Person grace = new Person(two);
            grace.signIn();
            grace.has(SESSION, kept);
            assertThat(grace.isSignedIn()).isTrue();
        }
    }

    /** New keys are looked for at most every ten seconds. */
    @Test
    @Tag("slow")
    void after_a_rotation_of_keys_people_sign_in_and_by_a_key_that_is_not_published_nobody() throws Exception {
        try (LocalIssuer rotating = new LocalIssuer();
                RunningServer one = new RunningServer(Map.of("jwt-issuers", rotating.settings(ROLES)))) {
            assertThat(new Person(one).signIn()).isEqualTo("/#/");
            rotating.rotate(false);
            assertThat(new Person(one).signIn()).isEqualTo("/#/sign-in/failed");
            rotating.rotate(true);
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofSeconds(2))
                    .untilAsserted(() -> assertThat(new Person(one).signIn()).isEqualTo("/#/"));
        }
    }

    @Test
    void below_a_path_and_behind_a_proxy_with_tls_the_addresses_are_those_that_browsers_see() throws Exception {
        try (RunningServer one = new RunningServer(Map.of(
                "jwt-issuers", issuer.settings(ROLES), "base-path", "/interlock", "trusted-proxies", "127.0.0.1"))) {
            HttpResponse<String> sent = new Person(one)
                    .send(HttpRequest.newBuilder(one.uri("/interlock/sign-in/example"))
                            .header("X-Forwarded-Proto", "https")
                            .header("X-Forwarded-Host", "ops.example.com"));
            assertThat(LocalIssuer.read(Person.where(sent).getRawQuery()))
                    .containsEntry("redirect_uri", "https://ops.example.com/interlock/sign-in/example/callback");
            assertThat(sent.headers().firstValue("Set-Cookie").orElseThrow())
                    .startsWith("__Host-" + FLOW)
                    .contains("; Secure");
            HttpResponse<String> back =
                    new Person(one).go(one.uri("/interlock/sign-in/example/callback?code=x&state=y"));
            assertThat(Person.where(back).toString()).isEqualTo("/interlock/#/sign-in/over");
        }
    }

    @Test
    void an_address_that_fails_too_often_waits() throws Exception {
        try (RunningServer one = new RunningServer(
                Map.of("jwt-issuers", issuer.settings(ROLES), "failure-burst", "3", "failures-per-minute", "1"))) {
            Person mallory = new Person(one);
            URI back = URI.create(
                    one.uri("/sign-in/example/callback?code=x&state=y").toString());
            for (int i = 0; i < 3; i++) {
                assertThat(Person.where(mallory.go(back)).toString()).isEqualTo("/#/sign-in/over");
            }
            HttpResponse<String> refused = mallory.go(back);
            assertThat(refused.statusCode()).isEqualTo(429);
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
        }
    }

    @Test
    void without_roles_in_the_settings_the_claim_of_the_issuer_says_the_role() throws Exception {
        try (LocalIssuer plain = new LocalIssuer();
                RunningServer one = new RunningServer(Map.of("jwt-issuers", plain.settings("")))) {
            plain.claims = base -> base.claim("role", "admin");
            Person boss = new Person(one);
            boss.signIn();
            assertThat(boss.me().getString("role")).isEqualTo("admin");
            assertThat(boss.me().getBoolean("installation_admin")).isFalse();
            plain.claims = base -> base.claim("role", "agent");
            assertThat(new Person(one).signIn()).isEqualTo("/#/sign-in/no-role");
        }
    }
}
